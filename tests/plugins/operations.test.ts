import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  cookieTokens,
  createGate,
  failClosed,
  failOpen,
  type Gate,
  type ModeState,
  type Plugin,
  ServiceError,
} from "../../mod.ts";
import { modeSwitch } from "../../plugins/mode-switch/mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { operations, type OperationsOptions } from "../../plugins/operations/mod.ts";
import { queueIt } from "../../plugins/queue-it/mod.ts";
import { steadily } from "../support/steadily.ts";

const secret = "s3cret-s3cret-s3cret";
const origin = "https://shop.example";
const open = (ctx: { readonly path: string }) =>
  ctx.path === "/in" ? { action: "admit", reason: "room/in" } as const : undefined;
const room: Plugin = {
  name: "room",
  decide: (ctx) => open(ctx) ?? { action: "queue", reason: "room/full", location: "https://wait.example/" },
};

function gateOf(...plugins: readonly Plugin[]): Gate {
  return createGate({ plugins: [...plugins, failOpen(), room], onError: () => {} });
}

function endpointsOf(options: Partial<OperationsOptions> = {}, gate: Gate = gateOf()) {
  const endpoints = operations(gate, { secrets: [secret], ...options });
  const ask = (path: string, init: RequestInit & { readonly token?: string | null } = {}) => {
    const { token = secret, ...rest } = init;
    const headers = new Headers(rest.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    return endpoints(new Request(`${origin}${path}`, { ...rest, headers }));
  };
  const send = (path: string, body: unknown, method = "POST", headers: Record<string, string> = {}) =>
    ask(path, {
      method,
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  return { endpoints, ask, send };
}

/** Looks at what every problem must be, and gives its status. */
async function problemOf(response: Response): Promise<number> {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const { type, title, status, detail } = await response.json();
  assert.deepEqual([type, status], ["about:blank", response.status]);
  assert.ok(typeof title === "string" && title.length > 3 && typeof detail === "string");
  assert.equal(response.headers.get("cache-control"), "no-store");
  return response.status;
}

describe("operations()", () => {
  test("tells nothing without a secret, not even which endpoints there are", async () => {
    const { ask, endpoints } = endpointsOf();
    const bodies = new Set<string>();
    for (const path of ["/health", "/metrics", "/explain", "/mode", "", "/", "/nothing", "/health/../x"]) {
      for (
        const token of [null, "wrong-wrong-wrong-wrong", "", `${secret}x`, secret.slice(1), `${secret} x`]
      ) {
        const response = await ask(`/.stanchion${path}`, { token });
        assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="stanchion"');
        bodies.add(await response.clone().text());
        assert.equal(await problemOf(response), 401);
      }
    }
    assert.equal(bodies.size, 1);
    for (
      const value of [
        `Basic ${secret}`,
        secret,
        "Bearer",
        `Bearer ${"x".repeat(100_000)}`,
        `Bearer,${secret}`,
      ]
    ) {
      const request = new Request(`${origin}/.stanchion/health`, { headers: { authorization: value } });
      assert.equal(await problemOf(await endpoints(request)), 401);
    }
    const twice = new Headers([["authorization", `Bearer ${secret}`], ["authorization", "Bearer x"]]);
    const request = new Request(`${origin}/.stanchion/health`, { headers: twice });
    assert.equal((await endpoints(request)).status, 401, "duplicates are no secret");
  });

  test("accepts each of its secrets, so that they can be changed", async () => {
    const secrets = [secret, "another-secret-1234"];
    const { ask } = endpointsOf({ secrets });
    for (const token of secrets) assert.equal((await ask("/.stanchion/health", { token })).status, 200);
    const lower = new Request(`${origin}/.stanchion/health`, {
      headers: { authorization: `bearer  ${secret}` },
    });
    assert.equal((await endpointsOf().endpoints(lower)).status, 200);
  });

  test("says 404, 405 and what is allowed, never with headers that let other origins in", async () => {
    const { ask } = endpointsOf({ modes: modeSwitch(), metrics: { text: () => "a 1\n" } });
    const table: readonly (readonly [method: string, path: string, status: number, allow: string | null])[] =
      [
        ["GET", "/nothing", 404, null],
        ["GET", "", 404, null],
        ["GET", "/health/", 404, null],
        ["GET", "/%68ealth", 404, null],
        ["POST", "/health", 405, "GET, HEAD"],
        ["OPTIONS", "/health", 405, "GET, HEAD"],
        ["DELETE", "/metrics", 405, "GET, HEAD"],
        ["GET", "/explain", 405, "POST"],
        ["HEAD", "/explain", 405, "POST"],
        ["POST", "/mode", 405, "GET, HEAD, PUT"],
        ["PATCH", "/mode", 405, "GET, HEAD, PUT"],
      ];
    for (const [method, path, status, allow] of table) {
      const response = await ask(`/.stanchion${path}`, {
        method,
        headers: { origin: "https://evil.example" },
      });
      assert.deepEqual(
        [response.status, response.headers.get("allow")],
        [status, allow],
        `${method} ${path}`,
      );
      assert.ok(![...response.headers.keys()].some((name) => name.startsWith("access-control")));
      if (method !== "HEAD") await problemOf(response);
    }
  });

  test("leaves out what was not given", async () => {
    const { ask } = endpointsOf();
    assert.equal((await ask("/.stanchion/metrics")).status, 404);
    assert.equal((await ask("/.stanchion/mode")).status, 404);
  });

  test("refuses wrong options, and shows no secret", () => {
    const gate = gateOf();
    const table: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /options must be an object/],
      [{}, /"secrets" must be a list of 1 to 16 secrets/],
      [{ secrets: [] }, /"secrets"/],
      [{ secrets: "s3cret-s3cret-s3cret" }, /received a text of 20 characters \(not shown\)$/],
      [
        { secrets: ["too-short"] },
        /16 to 512 printable characters without spaces, received a list of 1, with 9 characters/,
      ],
      [{ secrets: [secret, "with a space in the middle"] }, /"secrets"/],
      [{ secrets: [secret], path: "stanchion" }, /"path" must be a path/],
      [{ secrets: [secret], path: "/a/" }, /"path"/],
      [{ secrets: [secret], path: "/" }, /"path"/],
      [{ secrets: [secret], path: "/.." }, /"path"/],
      [{ secrets: [secret], path: "/a?b" }, /"path"/],
      [{ secrets: [secret], metrics: {} }, /"metrics.text" must be a function/],
      [{ secrets: [secret], modes: { set() {} } }, /"modes.state" must be a function/],
      [{ secrets: [secret], isHealthy: true }, /"isHealthy" must be a function/],
      [{ secrets: [secret], maxExplains: 0 }, /"maxExplains"/],
      [{ secrets: [secret], cors: true }, /unknown option "cors"/],
    ];
    for (const [options, message] of table) {
      assert.throws(() => operations(gate, options as OperationsOptions), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith("Cannot create operations: "), error.message);
        assert.ok(!error.message.includes(secret) && !error.message.includes("too-short"));
        return true;
      });
    }
    assert.throws(() => operations({} as Gate, { secrets: [secret] }), /"gate" must be a gate/);
  });
});

