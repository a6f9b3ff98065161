import { strict as assert } from "node:assert";
import { test } from "node:test";
import { loadRedis, openRedis } from "../../gateway/redis.ts";
import { startRedis } from "../support/redis.ts";

test("openRedis() uses no other database than the one of the address, and says that it is not there", async (t) => {
  const server = await startRedis({ settings: ["--databases", "2", "--appendonly", "no"] });
  if (server === undefined) return t.skip("redis-server is not installed");
  const said: string[] = [];
  const connect = await loadRedis();
  const opened = await openRedis(`${server.url}/9`, undefined, connect, (line) => said.push(line));
  const other = await openRedis(`${server.url}/1`, undefined, connect, (line) => said.push(line));
  try {
    await assert.rejects(async () => await opened.store.status("main"), /connection to Redis failed/);
    await other.store.status("main");
    assert.deepEqual(said, [
      "The store cannot be reached (ERR DB index is out of range); it is tried again.",
    ]);
  } finally {
    opened.close();
    other.close();
    await server.kill();
  }
});
