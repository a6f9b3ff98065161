import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { inspect } from "node:util";
import { createStorage, type Driver } from "unstorage";
import denoKv from "unstorage/drivers/deno-kv";
import redis from "unstorage/drivers/redis";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { HookError } from "../../src/errors.ts";
import { tokenStoreContract } from "../conformance/token-store.ts";
import { countingIds, id1 } from "../support/map-storage.ts";
import { startRedis } from "../support/redis.ts";
import { steadily } from "../support/steadily.ts";
import { benchOf, knownBrowser } from "../support/token-bench.ts";

/** A driver of unstorage opens connections that report errors to whoever listens. */
function redisStorage(url: string) {
  const driver: Driver = redis({ url, lazyConnect: true });
  const client: unknown = driver.getInstance?.();
  assert.ok(
    typeof client === "object" && client !== null && "on" in client && typeof client.on === "function",
  );
  client.on("error", () => {});
  return createStorage({ driver });
}

const memory = createStorage();
tokenStoreContract("storageTokens() over unstorage's memory", () => storageTokens({ storage: memory }));

const server = await startRedis();
if (server === undefined) {
  console.log("skipped: redis-server is not installed");
} else {
  const storage = redisStorage(server.url);
  describe("with a Redis server", () => {
    after(async () => {
      await storage.dispose();
      await server.kill();
    });

    tokenStoreContract("storageTokens() over Redis", () => storageTokens({ storage, timeoutMs: 20_000 }));

    test("storageTokens() lets Redis forget tokens after their time", async () => {
      const bench = benchOf(storageTokens({ storage, ttlSeconds: 90, prefix: "ttl", random: countingIds() }));
      await knownBrowser(bench).visit(["write", "a", "1"]);
      const client = (storage.getMount().driver as Driver).getInstance?.() as {
        ttl(key: string): Promise<number>;
      };
      for (const name of ["a", "+"]) {
        const left = await client.ttl(`ttl:${id1}:${name}`);
        assert.ok(left > 60 && left <= 90, String(left));
      }
    });

    test(
      "storageTokens() leaves it to the policy when Redis dies between two requests",
      steadily(async () => {
        const doomed = await startRedis();
        assert.ok(doomed);
        const storage = redisStorage(doomed.url);
        try {
          const bench = benchOf(storageTokens({ storage, timeoutMs: 1000 }));
          const visitor = knownBrowser(bench);
          await visitor.visit(["write", "a", "secret"]);
          assert.equal(bench.faults.length, 0);
          await doomed.kill();
          // The bench's policy admits; it would answer with the status of a refusal otherwise.
          assert.deepEqual(await visitor.visit(["read", "a"]), []);
          assert.deepEqual(await visitor.visit(["write", "a", "secret"]), []);
          assert.equal(bench.faults.length, 2);
          for (const fault of bench.faults) {
            assert.ok(fault instanceof HookError);
            assert.match(fault.code, /^(timeout|unreachable)$/);
            assert.doesNotMatch(inspect(fault, { depth: 10 }), /secret|AAAA|stanchion:/);
          }
        } finally {
          await doomed.kill();
          await storage.dispose();
        }
      }),
    );
  });
}

const deno = (globalThis as { Deno?: { openKv?: unknown } }).Deno;
if (deno?.openKv !== undefined) {
  const storage = createStorage({ driver: denoKv({ path: ":memory:" }) });
  describe("with Deno KV", () => {
    after(() => storage.dispose());
    tokenStoreContract("storageTokens() over Deno KV", () => storageTokens({ storage, timeoutMs: 20_000 }));
  });
} else if (deno !== undefined) {
  console.log("skipped: Deno KV needs the flag --unstable-kv");
}