describe("operations().route()", () => {
  test("answers what is under its path, and hands everything else on with its arguments", async () => {
    const { endpoints } = endpointsOf();
    const seen: unknown[] = [];
    const handler = endpoints.route((request, ...args: readonly unknown[]) => {
      seen.push([new URL(request.url).pathname, ...args]);
      return new Response("page");
    });
    const others = ["/", "/.stanchions", "/x/.stanchion/health", "/.stanchio", "/?/.stanchion/health"];
    // Visitors of a waiting room ask for it, without a secret.
    for (const path of [...others, "/.stanchion/main/status"]) {
      const answer = handler(new Request(`${origin}${path}`), "env", 7);
      assert.ok(answer instanceof Response, "what is handed on stays synchronous");
    }
    assert.deepEqual(seen, [
      ["/", "env", 7],
      ["/.stanchions", "env", 7],
      ["/x/.stanchion/health", "env", 7],
      ["/.stanchio", "env", 7],
      ["/", "env", 7],
      ["/.stanchion/main/status", "env", 7],
    ]);
    for (const path of ["/.stanchion", "/.stanchion/health", "/a/../.stanchion/mode?x", "/.stanchion#a"]) {
      assert.equal((await handler(new Request(`${origin}${path}`), "env", 7)).status, 401, path);
    }
    assert.equal(seen.length, 6);
  });

  test("takes a URL that servers read differently for none of its own", async () => {
    const { endpoints } = endpointsOf();
    const handler = endpoints.route(() => new Response("gate"));
    const odd = { url: "http://user@shop.example/.stanchion/health", headers: new Headers(), method: "GET" };
    assert.equal(await (await handler(odd as Request)).text(), "gate");
  });

  test("refuses what is no handler", () => {
    assert.throws(() => endpointsOf().endpoints.route(undefined as never), /"handler" must be a function/);
  });
});

