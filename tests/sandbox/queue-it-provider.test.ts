import assert from "node:assert/strict";
import { test } from "node:test";
import { clientIp, cookieTokens, createGate, failOpen } from "../../mod.ts";
import { integrationSource, pulledSource, pushEndpoint, queueIt } from "../../plugins/queue-it/mod.ts";
import { DEMO_API_KEY, DEMO_CUSTOMER_ID, DEMO_SECRET_KEY } from "../../sandbox/mod.ts";
import { queueBench } from "./_queue-it.ts";

const PAGE = "https://shop.example.com/tickets?a=1";
const account = { customerId: DEMO_CUSTOMER_ID, secretKeys: [DEMO_SECRET_KEY] };

test("our own provider pulls the sandbox's configuration, queues, and accepts the sandbox's token", async () => {
  const b = queueBench({}, { queueDomain: "queue.test" }, { now: Date.now });
  const source = pulledSource({
    customerId: DEMO_CUSTOMER_ID,
    apiKey: DEMO_API_KEY,
    fetch: (input, init) => b.sandbox.fetch(new Request(input, init)),
  });
  const gate = createGate({
    plugins: [clientIp(), cookieTokens(), failOpen(), queueIt({ ...account, integrationConfig: source })],
  });
  const shop = gate.wrap(() => new Response("tickets"));
  await source.refresh();

  const sent = (await shop(new Request(PAGE))).headers.get("location") ?? "";
  assert.equal(new URL(sent).host, "queue.test");
  const { location } = await b.browser().open(sent.replace("https://queue.test", ""));
  const arrived = await shop(new Request(location));
  assert.deepEqual([arrived.status, arrived.headers.get("location")], [302, PAGE]);
  const cookie = arrived.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  assert.equal(await (await shop(new Request(PAGE, { headers: { cookie } }))).text(), "tickets");
  source.close();
});

test("our own push endpoint accepts what the sandbox pushes", async () => {
  const source = integrationSource();
  const gate = createGate({
    plugins: [
      clientIp(),
      cookieTokens(),
      failOpen(),
      pushEndpoint({ secretKeys: account.secretKeys, source }),
      queueIt({ ...account, integrationConfig: source }),
    ],
  });
  const shop = gate.wrap(() => new Response("tickets"));
  const connectorUrl = "https://shop.example.com/";
  const { queueIt: side } = queueBench({}, { connectorUrl }, {
    fetch: (input, init) => Promise.resolve(shop(new Request(input, init))),
  }).sandbox;
  const { status, answer } = await side.push();
  assert.deepEqual([status, answer], [200, "Success!"]);
  assert.equal((await shop(new Request(PAGE))).status, 302);
  side.setIntegrationConfig("{broken");
  assert.deepEqual((await side.push()).status, 400);
  assert.equal((await shop(new Request(PAGE))).status, 302, "the last good one stays");
});
