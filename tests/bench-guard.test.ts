/**
 * Guards what `bench/` found against regressions: ratios of the best of several short runs, with limits so generous
 * that only a change of kind breaks them, such as a search that became linear or a memo that is not asked any more.
 */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import { configuration, pageOf, requestOf, secret, sessionOf } from "../bench/_queue-it.ts";
import { clientIp, cookieTokens, createGate, failClosed, type Plugin, staticFiles } from "../mod.ts";
import { createSessionCookies } from "../plugins/queue-it/protocol/session-cookie.ts";
import { guidPattern, wholePattern } from "../plugins/queue-it/protocol/session-fields.ts";
import { createSigner } from "../src/crypto/signer.ts";
import { compileIntegrations, requestFacts } from "../plugins/triggers.ts";

/**
 * How many times longer one takes than the other. Both are measured alternately, and the best run of each counts.
 *
 * @param isFine Says of which result it is not measured again. A machine that does something else meanwhile spoils some of five
 * measurements, a regression all of them.
 */
function ratio(
  one: () => unknown,
  other: () => unknown,
  calls: number,
  isFine: (times: number) => boolean,
): number {
  let times = NaN;
  for (let attempt = 0; attempt < 5 && !isFine(times); attempt++) {
    const best: [number, number] = [Infinity, Infinity];
    for (let run = 0; run < 9; run++) {
      for (const [at, work] of [one, other].entries()) {
        const start = performance.now();
        for (let call = 0; call < calls; call++) work();
        // A clock that stands still counts as its own precision.
        best[at] = Math.min(best[at] ?? Infinity, Math.max(performance.now() - start, 0.001));
      }
    }
    times = best[0] / best[1];
  }
  return times;
}

const isClose = (times: number) => times < 8;
const isMuch = (times: number) => times > 3;
const isLess = (times: number) => times < 3;

test("compileIntegrations() makes a matcher that hardly gets slower from 100 to 10,000 integrations", () => {
  const request = requestOf("https://shop.example.com/about/us?color=red&size=42", "", "");
  const [few, many] = [100, 10_000].map((size) => compileIntegrations(configuration(size)));
  assert.equal(many?.match(requestFacts(request)), undefined);
  const times = ratio(
    () => many?.match(requestFacts(request)),
    () => few?.match(requestFacts(request)),
    2000,
    isClose,
  );
  assert.ok(isClose(times), `${times.toFixed(1)} times`);
});

test("compileIntegrations() makes a matcher that finds the last of 10,000 integrations as fast as of 100", () => {
  const [few, many] = [100, 10_000].map((size) => {
    const matcher = compileIntegrations(configuration(size));
    const request = requestOf(pageOf(size - 1), "", "");
    assert.equal(matcher.match(requestFacts(request)) === undefined, false);
    return () => matcher.match(requestFacts(request));
  });
  const times = ratio(many ?? (() => {}), few ?? (() => {}), 2000, isClose);
  assert.ok(isClose(times), `${times.toFixed(1)} times`);
});

test("createSessionCookies() reads a session that was seen before much faster than one that was not", () => {
  const options = {
    signer: createSigner([secret]),
    maxFixedMinutes: 1440,
    queueIdPattern: wholePattern(guidPattern),
    seal: "off",
    writesEmptyQueueId: false,
  } as const;
  const { value } = sessionOf("event1", { visitor: 1, issuedAt: 1_700_000_000 });
  const remembers = createSessionCookies({ ...options, memoSize: 100 });
  const forgets = createSessionCookies({ ...options, memoSize: 0 });
  assert.equal(forgets.read(value).isSigned, true);
  const times = ratio(() => forgets.read(value), () => remembers.read(value), 500, isMuch);
  assert.ok(isMuch(times), `${times.toFixed(1)} times`);
});

test("createGate() lets a static file pass for less than three decisions by one hash take", () => {
  const gate = (provider: Plugin) =>
    createGate({
      plugins: [staticFiles(), clientIp({ trustedProxies: 1 }), cookieTokens(), failClosed(), provider],
    }).wrap(() => "page");
  const signer = createSigner([secret]);
  const hashing = gate({
    name: "hashing",
    decide: () =>
      signer.verifies("text", "0".repeat(64)) ? undefined : { action: "admit", reason: "hashing/yes" },
  });
  const page = requestOf("https://shop.example.com/tickets", "", "");
  const file = requestOf("https://shop.example.com/assets/app.4f3a.js?v=3", "", "");
  // As a browser says it: some twenty headers are asked for, each of which a page may come with.
  file.headers.set("sec-fetch-dest", "script");
  file.headers.set("sec-fetch-mode", "no-cors");
  assert.equal(hashing(page), "page");
  const times = ratio(() => hashing(file), () => hashing(page), 1000, isLess);
  assert.ok(isLess(times), `${times.toFixed(1)} times`);
});
