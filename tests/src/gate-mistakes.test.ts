import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import type { Plugin } from "../../mod.ts";
import { admitted, answered, gateOf, page, provider, queued, request, untyped } from "./_gates.ts";

const actions = '"action" is one of bypass, admit, queue, redirect, reject, respond';
const example = 'a decision is an object such as { action: "admit", reason: "staff/address" }, or nothing';

describe("a decision that is none", () => {
  const table: readonly (readonly [what: string, returned: () => unknown, said: string])[] = [
    [
      "an unknown action",
      () => ({ action: "allow", reason: "a/b" }),
      `returned the action "allow"; ${actions}`,
    ],
    [
      "an action in capitals",
      () => ({ action: "Admit", reason: "a/b" }),
      `returned the action "Admit"; ${actions}`,
    ],
    ["an action of no word", () => ({ action: 1, reason: "a/b" }), `returned the action 1; ${actions}`],
    [
      "no action",
      () => ({ location: "https://wait.example/?token=s3cret" }),
      `returned an object with "location", where "action" is missing; ${actions}`,
    ],
    [
      "an empty object",
      () => ({}),
      `returned an object without members, where "action" is missing; ${actions}`,
    ],
    ["true", () => true, `returned true; ${example}`],
    ["the action alone", () => "admit", `returned the text "admit"; ${example}`],
    ["a text", () => "s3cret", `returned a text; ${example}`],
    ["a list", () => [admitted], `returned a list; ${example}`],
    ["a function", () => () => admitted, `returned a function; ${example}`],
    [
      "a response",
      () => new Response("s3cret"),
      'returned a Response; to answer with it, return { action: "respond", reason: "<plugin>/<word>", response }',
    ],
    [
      "headers that are no list",
      () => ({ ...queued, headers: { "cache-control": "no-store" } }),
      'returned the decision "queue" with "headers" that are no list of pairs',
    ],
  ];
  for (const [what, returned, said] of table) {
    test(`is told with what came and what is allowed: ${what}`, async () => {
      for (const isLater of [false, true]) {
        const decide = () => untyped<undefined>(isLater ? Promise.resolve(returned()) : returned());
        const { gate, faults } = gateOf([{ name: "own", decide }]);
        assert.equal((await gate(request(), page)).status, 503);
        assert.deepEqual(faults.map(({ message }) => message), [`Plugin own, hook decide: ${said}`]);
      }
    });
  }

  test("is told of recover as well, and opens nothing there", async () => {
    const fails: Plugin = {
      name: "fails",
      decide() {
        throw new Error("fails");
      },
    };
    for (
      const [returned, said] of [
        [{ action: "open" }, `returned the action "open"; ${actions}`],
        [Promise.resolve(admitted), "returned a promise, and the hook must answer at once"],
      ] as const
    ) {
      const { gate, faults } = gateOf([fails, { name: "own", recover: () => untyped(returned) }]);
      assert.equal((await gate(request(), page)).status, 503);
      assert.equal(faults[1]?.message, `Plugin own, hook recover: ${said}`);
    }
  });

  test("is told of respond and headers by what those hooks return", async () => {
    const respond = gateOf([
      { name: "own", respond: () => untyped<Response>({ status: 429 }) },
      provider(queued),
    ]);
    assert.equal((await respond.gate(request(), page)).status, 302);
    assert.match(
      respond.faults[0]?.message ?? "",
      /hook respond: returned an object with "status"; the hook returns a Response/,
    );
    const headers = gateOf([{ name: "own", headers: () => untyped<[]>({ "x-a": "1" }) }]);
    assert.equal((await headers.gate(request(), page)).status, 200);
    assert.match(
      headers.faults[0]?.message ?? "",
      /hook headers: returned an object with "x-a"; the hook returns a list/,
    );
  });
});

test("a decision without a reason holds, and is told", async () => {
  for (
    const [decision, status] of [[{ action: "admit" }, 200], [
      { action: "reject", status: 403 },
      403,
    ]] as const
  ) {
    const { gate, faults } = gateOf([{ name: "own", decide: () => untyped(decision) }]);
    assert.equal((await gate(request(), page)).status, status);
    assert.match(
      faults[0]?.message ?? "",
      /^Plugin own, hook decide: returned the decision "\w+", which holds: its "reason" is missing/,
    );
  }
});

