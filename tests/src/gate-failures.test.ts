import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import {
  createGate,
  type Decision,
  type GateError,
  HookError,
  type Plugin,
  ServiceError,
} from "../../mod.ts";
import {
  admitted,
  answered,
  closing,
  gateOf,
  opening,
  page,
  provider,
  queued,
  request,
  turn,
  untyped,
} from "./_gates.ts";
import { serve } from "./_serve.ts";

const error = new Error("provider down");
const throwing: readonly [how: string, run: () => Promise<undefined>][] = [
  ["throws", () => {
    throw error;
  }],
  ["rejects at once", () => Promise.reject(error)],
  ["rejects later", () => turn().then(() => Promise.reject(error))],
];

describe("a hook that fails", () => {
  for (const hook of ["prepare", "decide"] as const) {
    for (const [how, run] of throwing) {
      test(`gate() asks recover when ${hook} ${how}, once, with plugin, hook and cause`, async () => {
        const heard: GateError[] = [];
        const listening: Plugin = { name: "listening", recover: (_ctx, failure) => void heard.push(failure) };
        const { gate, faults } = gateOf([listening, { name: "broken", [hook]: run }]);
        let calls = 0;
        const response = await gate(request(), () => (calls++, page()));
        assert.equal(response.status, 503);
        assert.equal(calls, 0);
        assert.equal(heard.length, 1);
        const [failure] = heard;
        assert.ok(failure instanceof HookError);
        assert.deepEqual([failure.code, failure.plugin, failure.hook], ["internal", "broken", hook]);
        assert.equal(failure.cause, error);
        assert.equal(failure.message, `Plugin broken, hook ${hook}: threw Error`);
        assert.deepEqual(faults, heard);
        assert.equal(gate.errors, 1);
      });

      test(`gate() opens when ${hook} ${how} and the policy says so`, async () => {
        const { gate } = gateOf([opening, { name: "broken", [hook]: run }]);
        assert.equal(await (await gate(request(), page)).text(), "page");
      });
    }
  }

  test("gate() runs no further hook of its stage, nor decide after a prepare that failed", async () => {
    for (const [, run] of throwing) {
      const log: string[] = [];
      const later: Plugin = {
        name: "later",
        prepare: () => void log.push("prepare"),
        decide: () => void log.push("decide"),
      };
      await gateOf([{ name: "broken", prepare: run }, later]).gate(request(), page);
      assert.deepEqual(log, []);
    }
  });

  test("gate() takes the code of the GateError that was thrown", async () => {
    const cause = new ServiceError("timeout", "No answer within 2000 ms", { status: 504 });
    const { gate, faults } = gateOf([{ name: "slow", decide: () => Promise.reject(cause) }]);
    await gate(request(), page);
    const [fault] = faults;
    assert.ok(fault instanceof HookError);
    assert.deepEqual([fault.code, fault.cause], ["timeout", cause]);
    assert.equal(fault.message, "Plugin slow, hook decide: No answer within 2000 ms");
  });

  test("gate() copes with whatever is thrown", async () => {
    for (const thrown of [undefined, null, 0, "text", Symbol("x"), {}, Object.create(null)]) {
      const { gate, faults } = gateOf([{ name: "odd", decide: () => Promise.reject(thrown) }]);
      assert.equal((await gate(request(), page)).status, 503);
      assert.equal(faults[0]?.cause, thrown);
    }
  });

  test("gate() does not repeat what an error of a plugin says, for it might tell of a visitor", async () => {
    const secret = new Error("token 1234 of 192.0.2.1");
    const { gate, faults } = gateOf([{ name: "chatty", decide: () => Promise.reject(secret) }]);
    await gate(request(), page);
    assert.ok(!faults[0]?.message.includes("1234"));
  });
});

