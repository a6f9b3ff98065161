import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cookieTokens, createGate, failClosed } from "../../../mod.ts";
import { queueIt, queueItEvent } from "../../../plugins/queue-it/mod.ts";
import { heapGrowth, onlyOnNode } from "../../support/heap.ts";
import { cookieName, cookieOf, customerId, secret } from "./_helpers.ts";

const integration = {
  Name: "event",
  ActionType: "Queue",
  EventId: "event1",
  CookieDomain: "",
  ExtendCookieValidity: false,
  CookieValidityMinute: 20,
  QueueDomain: "q.test",
  RedirectLogic: "AllowTParameter",
  Triggers: [{
    LogicalOperator: "And",
    TriggerParts: [{
      ValidatorType: "UrlValidator",
      UrlPart: "PageUrl",
      Operator: "Contains",
      ValueToCompare: "event1",
      IsNegative: false,
      IsIgnoreCase: true,
    }],
  }],
};

const integrationConfig = { Integrations: [integration], CustomerId: customerId, Version: 3 };
const common = { customerId, secretKeys: [secret] };

describe("a session that is remembered", { skip: onlyOnNode }, () => {
  test("keeps nothing of the header in which it came, however it is spelled there", async () => {
    for (const spelled of [(value: string) => value, encodeURIComponent]) {
      const queue = queueIt({ ...common, integrationConfig });
      const gate = createGate({ plugins: [cookieTokens(), failClosed(), queue] }).wrap(() =>
        new Response("page")
      );
      const filler = "a".repeat(30_000);
      const issued = Math.floor(Date.now() / 1000) - 60;
      const visit = async (at: number) => {
        const QueueId = `944c1f44-60dd-4e37-aabc-${at.toString(16).padStart(12, "0")}`;
        const value = spelled(cookieOf({ QueueId, IssueTime: issued }));
        const cookie = Buffer.from(`other=${at}${filler}; ${cookieName()}=${value}`).toString("latin1");
        const answer = await gate(new Request("https://shop.test/event1", { headers: { cookie } }));
        assert.equal(answer.status, 200);
      };
      const grown = await heapGrowth(3000, visit);
      // Three thousand headers would be ninety million.
      assert.ok(grown < 8_000_000, `${grown} bytes`);
    }
  });
});

describe("a page that is remembered", { skip: onlyOnNode }, () => {
  const providers = {
    "a configuration": () => queueIt({ ...common, integrationConfig }),
    "an event": () =>
      queueItEvent({ ...common, eventId: "event1", queueDomain: "q.test", validityMinutes: 20 }),
  };
  for (const [what, provider] of Object.entries(providers)) {
    test(`keeps nothing of the token in its URL: ${what}`, async () => {
      const gate = createGate({ plugins: [cookieTokens(), failClosed(), provider()] }).wrap(() =>
        new Response("page")
      );
      const visit = async (at: number) => {
        const url = `https://shop.test/event1/${at}?queueittoken=${at}${"a".repeat(30_000)}`;
        assert.equal((await gate(new Request(Buffer.from(url).toString("latin1")))).status, 302);
      };
      const grown = await heapGrowth(4000, visit);
      // Five hundred URLs would be fifteen million.
      assert.ok(grown < 5_000_000, `${grown} bytes`);
    });
  }
});
