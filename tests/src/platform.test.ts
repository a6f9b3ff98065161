import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type Platform, platform, type PlatformOptions, type Plugin } from "../../mod.ts";
import { answered, gateOf, page, request, untyped } from "./_gates.ts";

/** What plugins see of the platform when it hands over these arguments. */
function platformOf(args: readonly unknown[], incoming: Request = request()): Platform {
  const seen: Platform[] = [];
  const look: Plugin = {
    name: "look",
    prepare(ctx) {
      seen.push(ctx.platform);
      assert.equal(ctx.platform, ctx.platform);
    },
  };
  const { gate, faults } = gateOf([look]);
  assert.equal(answered(gate(incoming, page, ...args)).status, 200);
  assert.deepEqual(faults, []);
  const [platform] = seen;
  assert.ok(platform);
  return platform;
}

const ours = "192.0.2.7";
const fromCloudflare = request("/", { headers: { "cf-connecting-ip": ours } });

describe("ctx.platform.peerAddress", () => {
  const table: readonly [who: string, args: readonly unknown[], expected: string | undefined][] = [
    [
      "Deno",
      [{ remoteAddr: { transport: "tcp", hostname: ours, port: 5 }, completed: Promise.resolve() }],
      ours,
    ],
    ["Deno on a Unix socket", [{ remoteAddr: { transport: "unix", path: "/run/x" } }], undefined],
    ["Bun", [{ requestIP: () => ({ address: ours, port: 5, family: "IPv4" }) }], ours],
    ["Bun on a Unix socket or a closed one", [{ requestIP: () => null }], undefined],
    ["Node", [{ incoming: { socket: { remoteAddress: ours } }, outgoing: {} }], ours],
    ["Node on a closed socket", [{ incoming: { socket: { remoteAddress: undefined } } }], undefined],
    ["Node without a socket", [{ incoming: { socket: null } }], undefined],
    ["nobody", [], undefined],
  ];
  for (const [who, args, expected] of table) {
    test(`it is what ${who} tells`, () => {
      assert.equal(platformOf(args).peerAddress, expected);
    });
  }

  test("it is the address that Workers write into the request", () => {
    const context = { waitUntil() {}, passThroughOnException() {} };
    assert.equal(platformOf([{}, context], fromCloudflare).peerAddress, ours);
    assert.equal(platformOf([{}, context]).peerAddress, undefined);
  });

  test("it is never what a visitor writes where there are no Workers", () => {
    assert.equal(platformOf([], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{ waitUntil() {} }], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{}, { waitUntil() {} }], fromCloudflare).peerAddress, undefined);
    assert.equal(platformOf([{}, { passThroughOnException() {} }], fromCloudflare).peerAddress, undefined);
    const info = { remoteAddr: { hostname: "192.0.2.8" } };
    assert.equal(platformOf([info], fromCloudflare).peerAddress, "192.0.2.8");
  });

  test("Bun's requestIP is asked with the request and as a method", () => {
    const incoming = request();
    const server = {
      requestIP(asked: Request) {
        assert.equal(this, server);
        assert.equal(asked, incoming);
        return { address: ours };
      },
    };
    assert.equal(platformOf([server], incoming).peerAddress, ours);
  });

  test("it is not looked up before somebody asks", () => {
    const server = { requestIP: () => assert.fail("nobody asked") };
    assert.equal(answered(gateOf([]).gate(request(), page, server)).status, 200);
  });
});

describe("ctx.platform.waitUntil", () => {
  test("it is the one of Workers, of a second argument, or of the first", async () => {
    for (const place of [0, 1]) {
      const handed: unknown[] = [];
      const context = { waitUntil: (promise: unknown) => handed.push(promise) };
      const promise = Promise.resolve();
      platformOf(place === 0 ? [context] : [{}, context]).waitUntil?.(promise);
      assert.deepEqual(handed, [promise]);
      await promise;
    }
  });

  test("it is absent where the platform has none", () => {
    assert.equal(platformOf([{ remoteAddr: { hostname: ours } }]).waitUntil, undefined);
    assert.equal(platformOf([]).waitUntil, undefined);
  });
});

