import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { basicAuth } from "hono/basic-auth";
import { bearerAuth } from "hono/bearer-auth";
import { csrf } from "hono/csrf";
import { createMiddleware } from "hono/factory";
import { ipRestriction } from "hono/ip-restriction";
import { requestId } from "hono/request-id";
import { fromHono, type InspectingMiddleware } from "../../adapters/hono/mod.ts";
import { clientIp, type Plugin } from "../../mod.ts";
import { admitted, gateOf, page, provider, queued, request, untyped } from "../src/_gates.ts";

const passing: InspectingMiddleware = async (_c, next) => await next();

async function ask(plugins: readonly Plugin[], incoming: Request): Promise<Response> {
  return await gateOf(plugins).gate(incoming, page);
}

describe("fromHono()", () => {
  const staff = fromHono("staff", basicAuth({ username: "ann", password: "secret" }), { looksOnly: true });
  const token = fromHono("token", bearerAuth({ token: "secret" }));
  const networks = [
    clientIp({ trustedProxies: 1 }),
    fromHono(
      "networks",
      ipRestriction((c) => c.get("stanchion").address ?? "", { denyList: ["203.0.113.0/24"] }),
    ),
  ];
  const forms = fromHono("forms", csrf());

  const cases: readonly [
    what: string,
    plugins: readonly Plugin[],
    init: RequestInit,
    status: number,
    header?: readonly [name: string, value: string | null],
  ][] = [
    ["basicAuth() without credentials", [staff], {}, 401, [
      "www-authenticate",
      'Basic realm="Secure Area"',
    ]],
    ["basicAuth() with wrong ones", [staff], { headers: { authorization: `Basic ${btoa("ann:x")}` } }, 401],
    [
      "basicAuth() with right ones",
      [staff],
      { headers: { authorization: `Basic ${btoa("ann:secret")}` } },
      200,
      [
        "www-authenticate",
        null,
      ],
    ],
    ["bearerAuth() without a token", [token], {}, 401],
    ["bearerAuth() with a token", [token], { headers: { authorization: "Bearer secret" } }, 200],
    [
      "ipRestriction() of an address it denies",
      networks,
      { headers: { "x-forwarded-for": "203.0.113.5" } },
      403,
    ],
    ["ipRestriction() of another", networks, { headers: { "x-forwarded-for": "198.51.100.5" } }, 200],
    ["csrf() of a form from elsewhere", [forms], {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" },
      body: "a=b",
    }, 403],
    ["csrf() of a form of the site", [forms], {
      method: "POST",
      headers: { origin: "https://shop.example", "content-type": "application/x-www-form-urlencoded" },
      body: "a=b",
    }, 200],
  ];
  for (const [what, plugins, init, status, header] of cases) {
    test(`answers as ${what}`, async () => {
      const response = await ask(plugins, request("/", init));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("cache-control"), status === 200 ? null : "no-store");
      if (header !== undefined) assert.equal(response.headers.get(header[0]), header[1]);
      if (status === 200) assert.equal(await response.text(), "page");
    });
  }

  test("names its answer in the decision, and leaves everything else to the next plugin", async () => {
    const { gate } = gateOf([staff, provider(queued)]);
    assert.equal((await gate.explain(request())).decision.reason, "staff/answered");
    const headers = { authorization: `Basic ${btoa("ann:secret")}` };
    assert.equal((await gate.explain(request("/", { headers }))).decision.reason, "test/queued");
  });

  test("is not asked while the gate explains, unless it only looks", async () => {
    let calls = 0;
    const counting: InspectingMiddleware = async (_c, next) => {
      calls++;
      await next();
    };
    const { gate } = gateOf([fromHono("counting", counting)]);
    const { steps } = await gate.explain(request());
    assert.deepEqual(steps.find(({ plugin }) => plugin === "counting")?.notes, [
      "not asked, for it may do more than look",
    ]);
    assert.equal(calls, 0);
    await gateOf([fromHono("counting", counting, { looksOnly: true })]).gate.explain(request());
    assert.equal(calls, 1);
  });

  test("puts the headers that the middleware sets on the page, also when another plugin refuses", async () => {
    const marking = fromHono("marking", async (c, next) => {
      c.header("set-cookie", "seen=1", { append: true });
      c.header("set-cookie", "checked=2", { append: true });
      c.header("content-type", "text/x-marked");
      await next();
      c.header("x-after", "1");
    });
    for (const decision of [admitted, queued]) {
      const response = await ask([marking, fromHono("id", requestId()), provider(decision)], request());
      assert.equal(response.status, decision === admitted ? 200 : 302);
      assert.deepEqual(response.headers.getSetCookie(), ["seen=1", "checked=2"]);
      assert.equal(response.headers.get("x-after"), "1");
      assert.ok(response.headers.get("x-request-id"));
      assert.notEqual(response.headers.get("content-type"), "text/x-marked");
    }
  });

  test("leaves the request's body to the application", async () => {
    const greedy: InspectingMiddleware = async (c, next) => {
      assert.equal(await c.req.text(), "");
      await next();
    };
    const incoming = request("/", { method: "POST", body: "order" });
    const response = await gateOf([fromHono("greedy", greedy)]).gate(
      incoming,
      async () => new Response(await incoming.text()),
    );
    assert.equal(await response.text(), "order");
  });

  test("shows the middleware the method, the URL and the headers", async () => {
    const seen: unknown[] = [];
    const looking: InspectingMiddleware = async (c, next) => {
      seen.push([c.req.method, c.req.url, c.req.path, c.req.query("q"), c.req.header("x-mark")]);
      await next();
    };
    for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"]) {
      await ask(
        [fromHono("looking", looking)],
        request("/a%20b?q=1", { method, headers: { "x-mark": "m" } }),
      );
    }
    assert.deepEqual(
      seen,
      ["GET", "HEAD", "POST", "OPTIONS", "PROPFIND"].map((method) => [
        method,
        "https://shop.example/a%20b?q=1",
        "/a b",
        "1",
        "m",
      ]),
    );
  });

  test("turns down methods of which no request can be made, rather than fail", async () => {
    const tracing = new Proxy(request(), {
      get: (target, key) => key === "method" ? "TRACE" : Reflect.get(target, key, target),
    });
    const { gate, faults } = gateOf([fromHono("passing", passing)]);
    const response = await gate(tracing, page);
    // Bun makes such requests.
    assert.equal(response.status, "Bun" in globalThis ? 200 : 405);
    assert.deepEqual(faults, []);
  });

  const faulty: readonly [what: string, middleware: InspectingMiddleware][] = [
    ["that throws", () => {
      throw new Error("bug");
    }],
    ["that rejects", () => Promise.reject(new Error("bug"))],
    ["that throws after next()", async (_c, next) => {
      await next();
      throw new Error("bug");
    }],
    ["that neither answers nor goes on", async () => {}],
  ];
  for (const [what, middleware] of faulty) {
    test(`of a middleware ${what} is a failure, for the failure policy`, async () => {
      const { gate, faults } = gateOf([fromHono("faulty", middleware)]);
      const response = await gate(request(), page);
      assert.deepEqual(faults.map(({ name, code }) => [name, code]), [["HookError", "internal"]]);
      assert.equal(response.status, 503);
    });
  }

  test("keeps requests apart that are under way at once", async () => {
    const halving = createMiddleware(async (c, next) => {
      const n = Number(c.req.query("n"));
      await new Promise((resolve) => setTimeout(resolve, n % 4));
      if (n % 2 === 0) return c.text(`answer ${n}`);
      c.header("x-n", String(n));
      await next();
    });
    const { gate } = gateOf([fromHono("halving", halving)]);
    await Promise.all(Array.from({ length: 40 }, async (_, n) => {
      const response = await gate(request(`/?n=${n}`), page);
      assert.equal(await response.text(), n % 2 === 0 ? `answer ${n}` : "page");
      assert.equal(response.headers.get("x-n"), n % 2 === 0 ? null : String(n));
    }));
  });

  test("lets nobody past a check by what a visitor sends, and never fails by it", async () => {
    const { gate, faults } = gateOf([fromHono("staff", basicAuth({ username: "ann", password: "secret" }))]);
    let checked = 0;
    const text = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST", "HEAD", "OPTIONS", "DELETE"),
        fc.webPath(),
        text,
        text,
        async (method, path, authorization, other) => {
          const headers = new Headers({ authorization: `Basic ${authorization}`, "x-passed": other });
          const response = await gate(request(path || "/", { method, headers }), page);
          // A path that servers read in several ways, such as "/.;", is refused before any plugin is asked.
          assert.ok(response.status === 401 || response.status === 400, `${path}: ${response.status}`);
          if (response.status === 401) checked++;
        },
      ),
      { numRuns: 200 },
    );
    assert.ok(checked > 150, `${checked} came to the check`);
    assert.deepEqual(faults, []);
  });

  const wrong: readonly [
    args: readonly unknown[],
    error: typeof TypeError | typeof RangeError,
    message: string,
  ][] = [
    [[], TypeError, '"name" must be a name in kebab-case, such as "blocked-networks", received undefined'],
    [
      ["", passing],
      RangeError,
      '"name" must be a name in kebab-case, such as "blocked-networks", received ""',
    ],
    [
      ["A b", passing],
      RangeError,
      '"name" must be a name in kebab-case, such as "blocked-networks", received "A b"',
    ],
    [["a"], TypeError, '"middleware" must be a function, received undefined'],
    [["a", {}], TypeError, '"middleware" must be a function, received {}'],
    [["a", passing, null], TypeError, "options must be an object, received null"],
    [["a", passing, { looks: 1 }], TypeError, 'unknown option "looks", the options are looksOnly'],
    [["a", passing, { looksOnly: 1 }], TypeError, '"looksOnly" must be true or false, received 1'],
  ];
  for (const [args, type, message] of wrong) {
    test(`refuses: ${message}`, () => {
      const create = untyped<(...args: readonly unknown[]) => Plugin>(fromHono);
      assert.throws(() => create(...args), (error) => {
        assert.ok(error instanceof type);
        assert.equal(error.message, `Cannot create plugin from a Hono middleware: ${message}`);
        return true;
      });
    });
  }
});

test("a plugin from a Hono middleware has a decide and a headers hook, and no other", () => {
  assert.deepEqual(Object.keys(fromHono("passing", passing)), ["name", "decide", "headers"]);
});
