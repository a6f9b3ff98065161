import assert from "node:assert/strict";
import { test } from "node:test";
import { clientIp, createGate, failOpen } from "../../../mod.ts";
import { crowdhandler } from "../../../plugins/crowdhandler/mod.ts";
import { pulledSource, queueIt } from "../../../plugins/queue-it/mod.ts";
import { createKeyWatch } from "../../../src/options/key-watch.ts";

function watchOf(keys: Parameters<typeof createKeyWatch>[1]) {
  const lines: string[] = [];
  return { lines, watch: createKeyWatch("thing", keys, "apiKey", (line) => lines.push(line)) };
}

test("a placeholder is told when it is first used, without being shown", () => {
  const { lines, watch } = watchOf({ apiKey: "your-api-key", secretKeys: ["changeme", "6f1d0a7c2b9e"] });
  assert.equal(lines.length, 0);
  watch.used();
  watch.used();
  assert.deepEqual(lines, [
    'thing: a key in "apiKey" looks like a placeholder, a text of 12 characters (not shown); put your own in its place',
    'thing: a key in "secretKeys" looks like a placeholder, a text of 8 characters (not shown); put your own in its place',
  ]);
});

test("a refused key is told by its status: 401 always, 403 unless it was accepted before, others never", () => {
  const { lines, watch } = watchOf({ apiKey: "6f1d0a7c2b9e" });
  for (const status of [undefined, 400, 404, 429, 500]) watch.refused(status);
  assert.equal(lines.length, 0);
  watch.refused(403);
  watch.accepted();
  watch.refused(403);
  watch.refused(401);
  assert.deepEqual(lines.map((line) => /HTTP \d+/.exec(line)?.[0]), ["HTTP 403", "HTTP 401"]);
  assert.match(
    lines[0] ?? "",
    /^thing: the service refused .* "apiKey", a text of 12 characters \(not shown\); until/,
  );
});

test("a signature of none of the keys is told until one was accepted", () => {
  const { lines, watch } = watchOf({ apiKey: "6f1d0a7c2b9e" });
  watch.unsigned();
  watch.accepted();
  watch.unsigned();
  assert.equal(lines.length, 1);
});

test("crowdhandler() tells once of a placeholder and of a refused key, at the first call", async () => {
  const lines: string[] = [];
  let calls = 0;
  const provider = crowdhandler({
    publicKey: "your-public-key",
    warn: (line) => lines.push(line),
    fetch() {
      calls++;
      return Promise.resolve(Response.json({ error: "Unauthorized" }, { status: 401 }));
    },
  });
  const gate = createGate({
    publicHosts: ["shop.example"],
    plugins: [clientIp({ warn() {} }), failOpen(), provider],
    onError() {},
  });
  assert.equal(lines.length, 0);
  for (let visit = 0; visit < 3; visit++) {
    const request = new Request("https://shop.example/", { headers: { "user-agent": "a" } });
    await gate(request, () => new Response("page"), { remoteAddr: { hostname: "192.0.2.1" } });
  }
  assert.ok(calls > 0);
  const about = lines.filter((line) => line.includes('"publicKey"'));
  assert.equal(about.length, 2, lines.join("\n"));
  assert.match(about[0] ?? "", /looks like a placeholder/);
  assert.match(about[1] ?? "", /refused the call with HTTP 401/);
  assert.ok(!lines.join("\n").includes("your-public-key"));
});

test("pulledSource() tells of a placeholder and of a refused key, and shows none", async () => {
  const lines: string[] = [];
  const source = pulledSource({
    customerId: "ticketania",
    apiKey: "your-api-key",
    warn: (line) => lines.push(line),
    fetch: () => Promise.resolve(new Response("no", { status: 401 })),
    schedule: () => () => {},
  });
  queueIt({ customerId: "ticketania", secretKeys: ["6f1d0a7c2b9e"], integrationConfig: source });
  await source.refresh().catch(() => {});
  assert.match(lines.join("\n"), /"apiKey" looks like a placeholder/);
  assert.match(lines.join("\n"), /answered 401 .*it refused "apiKey", a text of 12 characters \(not shown\)/);
  assert.ok(!lines.join("\n").includes("your-api-key"));
  source.close();
});
