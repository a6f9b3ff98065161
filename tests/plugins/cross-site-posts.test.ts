import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requestBody } from "../../mod.ts";
import { crossSitePosts, type CrossSitePostsOptions } from "../../plugins/cross-site-posts.ts";
import { gateOf, page, provider, queued, request, untyped } from "../src/_gates.ts";

const form = "application/x-www-form-urlencoded";
const foreign = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "content-type": form };

function send(
  options: Partial<CrossSitePostsOptions> = {},
  { path = "/pay/3ds", body = "PaRes=a%2Bb&MD=1", headers = {}, method = "POST" } = {},
): Promise<Response> {
  const { gate } = gateOf([
    requestBody({ maxBytes: 1000 }),
    crossSitePosts({ paths: ["/pay/3ds"], ...options }),
    provider(queued),
  ]);
  const init = { method, headers: { ...foreign, ...headers }, ...(method === "GET" ? {} : { body }) };
  return Promise.resolve(gate(request(path, init), page));
}

describe("crossSitePosts()", () => {
  test("has a browser send the form once more, with every field as it was", async () => {
    const body = "a=%3C%26%22%3E&a=2&empty=&caf%C3%A9=%E2%82%AC&lines=1%0D%0A2&first=%0D%0Ax";
    const response = await send({}, { body });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("cache-control"), "no-store");
    const text = await response.text();
    assert.ok(
      text.includes(
        '<textarea hidden name="a">\n&lt;&amp;&quot;&gt;</textarea><textarea hidden name="a">\n2<',
      ),
    );
    assert.ok(text.includes('<textarea hidden name="caf\u00e9">\n\u20ac</textarea>'));
    assert.ok(text.includes('name="first">\n\r\nx</textarea>'));
    assert.match(text, /<form method="post" accept-charset="utf-8">/);
  });

  test("has a form of a page in another encoding sent once more byte by byte", async () => {
    const text = await (await send({}, { body: "?name=M%FCller&price=%80%&%ff=%C3%BC+1" })).text();
    assert.match(text, /<form method="post" accept-charset="x-user-defined">/);
    assert.ok(text.includes('name="?name">\nM\uf7fcller</textarea>'), text);
    assert.ok(text.includes('name="price">\n\uf780%</textarea>'), text);
    assert.ok(text.includes('name="\uf7ff">\n\uf7c3\uf7bc 1</textarea>'), text);
  });

  const left: readonly [what: string, visit: Parameters<typeof send>[1]][] = [
    ["a form of this site", { headers: { "sec-fetch-site": "same-origin" } }],
    ["a form of a sister site", { headers: { "sec-fetch-site": "same-site" } }],
    ["a call by a script", { headers: { "sec-fetch-mode": "cors" } }],
    ["a page", { method: "GET" }],
    ["another path", { path: "/account/delete" }],
    ["a path that only begins alike", { path: "/pay/3dsx" }],
    ["a path that some read in another way", { path: "/pay/3ds/%2e%2e/x" }],
    ["files", { headers: { "content-type": "multipart/form-data; boundary=a" } }],
    ["text in another encoding", { headers: { "content-type": `${form}; charset=utf-16` } }],
    ["a form with NUL, which no page holds", { body: "a=%00" }],
    ["bytes that no browser writes", { body: "a=\ufffd" }],
    ["bytes of two encodings", { body: "a=%FC&b=\u00fc" }],
    ["a form that is too long", { body: `a=${"x".repeat(2000)}` }],
  ];
  for (const [what, visit] of left) {
    test(`leaves ${what} to the provider`, async () => {
      assert.equal((await send({}, visit)).status, 302);
    });
  }

  test("takes what is below its paths, and a charset that says what it is", async () => {
    const headers = { "content-type": `${form};charset=UTF-8` };
    assert.equal((await send({}, { path: "/pay/3ds/return?id=1", headers })).status, 200);
  });

  test("lets such forms bypass the gate if that is wanted, and nothing else", async () => {
    const options = { how: "exclude" } as const;
    assert.equal(await (await send(options)).text(), "page");
    for (const [what, visit] of left.slice(0, 7)) {
      assert.equal((await send(options, visit)).status, 302, what);
    }
  });

  const wrong: readonly [options: unknown, said: RegExp][] = [
    [{}, /"paths" must be a list of plain paths/],
    [{ paths: [] }, /"paths" must be a list of plain paths/],
    [{ paths: ["/"] }, /"paths" must be/],
    [{ paths: ["/a/*"] }, /"paths" must be/],
    [{ paths: ["/a/../b"] }, /"paths" must be/],
    [{ paths: ["/a"], how: "resend" }, /"how" must be/],
  ];
  for (const [options, said] of wrong) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => crossSitePosts(untyped<CrossSitePostsOptions>(options)), said);
    });
  }
});
