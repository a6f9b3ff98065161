import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import {
  createGate,
  type Decision,
  failOpen,
  type Plugin,
  prefetch,
  type PrefetchOptions,
} from "../../mod.ts";
import {
  admitted,
  answered,
  gateOf,
  page,
  provider,
  queued,
  rejected,
  request,
  untyped,
} from "../src/_gates.ts";

const advance: readonly [header: string, value: string][] = [
  ["sec-purpose", "prefetch"],
  ["sec-purpose", "prefetch;prerender"],
  ["sec-purpose", "prefetch; anonymous-client-ip"],
  ["Sec-Purpose", "Prefetch"],
  ["purpose", "prefetch"],
  ["x-purpose", "preview"],
  ["x-moz", "prefetch"],
  ["x-sec-purpose", "prefetch"],
  ["next-router-prefetch", "1"],
  ["next-router-prefetch", "2"],
  ["next-router-segment-prefetch", "/_tree"],
  ["x-middleware-prefetch", "1"],
  ["hx-preloaded", "true"],
];
const visits: readonly [header: string, value: string][] = [
  ["x-nothing", "prefetch"],
  ["sec-purpose", ""],
  ["sec-purpose", "prefetching"],
  ["sec-purpose", "no-prefetch"],
  ["sec-purpose", "x=prefetch"],
  ["purpose", "pre fetch"],
  ["x-moz", "1"],
  ["next-router-prefetch", "0"],
  ["next-router-prefetch", ""],
  ["x-middleware-prefetch", "false"],
  ["rsc", "1"],
  ["next-router-state-tree", "%5B%5D"],
];

function headersOf([name, value]: readonly [string, string]): Headers {
  return new Headers([[name, value]]);
}

/** Tells what the provider learns. */
function asking(told: unknown[], decision: Decision = queued): Plugin {
  return {
    name: "asking",
    decide(ctx) {
      told.push(ctx.passive);
      return decision;
    },
  };
}

