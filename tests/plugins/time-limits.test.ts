import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/circuit-breaker.ts";
import { cookieTokens } from "../../plugins/cookie-tokens.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { failover } from "../../plugins/failover.ts";
import { failOpen } from "../../plugins/failure-policy/failure-policy.ts";
import {
  integrationSource,
  pulledSource,
  queueIt,
  queueItEvent,
  type QueueItEventOptions,
} from "../../plugins/queue-it/mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { GateError } from "../../src/errors.ts";
import { createGate } from "../../src/gate.ts";
import type { Plugin, Provider } from "../../src/plugin.ts";
import { mapStorage } from "../support/map-storage.ts";
import { privateKey, publicKey } from "./crowdhandler/_helpers.ts";
import { customerId, evented, secret } from "./queue-it/_helpers.ts";

const full = (timeoutMs?: number) =>
  crowdhandler({ publicKey, ...(timeoutMs !== undefined && { timeoutMs }) });
const hybrid = crowdhandler({ publicKey, privateKey, mode: "hybrid", publicHosts: ["shop.example.com"] });
const event = (more: Partial<QueueItEventOptions> = {}) =>
  queueItEvent({ customerId, secretKeys: [secret], eventId: "e", queueDomain: "q.example", ...more });
const attempt = () => ({ hasPassed: false });
const pulled = () => pulledSource({ customerId, apiKey: "key", timeoutMs: 3500, warn() {} });
const inLine = { maxConcurrent: 1, maxWaiting: 5, waitMs: 3000 };

describe("how long plugins may take by limits of their own", () => {
  const table: readonly [what: string, plugin: Plugin, longestMs: number][] = [
    ["crowdhandler() in full mode", full(), 2000],
    ["crowdhandler() with a limit of its own", full(700), 700],
    ["crowdhandler() in hybrid mode", hybrid, 4000],
    ["bulkhead() without a line", bulkhead(hybrid, { maxConcurrent: 1 }), 4000],
    ["bulkhead() with a line", bulkhead(full(), inLine), 5000],
    ["bulkhead() with a line before two calls", bulkhead(hybrid, inLine), 10_000],
    ["circuitBreaker() before bulkhead()", circuitBreaker(bulkhead(full(), inLine)), 5000],
    ["failover()", failover([full(700), hybrid, event()]), 4700],
    ["storageTokens()", storageTokens({ storage: mapStorage().storage }), 1500],
    ["cookieTokens()", cookieTokens(), 0],
    ["queueItEvent()", event(), 0],
    ["queueItEvent() with services", event({ verifyAction: () => true, enqueueToken: () => "" }), 4000],
    ["queueItEvent() with a direct pass", event({ directPass: { attempt } }), 3000],
    [
      "queueItEvent() with a quick one",
      event({ directPass: { attempt, timeoutMs: 1 }, enqueueToken: () => "" }),
      2800,
    ],
    [
      "queueIt() of a source that is told",
      queueIt({ customerId, secretKeys: [secret], integrationConfig: integrationSource() }),
      0,
    ],
    [
      "queueIt() of a source that asks",
      queueIt({ customerId, secretKeys: [secret], integrationConfig: pulled() }),
      3500,
    ],
  ];
  for (const [what, plugin, longestMs] of table) {
    test(`${what} says ${longestMs} ms`, () => assert.equal(plugin.longestMs ?? 0, longestMs));
  }

  test("createGate() refuses to cut off what waits in the line of a bulkhead()", () => {
    const make = (provider: Provider, hookTimeoutMs: number) =>
      createGate({ plugins: [failOpen(), provider], hookTimeoutMs, onError() {} });
    make(bulkhead(full(), inLine), 5001);
    assert.throws(() => make(bulkhead(full(), inLine), 5000), {
      name: "RangeError",
      message:
        'Cannot create gate: "hookTimeoutMs" must be more than 5000, which the time limits of crowdhandler add up to, received 5000',
    });
  });
});

describe("a direct pass whose answer a crowd keeps from being seen", () => {
  const attempt = () => Promise.reject(new GateError("overloaded", "too busy to look"));
  for (const onFailure of [undefined, "queue", "pass"] as const) {
    test(`queues with onFailure: ${onFailure}`, async () => {
      const bench = evented({ directPass: { attempt, ...(onFailure && { onFailure }) } });
      assert.equal((await bench.visit("/")).decision?.reason, "queue-it/queued");
    });
  }
});

test("queueIt() admits nobody while a crowd keeps it from looking at its first configuration", async () => {
  for (const [code, status] of [["overloaded", 503], ["unreachable", 200]] as const) {
    const source = pulledSource({
      customerId,
      apiKey: "key",
      attempts: 1,
      fetch: () => Promise.reject(new GateError(code, "no answer")),
      schedule: () => () => {},
      warn() {},
    });
    const provider = queueIt({ customerId, secretKeys: [secret], integrationConfig: source });
    const gate = createGate({ plugins: [failOpen(), provider], onError() {} });
    for (let visits = 0; visits < 2; visits++) {
      const response = await gate(new Request("https://shop.test/"), () => new Response("page"));
      assert.equal(response.status, status, code);
    }
    source.close();
  }
});
