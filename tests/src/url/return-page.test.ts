import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Context, Plugin } from "../../../mod.ts";
import { gateOf, page } from "../_gates.ts";
import { ownPage, returnPageOf } from "../../../src/url/return-page.ts";

const url = "https://shop.example.com/tickets/cart/add";
const from = "https://shop.example.com/tickets/42?x=1";

function returned(method: string, referer?: string, to: string = url): string {
  return returnPageOf({ method, headers: new Headers(referer === undefined ? {} : { referer }) }, to);
}

describe("returnPageOf()", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    test(`leads ${method} back to the page from which it was sent`, () => {
      assert.equal(returned(method, from), from);
    });
  }

  for (const method of ["GET", "HEAD"]) {
    test(`leads ${method} back to its own page, wherever the link to it stood`, () => {
      assert.equal(returned(method, from), url);
    });
  }

  const strange: readonly string[] = [
    "",
    "https://bank.example/3ds",
    "https://shop.example.com.evil.example/",
    "https://shop.example.com:8443/tickets/42",
    "https://www.shop.example.com/",
    "http://shop.example.com/tickets/42",
    "https://user@shop.example.com/tickets/42",
    "https://shop.example.com@evil.example/",
    "//evil.example/a",
    "\\\\evil.example\\a",
    "javascript:alert(1)",
    "data:text/html,1",
    "about:client",
    "https://shop.example.com/caf\u00e9",
    "https://shop.example.com/a b",
    `https://shop.example.com/${"x".repeat(2600)}`,
    `https://shop.example.com/${"x".repeat(9000)}`,
    "https://",
  ];
  for (const referer of strange) {
    test(`leads POST back to its own address where the page is "${referer.slice(0, 60)}"`, () => {
      assert.equal(returned("POST", referer), url);
    });
  }

  test("leads to a page that the browser sees encrypted, where a proxy ends the encryption", () => {
    assert.equal(returned("POST", from, "http://shop.example.com/order"), from);
    assert.equal(
      returned("POST", "http://localhost:8000/a", "http://localhost:8000/b"),
      "http://localhost:8000/a",
    );
  });

  test("leaves out a query that is too long for the address of a waiting room", () => {
    assert.equal(
      returned("POST", `https://shop.example.com/a?b=${"x".repeat(3000)}`),
      "https://shop.example.com/a",
    );
  });

  test("writes the page as browsers do, so that no program reads another one", () => {
    assert.equal(
      returned("POST", "https://shop.example.com\\@evil.example/"),
      "https://shop.example.com/@evil.example/",
    );
    assert.equal(returned("POST", "HTTPS://SHOP.example.com:443/a/../b#c"), "https://shop.example.com/b");
  });
});

describe("ownPage()", () => {
  test("takes a path for one of the site, and knows no page where none is told", () => {
    assert.equal(ownPage("/tickets?a=1", url), "https://shop.example.com/tickets?a=1");
    assert.equal(ownPage(null, url), undefined);
  });
});

test("ctx.returnPage is on the public host, whatever the server is called", () => {
  const seen: string[] = [];
  const look: Plugin = {
    name: "look",
    prepare(ctx: Context) {
      seen.push(ctx.returnPage);
    },
  };
  const { gate } = gateOf([look], { publicHosts: ["shop.example.com"] });
  const headers = { referer: from };
  void gate(new Request("http://10.0.0.7:3000/order", { method: "POST", headers }), page);
  void gate(new Request("http://10.0.0.7:3000/order", { headers }), page);
  assert.deepEqual(seen, [from, "https://shop.example.com/order"]);
});
