/** The address of a waiting room that proxies would refuse for its length is shortened, without losing the page. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failClosed } from "../../../mod.ts";
import { storeOf } from "../../support/store-of.ts";
import {
  type Bench,
  configOf,
  configured,
  cookieHeader,
  cookieOf,
  evented,
  integration,
  tokenOf,
  trigger,
} from "./_helpers.ts";

const site = "https://shop.test";
/** What proxies take of the page, in encoded form. */
const longest = 2560;
const long = "x".repeat(3000);
/** Each character of it is three of an address, and three more where that is encoded once more. */
const strange = "%2F".repeat(600);

/** Where the visitor is sent, and the page to come back to. */
async function backOf(
  bench: Bench,
  path: string,
  visitor: Parameters<Bench["visit"]>[1] = {},
  by: string = "t",
): Promise<{ readonly location: string; readonly back: string | null }> {
  const { response } = await bench.visit(path, visitor);
  const location = response.headers.get("location") ?? "";
  return { location, back: new URL(location).searchParams.get(by) };
}

const table: readonly (readonly [path: string, back: string])[] = [
  [`/event1?id=5&x=${"y".repeat(2000)}`, `/event1?id=5&x=${"y".repeat(2000)}`],
  [`/event1?id=5&state=${long}&page=2`, "/event1?id=5&page=2"],
  [`/event1?a=${long}&id=5&b=${strange}&c`, "/event1?id=5&c"],
  [`/event1?${long}`, "/event1"],
  [`/event1?${"a&".repeat(2000)}`, "/event1"],
  // The path stays, however long it is.
  [`/event1/${long}?b=1`, `/event1/${long}`],
];

for (
  const [name, make] of [["queueIt()", () => configured()], ["queueItEvent()", () => evented()]] as const
) {
  describe(name, () => {
    test("leaves out the longest parameters of a page whose address proxies would refuse, never the path", async () => {
      for (const [path, back] of table) {
        const told = await backOf(make(), path);
        assert.equal(told.back, site + back, path.slice(0, 40));
      }
    });

    test("does so after a failure, on the error pages, and where an integration ends the visit", async () => {
      const [path, back] = [`/event1?id=5&state=${long}&page=2`, `${site}/event1?id=5&page=2`];
      const refused = await backOf(make(), `${path}&queueittoken=${tokenOf({}, "another key")}`);
      assert.match(refused.location, /\/error\/hash\//);
      assert.equal(refused.back, back);
      const tokens = storeOf({ read: () => Promise.reject(new Error("broken")) });
      const broken = name === "queueIt()"
        ? configured(undefined, {}, [tokens, failClosed()])
        : evented({}, [tokens, failClosed()]);
      assert.equal((await backOf(broken, path)).back, back);
    });

    test("keeps what a script is told, which is encoded once more, within the same length", async () => {
      for (
        const page of [`${site}/event1?id=5&a=${"%2F".repeat(280)}`, `${site}/event1?id=5&${long}#/cart?a=b`]
      ) {
        const headers = { "x-queueit-ajaxpageurl": encodeURIComponent(page) };
        const { response } = await make().visit("/event1/api", { headers });
        const told = response.headers.get("x-queueit-redirect") ?? "";
        const back = new URL(decodeURIComponent(told)).searchParams.get("t");
        assert.ok(back?.startsWith(`${site}/event1?id=5`), back ?? "");
        assert.equal(back?.includes("#/cart?a=b"), page.includes("#"));
        assert.ok(encodeURIComponent(encodeURIComponent(back ?? "")).length <= longest, back ?? "");
      }
    });
  });
}

describe("queueIt()", () => {
  test("leaves out nothing by which the integration knows the page", async () => {
    const bench = configured(
      configOf(
        integration({ EventId: "event2", Triggers: [trigger("state=yyy")] }),
        integration({ Triggers: [trigger("/event1")] }),
      ),
    );
    const known = `/event1?a=${"b".repeat(1000)}&state=${"y".repeat(2000)}`;
    assert.equal((await backOf(bench, known)).back, `${site}/event1?state=${"y".repeat(2000)}`);
    // What is long exempts from another integration: without it the page would be in that.
    const exempt = configured(
      configOf(
        integration({
          EventId: "event2",
          Triggers: [{
            LogicalOperator: "And",
            TriggerParts: ["/event1", "state=yyy"].map((text, at) => ({
              ...(trigger(text) as { TriggerParts: object[] }).TriggerParts[0],
              IsNegative: at === 1,
            })),
          }],
        }),
        integration({ EventId: "event3", Triggers: [trigger("/event1")] }),
      ),
    );
    const { location, back } = await backOf(exempt, known);
    assert.equal(new URL(location).searchParams.get("e"), "event3");
    assert.equal(back, `${site}/event1?state=${"y".repeat(2000)}`);
  });

  test("shortens the page to which a form comes back, and that of the end of a visit", async () => {
    const referer = `${site}/other?id=5&state=${"y".repeat(2000)}`;
    const posted = await backOf(configured(), "/event1/add", { method: "POST", headers: { referer } });
    assert.equal(posted.back, referer);
    const cancel = configured(configOf(integration({ ActionType: "Cancel" })));
    const cookie = cookieHeader({ event1: cookieOf() });
    const { back } = await backOf(cancel, `/event1?id=5&state=${long}`, { cookie }, "r");
    assert.equal(back, `${site}/event1?id=5`);
  });

  test("takes the token of an earlier return out of the page of a script", async () => {
    const page = `${site}/event1?a=1&QueueItToken=old&queueitt%6Fken=older#/cart`;
    const headers = { "x-queueit-ajaxpageurl": encodeURIComponent(page) };
    const { response } = await configured().visit("/event1/api", { headers });
    const room = decodeURIComponent(response.headers.get("x-queueit-redirect") ?? "");
    assert.equal(new URL(room).searchParams.get("t"), `${site}/event1?a=1#/cart`);
  });
});