const theirs = "6.6.6.6";
/** What a visitor may write, wherever a server might look for an address. */
const claiming = request("/", {
  headers: {
    "cf-connecting-ip": theirs,
    "x-forwarded-for": theirs,
    "x-real-ip": theirs,
    "true-client-ip": theirs,
    "fastly-client-ip": theirs,
    forwarded: `for=${theirs}`,
  },
});

/** The execution context of Workers. */
function workers(handed: unknown[] = []) {
  return {
    waitUntil(this: unknown, promise: unknown) {
      handed.push(promise, this);
    },
    passThroughOnException() {},
    props: {},
  };
}

/** A request of Node's server. */
function message(remoteAddress: string | undefined) {
  return {
    httpVersion: "1.1",
    method: "POST",
    url: "/",
    headers: { "x-forwarded-for": theirs, "cf-connecting-ip": theirs },
    rawHeaders: ["X-Forwarded-For", theirs],
    socket: { remoteAddress, remotePort: 5, encrypted: true },
  };
}

/** The context of a function of Netlify, by the types of the platform. */
function netlify(handed: unknown[] = []) {
  return {
    account: { id: "a" },
    cookies: { get() {}, set() {} },
    deploy: { context: "production", id: "d", published: true },
    geo: { city: "Ghent" },
    ip: ours,
    json: () => page(),
    next: () => page(),
    params: { ip: theirs },
    requestId: "r",
    server: { region: "eu" },
    site: { id: "s", name: "shop", url: "https://shop.example" },
    url: new URL("https://shop.example"),
    waitUntil: (promise: unknown) => void handed.push(promise),
  };
}

const apiGateway = {
  version: "2.0",
  headers: { "x-forwarded-for": `${theirs}, ${ours}` },
  queryStringParameters: { sourceIp: theirs },
  requestContext: { http: { method: "GET", path: "/", sourceIp: ours, userAgent: theirs } },
  body: JSON.stringify({ requestContext: { http: { sourceIp: theirs } } }),
};
const restApi = { httpMethod: "GET", requestContext: { identity: { sourceIp: ours }, stage: "prod" } };
const atEdge = {
  Records: [{ cf: { config: {}, request: { clientIp: ours, headers: {}, method: "GET", uri: "/" } } }],
};
const loadBalancer = {
  requestContext: { elb: { targetGroupArn: "arn" } },
  headers: { "x-forwarded-for": theirs },
  multiValueHeaders: { "x-forwarded-for": [theirs] },
};

