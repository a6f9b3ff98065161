import assert from "node:assert/strict";
import { test } from "node:test";
import { extendQueueSession } from "../../../plugins/queue-it/mod.ts";
import {
  configOf,
  configured,
  cookieName,
  cookieOf,
  customerId,
  integration,
  nowMs,
  secret,
} from "./_helpers.ts";

const genuine = `${cookieName()}=${encodeURIComponent(cookieOf())}`;
const invalid = [
  `${cookieName()}=${encodeURIComponent(cookieOf({ IssueTime: 1 }))}`,
  `${cookieName()}=forged`,
  `${cookieName()}=`,
  `${cookieName()}=${"x".repeat(5000)}`,
];

test("queueIt() admits by the first genuine session among the cookies of several scopes, without a promise", async () => {
  for (const planted of invalid) {
    for (
      const cookie of [
        `${genuine}; ${planted}`,
        `${planted}; ${genuine}`,
        `${genuine}; ${planted}; ${planted}; ${planted}`,
      ]
    ) {
      const bench = configured(configOf(integration()));
      const { served } = await bench.visit("/event1", { cookie });
      assert.equal(served, true, cookie.slice(0, 200));
    }
  }
});

test("queueIt() looks at four cookies of a name and no more", async () => {
  const [planted = ""] = invalid;
  const cookie = [genuine, ...Array.from({ length: 4 }, () => planted)].join("; ");
  assert.equal((await configured(configOf(integration())).visit("/event1", { cookie })).served, false);
});

test("queueIt() forgets the sessions of both scopes when none is genuine", async () => {
  const config = configOf(integration({ CookieDomain: "shop.test" }));
  const { cookies } = await configured(config).visit("/event1", { cookie: `${invalid[0]}; ${invalid[1]}` });
  assert.deepEqual(cookies.map((line) => [line.includes("Max-Age=0"), line.includes("Domain=")]), [
    [true, true],
    [true, false],
  ]);
  const hidden = await configured(config).visit("/event1", { cookie: `${invalid[0]}; ${cookieName()}=` });
  assert.equal(hidden.cookies.length, 2);
});

test("extendQueueSession() finds the genuine session among the cookies of several scopes", () => {
  const request = new Request("https://shop.test/keep-alive", {
    headers: { cookie: `${genuine}; ${invalid[1]}` },
  });
  const options = {
    customerId,
    secretKeys: [secret],
    eventId: "event1",
    validityMinutes: 20,
    now: () => nowMs,
  };
  assert.equal(extendQueueSession(request, options).length, 1);
});