describe("GET /health", () => {
  const healthOf = async (plugins: readonly Plugin[], options: Partial<OperationsOptions> = {}) => {
    const response = await endpointsOf(options, gateOf(...plugins)).ask("/.stanchion/health");
    return { status: response.status, body: await response.json() };
  };
  const saying = (health: Record<string, string | number | boolean>): Plugin => ({
    name: "it",
    health: () => health,
  });

  test("tells how gate and plugins are doing, the mode and the plan", async () => {
    const { status, body } = await healthOf([saying({ ageMs: 5 })], { modes: modeSwitch() });
    assert.equal(status, 200);
    assert.deepEqual(body.health, { errors: 0, pending: 0, plugins: { it: { ageMs: 5 } } });
    assert.deepEqual(body.mode, { mode: "enforce", initial: "enforce", saved: true });
    assert.equal(body.status, "ok");
    assert.ok(body.plan.some((step: { hook: string }) => step.hook === "decide"));
  });

  test("is 503 for a plugin that fails or is not ready, and 200 with a word for less", async () => {
    const modes = modeSwitch({ initial: "off" });
    const broken: Plugin = {
      name: "broken",
      health() {
        throw new Error("secret");
      },
    };
    const table: readonly (readonly [Plugin, Partial<OperationsOptions>, number, string])[] = [
      [saying({}), {}, 200, "ok"],
      [saying({ state: "closed" }), {}, 200, "ok"],
      [saying({ state: "open" }), {}, 200, "degraded"],
      [saying({ state: "half-open" }), {}, 200, "degraded"],
      [saying({ state: "loaded" }), {}, 200, "ok"],
      [saying({}), { modes }, 200, "degraded"],
      [saying({ ready: false }), {}, 503, "failed"],
      [broken, {}, 503, "failed"],
      [saying({ ageMs: 9 }), { isHealthy: ({ plugins }) => plugins["it"]?.["ageMs"] !== 9 }, 503, "failed"],
      [broken, { isHealthy: () => true }, 200, "ok"],
      [
        saying({}),
        {
          isHealthy: () => {
            throw new Error();
          },
        },
        503,
        "failed",
      ],
    ];
    for (const [plugin, options, status, word] of table) {
      const health = await healthOf([plugin], options);
      assert.deepEqual([health.status, health.body.status], [status, word]);
      assert.ok(!JSON.stringify(health).includes("secret"));
    }
  });

  test("has no body for HEAD", async () => {
    const response = await endpointsOf().ask("/.stanchion/health", { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
  });
});

describe("GET /metrics", () => {
  test("gives the text as Prometheus reads it", async () => {
    for (const text of [() => "a 1\n", () => Promise.resolve("a 1\n")]) {
      const response = await endpointsOf({ metrics: { text } }).ask("/.stanchion/metrics");
      assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
      assert.deepEqual([response.status, await response.text()], [200, "a 1\n"]);
    }
  });

  test(
    "says that it failed, and not how",
    steadily(async () => {
      const fails: readonly (readonly [() => string | Promise<string>, number])[] = [
        [() => {
          throw new Error("password");
        }, 500],
        [() => Promise.reject(new Error("password")), 500],
        [() => 5 as never, 500],
        [() => new Promise(() => {}), 504],
      ];
      for (const [text, status] of fails) {
        const response = await endpointsOf({ metrics: { text }, timeoutMs: 20 }).ask("/.stanchion/metrics");
        assert.ok(!(await response.clone().text()).includes("password"));
        assert.equal(await problemOf(response), status);
      }
    }),
  );
});

describe("GET and PUT /mode", () => {
  test("shows and sets the mode", async () => {
    const modes = modeSwitch({ now: () => 1000 });
    const { ask, send } = endpointsOf({ modes });
    const put = await send("/.stanchion/mode", { mode: "off", forMs: 60_000, by: "Ada" }, "PUT");
    const state = { mode: "off", initial: "enforce", untilMs: 61_000, by: "Ada", saved: true };
    assert.deepEqual([put.status, await put.json()], [200, state]);
    assert.deepEqual(await (await ask("/.stanchion/mode")).json(), state);
    assert.equal(modes.mode(), "off");
  });

  test("says so when other processes do not follow", async () => {
    const storage = { getItem: () => null, setItem: () => Promise.reject(new Error("READONLY at 10.0.0.1")) };
    const modes = modeSwitch({ storage, onError: () => {} });
    const { send } = endpointsOf({ modes });
    const response = await send("/.stanchion/mode", { mode: "off" }, "PUT");
    const body = await response.clone().json();
    assert.equal(await problemOf(response), 503);
    assert.deepEqual([body.state.mode, body.state.saved], ["off", false]);
    assert.ok(!JSON.stringify(body).includes("10.0.0.1"));
    assert.equal(modes.mode(), "off");
    modes.close();
  });

  const wrong: readonly (readonly [body: string, path: string])[] = [
    ["{}", "mode"],
    ['{"mode":"OFF"}', "mode"],
    ['{"mode":null}', "mode"],
    ['{"mode":"off","forMs":0}', "forMs"],
    ['{"mode":"off","forMs":"60000"}', "forMs"],
    ['{"mode":"off","forMs":1e99}', "forMs"],
    ['{"mode":"off","forMs":null}', "forMs"],
    ['{"mode":"off","by":"a\\nb"}', "by"],
    ['{"mode":"off","until":5}', "until"],
    ['["off"]', "mode"],
    ['"off"', ""],
    ["null", ""],
  ];
  for (const [body, path] of wrong) {
    test(`refuses ${body}, says where, and changes nothing`, async () => {
      const modes = modeSwitch();
      const response = await endpointsOf({ modes }).send("/.stanchion/mode", body, "PUT");
      const { errors } = await response.clone().json();
      assert.equal(await problemOf(response), 400);
      assert.equal(errors[0].path, path);
      assert.equal(modes.mode(), "enforce");
    });
  }
});

describe("bodies", () => {
  const setting = () => {
    const modes = modeSwitch();
    return { modes, ...endpointsOf({ modes, maxBytes: 1000, timeoutMs: 30 }) };
  };
  const off = '{"mode":"off"}';

  test(
    "must be JSON by their type, in UTF-8, and not compressed",
    steadily(async () => {
      const { send, modes } = setting();
      const types = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/json, text/plain",
        "application/jsonp",
        "application/json; charset=utf-16",
        "multipart/form-data; boundary=application/json",
        "application/problem+json",
      ];
      for (const type of types) {
        assert.equal(
          await problemOf(await send("/.stanchion/mode", off, "PUT", { "content-type": type })),
          415,
          type,
        );
      }
      const gzip = await send("/.stanchion/mode", off, "PUT", { "content-encoding": "gzip" });
      assert.equal(await problemOf(gzip), 415);
      assert.equal(modes.mode(), "enforce");
      for (
        const type of [
          "application/json;charset=UTF-8",
          "Application/JSON",
          'application/json; charset="utf-8"',
        ]
      ) {
        assert.equal(
          (await send("/.stanchion/mode", off, "PUT", { "content-type": type })).status,
          200,
          type,
        );
      }
    }),
  );

  test(
    "are refused when they are too long, whatever they say of their length",
    steadily(async () => {
      const { send, endpoints, modes } = setting();
      const long = `{"mode":"off","by":"${"x".repeat(2000)}"}`;
      assert.equal(await problemOf(await send("/.stanchion/mode", long, "PUT")), 413);
      let given = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          given++;
          controller.enqueue(new Uint8Array(100).fill(32));
        },
      });
      const request = new Request(`${origin}/.stanchion/mode`, {
        method: "PUT",
        body: endless,
        duplex: "half",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      } as RequestInit);
      assert.equal(await problemOf(await endpoints(request)), 413);
      assert.ok(given < 40, `${given} pieces were taken`);
      assert.equal(modes.mode(), "enforce");
    }),
  );

  test(
    "are refused when they take too long, or break off",
    steadily(async () => {
      const { endpoints } = setting();
      const put = (body: ReadableStream<Uint8Array>) =>
        endpoints(
          new Request(`${origin}/.stanchion/mode`, {
            method: "PUT",
            body,
            duplex: "half",
            headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
          } as RequestInit),
        );
      const silent = new ReadableStream<Uint8Array>({
        start: (control) => control.enqueue(new Uint8Array([123])),
      });
      assert.equal(await problemOf(await put(silent)), 408);
      const broken = new ReadableStream<Uint8Array>({
        start: (control) => control.error(new Error("reset")),
      });
      assert.equal(await problemOf(await put(broken)), 400);
    }),
  );

  test(
    "are refused when they are no JSON, or have names that change objects",
    steadily(async () => {
      const { send, modes, endpoints } = setting();
      const bodies = [
        "",
        "{",
        "off",
        '{"mode":"off"}x',
        "\u0000",
        "[".repeat(900),
        '{"mode":"off","__proto__":{"by":"x"}}',
        '{"mode":"off","constructor":{"prototype":{}}}',
        '{"mode":"off","prototype":1}',
      ];
      for (const body of bodies) {
        assert.equal(await problemOf(await send("/.stanchion/mode", body, "PUT")), 400, body);
      }
      const request = new Request(`${origin}/.stanchion/mode`, {
        method: "PUT",
        body: new Uint8Array([0x7b, 0xff, 0x7d]),
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      });
      assert.equal(await problemOf(await endpoints(request)), 400);
      const used = new Request(`${origin}/.stanchion/mode`, {
        method: "PUT",
        body: off,
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      });
      await used.text();
      assert.equal(await problemOf(await endpoints(used)), 400);
      assert.equal(modes.mode(), "enforce");
      assert.equal(({} as { by?: string }).by, undefined);
    }),
  );

  test("are not read of whoever has no secret", async () => {
    const { endpoints } = setting();
    const request = new Request(`${origin}/.stanchion/mode`, { method: "PUT", body: off });
    assert.equal((await endpoints(request)).status, 401);
    assert.equal(request.bodyUsed, false);
  });
});