describe("the platform of a framework", () => {
  const sveltekit = (platform: unknown, address: () => string = () => ours) => ({
    request: claiming,
    url: new URL(claiming.url),
    params: { clientAddress: theirs },
    locals: { ip: theirs },
    platform,
    getClientAddress: address,
  });
  const astro = (more: object) => ({
    request: claiming,
    url: new URL(claiming.url),
    params: {},
    locals: {},
    isPrerendered: false,
    ...more,
  });
  function unknown(): string {
    throw new Error("Cannot read clientAddress during prerendering");
  }

  const table: readonly [who: string, args: readonly unknown[], expected: string | undefined][] = [
    ["Deno beside the shape of Workers", [{ remoteAddr: { hostname: ours } }, workers()], ours],
    ["Deno on a Unix socket beside it", [{ remoteAddr: { transport: "unix" } }, workers()], undefined],
    ["Fresh", [{ req: claiming, info: { remoteAddr: { transport: "tcp", hostname: ours } } }], ours],
    ["Elysia", [{ request: claiming, server: { requestIP: () => ({ address: ours }) }, headers: {} }], ours],
    ["a Node request", [message(ours)], ours],
    ["a Node request, with the response", [message(ours), { headersSent: false }], ours],
    ["a Node request without an address", [message(undefined), workers()], undefined],
    ["@hono/node-server beside Workers", [{ incoming: message(ours), outgoing: {} }, workers()], ours],
    ["the same on a closed socket", [{ incoming: message(undefined) }, workers()], undefined],
    [
      "Express, trusting a proxy",
      [{ ...message(ours), ip: theirs, ips: [theirs], body: { ip: theirs } }],
      ours,
    ],
    [
      "Express with words of the application",
      [{ ...message(undefined), ip: theirs, geo: {}, site: {}, account: {}, requestId: "r", next() {} }],
      undefined,
    ],
    ["Fastify", [{ raw: message(ours), ip: theirs, body: { ip: theirs }, server: {} }], ours],
    ["Koa", [{ req: message(ours), request: { ip: theirs }, ip: theirs, query: { ip: theirs } }], ours],
    ["h3 1", [{ node: { req: message(ours), res: {} }, context: { params: { ip: theirs } } }], ours],
    [
      "h3 2",
      [{ req: { ip: theirs, waitUntil() {}, runtime: { name: "node", node: { req: message(ours) } } } }],
      ours,
    ],
    ["SvelteKit", [sveltekit(undefined)], ours],
    ["SvelteKit for Node", [sveltekit({ req: message(theirs) })], ours],
    ["SvelteKit for Node, which throws", [sveltekit({ req: message(ours) }, unknown)], ours],
    ["SvelteKit for Workers", [sveltekit({ env: {}, ctx: workers(), context: workers() })], ours],
    ["SvelteKit while it prerenders", [sveltekit({}, unknown)], undefined],
    ["Astro", [astro({ clientAddress: ours })], ours],
    ["Astro with what a visitor claims", [astro({ clientAddress: theirs })], undefined],
    [
      "Astro while it prerenders",
      [Object.defineProperty(astro({}), "clientAddress", { get: unknown })],
      undefined,
    ],
    ["Netlify", [netlify()], ours],
    ["Hono on Netlify", [{ context: netlify() }, {}], ours],
    [
      "Astro on Netlify",
      [astro({ clientAddress: theirs, locals: { netlify: { context: netlify() } } })],
      ours,
    ],
    [
      "Astro with locals that came as text",
      [astro({ locals: JSON.parse(JSON.stringify({ netlify: { context: netlify() } })) })],
      undefined,
    ],
    ["something with an ip", [{ ip: theirs, waitUntil() {} }], undefined],
    ["a context of the application", [{ context: { ip: theirs, geo: {}, requestId: "r" } }], undefined],
    ["an HTTP API or a function URL", [apiGateway, { awsRequestId: "r" }], ours],
    ["a REST API", [restApi, { awsRequestId: "r" }], ours],
    [
      "Hono on Lambda",
      [{ event: apiGateway, requestContext: apiGateway.requestContext, lambdaContext: {} }],
      ours,
    ],
    ["Lambda@Edge", [atEdge, {}], ours],
    ["Hono on Lambda@Edge", [{ event: atEdge, request: atEdge.Records[0]?.cf.request }], ours],
    ["Lambda behind a load balancer", [loadBalancer, {}], undefined],
    [
      "Fastly Compute",
      [{ request: claiming, client: { address: ours }, respondWith() {}, waitUntil() {} }],
      ours,
    ],
    ["Next", [{ sourcePage: "/", waitUntil() {}, passThroughOnException() {}, respondWith() {} }], undefined],
    ["Next, second", [{}, { sourcePage: "/", waitUntil() {}, passThroughOnException() {} }], undefined],
    ["a service worker elsewhere", [{ ...workers(), request: claiming, respondWith() {} }], undefined],
    ["Vercel", [{ waitUntil() {} }], undefined],
  ];
  for (const [who, args, expected] of table) {
    test(`ctx.platform.peerAddress is what ${who} tells`, () => {
      assert.equal(platformOf(args, claiming).peerAddress, expected);
    });
  }

  const written = request("/", { headers: { "cf-connecting-ip": ours, "x-forwarded-for": theirs } });
  const inCloudflare = Object.defineProperty(new Request(written), "cf", { value: { colo: "BRU" } });
  const onWorkers: readonly [who: string, args: readonly unknown[]][] = [
    ["a Worker", [{ BINDING: {} }, workers()]],
    ["a WorkerEntrypoint", [{ ctx: workers(), env: {} }]],
    ["a Pages function", [{
      ...workers(),
      request: written,
      functionPath: "/",
      next: () => page(),
      env: {},
      params: {},
      data: {},
    }]],
    ["Astro's locals", [{ locals: { cfContext: workers() } }]],
    ["React Router's context", [{ cloudflare: { env: {}, ctx: workers() } }]],
    ["the event of a service worker", [{ ...workers(), request: inCloudflare, respondWith() {} }]],
    ["an event of Nitro", [{ waitUntil() {}, context: { cloudflare: { env: {}, context: workers() } } }]],
    ["an event of h3 2", [{
      waitUntil() {},
      req: { runtime: { name: "cloudflare", cloudflare: { env: {}, context: workers() } } },
    }]],
  ];
  for (const [who, args] of onWorkers) {
    test(`ctx.platform.peerAddress is what Cloudflare writes, behind ${who}`, () => {
      const arrived = who.includes("service worker") ? inCloudflare : written;
      assert.equal(platformOf(args, arrived).peerAddress, ours);
      assert.equal(typeof platformOf(args, arrived).waitUntil, "function");
      assert.equal(
        platformOf(args, request("/", { headers: { "x-real-ip": theirs } })).peerAddress,
        undefined,
      );
    });
  }

  test("ctx.platform.peerAddress is that of the server below srvx, and not its ip, which may be from a header", () => {
    const runtimes: readonly [runtime: object, expected: string | undefined][] = [
      [{ name: "node", node: { req: message(ours) } }, ours],
      [{ name: "deno", deno: { info: { remoteAddr: { transport: "tcp", hostname: ours } } } }, ours],
      [{ name: "bun", bun: { server: { requestIP: () => ({ address: ours }) } } }, ours],
      [{ name: "aws-lambda", awsLambda: { event: apiGateway, context: {} } }, ours],
      [{ name: "netlify", netlify: { context: netlify() } }, ours],
      [{ name: "vercel", vercel: { context: { waitUntil() {} } } }, undefined],
    ];
    for (const [runtime, expected] of runtimes) {
      const own = Object.assign(new Request(claiming), { ip: theirs, runtime });
      assert.equal(platformOf([], own).peerAddress, expected, Object.keys(runtime)[1]);
    }
  });

  test("no method of a binding is called on Workers, where every name looks like one", () => {
    const stub: object = new Proxy({}, { get: () => () => assert.fail("called") });
    const env = {
      server: stub,
      platform: stub,
      req: stub,
      incoming: stub,
      context: stub,
      event: stub,
      ctx: stub,
    };
    assert.equal(platformOf([env, workers()], written).peerAddress, ours);
    assert.equal(typeof platformOf([env, workers()], written).waitUntil, "function");
  });
});

