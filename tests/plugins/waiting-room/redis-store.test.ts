import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  type Batch,
  bunRedis,
  ioRedis,
  nodeRedis,
  type RedisCommands,
  redisStore,
  type Tuned,
  upstashRedis,
} from "../../../plugins/waiting-room/stores/redis/mod.ts";
import { GateError } from "../../../src/errors.ts";

const policy = "# Memory\r\nused_memory:1\r\nmaxmemory_policy:noeviction\r\n";

/** A client that answers as it is told: by the name of the command. */
function answering(answers: Readonly<Record<string, unknown>>, asked: string[][] = []): RedisCommands {
  return (args) => {
    asked.push(args);
    const answer = Object.hasOwn(answers, args[0] ?? "") ? answers[args[0] ?? ""] : null;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
}

const batch: Batch = {
  room: {
    limits: {
      admitPerMinute: 60,
      burstSeconds: 3,
      capacity: 5,
      sessionMs: 1,
      returnMs: 1,
      recovery: "strict",
    },
    opensAt: 0,
    closesAt: 0,
    note: "",
    since: 1,
  },
  seen: undefined,
  commands: [{ do: "enter", tag: "tagtag01" }],
};

async function faultOf(call: Promise<unknown>): Promise<GateError> {
  const error: unknown = await call.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof GateError, String(error));
  return error;
}

const errors: readonly (readonly [message: string, code: string, said: RegExp])[] = [
  ["LOADING Redis is loading the dataset in memory", "unreachable", /LOADING: it is still loading/],
  ["READONLY You can't write against a read only replica.", "unreachable", /failover/],
  ["MASTERDOWN Link with MASTER is down", "unreachable", /master/],
  ["CLUSTERDOWN Hash slot not served", "unreachable", /cluster is down/],
  ["MISCONF Redis is configured to save RDB snapshots", "unreachable", /disk/],
  ["TRYAGAIN Multiple keys request during rehashing of slot", "unreachable", /moving/],
  ["BUSY Redis is busy running a script.", "overloaded", /another script/],
  ["OOM command not allowed when used memory > 'maxmemory'. script: 0a", "overloaded", /memory is full/],
  ["NOAUTH Authentication required.", "rejected", /asks for a password/],
  ["WRONGPASS invalid username-password pair or user is disabled.", "rejected", /password is wrong/],
  ["NOPERM this user has no permissions to run the 'evalsha' command", "rejected", /may not run/],
  ["MOVED 3999 10.0.0.7:6381", "rejected", /client is not one for clusters/],
  ["ASK 3999 10.0.0.7:6381", "rejected", /client is not one for clusters/],
  ["ERR unknown command 'EVALSHA'", "rejected", /older than 6\.2/],
  ["SOMETHING new that very-secret", "rejected", /a reason that is not known here/],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", "malformed", /something else/],
  // Before 7.0 errors in scripts were told like this.
  [
    "ERR Error running script (call to f_0a): @user_script:12: @user_script: 12: -OOM command not allowed",
    "overloaded",
    /memory is full/,
  ],
  [
    "ERR Error running script (call to f_0a): @user_script:9: WRONGTYPE Operation",
    "malformed",
    /something else/,
  ],
  [
    "ERR user_script:462: bad argument very-secret script: 0a, on @user_script:462.",
    "internal",
    /its line 462/,
  ],
  ["connect ECONNREFUSED 10.0.0.7:6379", "unreachable", /connection to Redis failed/],
  ["read ECONNRESET", "unreachable", /connection to Redis failed/],
  ["ECONNRESET", "unreachable", /connection to Redis failed/],
  ["Connection is closed.", "unreachable", /connection to Redis failed/],
  ["The client is closed very-secret", "unreachable", /connection to Redis failed/],
  ["fetch failed", "unreachable", /connection to Redis failed/],
  ["", "unreachable", /connection to Redis failed/],
];

for (const [message, code, said] of errors) {
  test(`redisStore() makes ${code} of "${message.slice(0, 60)}", and quotes nothing of it`, async () => {
    const error = Object.assign(new Error(message), { command: { args: ["very-secret"] } });
    for (const answers of [{ INFO: error }, { INFO: policy, EVALSHA: error, GET: error, SET: error }]) {
      // A server that does not tell of its memory is none that fails.
      if (
        "INFO" in answers && answers.INFO === error && code === "rejected" &&
        !/^(?:NOAUTH|WRONGPASS)/.test(message)
      ) {
        continue;
      }
      const store = redisStore(answering(answers));
      const calls: (() => Promise<unknown> | undefined)[] = [
        () => store.run("a", batch),
        () => store.secret?.("very-secret"),
      ];
      if (answers.INFO === policy) calls.push(() => store.status("a"));
      for (const call of calls) {
        const fault = await faultOf(call() ?? Promise.resolve());
        assert.equal(fault.code, code);
        assert.match(fault.message, said);
        assert.doesNotMatch(inspect(fault, { depth: 10 }), /very-secret|10\.0\.0\.7/);
      }
    }
  });
}

