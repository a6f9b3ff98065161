// A form that another site sends, in Chromium: it comes without the cookie of the visitor, and with it the second time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate, failClosed } from "../../mod.ts";
import { crossSitePosts } from "../../plugins/cross-site-posts.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

const browser = browserForTests();

test("crossSitePosts() brings a form of another site back with the visitor's cookie, and every field of it", {
  skip,
}, async () => {
  const seen: { readonly site: string | null; readonly origin: string | null; readonly hasPlace: boolean }[] =
    [];
  const gate = createGate({
    plugins: [
      {
        name: "witness",
        prepare({ request: { method, headers } }) {
          if (method !== "POST") return;
          const hasPlace = /place=1/.test(headers.get("cookie") ?? "");
          seen.push({ site: headers.get("sec-fetch-site"), origin: headers.get("origin"), hasPlace });
        },
      },
      crossSitePosts({ paths: ["/pay/3ds"] }),
      failClosed(),
      {
        name: "room",
        final: "decide",
        decide: ({ request: { headers, method } }) =>
          method === "GET" || /place=1/.test(headers.get("cookie") ?? "")
            ? { action: "admit", reason: "room/inside" }
            : { action: "reject", reason: "room/unknown", status: 403 },
      },
    ],
  });
  const shop = await serve(gate.wrap(async (request: Request, _info: unknown) => {
    const headers = {
      "set-cookie": "place=1; Path=/; SameSite=Lax; HttpOnly",
      "content-type": "text/plain; charset=utf-8",
    };
    const sent = await request.text();
    return new Response(
      sent.startsWith("name=") ? sent : JSON.stringify([...new URLSearchParams(sent)]),
      { headers },
    );
  }));
  const value = 'a+b/c= "<&>\r\n\r\nZ\u00fcrich \u20ac';
  const bank = await serve(({ url }: Request) =>
    url.endsWith("/old") ? oldPage(`http://localhost:${shop.port}/pay/3ds`) : new Response(
      `<form method="post" action="http://localhost:${shop.port}/pay/3ds"><input name="MD" value="1">
<textarea name="PaRes"></textarea><button>Pay</button></form>`,
      { headers: { "content-type": "text/html; charset=utf-8" } },
    )
  );
  const context = await newContext(browser());
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${shop.port}/`);
    // Chromium sends cookies without a SameSite with forms for two minutes; this one says Lax.
    await page.goto(`http://127.0.0.1:${bank.port}/`);
    await page.locator("textarea").fill(value.replaceAll("\r\n", "\n"));
    await page.getByRole("button").click();
    await page.getByText('["MD","1"]').waitFor();
    assert.deepEqual(JSON.parse(await page.locator("body").innerText()), [["MD", "1"], ["PaRes", value]]);
    assert.deepEqual(seen, [
      { site: "cross-site", origin: `http://127.0.0.1:${bank.port}`, hasPlace: false },
      { site: "same-origin", origin: "null", hasPlace: true },
    ]);
    await page.goto(`http://127.0.0.1:${bank.port}/old`);
    await page.getByRole("button").click();
    await page.getByText("name=").waitFor();
    assert.equal(await page.locator("body").innerText(), "name=M%FCller+%80%25%FF&l=1%0D%0A2");
  } finally {
    await context.close();
    await Promise.all([shop.close(), bank.close()]);
  }
});

/** A page in the encoding of former days, in which its form is written as well. */
function oldPage(action: string): Response {
  const page = `<form method="post" action="${action}"><input name="name" value="M\xfcller \x80%\xff">` +
    "<textarea name=l>1\n2</textarea><button>Pay</button></form>";
  const bytes = Uint8Array.from(page, (character) => character.charCodeAt(0));
  return new Response(bytes, { headers: { "content-type": "text/html; charset=iso-8859-1" } });
}
