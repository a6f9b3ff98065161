// A promise in the place of a number is reckoned with all the same, and makes none of all times and chances, without a word.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failClosed, prefetch, problemAnswers } from "../../mod.ts";
import { bulkhead } from "../../plugins/bulkhead.ts";
import { circuitBreaker } from "../../plugins/circuit-breaker/mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { decisionLog } from "../../plugins/decision-log/mod.ts";
import { modeSwitch } from "../../plugins/mode-switch/mod.ts";
import {
  cancelQueueSession,
  fileSource,
  integrationSource,
  pulledSource,
  queueTokens,
} from "../../plugins/queue-it/mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { roomBoard } from "../../plugins/waiting-room/board/mod.ts";
import { memoryStore, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { denoKvStore } from "../../plugins/waiting-room/stores/deno-kv/mod.ts";
import { roomObject } from "../../plugins/waiting-room/stores/durable-object/mod.ts";
import { redisStore } from "../../plugins/waiting-room/stores/redis/mod.ts";
import { roomWebhooks } from "../../plugins/waiting-room/webhooks/mod.ts";
import { createSandbox } from "../../sandbox/mod.ts";
import { provider, queued, request, untyped } from "../src/_gates.ts";

const secret = "a-secret-of-thirty-two-characters";
const line = waitingRoom({ capacity: 1, warn() {} });
const plugins = [failClosed(), provider(queued)];
const queueIt = { customerId: "example", secretKey: secret, apiKey: secret };
// Nothing is asked of them.
const kv = untyped<Parameters<typeof denoKvStore>[0]>(
  Object.fromEntries(
    ["get", "getMany", "list", "set", "delete", "atomic", "watch"].map((name) => [name, assert.fail]),
  ),
);
const redis = () => Promise.reject(new Error("nothing is asked"));
const storage = { getItem: () => null, setItem() {}, removeItem() {} };
const service = crowdhandler({ publicKey: "a".repeat(64) });
const hooks = {
  rooms: line.rooms,
  url: "https://ops.example.com/",
  secrets: [`whsec_${btoa(secret)}`],
};

type Late = () => never;
const makers:
  readonly (readonly [what: string, options: readonly string[], make: (given: object) => unknown])[] = [
    ["gate", ["now", "timer"], (given) => createGate({ plugins, ...given })],
    ["prefetch", ["random"], (given) => prefetch(given)],
    ["problemAnswers", ["random"], (given) => problemAnswers(given)],
    ["failClosed", ["random"], (given) => failClosed(given)],
    ["bulkhead", ["timer"], (given) => bulkhead(service, { maxConcurrent: 1, ...given })],
    ["circuitBreaker", ["random", "timer"], (given) => circuitBreaker(service, given)],
    ["crowdhandler", ["random"], (given) => crowdhandler({ publicKey: "a".repeat(64), ...given })],
    ["decisionLog", ["random"], (given) => decisionLog(given)],
    ["modeSwitch", ["now"], (given) => modeSwitch(given)],
    [
      "cancelQueueSession",
      ["now"],
      (given) =>
        cancelQueueSession(request("/"), {
          customerId: "example",
          secretKeys: [secret],
          eventIds: ["e"],
          queueDomain: "queue.test",
          ...given,
        }),
    ],
    ["fileSource", ["now"], (given) => fileSource(() => "", given)],
    ["integrationSource", ["now"], (given) => integrationSource(given)],
    [
      "pulledSource",
      ["now", "random"],
      ({ ...given }) => pulledSource({ customerId: queueIt.customerId, apiKey: queueIt.apiKey, ...given }),
    ],
    [
      "queueTokens",
      ["now", "randomUUID"],
      (given) => queueTokens({ customerId: queueIt.customerId, secretKey: queueIt.secretKey, ...given }),
    ],
    ["storageTokens", ["random"], (given) => storageTokens({ storage, ...given })],
    [
      "roomBoard",
      ["now"],
      (given) => roomBoard({ rooms: line.rooms, auth: { secrets: [secret] }, ...given }),
    ],
    ["waitingRoom", ["now", "random"], (given) => waitingRoom({ capacity: 1, warn() {}, ...given })],
    ["memoryStore", ["now"], (given) => memoryStore(given)],
    ["denoKvStore", ["now", "random", "steady"], (given) => denoKvStore(kv, given)],
    ["roomObject", ["now"], (given) => roomObject(Object, given)],
    ["redisStore", ["now"], (given) => redisStore(redis, given)],
    ["roomWebhooks", ["now"], (given) => roomWebhooks({ ...hooks, ...given })],
    ["createSandbox", ["now", "random"], (given) => createSandbox(given)],
  ];
for (const [what, options, make] of makers) {
  for (const option of options) {
    test(`${what} refuses an async function as "${option}"`, () => {
      const must = `"${option}" must be a function that answers at once, not by a promise, received `;
      const late = untyped<Late>(async () => await Promise.reject(new Error("async")));
      assert.throws(() => make({ [option]: late }), (error: Error) => {
        assert.match(error.name, /^(?:Type|Range)Error$/);
        assert.ok(error.message.includes(must), error.message);
        return true;
      });
    });
  }
}