test("redisStore() makes a fault of whatever else is thrown", async () => {
  for (const thrown of [undefined, null, "very-secret", 5, {}, { message: 5 }]) {
    const store = redisStore(() => Promise.reject(thrown));
    assert.equal((await faultOf(store.status("a"))).code, "unreachable");
  }
  const store = redisStore(() => {
    throw new Error("The client is closed");
  });
  assert.equal((await faultOf(store.run("a", batch))).code, "unreachable");
});

const right = { is: "admitted", number: 1, until: 5, again: false, isConfirmed: false, rank: 0, free: 1 };
const foreign: readonly unknown[] = [
  undefined,
  null,
  "OK",
  5,
  true,
  {},
  [],
  ["ok"],
  ["ok", "1{}", "1[]"],
  ["ok", "1{}", '1[{"is":"closed"}]'],
  ["ok", "{", "1["],
  ["ok", 5, 6],
  ["no", "1{}", "1[]"],
  ["ok", "1[]", `1[${JSON.stringify(right)}]`],
  [["ok"], ["1{}"], ["1[]"]],
];

for (const answer of foreign) {
  test(`redisStore() takes ${JSON.stringify(answer)} for no answer of its script`, async () => {
    const store = redisStore(answering({ INFO: policy, EVALSHA: answer, GET: answer }));
    assert.equal((await faultOf(store.run("a", batch))).code, "malformed");
    if (answer === null) assert.equal(await store.status("a"), undefined);
    else assert.equal((await faultOf(store.status("a"))).code, "malformed");
  });
}

test("redisStore() says that a younger version wrote a status", async () => {
  const fault = await faultOf(redisStore(answering({ GET: '2{"epoch":1}' })).status("a"));
  assert.equal(fault.code, "malformed");
  assert.match(fault.message, /has form 2, which is newer than 1: update this process/);
});

test("redisStore() reads a status with a decision about the rate, and takes one that is none for another program's", async () => {
  const { status } = await memoryAnswer();
  const tuned: Tuned = {
    at: 5,
    why: "slow",
    from: 60,
    visitors: 7,
    meanMs: 150.5,
    errorRate: 0.01,
    used: 1,
    heldSince: 0,
  };
  const told = (more: object) =>
    redisStore(answering({ GET: `1${JSON.stringify({ ...status, ...more })}` })).status("a");
  assert.deepEqual((await told({ tuned }))?.tuned, tuned);
  for (const odd of [5, null, {}, { ...tuned, why: 5 }]) {
    const fault = await told({ tuned: odd }).then(() => undefined, (cause: unknown) => cause);
    assert.ok(fault instanceof GateError && fault.code === "malformed", JSON.stringify(odd));
  }
});

test("redisStore() reads a status that an older version wrote, which did not know all figures", async () => {
  const { status } = await memoryAnswer();
  const { renewed: _renewed, ...older } = status;
  const store = redisStore(answering({ GET: `1${JSON.stringify(older)}` }));
  assert.deepEqual(await store.status("a"), { ...status, renewed: 0 });
});

test("redisStore() takes outcomes that are none for no answer", async () => {
  const { status } = await memoryAnswer();
  const told = `1${JSON.stringify(status)}`;
  const good = redisStore(answering({ INFO: policy, EVALSHA: ["ok", told, `1[${JSON.stringify(right)}]`] }));
  assert.deepEqual((await good.run("a", batch)).outcomes, [{ ...right, tag: "tagtag01" }]);
  const odd = [
    null,
    5,
    {},
    { is: "toString" },
    { is: "__proto__" },
    { ...right, is: "let in" },
    { ...right, until: "5" },
    { ...right, rank: null },
    { is: "far" },
  ];
  for (const outcome of odd) {
    const store = redisStore(
      answering({ INFO: policy, EVALSHA: ["ok", told, `1[${JSON.stringify(outcome)}]`] }),
    );
    assert.equal((await faultOf(store.run("a", batch))).code, "malformed");
  }
});

