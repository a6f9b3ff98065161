import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plugin } from "../../../mod.ts";
import { foreign, foreignTokens } from "../../support/foreign-tokens.ts";
import {
  type Bench,
  configOf,
  configured,
  cookieName,
  cookieOf,
  evented,
  integration,
  tokenOf,
} from "./_helpers.ts";

type Options = Parameters<typeof evented>[0];

const providers: readonly [name: string, bench: (store: Plugin, options?: Options) => Bench][] = [
  [
    "queueIt",
    (store, options) => {
      const { extendValidity: ExtendCookieValidity = false, verifyQueueId, verifyAction } = options ?? {};
      const config = configOf(integration({ ExtendCookieValidity, VerifyQueueIdEnabled: verifyQueueId }));
      return configured(config, { verifyAction }, [store]);
    },
  ],
  ["queueItEvent", (store, options) => evented(options, [store])],
];

for (const [name, benchWith] of providers) {
  test(`${name}() waits for a token store whose promises are another realm's`, async () => {
    const unknown = await benchWith(foreignTokens(new Map())).visit("/event1");
    assert.deepEqual([unknown.decision?.reason, unknown.served], ["queue-it/queued", false]);
    assert.deepEqual(unknown.faults, []);

    const session = cookieOf();
    const tokens = new Map([[cookieName(), session]]);
    const known = await benchWith(foreignTokens(tokens), { extendValidity: true }).visit("/event1");
    assert.deepEqual([known.decision?.reason, known.served], ["queue-it/accepted", true]);
    assert.notEqual(tokens.get(cookieName()), session);

    const forged = await benchWith(foreignTokens(new Map([[cookieName(), `${session}0`]]))).visit("/event1");
    assert.deepEqual([forged.decision?.reason, forged.served], ["queue-it/queued", false]);
  });

  test(`${name}() fails where such a store cannot keep a session`, async () => {
    const fault = new Error("the store is full");
    const bench = benchWith(foreignTokens(new Map(), fault));
    const visit = await bench.visit(`/event1?queueittoken=${tokenOf()}`);
    assert.deepEqual(visit.faults.map(({ cause }) => (cause as Error).cause), [fault]);
  });

  test(`${name}() waits for a service whose promises are another realm's`, async () => {
    const tokens = new Map([[cookieName(), cookieOf()]]);
    for (const [allows, reason] of [[true, "queue-it/accepted"], [false, "queue-it/qidlimit"]] as const) {
      const options = { verifyQueueId: true, verifyAction: () => foreign(allows) };
      const visit = await benchWith(foreignTokens(new Map(tokens)), options).visit("/event1");
      assert.equal(visit.decision?.reason, reason);
    }
  });
}