describe("ctx.platform.waitUntil of a framework", () => {
  const hosts: readonly [who: string, args: (host: object) => readonly unknown[]][] = [
    ["WorkerEntrypoint", (host) => [{ ctx: host, env: {} }]],
    ["Pages, Netlify, Vercel or Next", (host) => [host]],
    ["SvelteKit on Workers", (host) => [{ getClientAddress: () => ours, platform: { ctx: host } }]],
    ["SvelteKit on Netlify", (host) => [{ getClientAddress: () => ours, platform: { context: host } }]],
    ["Astro on Workers", (host) => [{ clientAddress: ours, locals: { cfContext: host } }]],
    [
      "Astro on Workers, before version 6",
      (host) => [{ clientAddress: ours, locals: { runtime: { ctx: host } } }],
    ],
    ["Astro on Netlify", (host) => [{ clientAddress: ours, locals: { netlify: { context: host } } }]],
    ["Astro on Vercel", (host) => [{ clientAddress: ours, locals: { vercel: { edge: host } } }]],
    ["Hono on Netlify", (host) => [{ context: host }]],
    ["h3 2", (host) => [{ req: host }]],
  ];
  for (const [who, args] of hosts) {
    test(`it is called as a method of what ${who} has`, () => {
      const handed: unknown[] = [];
      const host = workers(handed);
      const work = Promise.resolve();
      platformOf(args(host)).waitUntil?.(work);
      assert.deepEqual(handed, [work, host]);
    });
  }

  test("a getter that throws hides nothing else", () => {
    const runtime = {
      get ctx(): never {
        throw new Error("removed");
      },
    };
    const handed: unknown[] = [];
    const locals = { runtime, cfContext: workers(handed) };
    platformOf([{ clientAddress: ours, locals }]).waitUntil?.(Promise.resolve());
    assert.equal(handed.length, 2);
  });

  test("it is the one of a request of srvx", () => {
    const handed: unknown[] = [];
    const runtime = { name: "node", node: { req: message(ours) } };
    const own = Object.assign(request(), { runtime, waitUntil: (work: unknown) => void handed.push(work) });
    platformOf([], own).waitUntil?.(Promise.resolve());
    assert.equal(handed.length, 1);
  });
});

