import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import type { Decision, Gate, HeaderChange, PlainAnswer, Plugin } from "../../mod.ts";
import { madeOnce } from "../../src/http/made-once.ts";
import { answered, gateOf, page, provider, request } from "./_gates.ts";

/** What a visitor gets, in a form that can be compared. */
async function got(answer: Response) {
  return { status: answer.status, headers: [...answer.headers], text: await answer.text() };
}

/** What visitors get one after the other of a pipeline that decides so, and what its owner is told. */
async function visits(decision: Decision, plugins: readonly Plugin[] = []) {
  const { gate, faults } = gateOf([...plugins, provider(decision)]);
  const all = [];
  for (let visitor = 0; visitor < 3; visitor++) all.push(await got(answered(gate(request(), page))));
  return { all, faults: faults.map(({ message }) => message) };
}

/** Asserts that a gate's answers are of the class that stands in the place of the platform's by then, as some servers have their own. */
function assertClass(gate: Gate): void {
  const platform = globalThis.Response;
  const classes = [platform, class extends platform {}, class extends platform {}, platform];
  try {
    for (const kind of classes) {
      globalThis.Response = kind;
      for (let visitor = 0; visitor < 2; visitor++) {
        assert.equal(Object.getPrototypeOf(gate(request(), page)), kind.prototype);
      }
    }
  } finally {
    globalThis.Response = platform;
  }
}

const noStore = ["cache-control", "no-cache, no-store, max-age=0"] as const;
const anyName = fc.constantFrom(
  "cache-control",
  "expires",
  "location",
  "pragma",
  "set-cookie",
  "vary",
  "x-a",
  "X-A",
);
const anyValue = fc.constantFrom(
  "",
  "0",
  "a=1",
  "no-store",
  "public, max-age=5",
  "Accept",
  " spaced ",
  "é",
  "1\n2",
);
const anyChange: fc.Arbitrary<HeaderChange> = fc.tuple(anyName, anyValue);
const cookie: fc.Arbitrary<HeaderChange> = fc.tuple(fc.constant("set-cookie"), anyValue);
const copied = (changes: readonly HeaderChange[]) =>
  changes.map(([name, value]): HeaderChange => [name, value]);

describe("changes of headers that were made once", () => {
  const anyChanges = fc.oneof(
    fc.constant([noStore, ["pragma", "no-cache"]] as HeaderChange[]),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.constant<HeaderChange>(noStore) }, anyChange), {
      maxLength: 4,
    }),
  );
  const anyPlugins = fc.array(fc.array(fc.oneof(cookie, cookie, anyChange), { maxLength: 3 }), {
    maxLength: 3,
  });
  const action = fc.constantFrom("queue", "redirect", "reject");
  test("mean to every visitor what they mean otherwise, whatever is added to them", async () => {
    await fc.assert(fc.asyncProperty(action, anyChanges, anyPlugins, async (action, headers, added) => {
      const plugins = added.map((changes, at): Plugin => ({ name: `adding-${at}`, headers: () => changes }));
      const rest = action === "reject"
        ? { action, reason: "test/no", status: 403 } as const
        : { action, reason: "test/no", location: "https://queue.test/?t=a%20b" } as const;
      const once = await visits({ ...rest, headers: madeOnce(copied(headers)) }, plugins);
      assert.deepEqual(once, await visits({ ...rest, headers }, plugins));
    }));
  });

  test("can be changed by nobody, and are seen as what they are", async () => {
    const headers = madeOnce<HeaderChange[]>([[...noStore]]);
    const seen: Decision[] = [];
    const spoiling: Plugin = {
      name: "spoiling",
      headers(_ctx, response, { decision }) {
        seen.push(decision);
        response?.headers.set("x-spoiled", "1");
        const given = decision.action === "queue" ? decision.headers : undefined;
        assert.throws(() => Reflect.apply(Array.prototype.push, given, [["x-spoiled", "1"]]), TypeError);
        assert.throws(() => Object.assign(given?.[0] ?? {}, { 1: "public" }), TypeError);
        return undefined;
      },
    };
    const queued = { action: "queue", reason: "test/no", location: "https://queue.test/", headers } as const;
    const { all, faults } = await visits(queued, [spoiling]);
    assert.deepEqual(faults, []);
    assert.deepEqual(all[0]?.headers, [["cache-control", noStore[1]], ["location", "https://queue.test/"]]);
    assert.deepEqual(all[2], all[0]);
    assert.deepEqual(seen[0], { ...queued, headers: [[...noStore]] });
  });

  test("give a response of the class that the platform has by then", () => {
    const headers = madeOnce<HeaderChange[]>([[...noStore]]);
    const decision = {
      action: "redirect",
      reason: "test/no",
      location: "https://queue.test/",
      headers,
    } as const;
    assertClass(gateOf([provider(decision)]).gate);
  });

  test("give each visitor a response of their own", () => {
    const headers = madeOnce<HeaderChange[]>([[...noStore]]);
    const { gate } = gateOf([
      provider({ action: "redirect", reason: "test/no", location: "https://queue.test/", headers }),
    ]);
    answered(gate(request(), page)).headers.set("set-cookie", "a=1");
    assert.equal(answered(gate(request(), page)).headers.get("set-cookie"), null);
  });
});