describe("POST /explain", () => {
  const explained = async (gate: Gate, question: object) => {
    const response = await endpointsOf({}, gate).send("/.stanchion/explain", question);
    assert.equal(response.status, 200, await response.clone().text());
    return await response.json();
  };

  test("tells what would be decided, step by step", async () => {
    const gate = gateOf({ name: "look", prepare: (ctx) => ctx.note?.(`${ctx.request.method} ${ctx.path}`) });
    assert.deepEqual(await explained(gate, { url: `${origin}/tickets`, method: "PUT" }), {
      mode: "enforce",
      decision: { action: "queue", reason: "room/full", location: "https://wait.example/", headers: [] },
      failure: null,
      steps: [
        { hook: "prepare", plugin: "look", said: "done", notes: ["PUT /tickets"] },
        { hook: "decide", plugin: "room", said: "queue, because room/full", notes: [] },
        { hook: "headers", plugin: "failure-policy", said: "nothing", notes: [] },
      ],
      headers: [],
    });
    const inside = await explained(gate, { url: `${origin}/in` });
    assert.deepEqual(inside.decision, { action: "admit", reason: "room/in" });
  });

  test("shows a failure by its code and message, and never what a hook threw", async () => {
    const failing = (error: Error): Plugin => ({ name: "failing", prepare: () => Promise.reject(error) });
    const known = await explained(gateOf(failing(new ServiceError("timeout", "It did not answer"))), {
      url: origin,
    });
    assert.deepEqual(known.failure, {
      code: "timeout",
      message: "Plugin failing, hook prepare: It did not answer",
      plugin: "failing",
      hook: "prepare",
    });
    assert.equal(known.steps[0].said, "failed: It did not answer");
    const unknown = await explained(gateOf(failing(new Error("redis://:password@host"))), { url: origin });
    assert.equal(unknown.failure.code, "internal");
    assert.equal(unknown.steps[0].said, "failed");
    assert.ok(!JSON.stringify(unknown).includes("password"));
  });

  test("leaves out tokens, keys and the values of cookies", async () => {
    const leaky: Plugin = {
      name: "leaky",
      prepare(ctx) {
        ctx.note?.(`cookie ${ctx.request.headers.get("cookie")} at ${ctx.href}`);
        ctx.note?.(
          `key ${ctx.request.headers.get("x-api-key")}, ${ctx.request.headers.get("authorization")}`,
        );
      },
      decide: (ctx) => ({
        action: "queue",
        reason: "leaky/queued",
        location: `https://wait.example/hall?c=shop&ch-id=tok-secret1&t=${
          encodeURIComponent(ctx.href)
        }&x=secret2`,
        headers: [["x-own", "secret3"], ["cache-control", "no-store"]],
      }),
      headers: () => [["set-cookie", "session=secret4%3D; Path=/; Secure"], ["location", "/a?b=secret5"]],
    };
    const answer = await explained(gateOf(leaky), {
      url: `${origin}/tickets?queueittoken=secret6&page=secret7`,
      headers: [
        ["cookie", "a=secret8%2F; short=1"],
        ["Cookie", "b=secret9"],
        ["x-api-key", "secret10"],
        ["authorization", "Bearer secret11"],
      ],
    });
    const text = JSON.stringify(answer);
    assert.ok(!/secret\d/.test(text), text);
    const { decision, headers } = answer;
    assert.equal(
      decision.location,
      `https://wait.example/hall?c=shop&ch-id=[redacted]&t=${
        encodeURIComponent(`${origin}/tickets?queueittoken=[redacted]&page=[redacted]`)
      }&x=[redacted]`,
    );
    assert.deepEqual(decision.headers, [["x-own", "[redacted]"], ["cache-control", "no-store"]]);
    assert.deepEqual(headers, [["set-cookie", "session=[redacted]; Path=/; Secure"], [
      "location",
      "/a?b=[redacted]",
    ]]);
    assert.match(answer.steps[0].notes[0], /^cookie a=\[redacted\]; short=1; b=\[redacted\] at https:/);
  });

  test("calls no application, opens no place and asks nobody for a new visitor", async () => {
    const calls: string[] = [];
    const fetch = (url: string) => (calls.push(url), Promise.reject(new Error("no network")));
    const gate = createGate({
      plugins: [
        cookieTokens(),
        failClosed(),
        crowdhandler({ publicKey: "0".repeat(64), fetch, publicHosts: ["shop.example"] }),
      ],
      onError: () => {},
    });
    const answer = await explained(gate, { url: "https://169.254.169.254/latest/meta-data" });
    assert.equal(answer.decision.reason, "crowdhandler/not-asked");
    assert.equal(gate.errors, 0);
    assert.ok(calls.every((url) => url.startsWith("https://api.crowdhandler.com/v1/rooms")), calls.join());
  });

  test("gives no session that another could use", async () => {
    const gate = createGate({
      plugins: [
        cookieTokens(),
        failClosed(),
        queueIt({
          customerId: "shop",
          secretKeys: ["a-key"],
          integrationConfig: {
            Version: 1,
            Integrations: [{
              Name: "tickets",
              ActionType: "Queue",
              EventId: "gala",
              QueueDomain: "shop.queue-it.net",
              CookieValidityMinute: 20,
              Triggers: [{
                LogicalOperator: "And",
                TriggerParts: [{
                  ValidatorType: "UrlValidator",
                  UrlPart: "PagePath",
                  Operator: "Contains",
                  ValueToCompare: "/tickets",
                }],
              }],
            }],
          },
        }),
      ],
    });
    const answer = await explained(gate, { url: `${origin}/tickets?queueittoken=e_gala~h_abcdefabcdef` });
    assert.equal(answer.decision.reason, "queue-it/hash");
    assert.match(answer.decision.location, /^https:\/\/shop\.queue-it\.net\/error\/hash\/\?c=shop&e=gala&/);
    assert.ok(!JSON.stringify(answer).includes("abcdefabcdef"));
    assert.deepEqual(answer.steps.at(-1).notes ?? [], []);
  });

  const wrong: readonly (readonly [question: unknown, path: string])[] = [
    [{}, "url"],
    [{ url: "/tickets" }, "url"],
    [{ url: "file:///etc/passwd" }, "url"],
    [{ url: "data:text/plain,x" }, "url"],
    [{ url: "https://" }, "url"],
    [{ url: `https://shop.example/${"x".repeat(9000)}` }, "url"],
    [{ url: [origin] }, "url"],
    [{ url: origin, method: "G ET" }, "method"],
    [{ url: origin, method: "GET\r\nX: y" }, "method"],
    [{ url: origin, method: 5 }, "method"],
    [{ url: origin, headers: { "x-a": "b\r\nx-injected: c" } }, "headers.0.1"],
    [{ url: origin, headers: { "x-a\n": "b" } }, "headers.0.0"],
    [{ url: origin, headers: { "x a": "b" } }, "headers.0.0"],
    [{ url: origin, headers: { "": "b" } }, "headers.0.0"],
    [{ url: origin, headers: { "x-a": "\u0000" } }, "headers.0.1"],
    [{ url: origin, headers: { "x-a": "\u2028" } }, "headers.0.1"],
    [{ url: origin, headers: { "x-a": 5 } }, "headers"],
    [{ url: origin, headers: [["x-a"]] }, "headers.0.1"],
    [{ url: origin, headers: [["x-a", "b", "c"]] }, "headers.0.2"],
    [{ url: origin, headers: Array.from({ length: 101 }, () => ["x-a", "b"]) }, "headers"],
    [{ url: origin, headers: { "x-a": "b".repeat(9000) } }, "headers.0.1"],
    [{ url: origin, address: "localhost" }, "address"],
    [{ url: origin, body: "x" }, "body"],
    [[origin], "url"],
  ];
  for (const [question, path] of wrong) {
    test(`refuses ${JSON.stringify(question).slice(0, 60)}`, async () => {
      const response = await endpointsOf().send("/.stanchion/explain", question);
      const { errors } = await response.clone().json();
      assert.equal(await problemOf(response), 400);
      assert.equal(errors[0].path, path);
    });
  }

  test("refuses methods with which nobody can ask", async () => {
    for (const method of ["CONNECT", "TRACE", "TRACK"]) {
      const response = await endpointsOf().send("/.stanchion/explain", { url: origin, method });
      assert.ok([200, 400].includes(response.status), "platforms differ");
    }
  });

  test("takes headers that come several times, and the address of the connection", async () => {
    const gate = gateOf({
      name: "look",
      prepare(ctx) {
        ctx.note?.(`${ctx.request.headers.get("cookie")} ${ctx.request.headers.get("x-a")}`);
        ctx.note?.(String(ctx.platform.peerAddress));
      },
    });
    const headers = [["cookie", "a=1"], ["x-a", "1"], ["Cookie", "b=2"], ["X-A", "2"]];
    const { steps } = await explained(gate, { url: origin, headers, address: "2001:db8::7" });
    assert.deepEqual(steps[0].notes, ["a=1; b=2 1, 2", "2001:db8::7"]);
  });

  test(
    "makes as many explanations at a time as it may, and gives slow ones up",
    steadily(async () => {
      let release = () => {};
      const until = new Promise<void>((resolve) => release = resolve);
      const gate = gateOf({ name: "slow", prepare: (ctx) => ctx.path === "/slow" ? until : undefined });
      const { send } = endpointsOf({ maxExplains: 2 }, gate);
      const slow = [1, 2].map(() => send("/.stanchion/explain", { url: `${origin}/slow` }));
      await new Promise((resolve) => setTimeout(resolve, 5));
      const refused = await send("/.stanchion/explain", { url: origin });
      assert.equal(refused.headers.get("retry-after"), "1");
      assert.equal(await problemOf(refused), 503);
      release();
      assert.deepEqual((await Promise.all(slow)).map(({ status }) => status), [200, 200]);
      assert.equal((await send("/.stanchion/explain", { url: origin })).status, 200);
      const never = gateOf({ name: "never", prepare: () => new Promise(() => {}) });
      const late = await endpointsOf({ timeoutMs: 20 }, never).send("/.stanchion/explain", { url: origin });
      assert.equal(await problemOf(late), 504);
    }),
  );
});

test("operations() never throws and never rejects, whatever the request is", async () => {
  const { endpoints } = endpointsOf({ modes: modeSwitch() });
  const odd: readonly unknown[] = [
    {},
    { url: 5, headers: new Headers() },
    { url: "", method: "GET", headers: new Headers({ authorization: `Bearer ${secret}` }) },
    { url: `${origin}/.stanchion/mode`, method: "PUT", headers: null },
  ];
  for (const request of odd) {
    const response = await endpoints(request as Request);
    assert.ok(response.status >= 400);
  }
});

test("operations() shows the state of any switch of the same form", async () => {
  const state: ModeState = { mode: "report", initial: "report", saved: true };
  const { ask } = endpointsOf({ modes: { state: () => state, set: () => Promise.resolve(state) } });
  assert.deepEqual(await (await ask("/.stanchion/mode")).json(), state);
});