describe("prefetch()", () => {
  for (const mark of advance) {
    test(`tells providers that "${mark.join(": ")}" is passive, and answers 503 in place of the room`, () => {
      const told: unknown[] = [];
      const { gate } = gateOf([prefetch({ random: () => 0 }), asking(told)]);
      const { status, headers, body } = answered(gate(request("/", { headers: headersOf(mark) }), page));
      assert.deepEqual(told, [true]);
      assert.equal(status, 503);
      assert.equal(body, null);
      assert.equal(headers.get("location"), null);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("retry-after"), "60");
      assert.match(headers.get("vary") ?? "", /^sec-purpose, purpose, .*next-router-prefetch/);
    });
  }

  for (const mark of visits) {
    test(`takes "${mark.join(": ")}" for a visit like every other`, () => {
      const told: unknown[] = [];
      const { gate } = gateOf([prefetch(), asking(told)]);
      const { status, headers } = answered(gate(request("/", { headers: headersOf(mark) }), page));
      assert.deepEqual(told, [false]);
      assert.equal(status, 302);
      assert.match(headers.get("vary") ?? "", /^sec-purpose, /);
    });
  }

  const refusals: readonly Decision[] = [
    queued,
    { action: "redirect", reason: "test/clean", location: "https://shop.example/" },
    rejected,
    {
      action: "respond",
      reason: "test/own",
      response: new Response("ajax", { headers: { "x-queueit-redirect": "x" } }),
    },
  ];
  for (const decision of refusals) {
    test(`answers every refusal of a prefetch alike: ${decision.action}`, async () => {
      const { gate } = gateOf([prefetch(), provider(decision)]);
      const response = answered(gate(request("/", { headers: { "sec-purpose": "prefetch" } }), page));
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("x-queueit-redirect"), null);
      assert.equal(await response.text(), "");
    });
  }

  test("gives a prefetch the page when the visitor may enter, and says nothing of it", async () => {
    const { gate } = gateOf([prefetch(), provider(admitted)]);
    const response = answered(gate(request("/", { headers: { "sec-purpose": "prefetch" } }), page));
    assert.equal(await response.text(), "page");
    assert.equal(response.headers.get("vary"), null);
  });

  test("does not look at the headers of a visitor about whom nobody asks", () => {
    const unread = request();
    Object.defineProperty(unread, "headers", {
      get() {
        throw new Error("read");
      },
    });
    const { gate, faults } = gateOf([prefetch()]);
    assert.equal(answered(gate(unread, page)).status, 200);
    assert.deepEqual(faults, []);
  });

  test("takes the owner's word for further ones, and for how long to wait", () => {
    const plugin = prefetch({
      test: ({ url }) => url.searchParams.has("preload"),
      retryAfterSeconds: 5,
      random: () => 0,
    });
    const { gate } = gateOf([plugin, provider(queued)]);
    assert.equal(answered(gate(request("/?preload"), page)).headers.get("retry-after"), "5");
    assert.equal(answered(gate(request("/"), page)).status, 302);
  });

  test("believes only a clear yes of the owner's test", () => {
    for (const said of [1, "yes", {}, Promise.resolve(true), null]) {
      const { gate } = gateOf([prefetch({ test: () => untyped<boolean>(said) }), provider(queued)]);
      assert.equal(answered(gate(request(), page)).status, 302);
    }
  });

  test("never opens the gate, whatever a visitor sends", () => {
    const value = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    const names = [...new Set([...advance, ...visits].map(([name]) => name))];
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), value), (headers) => {
      const { gate, faults } = gateOf([prefetch(), asking([]), failOpen()]);
      const { status } = answered(gate(request("/", { headers }), page));
      assert.ok(status === 302 || status === 503);
      assert.deepEqual(faults, []);
    }));
  });

  test("says in an explanation by what a prefetch was known", async () => {
    const { gate } = gateOf([prefetch(), asking([])]);
    const { steps } = await gate.explain(request("/", { headers: { "x-moz": "prefetch" } }));
    assert.deepEqual(steps.flatMap(({ notes }) => notes), ["made in advance, by x-moz"]);
    assert.equal(steps.at(-2)?.said, "answered with 503");
  });

  const wrong: readonly [options: unknown, error: typeof TypeError | typeof RangeError, message: string][] = [
    [null, TypeError, "options must be an object, received null"],
    [{ retry: 1 }, TypeError, 'unknown option "retry", the options are retryAfterSeconds, test, random'],
    [
      { retryAfterSeconds: "5" },
      TypeError,
      '"retryAfterSeconds" must be an integer from 1 to 86400, received "5"',
    ],
    [
      { retryAfterSeconds: 0 },
      RangeError,
      '"retryAfterSeconds" must be an integer from 1 to 86400, received 0',
    ],
    [
      { retryAfterSeconds: 1.5 },
      RangeError,
      '"retryAfterSeconds" must be an integer from 1 to 86400, received 1.5',
    ],
    [{ test: true }, TypeError, '"test" must be a function, received true'],
  ];
  for (const [options, type, message] of wrong) {
    test(`refuses: ${message}`, () => {
      assert.throws(() => prefetch(untyped<PrefetchOptions>(options)), (error) => {
        assert.ok(error instanceof type);
        assert.equal(error.message, `Cannot create prefetch plugin: ${message}`);
        return true;
      });
    });
  }
});

test("prefetch() takes a visit on which its test throws for an ordinary one, and opens nothing for it", async () => {
  const errors: string[] = [];
  const gate = createGate({
    plugins: [
      prefetch({
        test: () => {
          throw new Error("whatever a visitor sent");
        },
      }),
      failOpen(),
      {
        name: "provider",
        decide: (ctx) => ({
          action: "queue",
          reason: "provider/queued",
          location: `https://wait.example/?passive=${ctx.passive}`,
        }),
      },
    ],
    onError: (error) => errors.push(error.message),
  });
  const response = await gate(new Request("https://shop.example.com/"), () => new Response("page"));
  assert.equal(response.headers.get("location"), "https://wait.example/?passive=false");
  assert.deepEqual(errors, ["Plugin prefetch, passive: threw Error"]);
});