describe("recover", () => {
  const broken: Plugin = { name: "broken", decide: () => Promise.reject(error) };

  test("the first decision wins", async () => {
    const first: Plugin = { name: "first", recover: () => queued };
    assert.equal((await gateOf([first, opening, broken]).gate(request(), page)).status, 302);
  });

  test("one that throws is reported and the next one decides", async () => {
    const worse: Plugin = {
      name: "worse",
      recover() {
        throw new Error("even the policy");
      },
    };
    const { gate, faults } = gateOf([worse, { name: "first", recover: () => queued }, broken]);
    assert.equal((await gate(request(), page)).status, 302);
    assert.deepEqual(faults.map((fault) => fault instanceof HookError && fault.hook), ["decide", "recover"]);
  });

  test("where nobody recovers the gate stays closed", async () => {
    const gate = createGate({ plugins: [{ name: "none", recover: () => undefined }, broken], onError() {} });
    const response = await gate(request(), page);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { decision } = await gate.explain(request());
    assert.deepEqual(decision, { action: "reject", reason: "gate/unrecovered", status: 503 });
  });

  test("it runs when nobody decided, with the code internal", () => {
    const { gate, faults } = gateOf([]);
    const silent = createGate({
      plugins: [closing, { name: "silent", decide: () => undefined }],
      onError() {},
    });
    assert.equal(answered(silent(request(), page)).status, 503);
    assert.equal(silent.errors, 1);
    assert.equal(answered(gate(request(), page)).status, 200);
    assert.deepEqual(faults, []);
  });

  test("garbage is reported and the next one decides; it never opens the gate", async () => {
    for (const garbage of [true, "admit", {}, { action: "open" }, ["admit"], Promise.resolve(admitted)]) {
      const vague: Plugin = { name: "vague", recover: () => untyped<Decision>(garbage) };
      const { gate, faults } = gateOf([vague, { name: "next", recover: () => queued }, broken]);
      assert.equal((await gate(request(), page)).status, 302);
      assert.equal(faults.length, 2);
      const alone = createGate({ plugins: [vague, broken], onError() {} });
      assert.equal((await alone(request(), page)).status, 503);
    }
  });
});

describe("decisions that are none", () => {
  const garbage: readonly unknown[] = [
    true,
    1,
    "admit",
    {},
    [],
    ["admit"],
    { action: "open" },
    { action: "Admit" },
    { action: "admit\0" },
    { action: ["admit"] },
    { action: undefined },
    { action: "toString" },
    { action: "__proto__" },
    { reason: "x/y" },
    { action: "queue", location: "https://w.example", headers: 5 },
    () => admitted,
    new Map([["action", "admit"]]),
  ];
  for (const later of [false, true]) {
    test(`gate() does not open for garbage that comes ${later ? "later" : "at once"}`, async () => {
      for (const value of garbage) {
        const decide = () => untyped<Decision>(later ? Promise.resolve(value) : value);
        const { gate, faults } = gateOf([{ name: "vague", decide }]);
        let calls = 0;
        const response = await gate(request(), () => (calls++, page()));
        assert.equal(response.status, 503);
        assert.equal(calls, 0);
        assert.match(faults[0]?.message ?? "", /^Plugin vague, hook decide: returned .*(?:; |lis)/);
      }
    });
  }

  test("gate() leaves it to the next plugin when a decide says nothing in some other way", () => {
    for (const nothing of [null, false, 0, ""]) {
      const { gate } = gateOf([
        { name: "quiet", decide: () => untyped<undefined>(nothing) },
        provider(queued),
      ]);
      assert.equal(answered(gate(request(), page)).status, 302);
    }
  });
});

