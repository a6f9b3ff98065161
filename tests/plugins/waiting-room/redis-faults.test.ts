import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import { Redis } from "ioredis";
import { setNames } from "../../../plugins/waiting-room/machine/mod.ts";
import {
  type Batch,
  ioRedis,
  redisStore,
  type RoomStatus,
  type RoomStore,
} from "../../../plugins/waiting-room/stores/redis/mod.ts";
import { GateError } from "../../../src/errors.ts";
import { roomsInRedis } from "../../support/room-in-redis.ts";
import { eventually } from "../../conformance/_world.ts";
import { startRedis } from "../../support/redis.ts";

const keys = ["state", "status", ...setNames];

/** A batch of newcomers. */
function joining(count: number, prefix: string, seen?: RoomStatus): Batch {
  return {
    room: {
      limits: {
        admitPerMinute: 600,
        burstSeconds: 3,
        capacity: 5,
        sessionMs: 900_000,
        returnMs: 300_000,
        recovery: "strict",
      },
      opensAt: 0,
      closesAt: 0,
      note: "Soon",
      since: 1,
    },
    seen,
    commands: Array.from({ length: count }, (_, at) => ({ do: "enter", tag: `${prefix}${at}` })),
  };
}

/** The fault that a call ends with. */
async function faultOf(call: Promise<unknown>): Promise<GateError> {
  const error: unknown = await call.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof GateError, String(error));
  assert.doesNotMatch(inspect(error, { depth: 10 }), /127\.0\.0\.1|redis:\/\/|hunter2|very-secret|newcomer/);
  return error;
}

function storeOf(client: Redis): RoomStore {
  return redisStore(ioRedis(client), { warn: () => {} });
}

/** Everything that the server has, so that one can tell that nothing changed. */
async function contentOf(client: Redis): Promise<readonly string[]> {
  const names = (await client.keys("*")).sort();
  return await Promise.all(
    names.map(async (name) => `${name} ${(await client.dumpBuffer(name)).toString("hex")}`),
  );
}

