import assert from "node:assert/strict";
import { test } from "node:test";
import { isOwnPost, mayTakeNumber } from "../../../../plugins/waiting-room/tickets/mod.ts";
import { contextOf } from "../../../support/context-of.ts";

/** Headers that `Request` and browsers forbid scripts to set are of the request all the same. */
function asked(method: string, headers: Readonly<Record<string, string>>) {
  return { method, headers: new Headers(headers) };
}

const page = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

test("mayTakeNumber() says yes to navigations alone (W27)", () => {
  const html = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
  const table: [string, Readonly<Record<string, string>>, boolean][] = [
    ["GET", page, true],
    ["POST", page, true],
    ["GET", {}, true],
    ["GET", { accept: html }, true],
    ["GET", { accept: "*/*" }, true],
    ["GET", { accept: "application/json" }, true],
    ["HEAD", page, false],
    ["HEAD", {}, false],
    ["OPTIONS", {}, false],
    ["PUT", page, false],
    ["GET", { ...page, "sec-fetch-dest": "iframe" }, false],
    ["GET", { ...page, "sec-fetch-dest": "object" }, false],
    ["GET", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }, false],
    ["GET", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, false],
    ["GET", { "sec-fetch-mode": "cors", "sec-fetch-dest": "document" }, false],
    ["GET", { "sec-fetch-mode": "navigate" }, false],
    ["GET", { "sec-fetch-dest": "document" }, false],
    ["GET", { "sec-fetch-mode": "", "sec-fetch-dest": "" }, false],
    ["GET", { "sec-fetch-mode": "Navigate", "sec-fetch-dest": "document" }, false],
    ["GET", { ...page, "sec-purpose": "prefetch" }, false],
    ["GET", { ...page, "sec-purpose": "prefetch;prerender" }, false],
    ["GET", { ...page, "sec-purpose": "something new" }, false],
    ["GET", { ...page, purpose: "prefetch" }, false],
    ["GET", { ...page, "x-moz": "prefetch" }, false],
    ["GET", { ...page, purpose: "a shop's own header" }, true],
    ["GET", { accept: "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5" }, false],
    ["GET", { accept: "text/css,*/*;q=0.1" }, false],
    ["GET", { upgrade: "websocket", connection: "upgrade" }, false],
    ["GET", { "service-worker": "script" }, false],
  ];
  for (const [method, headers, takes] of table) {
    assert.equal(mayTakeNumber(asked(method, headers)), takes, `${method} ${JSON.stringify(headers)}`);
  }
});

test("isOwnPost() says yes to the site's own pages alone (W25)", () => {
  const own = "https://shop.example";
  const table: [string, Readonly<Record<string, string>>, string, boolean][] = [
    ["POST", { "sec-fetch-site": "same-origin" }, own, true],
    ["POST", { "sec-fetch-site": "same-origin", origin: own }, own, true],
    ["POST", { origin: own }, own, true],
    ["POST", { origin: own }, "https://SHOP.example:443", true],
    ["POST", { origin: own }, "http://shop.example", true],
    ["POST", { origin: "http://shop.example" }, "http://shop.example", true],
    ["POST", { "stanchion-ticket": "" }, own, true],
    ["GET", { "sec-fetch-site": "same-origin" }, own, false],
    ["POST", {}, own, false],
    ["POST", { "sec-fetch-site": "same-site", origin: own }, own, false],
    ["POST", { "sec-fetch-site": "cross-site", origin: own }, own, false],
    ["POST", { "sec-fetch-site": "none" }, own, false],
    ["POST", { "sec-fetch-site": "cross-site", "stanchion-ticket": "x" }, own, false],
    ["POST", { "sec-fetch-site": "Same-Origin" }, own, false],
    ["POST", { origin: "null" }, own, false],
    ["POST", { origin: "" }, own, false],
    ["POST", { origin: "null", "stanchion-ticket": "x" }, own, false],
    ["POST", { origin: "https://shop.example.evil.example" }, own, false],
    ["POST", { origin: "https://www.shop.example" }, own, false],
    ["POST", { origin: "http://shop.example" }, own, false],
    ["POST", { origin: "https://shop.example:8443" }, own, false],
    ["POST", { origin: `${own}, https://evil.example` }, own, false],
    ["POST", { origin: `${own}/` }, own, false],
    ["POST", { referer: `${own}/tickets` }, own, false],
  ];
  for (const [method, headers, site, isOwn] of table) {
    const request = asked(method, headers) as Request;
    const { href } = contextOf(new Request(`${site}/.stanchion/tickets/check-in`));
    assert.equal(isOwnPost({ request, href }), isOwn, `${method} ${site} ${JSON.stringify(headers)}`);
  }
});