describe("a value with control characters", () => {
  const values = ["a\x7fb", "a\x01b", "\x1b"];
  const status = 403;
  const said: Readonly<Record<string, (value: string) => [answer: number, ...plugins: Plugin[]]>> = {
    "for a page": (value) => [200, { name: "own", headers: () => [["x-own", value]] }],
    "for a refusal": (value) => [
      status,
      provider({ action: "reject", reason: "test/x", status, headers: [["set-cookie", value]] }),
    ],
    "as where to go": (value) => [503, provider({ action: "redirect", reason: "test/x", location: value })],
    "in an answer in parts": (value) => [
      503,
      provider({
        action: "respond",
        reason: "test/x",
        response: { status, headers: { "x-own": value }, body: null },
      }),
    ],
    "in a response": (value) => [
      503,
      provider({
        action: "respond",
        reason: "test/x",
        response: new Response("no", { status, headers: { "x-own": value } }),
      }),
    ],
    "in the response of a hook": (value) => [
      503,
      provider({ action: "reject", reason: "test/x", status }),
      { name: "own", respond: () => new Response("no", { status, headers: { "x-own": value } }) },
    ],
  };
  for (const [where, of] of Object.entries(said)) {
    test(`ends no process, and is told: ${where}`, async () => {
      for (const value of values) {
        const [answer, ...plugins] = of(value);
        const { gate, faults } = gateOf(plugins);
        const server = await serve(gate.wrap((_incoming: Request, ..._platform: never[]) => page()));
        try {
          const got = await fetch(server.url, { redirect: "manual" });
          await got.text();
          assert.deepEqual([got.status, got.headers.get("x-own"), got.headers.get("set-cookie")], [
            answer,
            null,
            null,
          ]);
          assert.match(faults[0]?.message ?? "", / cannot be sent/);
        } finally {
          await server.close();
        }
      }
    });
  }
});

describe("answers that cannot be sent", () => {
  const locations = [
    "https://w.example/\r\nset-cookie: evil=1",
    "https://w.example/\nx",
    "https://w.example/\u{1F600}",
    "https://w.example/\0",
    "",
    undefined,
    null,
  ];
  for (const action of ["queue", "redirect"] as const) {
    test(`gate() answers 503 when a ${action} has a location that no header can carry`, async () => {
      for (const location of locations) {
        const { gate, faults } = gateOf([provider(untyped({ action, reason: "test/x", location }))]);
        const response = answered(gate(request(), page));
        assert.equal(response.status, 503, String(location));
        assert.equal(response.headers.get("location"), null);
        assert.equal(response.headers.get("set-cookie"), null);
        assert.equal(response.headers.get("cache-control"), "no-store");
        assert.ok((await response.text()).length > 0);
        assert.deepEqual(faults.map(({ code, message }) => [code, message]), [
          [
            "internal",
            `The answer "${action}" of plugin provider cannot be sent: "location" is ${
              location ? "no address that a header can carry" : "missing, the address to go to"
            }`,
          ],
        ]);
      }
    });
  }

  test("gate() sends answers whose headers have values that are no texts", async () => {
    const headers = untyped<Record<string, string>>({ "x-none": undefined, "x-five": 5 });
    const sayings = [
      () => ({ status: 403, headers, body: null }),
      () => new Response(null, { status: 403, headers }),
    ];
    for (const say of sayings) {
      const { gate } = gateOf([{
        name: "own",
        decide: () => ({ action: "respond", reason: "test/x", response: say() }),
      }]);
      const server = await serve(gate.wrap((_incoming: Request, ..._platform: never[]) => page()));
      try {
        for (let visit = 0; visit < 2; visit++) {
          const { status, headers } = await fetch(server.url);
          assert.deepEqual([status, headers.get("x-none"), headers.get("x-five")], [403, "undefined", "5"]);
        }
      } finally {
        await server.close();
      }
    }
  });

  test("gate() answers 503 when a reject has a status that is none", () => {
    for (
      const status of [
        0,
        100,
        101,
        199,
        200,
        204,
        302,
        399,
        600,
        1000,
        -1,
        NaN,
        Infinity,
        undefined,
        null,
        "x",
      ]
    ) {
      const { gate, faults } = gateOf([provider(untyped({ action: "reject", reason: "test/x", status }))]);
      assert.equal(answered(gate(request(), page)).status, 503, String(status));
      assert.equal(faults.length, 1);
    }
  });

  test("gate() rejects with every status from 400 to 599", () => {
    for (const status of [400, 403, 404, 429, 499, 500, 503, 599]) {
      const { gate } = gateOf([provider({ action: "reject", reason: "test/x", status })]);
      assert.equal(answered(gate(request(), page)).status, status);
    }
  });

  test("gate() answers 503 when a respond brings no response", () => {
    for (const response of [undefined, null, "text", {}, { status: 200 }]) {
      const { gate, faults } = gateOf([provider(untyped({ action: "respond", reason: "test/x", response }))]);
      assert.equal(answered(gate(request(), page)).status, 503);
      assert.equal(faults.length, 1);
    }
  });
});