async function memoryAnswer() {
  const { memoryStore } = await import("../../../plugins/waiting-room/stores/memory.ts");
  return await memoryStore().run("a", { ...batch, commands: [] });
}

test("redisStore() reads a status while a batch is under way", async () => {
  const never = new Promise<never>(() => {});
  const store = redisStore((args) =>
    args[0] === "EVALSHA" ? never : Promise.resolve(args[0] === "INFO" ? policy : null)
  );
  void store.run("a", batch);
  assert.equal(await store.status("a"), undefined);
});

test("redisStore() asks anew for the policy when the first question was lost", async () => {
  let questions = 0;
  const store = redisStore((args) => {
    if (args[0] !== "INFO") return Promise.resolve(null);
    questions++;
    return questions === 1 ? new Promise<never>(() => {}) : Promise.resolve(policy);
  });
  void store.run("a", batch);
  assert.equal((await faultOf(store.run("a", batch))).code, "malformed");
  assert.equal(questions, 2);
});

test("redisStore() keeps all keys of a room under one hash tag, and sends texts only", async () => {
  const asked: string[][] = [];
  await faultOf(
    redisStore(answering({ INFO: policy }, asked), { prefix: "shop", now: () => 5 }).run("a:b", batch),
  );
  const [, call = []] = asked;
  const [command, hash = "", count, ...rest] = call;
  assert.deepEqual([command, count], ["EVALSHA", "15"]);
  assert.match(hash, /^[0-9a-f]{40}$/);
  assert.deepEqual(rest.slice(0, 15).filter((key) => !key.startsWith("shop:{a:b}:")), []);
  assert.deepEqual(rest.slice(15), [
    "5",
    "1 60 3 5 1 1 strict - - - - 0 0 - - ",
    "",
    "",
    "e 0000 tagtag01",
  ]);
  assert.ok(asked.flat().every((word) => typeof word === "string"));
});

test("the wrappers hand a command on as each client takes it", async () => {
  const got: unknown[] = [];
  const take = (...args: unknown[]) => Promise.resolve(void got.push(args));
  await nodeRedis({ sendCommand: take })(["GET", "a"]);
  await ioRedis({ call: take })(["GET", "a"]);
  await bunRedis({ send: take })(["GET", "a"]);
  await upstashRedis({ exec: take })(["GET", "a"]);
  assert.deepEqual(got, [[["GET", "a"]], ["GET", "a"], ["GET", ["a"]], [["GET", "a"]]]);
});

test("the wrappers refuse what is no client of theirs, without showing it", () => {
  const address = "redis://:a-password@10.0.0.5:6379" as never;
  for (const wrapper of [nodeRedis, ioRedis, bunRedis, upstashRedis]) {
    for (const given of [address, undefined as never, {} as never]) {
      assert.throws(() => wrapper(given), (error: Error) => {
        assert.match(
          error.message,
          /^The client must be one of .*, which has "\w+", received a (?:string|undefined|object)$/,
        );
        return error instanceof TypeError && !error.message.includes("a-password");
      });
    }
  }
});

test("redisStore() waits longer for REST, and as long as it is told", () => {
  assert.equal(redisStore(ioRedis({ call: () => Promise.resolve() })).timeoutMs, 250);
  assert.equal(redisStore(upstashRedis({ exec: () => Promise.resolve() })).timeoutMs, 1500);
  assert.equal(
    redisStore(upstashRedis({ exec: () => Promise.resolve() }), { timeoutMs: 700 }).timeoutMs,
    700,
  );
});

test("redisStore() says what is wrong with its options", () => {
  const client = answering({});
  const refused = (options: object, type: typeof TypeError | typeof RangeError, message: RegExp) =>
    assert.throws(
      () => redisStore(client, options),
      (error: unknown) => error instanceof type && message.test(error.message),
    );
  // @ts-expect-error A client is a function.
  assert.throws(() => redisStore({ call() {} }), /"client" must be a function .*, such as ioRedis\(client\)/);
  for (const prefix of ["", "a b", "a{b}", 5, "x".repeat(65)]) {
    refused({ prefix }, TypeError, /"prefix" must be 1 to 64 letters, .*, received /);
  }
  refused({ timeoutMs: 0 }, RangeError, /"timeoutMs"/);
  refused({ timeoutMs: "5" }, TypeError, /"timeoutMs"/);
  refused({ warn: 5 }, TypeError, /"warn" must be a function/);
  refused({ now: 5 }, TypeError, /"now" must be a function/);
  refused({ other: 5 }, TypeError, /unknown option "other", the options are prefix, timeoutMs, warn, now/);
});
