import assert from "node:assert/strict";
import { test } from "node:test";
import { createSandbox } from "../../sandbox/mod.ts";

const site = "http://127.0.0.1:4000";
const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function asking(path: string, headers: Record<string, string> = browser): Promise<Response> {
  return createSandbox().fetch(new Request(site + path, { headers }));
}

test("a browser that opens the sandbox's address gets the board, with nothing from elsewhere", async () => {
  const answer = await asking("/");
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(answer.headers.get("content-security-policy") ?? "", /^default-src 'none'; script-src 'self'/);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  const text = await answer.text();
  const loaded = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  assert.deepEqual(loaded, ["data:,", "/sandbox/board.css", "/sandbox/chart.js", "/sandbox/board.js"]);
  for (const endpoint of ["requests", "wait", "queue", "directpass"]) {
    assert.ok(text.includes(`data-fault="${endpoint}"`), endpoint);
  }
});

test("the board is there whatever is made to fail", async () => {
  const sandbox = createSandbox();
  sandbox.faults.set("wait", { kind: "500" });
  const ask = (path: string) => sandbox.fetch(new Request(site + path, { headers: browser }));
  assert.equal((await ask("/demo")).status, 500);
  for (const path of ["/", "/sandbox/board.js", "/sandbox/chart.js", "/sandbox/board.css", "/favicon.ico"]) {
    assert.ok((await ask(path)).ok, path);
  }
});

test("every fault that the board can switch on is one of the sandbox's", async () => {
  const text = await (await asking("/")).text();
  const values = new Set([...text.matchAll(/<option value="(\{[^"]*\})"/g)].map(([, value = ""]) => value));
  assert.ok(values.size >= 10);
  const sandbox = createSandbox();
  for (const value of values) {
    sandbox.faults.set("requests", JSON.parse(value.replaceAll("&quot;", '"')));
    assert.notEqual(sandbox.state.faults.requests, undefined);
  }
});

test("programs, and visitors who are sent with a query, do not get the board", async () => {
  for (const accept of ["*/*", "application/json"]) {
    const answer = await asking("/", { accept });
    assert.ok(!answer.headers.get("content-type")?.startsWith("text/html"), accept);
  }
  assert.equal((await asking("/?url=x")).status, 404);
});
