import assert from "node:assert/strict";
import { test } from "node:test";
import { foreign, foreignTokens } from "../../support/foreign-tokens.ts";
import { benchOf, hybridBench, hybridCookie, promoted, queued, token } from "./_helpers.ts";

/** The service promotes who brings the token, and nobody else. */
const requests = ({ method }: { readonly method: string }) =>
  Response.json({ result: method === "GET" ? promoted : queued });

const session = decodeURIComponent(hybridCookie().slice("crowdhandler=".length));
const modes = [["full", benchOf, token], ["hybrid", hybridBench, session]] as const;

for (const [mode, benchWith, stored] of modes) {
  test(`crowdhandler() in ${mode} mode waits for a token store whose promises are another realm's`, async () => {
    const tokens = new Map<string, string>();
    const bench = benchWith({ plugins: [foreignTokens(tokens)], answers: { requests } });
    const unknown = await bench.visit("/tickets");
    assert.deepEqual([unknown.decision?.reason, unknown.served], ["crowdhandler/queued", false]);
    assert.ok(tokens.get("crowdhandler")?.includes(token));

    tokens.set("crowdhandler", stored);
    const calls = bench.calls.length;
    const known = await bench.visit("/tickets");
    assert.deepEqual([known.decision?.reason, known.served], ["crowdhandler/promoted", true]);
    const asked = bench.calls.slice(calls).filter(({ path }) => path.startsWith("requests"));
    assert.equal(asked.length, mode === "full" ? 1 : 0);
    assert.deepEqual(bench.errors, []);
  });

  test(`crowdhandler() in ${mode} mode tells the failure that it met first, whatever becomes of the token`, async () => {
    const store = foreignTokens(new Map(), new Error("the store is full"));
    const bench = benchWith({
      plugins: [store],
      options: { cleanUrl: "after-check" },
      answers: { requests: () => new Response(null, { status: 503 }) },
    });
    const visit = await bench.visit(`/tickets?ch-id=${token}`);
    assert.equal(visit.served, true);
    assert.deepEqual(bench.errors.map(({ code }) => code), ["unreachable"]);
  });
}

test("crowdhandler() refuses what promises to say later who the visitor is", async () => {
  for (const said of [Promise.resolve({ ip: "198.51.100.7" }), foreign({ ip: "198.51.100.7" })]) {
    const bench = benchOf({ options: { visitor: () => said as object } });
    await bench.visit("/tickets");
    assert.deepEqual(bench.errors.map(({ code }) => code), ["internal"]);
    assert.equal(bench.calls.length, 0);
  }
});
