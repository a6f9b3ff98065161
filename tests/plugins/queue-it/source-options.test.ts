/** What sources and the push endpoint refuse, and what becomes of failures that are nobody's error. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSource, integrationSource, pulledSource, pushEndpoint } from "../../../plugins/queue-it/mod.ts";
import { createFeed, isIntegrationSource } from "../../../plugins/queue-it/sources/integration-source.ts";
import { readPush } from "../../../plugins/queue-it/sources/read-push.ts";
import { configOf, integration } from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const key = { customerId: "ticketania", apiKey: "x" };

test("sources and the push endpoint say which option is wrong, and what it must be", () => {
  const secretKeys = ["secret"];
  const source = integrationSource();
  const table: [make: (options: never) => unknown, options: unknown, error: string, message: string][] = [
    [integrationSource, { now: 5 }, "TypeError", 'integration source: "now" must be a function, received 5'],
    [integrationSource, 5, "TypeError", "integration source: options must be an object, received 5"],
    ...(["now", "schedule", "warn"] as const).map((
      name,
    ): [(options: never) => unknown, unknown, string, string] => [
      (options) => fileSource(() => "", options),
      { [name]: 5 },
      "TypeError",
      `file source: "${name}" must be a function, received 5`,
    ]),
    ...(["fetch", "now", "random", "schedule", "warn"] as const).map(
      (name): [(options: never) => unknown, unknown, string, string] => [
        pulledSource,
        { ...key, [name]: 5 },
        "TypeError",
        `pulled source: "${name}" must be a function, received 5`,
      ],
    ),
    [
      pulledSource,
      { apiKey: "x" },
      "TypeError",
      `pulled source: "customerId" must be the customer's id: letters, digits and hyphens, received undefined`,
    ],
    [
      pulledSource,
      { customerId: "a.b", apiKey: "x" },
      "RangeError",
      `pulled source: "customerId" must be the customer's id: letters, digits and hyphens, received "a.b"`,
    ],
    ...[undefined, 5, "", "a b", "x".repeat(1025)].map(
      (apiKey): [(options: never) => unknown, unknown, string, string] => [
        pulledSource,
        { customerId: "ticketania", apiKey },
        "TypeError",
        'pulled source: "apiKey" must be the API key, one word of printable characters',
      ],
    ),
    [
      pulledSource,
      { ...key, url: 5 },
      "TypeError",
      'pulled source: "url" must be an absolute http or https URL, received 5',
    ],
    ...["/x", "ftp://a.test/", "xhttp://a.test/", "httpx://a.test/"].map(
      (url): [(options: never) => unknown, unknown, string, string] => [
        pulledSource,
        { ...key, url },
        "RangeError",
        `pulled source: "url" must be an absolute http or https URL, received "${url}"`,
      ],
    ),
    [
      pushEndpoint,
      { secretKeys, source: {} },
      "TypeError",
      'queue-it-push plugin: "source" must be an integration source, received {}',
    ],
    [
      pushEndpoint,
      { secretKeys, source, maxBytes: 0 },
      "RangeError",
      'queue-it-push plugin: "maxBytes" must be an integer from 1 to 67108864, received 0',
    ],
    [
      pushEndpoint,
      { secretKeys, source, timeoutMs: 0 },
      "RangeError",
      'queue-it-push plugin: "timeoutMs" must be an integer from 1 to 60000, received 0',
    ],
  ];
  for (const [make, options, error, message] of table) {
    assert.throws(() => make(options as never), (thrown: Error) => {
      assert.equal(thrown.name, error);
      assert.ok(thrown.message.startsWith(`Cannot create ${message}`), thrown.message);
      return true;
    });
  }
  for (const url of ["http://a.test/x", "HTTPS://a.test/"]) {
    pulledSource({ ...key, url, schedule: () => () => {}, fetch: () => Promise.reject(new Error("no")) })
      .close();
  }
  pushEndpoint({ secretKeys, source, timeoutMs: 60_000, maxBytes: 1 });
});

test("isIntegrationSource() takes what can be subscribed to", () => {
  assert.equal(isIntegrationSource(integrationSource()), true);
  for (const value of [null, undefined, 5, "subscribe", {}, { subscribe: 5 }, () => {}]) {
    assert.equal(isIntegrationSource(value), false, String(value));
  }
});

test("a feed tells why the last attempt failed, as an error whatever it failed with, and until it is confirmed", () => {
  let time = 1000;
  const feed = createFeed(() => time);
  assert.deepEqual(feed.status(), { isLoaded: false, ageMs: undefined, lastError: undefined });
  const error = new RangeError("too long");
  feed.failed(error);
  assert.equal(feed.status().lastError, error);
  feed.failed("nothing");
  const { lastError } = feed.status();
  assert.deepEqual([lastError?.message, lastError?.cause], ["The source failed", "nothing"]);
  feed.deliver({});
  time += 250;
  assert.deepEqual(feed.status(), { isLoaded: true, ageMs: 250, lastError: undefined });
  time = 0;
  assert.equal(feed.status().ageMs, 0);
  feed.subscribe(() => () => {});
  const refusing = createFeed(() => time);
  refusing.subscribe(() => {
    throw error;
  });
  assert.throws(() => refusing.deliver({}), error);
  assert.deepEqual(refusing.status(), { isLoaded: false, ageMs: undefined, lastError: error });
});

test("fileSource() hands on what is delivered by other means, and takes the file for news again after that", async () => {
  const text = (name: string) => JSON.stringify(configOf(integration({ Name: name })));
  const given: unknown[] = [];
  const source = fileSource(() => text("file"), { watchMs: 0 });
  source.subscribe((configuration) => () => void given.push(configuration));
  assert.deepEqual(given, [text("file")]);
  await source.refresh();
  assert.equal(given.length, 1, "the file is the same");
  source.deliver(text("pushed"));
  await source.refresh();
  assert.deepEqual(given, [text("file"), text("pushed"), text("file")]);
  source.deliver({ pushed: true });
  await source.refresh();
  assert.equal(given.length, 5);
  source.deliver(text("file"));
  await source.refresh();
  assert.equal(given.length, 6, "the file is the same as what was delivered");
  source.close();
});

test("fileSource() reads once for several providers, and tells of a file that cannot be read or used", async () => {
  let read = 0;
  for (const later of [false, true]) {
    read = 0;
    const text = JSON.stringify(configOf(integration()));
    const source = fileSource(() => (read++, later ? Promise.resolve(text) : text), { watchMs: 0 });
    const given: unknown[] = [];
    for (let provider = 0; provider < 3; provider++) {
      source.subscribe((configuration) => () => void given.push(configuration));
    }
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual([read, given], [1, [text, text, text]]);
    source.close();
  }
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const gone = fileSource(() => {
    throw new Error("no such file");
  }, { watchMs: 0, warn });
  gone.subscribe(() => () => {});
  assert.equal(gone.status().lastError?.message, "no such file");
  assert.deepEqual(warnings, ["queue-it: no such file"]);
  assert.equal(gone.visited?.(() => {}), undefined, "nobody waits after a failure");
});

test(
  "fileSource() warns of what is no error, too, and has nobody wait once it is closed",
  steadily(async () => {
    const warnings: string[] = [];
    const source = fileSource(() => Promise.reject("nothing"), {
      watchMs: 0,
      warn: (message) => void warnings.push(message),
    });
    source.subscribe(() => () => {});
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(warnings, ["queue-it: the integration configuration could not be had"]);
    const slow = pulledSource({
      ...key,
      timeoutMs: 20,
      attempts: 1,
      fetch: () => new Promise(() => {}),
      warn: () => {},
    });
    slow.subscribe(() => () => {});
    await assert.rejects(slow.visited?.(() => {}) ?? Promise.resolve(), { code: "timeout" });
    slow.close();
    assert.equal(slow.visited?.(() => {}), undefined);
  }),
);

test("readPush() finds nothing in what ends too early", () => {
  const push = JSON.stringify({ integrationInfo: "7b7d", hash: "0".repeat(64) });
  assert.deepEqual(readPush(push), { integrationInfo: "7b7d", hash: "0".repeat(64) });
  for (let end = 0; end < push.length; end++) assert.equal(readPush(push.slice(0, end)), undefined, `${end}`);
});