describe("platform()", () => {
  const deno = { remoteAddr: { transport: "tcp", hostname: "192.0.2.99", port: 5 } };

  test("counts before everything that is recognised, wherever it stands", () => {
    const said = platform({ peerAddress: ours });
    const handed = [[said], [deno, said], [{}, workers(), said], [said, deno], [
      { platform: said },
      workers(),
    ]];
    for (const args of handed) assert.equal(platformOf(args, claiming).peerAddress, ours);
    assert.equal(platformOf([platform({ peerAddress: theirs }), said]).peerAddress, ours);
  });

  test("leaves what it does not say to be recognised", () => {
    const handed: unknown[] = [];
    const context = workers(handed);
    platformOf([{}, context, platform({ peerAddress: ours })]).waitUntil?.(Promise.resolve());
    assert.equal(handed.length, 2);
    const own: unknown[] = [];
    const seen = platformOf([deno, platform({ waitUntil: (work) => void own.push(work) })]);
    seen.waitUntil?.(Promise.resolve());
    assert.deepEqual([own.length, seen.peerAddress], [1, "192.0.2.99"]);
    assert.equal(platformOf([deno, platform({})]).peerAddress, "192.0.2.99");
  });

  test("says by undefined that nobody knows", () => {
    const said = platform({ peerAddress: undefined, waitUntil: undefined });
    const { peerAddress, waitUntil } = platformOf([deno, workers(), said], claiming);
    assert.deepEqual([peerAddress, waitUntil], [undefined, undefined]);
  });

  test("calls waitUntil without a this, and once for each piece of work", () => {
    const seen: unknown[] = [];
    const work = Promise.resolve();
    const said = platform({
      waitUntil: function (this: unknown, promise) {
        seen.push(this, promise);
      },
    });
    const { waitUntil } = platformOf([said]);
    waitUntil?.(work);
    assert.deepEqual(seen, [undefined, work]);
  });

  test("cannot be passed for by anything that looks like it", () => {
    const said = platform({ peerAddress: theirs, waitUntil() {} });
    const alike: readonly unknown[] = [
      { peerAddress: theirs },
      { peerAddress: theirs, waitUntil: true },
      JSON.parse(JSON.stringify({ ...said, peerAddress: theirs })),
      { ...said, peerAddress: theirs },
      Object.create(said),
      Object.setPrototypeOf({ peerAddress: theirs }, Object.getPrototypeOf(said)),
      new Proxy(said, {}),
      { platform: { peerAddress: theirs } },
      Object.assign(() => {}, { peerAddress: theirs }),
      [said],
    ];
    for (const arg of alike) {
      assert.equal(platformOf([arg]).peerAddress, undefined);
      assert.equal(platformOf([deno, arg]).peerAddress, "192.0.2.99");
    }
  });

  test("cannot be changed", () => {
    const said = platform({ peerAddress: ours });
    assert.throws(() => Object.assign(said, { peerAddress: theirs }), TypeError);
    assert.throws(() => Object.defineProperty(said, "peerAddress", { value: theirs }), TypeError);
    const options = { peerAddress: ours };
    const kept = platform(options);
    options.peerAddress = theirs;
    assert.equal(platformOf([kept]).peerAddress, ours);
  });

  test("is handed on to the handler that gate.wrap() was given", async () => {
    const said = platform({ peerAddress: ours });
    const seen: unknown[] = [];
    const { gate } = gateOf([{ name: "look", prepare: (ctx) => void seen.push(ctx.address) }]);
    const handler = gate.wrap((_request: Request, ...more: readonly unknown[]) => {
      seen.push(...more);
      return page();
    });
    assert.equal((await handler(claiming, deno, said)).status, 200);
    assert.deepEqual(seen, [ours, deno, said]);
  });

  test("counts for gate.explain()", async () => {
    const { gate } = gateOf([{ name: "look", prepare: (ctx) => ctx.note?.(String(ctx.address)) }]);
    const { steps } = await gate.explain(claiming, deno, platform({ peerAddress: ours }));
    assert.deepEqual(steps.flatMap(({ notes }) => notes), [ours]);
  });

  const must = '"peerAddress" must be a string, or undefined where nobody knows it, received';
  const wrong: readonly [options: unknown, message: string][] = [
    [undefined, "options must be an object, received undefined"],
    ["192.0.2.7", 'options must be an object, received "192.0.2.7"'],
    [{ address: ours }, 'unknown option "address", the options are peerAddress, waitUntil'],
    [{ peerAddress: 7 }, `${must} 7`],
    [{ peerAddress: null }, `${must} null`],
    [{ peerAddress: { address: ours } }, `${must} {"address":"192.0.2.7"}`],
    [{ peerAddress: [ours] }, `${must} ["192.0.2.7"]`],
    [{ peerAddress: () => ours }, `${must} a function`],
    [{ waitUntil: true }, '"waitUntil" must be a function, received true'],
    [{ waitUntil: Promise.resolve() }, '"waitUntil" must be a function, received {}'],
    [{ waitUntil: null }, '"waitUntil" must be a function, received null'],
  ];
  for (const [options, message] of wrong) {
    test(`refuses what is wrong: ${message}`, () => {
      assert.throws(() => platform(untyped<PlatformOptions>(options)), {
        name: "TypeError",
        message: `Cannot create platform: ${message}`,
      });
    });
  }
});

