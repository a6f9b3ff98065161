import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../mod.ts";
import { integrationSource, pushEndpoint, queueIt } from "../../../plugins/queue-it/mod.ts";
import { benchOf, configOf, customerId, integration, secret, sign } from "./_helpers.ts";

function hexOf(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pushOf(config: unknown, key: string = secret): string {
  const integrationInfo = hexOf(typeof config === "string" ? config : JSON.stringify(config));
  return JSON.stringify({ integrationInfo, hash: sign(integrationInfo, key) });
}

function setup(options: { readonly maxBytes?: number } = {}) {
  const source = integrationSource();
  source.deliver(configOf(integration({ Name: "first" })));
  const secretKeys = [secret, "older"];
  const provider = queueIt({ customerId, secretKeys, integrationConfig: source, onConfiguration() {} });
  const bench = benchOf(provider, [cookieTokens(), pushEndpoint({ secretKeys, source, ...options })]);
  return {
    bench,
    push: (body: string, path = "/__push_queueit_config") => bench.visit(path, { method: "PUT", body }),
    async name() {
      const { response } = await bench.visit("/event1");
      return decodeURIComponent(/&man=([^&]*)/.exec(response.headers.get("location") ?? "")?.[1] ?? "");
    },
  };
}

for (const key of [secret, "older"]) {
  test(`pushEndpoint() puts a configuration to use that was signed with ${key === secret ? "the first" : "another"} secret`, async () => {
    const { push, name } = setup();
    const { response, served, decision } = await push(
      pushOf(configOf(integration({ Name: "zweite Küche" })), key),
    );
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "Success!");
    assert.equal(decision?.reason, "queue-it/pushed");
    assert.equal(served, false);
    assert.equal(await name(), "zweite Küche");
  });
}

const good = pushOf(configOf(integration({ Name: "second" })));
for (
  const [what, body] of [
    ["a wrong secret", pushOf(configOf(), "wrong")],
    ["a changed configuration", good.replace("7b", "7c")],
    ["no hash", JSON.stringify({ integrationInfo: "7b7d" })],
    ["digits that are none", JSON.stringify({ integrationInfo: "xx", hash: sign("xx") })],
    ["an odd number of digits", JSON.stringify({ integrationInfo: "7b7", hash: sign("7b7") })],
    ["bytes that are no text", JSON.stringify({ integrationInfo: "ff", hash: sign("ff") })],
    ["a configuration that cannot be used", pushOf({ Version: 0 })],
    ["a configuration that is not JSON", pushOf("{")],
    ["a body that is not JSON", "nonsense"],
    ["a body of null", "null"],
    ["no body", ""],
  ] as const
) {
  test(`pushEndpoint() refuses ${what}, and the previous configuration stays`, async () => {
    const { push, name } = setup();
    const { response, faults } = await push(body);
    assert.equal(response.status, 400);
    assert.equal(await response.text(), "Fail!");
    assert.deepEqual(faults, []);
    assert.equal(await name(), "first");
  });
}

test("pushEndpoint() refuses what is longer than its limit", async () => {
  const { push, name } = setup({ maxBytes: good.length - 1 });
  assert.equal((await push(good)).response.status, 400);
  assert.equal(await name(), "first");
});

test("pushEndpoint() leaves all other requests alone", async () => {
  const { bench, push } = setup();
  assert.equal((await bench.visit("/__push_queueit_config")).decision?.reason, "queue-it/no-match");
  assert.equal((await push(good, "/event1")).decision?.reason, "queue-it/queued");
  assert.equal((await push(good, "/api/__push_queueit_config/")).decision?.reason, "queue-it/pushed");
});

test("pushEndpoint() takes nothing while the gate explains", async () => {
  const { bench, name } = setup();
  const request = new Request("https://shop.test/__push_queueit_config", { method: "PUT", body: good });
  const { decision } = await bench.gate.explain(request);
  assert.equal(decision?.reason, "queue-it/push-not-taken");
  assert.equal(await name(), "first");
});