describe("a refusal that lacks something", () => {
  const table: readonly (readonly [decision: object, why: string])[] = [
    [{ action: "queue" }, '"location" is missing, the address to go to'],
    [
      { action: "redirect", location: "https://a.example/\ntoken" },
      '"location" is no address that a header can carry',
    ],
    [{ action: "reject" }, '"status" must be from 400 to 599, received undefined'],
    [{ action: "reject", status: 200 }, '"status" must be from 400 to 599, received 200'],
    [
      { action: "respond" },
      '"response" is missing, or neither a Response nor its parts: status, headers as a plain object, and body',
    ],
  ];
  for (const [decision, why] of table) {
    test(`keeps the visitor out and says so: ${why}`, async () => {
      const { gate, faults } = gateOf([{
        name: "own",
        decide: () => untyped({ reason: "own/x", ...decision }),
      }]);
      assert.equal((await gate(request(), page)).status, 503);
      const { action } = untyped<{ action: string }>(decision);
      assert.deepEqual(faults.map(({ message }) => message), [
        `The answer "${action}" of plugin own cannot be sent: ${why}`,
      ]);
    });
  }
});

describe("a gate that is called with something else than a request", () => {
  const requests: readonly (readonly [what: string, given: unknown, said: RegExp])[] = [
    ["nothing", undefined, /received undefined$/],
    ["null", null, /received null$/],
    [
      "an address",
      "https://shop.example/",
      /received "https:\/\/shop\.example\/"; make one of it: new Request\(url\)$/,
    ],
    ["a URL", new URL("https://shop.example/"), /received a URL; make one of it/],
    ["a handler", page, /received a function; put the gate in front of a handler by gate\.wrap\(handler\)$/],
    [
      "a request of Node",
      { url: "/tickets", method: "GET", headers: { host: "shop.example" } },
      /node:http.*nodeGate\(gate\)/,
    ],
    ["an event", { type: "fetch", request: request() }, /hand over its "request"$/],
    ["a context of Hono", { req: { url: "https://shop.example/", raw: request() } }, /honoGate\(\)/],
    ["an object", { a: 1 }, /received \{"a":1\}$/],
  ];
  for (const [what, given, said] of requests) {
    test(`says so: ${what}`, async () => {
      const { gate, faults } = gateOf([], { mode: () => "off" });
      const starts = /^Cannot run gate: the first argument must be a Request, received /;
      const wrapped = gate.wrap(page);
      for (const run of [() => gate(untyped(given), page), () => wrapped(untyped(given))]) {
        assert.throws(
          run,
          (error) => error instanceof TypeError && starts.test(error.message) && said.test(error.message),
        );
      }
      await assert.rejects(gate.explain(untyped(given)), { name: "TypeError", message: starts });
      assert.equal(faults.length, 0);
    });
  }

  test("takes a request of another realm, or of a server's own class, by its shape", async () => {
    const { url, method, headers } = request("/tickets");
    const response = await gateOf([]).gate(untyped({ url, method, headers }), page);
    assert.equal(response.status, 200);
  });
});

test("a gate that is called without a handler says so, whatever its mode", () => {
  for (const mode of ["enforce", "report", "off"] as const) {
    const { gate } = gateOf([], { mode });
    for (
      const [next, said] of [[undefined, "undefined"], [new Response("page"), "{}"], [null, "null"]] as const
    ) {
      assert.throws(() => gate(request(), untyped(next)), {
        name: "TypeError",
        message:
          `Cannot run gate: the second argument must be a function that calls the application, received ${said}; ` +
          "call gate(request, () => handler(request)), or gate.wrap(handler)(request)",
      });
    }
  }
  assert.throws(
    () => gateOf([]).gate.wrap(untyped<typeof page>({ fetch: page })),
    /received \{\}; hand over its "fetch"$/,
  );
  assert.equal(answered(gateOf([]).gate(request(), page)).status, 200);
});