const server = await startRedis();
if (server === undefined) {
  console.log("skipped: redis-server is not installed");
} else {
  const client = new Redis(server.url);
  const store = storeOf(client);
  after(async () => {
    client.disconnect();
    await server.kill();
  });

  describe("redisStore() with a server that is not as it should be", () => {
    test("it loads its script again when the server has forgotten it", async () => {
      await store.run("flushed", joining(2, "a"));
      await client.script("FLUSH");
      assert.equal((await store.run("flushed", joining(2, "b"))).status.issued, 4);
      assert.equal((await store.run("flushed", joining(1, "c"))).status.issued, 5);
    });

    test("it goes by the clock of the server", async () => {
      const [seconds] = await client.time();
      const { status } = await store.run("clock", joining(0, ""));
      assert.ok(Math.abs(status.now - Number(seconds) * 1000) < 10_000);
    });

    for (const [at, name] of keys.entries()) {
      test(`it refuses a room whose ${name} is something else, and changes nothing`, async () => {
        const room = `wrong-${name}`;
        // Where there is one lane, nobody looks at the other.
        const laned = (batch: Batch): Batch => ({
          ...batch,
          room: { ...batch.room, priority: { weight: 3 } },
        });
        await store.run(room, laned(joining(3, "newcomer")));
        const key = `stanchion:{${room}}:${name}`;
        await client.del(key);
        await (at < 2 ? client.rpush(key, "x") : client.set(key, "x"));
        const before = await contentOf(client);
        const fault = await faultOf(store.run(room, laned(joining(2, "newcomer"))));
        assert.equal(fault.code, "malformed");
        assert.match(fault.message, /WRONGTYPE: one of the room's keys holds something else/);
        assert.deepEqual(await contentOf(client), before);
        if (name === "status") assert.equal((await faultOf(store.status(room))).code, "malformed");
      });
    }

    const states: readonly (readonly [what: string, value: string, message: RegExp])[] = [
      ["text", "'nonsense'", /cannot be used: it is none/],
      ["a state without a form", "cmsgpack.pack({ epoch = 1 })", /cannot be used: it is none/],
      ["a number", "cmsgpack.pack(5)", /cannot be used: it is none/],
      [
        "a younger form",
        "cmsgpack.pack({ form = 2 })",
        /has form 2, which is newer than 1: update this process/,
      ],
      ["a field of another kind", "patched('line', 7)", /it has a "line" that is none/],
      ["a number that is none", "patched('issued', {})", /it has a "issued" that is none/],
      ["a lane that is none", "patched('priority', 7)", /it has a "priority" that is none/],
      [
        "a lane with something else",
        "patched('priority', { issued = 'x' })",
        /it has a "issued" that is none/,
      ],
      ["what cannot be", "patched('passed', 1000)", /passed than were called/],
    ];
    for (const [what, value, message] of states) {
      test(`it refuses a state that is ${what}, and changes nothing`, async () => {
        await store.run("odd", joining(3, "newcomer"));
        await client.eval(
          `local function patched(name, value)
             local state = cmsgpack.unpack(redis.call('GET', KEYS[1]))
             state[name] = value
             return cmsgpack.pack(state)
           end
           return redis.call('SET', KEYS[1], ${value})`,
          1,
          "stanchion:{odd}:state",
        );
        const before = await contentOf(client);
        const fault = await faultOf(store.run("odd", joining(2, "newcomer")));
        assert.equal(fault.code, "malformed");
        assert.match(fault.message, message);
        assert.deepEqual(await contentOf(client), before);
        await client.del(...keys.map((name) => `stanchion:{odd}:${name}`));
      });
    }

    test("it keeps what a younger version added, and adds what an older one did not have", async () => {
      const { status } = await store.run("mixed", joining(3, "newcomer"));
      await client.eval(
        `local state = cmsgpack.unpack(redis.call('GET', KEYS[1]))
         state.zipper = { list = { 1, 2.5, 'three' }, name = 'ä\\0b', deep = { yes = true } }
         state.tally = 0.1
         state.recoveries, state.people, state.note = nil, nil, nil
         redis.call('SET', KEYS[1], cmsgpack.pack(state))`,
        1,
        "stanchion:{mixed}:state",
      );
      const after = await store.run("mixed", joining(1, "another", status));
      assert.deepEqual([after.status.issued, after.status.recoveries, after.status.note], [4, 0, ""]);
      const state = await roomsInRedis(ioRedis(client)).inspect("mixed");
      assert.deepEqual(state?.scalars.zipper, {
        list: [1, 2.5, "three"],
        name: "ä\0b",
        deep: { yes: true },
      });
      assert.equal(state.scalars.tally, 0.1);
    });

    test("it begins anew where the state is gone and its sets are not", async () => {
      await store.run("half", joining(20, "newcomer"));
      await client.del("stanchion:{half}:state");
      const { status } = await store.run("half", joining(0, ""));
      assert.deepEqual([status.issued, status.present, status.sessions], [0, 0, 0]);
      assert.deepEqual((await client.keys("stanchion:{half}:*")).sort(), [
        "stanchion:{half}:state",
        "stanchion:{half}:status",
      ]);
    });

    test("it lets rooms that nobody asks for go after 90 days, and their sets not before", async () => {
      await store.run("idle", joining(20, "newcomer"));
      const day = 86_400;
      const left = async () =>
        await Promise.all((await client.keys("stanchion:{idle}:*")).sort().map((key) => client.ttl(key)));
      const first = await left();
      assert.ok(first.length >= 4 && first.every((seconds) => seconds > 89 * day && seconds <= 100 * day));
      // As they are after two days.
      for (const key of await client.keys("stanchion:{idle}:*")) {
        await client.expire(key, key.endsWith(":state") ? 88 * day : 98 * day);
      }
      await store.run("idle", joining(1, "another"));
      assert.deepEqual(await left(), first);
    });

    test("it says that the memory is full, changes nothing, and goes on when there is some again", async () => {
      await store.run("full", joining(3, "newcomer"));
      const before = await contentOf(client);
      await client.config("SET", "maxmemory", "1");
      try {
        const fault = await faultOf(store.run("full", joining(20, "newcomer-b")));
        assert.equal(fault.code, "overloaded");
        assert.match(fault.message, /OOM: its memory is full: raise "maxmemory"/);
        assert.equal((await store.status("full"))?.issued, 3);
      } finally {
        await client.config("SET", "maxmemory", "0");
      }
      assert.deepEqual(await contentOf(client), before);
      assert.equal((await store.run("full", joining(1, "newcomer-c"))).status.issued, 4);
    });

    for (const policy of ["allkeys-lru", "volatile-ttl", "allkeys-random"]) {
      test(`it refuses a server with the maxmemory-policy ${policy}, until that is mended`, async () => {
        const fresh = storeOf(client);
        await client.config("SET", "maxmemory-policy", policy);
        try {
          const fault = await faultOf(fresh.run("evicted", joining(1, "newcomer")));
          assert.equal(fault.code, "rejected");
          assert.match(
            fault.message,
            new RegExp(`maxmemory-policy "${policy}" and may drop people's places`),
          );
          assert.equal(await client.exists("stanchion:{evicted}:state"), 0);
          assert.equal((await faultOf(fresh.secret?.("very-secret") ?? Promise.resolve())).code, "rejected");
        } finally {
          await client.config("SET", "maxmemory-policy", "noeviction");
        }
        assert.equal((await fresh.run("evicted", joining(1, "newcomer"))).status.issued, 1);
        await client.del(...keys.map((name) => `stanchion:{evicted}:${name}`));
      });
    }

    test("it warns once where it may not ask for the policy, and says which right is missing", async () => {
      const rights = [
        "on",
        ">hunter2",
        "~stanchion:*",
        "+evalsha",
        "+eval",
        "+get",
        "+set",
        "+@read",
        "+@write",
        "+time",
      ];
      await client.acl("SETUSER", "gate", ...rights, "-info");
      const limited = new Redis(server.url, {
        username: "gate",
        password: "hunter2",
        enableReadyCheck: false,
      });
      limited.on("error", () => {});
      const warnings: string[] = [];
      const careful = redisStore(ioRedis(limited), { warn: (message) => warnings.push(message) });
      await careful.run("limited", joining(1, "newcomer"));
      await careful.run("limited", joining(1, "newcomer-b"));
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? "",
        /does not tell its maxmemory-policy\. Make sure that it is "noeviction"/,
      );
      await client.acl("SETUSER", "gate", "-evalsha");
      const fault = await faultOf(careful.run("limited", joining(1, "newcomer-c")));
      assert.equal(fault.code, "rejected");
      assert.match(fault.message, /NOPERM: the user may not run what the waiting room needs/);
      limited.disconnect();
    });

    test("it says that a password is missing or wrong, and none of it", async () => {
      await client.config("SET", "requirepass", "hunter2");
      try {
        for (const password of [undefined, "hunter3"]) {
          const stranger = new Redis(server.url, {
            ...password === undefined ? {} : { password },
            enableReadyCheck: false,
            retryStrategy: () => null,
          });
          stranger.on("error", () => {});
          const fault = await faultOf(storeOf(stranger).run("locked", joining(1, "newcomer")));
          assert.match(fault.code, /^(?:rejected|unreachable)$/);
          stranger.disconnect();
        }
      } finally {
        await client.config("SET", "requirepass", "");
      }
    });

    test("it says that a replica takes no changes, and goes on when it is none any more", async () => {
      await store.run("replica", joining(1, "newcomer"));
      await client.replicaof("127.0.0.1", 1);
      try {
        const fault = await faultOf(store.run("replica", joining(1, "newcomer-b")));
        assert.equal(fault.code, "unreachable");
        assert.match(fault.message, /READONLY: it is a replica/);
      } finally {
        await client.replicaof("NO", "ONE");
      }
      assert.equal((await store.run("replica", joining(1, "newcomer-b"))).status.issued, 2);
    });

    test("it remembers 250,000 identities, and forgets the lowest numbers beyond", async () => {
      const identified = (tag: string): Batch => ({
        ...joining(0, ""),
        commands: [{ do: "enter", tag, isIdentity: true }],
      });
      await store.run("accounts", identified("first"));
      await client.eval(
        "for at = 2, 250000 do redis.call('ZADD', KEYS[1], at / 1e6, 'i' .. at) end",
        1,
        "stanchion:{accounts}:identities",
      );
      const numberOf = async (tag: string) => {
        const { outcomes: [outcome] } = await store.run("accounts", identified(tag));
        return outcome !== undefined && "number" in outcome && outcome.number;
      };
      assert.equal(await numberOf("second"), 2);
      assert.equal(await client.zcard("stanchion:{accounts}:identities"), 249_999);
      for (const [tag, number] of [["second", 2], ["first", 1], ["i2", 3]] as const) {
        assert.equal(await numberOf(tag), number);
      }
    });

    test("it drops a line of thousands at once", async () => {
      const held = joining(0, "");
      const paused: Batch = {
        ...held,
        room: { ...held.room, limits: { ...held.room.limits, admitPerMinute: 600_000, capacity: -1 } },
      };
      for (let batch = 0; batch < 30; batch++) {
        await store.run("long", { ...paused, commands: joining(100, `n${batch}-`).commands });
      }
      const before = await store.status("long");
      assert.equal(before?.issued, 3000);
      const { status } = await store.run("long", {
        ...paused,
        commands: [{ do: "control", change: { dropsLine: true }, revision: undefined }],
      });
      assert.deepEqual([status.epoch, status.issued, status.present], [2, 0, 0]);
      assert.equal(await client.exists("stanchion:{long}:front", "stanchion:{long}:recent"), 0);
    });

    test("it keeps one secret for all, apart for each prefix, and refuses what is none", async () => {
      assert.equal(await store.secret?.("very-secret-1"), "very-secret-1");
      assert.equal(await storeOf(client).secret?.("very-secret-2"), "very-secret-1");
      const other = redisStore(ioRedis(client), { prefix: "staging" });
      assert.equal(await other.secret?.("12345678"), "12345678");
      await client.set("staging:secret", "");
      assert.equal((await faultOf(other.secret?.("very-secret-3") ?? Promise.resolve())).code, "malformed");
    });

    test("it keeps prefixes apart, and refuses rooms that would break out of their hash tag", async () => {
      const other = redisStore(ioRedis(client), { prefix: "staging" });
      await store.run("apart", joining(2, "newcomer"));
      assert.equal(await other.status("apart"), undefined);
      for (const room of ["a}b", "{", "", "a b", "a\nb"]) {
        assert.equal((await faultOf(store.run(room, joining(1, "newcomer")))).code, "internal");
        assert.equal((await faultOf(store.status(room))).code, "internal");
      }
    });
  });

  for (const sync of ["always", "everysec"]) {
    test(`redisStore() loses nobody when a server with appendfsync ${sync} is killed and started again`, async () => {
      const dir = mkdtempSync(join(tmpdir(), "stanchion-room-"));
      const settings = ["--appendonly", "yes", "--appendfsync", sync, "--dir", dir];
      const first = await startRedis({ settings });
      assert.ok(first);
      const client = new Redis(first.url, {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 0,
        retryStrategy: () => 50,
      });
      client.on("error", () => {});
      await new Promise((resolve) => client.once("ready", resolve));
      const store = storeOf(client);
      let status: RoomStatus | undefined;
      for (let batch = 0; batch < 20; batch++) {
        ({ status } = await store.run("killed", joining(10, `n${batch}-`, status)));
      }
      const before = await roomsInRedis(ioRedis(client)).inspect("killed");
      // With everysec, Redis answers before it has written where the disk is still at the last second: that may be lost.
      const isWritten = async () => /^aof_buffer_length:0\r?$/m.test(await client.info("persistence"));
      await eventually("all is written", isWritten);
      await first.kill();
      const fault = await faultOf(store.run("killed", joining(1, "newcomer", status)));
      assert.equal(fault.code, "unreachable");
      assert.equal((await faultOf(store.status("killed"))).code, "unreachable");

      const back = new Promise((resolve) => client.once("ready", resolve));
      const second = await startRedis({ settings, port: first.port });
      assert.ok(second);
      await back;
      assert.deepEqual(await roomsInRedis(ioRedis(client)).inspect("killed"), before);
      const again = await store.run("killed", joining(1, "newcomer", status));
      assert.deepEqual([again.status.issued, again.status.recoveries], [201, 0]);
      await second.kill();

      // A power cut takes the end of the file along, in the middle of a batch.
      const folder = join(dir, "appendonlydir");
      const [file = ""] = readdirSync(folder).filter((name) => name.endsWith(".incr.aof"));
      truncateSync(join(folder, file), statSync(join(folder, file)).size - 100);
      const backAgain = new Promise((resolve) => client.once("ready", resolve));
      const third = await startRedis({ settings, port: first.port });
      assert.ok(third);
      await backAgain;
      const recovered = await store.run("killed", joining(1, "newcomer-b", again.status));
      assert.deepEqual([recovered.status.issued, recovered.status.recoveries], [201, 1]);
      assert.equal(recovered.outcomes[0]?.is, "later");
      client.disconnect();
      await third.kill();
      rmSync(dir, { recursive: true });
    });
  }
}