describe("an answer that was made once", () => {
  const type = { "content-type": "text/html; charset=utf-8" };
  const table: readonly [what: string, parts: PlainAnswer][] = [
    ["a page", { status: 503, headers: { ...type, "Retry-After": "5" }, body: "wait é" }],
    ["a public text", {
      status: 200,
      headers: { ...type, "cache-control": "public, max-age=1" },
      body: "text",
    }],
    ["no body", { status: 304, headers: { etag: '"a"' }, body: null }],
    ["an empty text", { status: 200, headers: type, body: "" }],
    ["a text without a type", { status: 200, headers: {}, body: "a" }],
    ["a value beyond ASCII", { status: 200, headers: { ...type, "x-a": "é" }, body: "a" }],
    ["one name twice", { status: 200, headers: { ...type, "x-a": "1", "X-A": "2" }, body: "a" }],
    ["what cannot be sent", { status: 200, headers: { ...type, "x-a": "1\n2" }, body: "a" }],
  ];
  const cookies: Plugin = { name: "cookies", headers: () => [["set-cookie", "a=1"]] };
  for (const [what, parts] of table) {
    test(`is to every visitor what it is otherwise: ${what}`, async () => {
      for (const isPublic of [true, undefined]) {
        for (const plugins of [[], [cookies]]) {
          const decide = (response: PlainAnswer): Decision => ({
            action: "respond",
            reason: "test/no",
            response,
            ...(isPublic && { isPublic }),
          });
          const once = madeOnce({ ...parts, headers: { ...parts.headers } });
          assert.deepEqual(await visits(decide(once), plugins), await visits(decide(parts), plugins));
        }
      }
    });
  }

  test("is shown to each visitor's hooks as it was made, whatever those of the one before wrote into it", () => {
    const seen: unknown[] = [];
    const writing: Plugin = {
      name: "writing",
      headers(_ctx, answer) {
        seen.push(answer?.headers.get("x-visitor"));
        answer?.headers.set("x-visitor", "1");
        return undefined;
      },
    };
    const response = madeOnce({ status: 200, headers: type, body: "text" });
    const { gate } = gateOf([writing, provider({ action: "respond", reason: "test/no", response })]);
    for (let visitor = 0; visitor < 3; visitor++) {
      assert.equal(answered(gate(request(), page)).headers.get("x-visitor"), null);
    }
    assert.deepEqual(seen, [null, null, null]);
  });

  test("is a response of the class that the platform has by then", () => {
    const headers = { "cache-control": "public, max-age=1" };
    const response = madeOnce({ status: 200, headers, body: null });
    const decision = { action: "respond", reason: "test/no", response, isPublic: true } as const;
    assertClass(gateOf([provider(decision)]).gate);
  });

  test("is another response for each visitor, whatever the one before did with theirs", async () => {
    const headers = { ...type, "cache-control": "public, max-age=1" };
    const response = madeOnce({ status: 200, headers, body: "text" });
    const { gate } = gateOf([provider({ action: "respond", reason: "test/no", response, isPublic: true })]);
    const first = answered(gate(request(), page));
    const second = answered(gate(request(), page));
    first.headers.set("set-cookie", "a=1");
    await first.body?.cancel();
    assert.equal(second.headers.get("set-cookie"), null);
    assert.equal(await second.text(), "text");
    assert.equal(await answered(gate(request(), page)).text(), "text");
  });
});