test("ctx.platform tells nothing of arguments that are of no known shape, and never throws", () => {
  const hostile = new Proxy({}, {
    get() {
      throw new Error("do not touch");
    },
    has() {
      throw new Error("do not touch");
    },
  });
  const odd: readonly unknown[] = [
    null,
    undefined,
    0,
    "text",
    Symbol("x"),
    () => {},
    [],
    new Map(),
    Object.create(null),
    { remoteAddr: null },
    { remoteAddr: "192.0.2.7" },
    { remoteAddr: { hostname: 5 } },
    { requestIP: "192.0.2.7" },
    { requestIP: () => "192.0.2.7" },
    { requestIP: () => ({ address: 5 }) },
    {
      requestIP() {
        throw new Error("closed");
      },
    },
    { incoming: null },
    { waitUntil: true, passThroughOnException: true },
    { getClientAddress: ours },
    { getClientAddress: () => 5 },
    {
      getClientAddress() {
        throw new Error("prerendering");
      },
    },
    { clientAddress: { address: ours } },
    { ip: 5, geo: {}, site: {} },
    { requestContext: { http: { sourceIp: [ours] } } },
    { requestContext: null, Records: [] },
    { Records: [{ cf: null }] },
    { client: { address: ours } },
    { socket: ours },
    { platform: hostile, context: hostile, req: hostile, ctx: hostile, locals: hostile, event: hostile },
    { runtime: { node: { req: { socket: { remoteAddress: ours } } } } },
    hostile,
  ];
  for (const first of odd) {
    for (const second of odd) {
      const { peerAddress, waitUntil } = platformOf(untyped([first, second]));
      assert.deepEqual([peerAddress, waitUntil], [undefined, undefined]);
    }
  }
});