describe("onError", () => {
  const broken: Plugin = {
    name: "broken",
    decide() {
      throw error;
    },
  };

  test("gate() goes on when it throws or rejects", async () => {
    const tellers = [() => Promise.reject(new Error("logger down")), () => {
      throw new Error("logger down");
    }];
    for (const onError of tellers) {
      const { gate } = gateOf([broken], { onError });
      assert.equal(answered(gate(request(), page)).status, 503);
      await turn();
      assert.equal(gate.errors, 1);
    }
  });

  test("gate.errors counts every fault and cannot be written", () => {
    const { gate } = gateOf([broken]);
    for (let i = 0; i < 5; i++) gate(request(), page);
    assert.equal(gate.errors, 5);
    assert.throws(() => Object.assign(gate, { errors: 0 }), TypeError);
  });
});

describe("what a hook returns in odd forms", () => {
  const odd: Readonly<Record<string, unknown>> = {
    "a then that cannot be read": {
      get then(): never {
        throw error;
      },
    },
    "a then that throws": {
      then() {
        throw error;
      },
    },
  };
  for (const [what, value] of Object.entries(odd)) {
    for (const hook of ["prepare", "decide", "respond"] as const) {
      test(`gate() takes ${what} in ${hook} for a failure of it`, async () => {
        const plugin = { name: "odd", [hook]: () => untyped<undefined>(value) };
        const { gate, faults } = gateOf([plugin, provider(hook === "respond" ? queued : admitted)]);
        const response = await gate(request(), page);
        assert.equal(response.status, hook === "respond" ? 302 : 503);
        assert.deepEqual(faults.map(({ code, cause }) => [code, cause]), [["internal", error]]);
      });
    }
  }

  test("gate() takes what cannot be looked at for no decision, and for no response", async () => {
    const hidden = new Proxy({}, {
      has() {
        throw error;
      },
      get(_target, name) {
        if (name !== "then") throw error;
      },
    });
    for (const hook of ["decide", "respond"] as const) {
      const plugin = { name: "odd", [hook]: () => untyped<undefined>(hidden) };
      const { gate, faults } = gateOf([plugin, provider(hook === "respond" ? queued : admitted)]);
      assert.equal((await gate(request(), page)).status, hook === "respond" ? 302 : 503);
      assert.deepEqual(faults.map(({ code }) => code), ["internal"]);
    }
  });

  test("gate() waits for a function that has a then, as await does", async () => {
    const callable = Object.assign(() => {}, { then: (done: (value: Decision) => void) => done(queued) });
    const plugin: Plugin = { name: "odd", decide: () => untyped<Promise<Decision>>(callable) };
    assert.equal((await gateOf([plugin]).gate(request(), page)).status, 302);
  });

  test("gate() refuses without the headers of a decision that are none, and tells the owner", () => {
    for (const headers of [[[1, 2]], [null], [["x-a"], 5], ["ab"]]) {
      const { gate, faults } = gateOf([provider(untyped<Decision>({ ...queued, headers }))]);
      const response = answered(gate(request(), page));
      assert.equal(response.status, 302);
      assert.deepEqual(faults.map(({ code }) => code), headers[0] === "ab" ? [] : ["internal"]);
    }
  });
});
