import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import type { HeaderChange, Plugin } from "../../mod.ts";
import { answered, gateOf, provider, queued, request } from "./_gates.ts";

/** The fields that some caches heed before `Cache-Control` or in its place, and what closes them. */
const fields: readonly (readonly [name: string, open: string, closed: string])[] = [
  ["CDN-Cache-Control", "max-age=600", "no-store"],
  ["Cloudflare-CDN-Cache-Control", "max-age=600", "no-store"],
  ["Vercel-CDN-Cache-Control", "s-maxage=600", "no-store"],
  ["Netlify-CDN-Cache-Control", "public, durable, max-age=600", "no-store"],
  ["Fastly-Cache-Control", "max-age=600", "no-store"],
  ["Surrogate-Control", 'max-age=600, content="ESI/1.0"', "no-store"],
  ["Edge-Control", "!no-store, max-age=600", "no-store"],
  ["X-LiteSpeed-Cache-Control", "public, max-age=600", "no-cache"],
  ["X-Accel-Expires", "600", "0"],
  ["Expires", "Tue, 15 Jan 2030 12:00:00 GMT", "0"],
];
const past = "Fri, 01 Jan 1990 00:00:00 GMT";
const open = Object.fromEntries(fields.map(([name, value]) => [name, value]));
const closed = Object.fromEntries(fields.map(([name, , value]) => [name, value]));
const names = fields.map(([name]) => name);

function changing(...changes: readonly HeaderChange[]): Plugin {
  return { name: "changing", headers: () => changes };
}
const cookie = changing(["set-cookie", "token=1"]);

/** What of these fields a page has in the end, that the application sends with such headers. */
function page(headers: Readonly<Record<string, string>>, ...plugins: readonly Plugin[]): Response {
  return answered(gateOf(plugins).gate(request(), () => new Response("page", { headers })));
}

function kept({ headers }: Response): Readonly<Record<string, string | null>> {
  return Object.fromEntries(names.map((name) => [name, headers.get(name)]));
}

describe("a cookie of the gate on a page", () => {
  test("keeps the page out of caches that heed a field of their own", () => {
    const response = page({ ...open, "surrogate-key": "tickets" }, cookie);
    assert.deepEqual(kept(response), closed);
    assert.equal(response.headers.get("cache-control"), "private");
    assert.equal(response.headers.get("surrogate-key"), "tickets");
  });

  test("adds none of these fields", () => {
    const none = Object.fromEntries(names.map((name) => [name, null]));
    assert.deepEqual(kept(page({ "x-a": "b" }, cookie)), none);
  });

  test("closes them where a plugin sets them, in whatever case", () => {
    const set = names.map((name): HeaderChange => [name.toUpperCase(), open[name] ?? ""]);
    const changes = set.filter(([name]) => name !== "EXPIRES");
    assert.deepEqual(kept(page({ expires: past }, cookie, changing(...changes))), closed);
    assert.deepEqual(kept(page(closed, changing(...changes), cookie)), closed);
  });

  test("keeps the form of Expires that a plugin gives", () => {
    const expires: HeaderChange = ["expires", past];
    assert.equal(
      page({ expires: open["Expires"] ?? "" }, cookie, changing(expires)).headers.get("expires"),
      past,
    );
    const refusal = provider({ ...queued, headers: [expires, ["cache-control", "no-cache, no-store"]] });
    const answer = answered(gateOf([refusal]).gate(request(), () => new Response("page")));
    assert.deepEqual([answer.headers.get("expires"), answer.headers.get("cache-control")], [
      past,
      "no-cache, no-store",
    ]);
  });

  test("closes every field by which a vendor names a cache control of its own", () => {
    const vendor = fc.stringMatching(/^[a-z][a-z0-9]{0,9}(?:-[a-z0-9]{1,9}){0,2}$/)
      .filter((name) => !name.startsWith("x-litespeed"));
    fc.assert(fc.property(vendor, fc.boolean(), (vendor, upper) => {
      const name = `${vendor}-cache-control`;
      const response = page({ [upper ? name.toUpperCase() : name]: "public, max-age=600" }, cookie);
      assert.equal(response.headers.get(name), "no-store");
    }));
  });

  test("leaves these fields alone on a page without one", () => {
    assert.deepEqual(kept(page(open, changing(["x-a", "b"]))), open);
  });
});

describe("an answer of the gate itself", () => {
  test("is kept out of caches that heed a field of their own, whoever sets it", () => {
    const answer = () =>
      new Response("wait", { headers: { ...open, "cache-control": "no-store, max-age=0" } });
    const changes = Object.entries(open).filter(([name]) => name !== "Expires");
    const pipelines: readonly (readonly Plugin[])[] = [
      [{ name: "page", respond: answer }, provider(queued)],
      [provider({ action: "respond", reason: "test/page", response: answer() })],
      [{ name: "page", respond: answer }, provider({ ...queued, headers: changes })],
      [{ name: "page", respond: answer }, changing(...changes), provider(queued)],
    ];
    for (const plugins of pipelines) {
      const response = answered(gateOf(plugins).gate(request(), () => new Response("page")));
      assert.deepEqual(kept(response), closed);
      assert.match(response.headers.get("cache-control") ?? "", /^no-store/);
    }
  });

  for (const [what, list] of Object.entries({ "a function": () => [], "a list": [], "nothing": null })) {
    test(`closes these fields whatever the headers call a list, such as ${what}`, () => {
      const answer = () => {
        const response = new Response("page", { headers: open });
        Object.defineProperty(response.headers, "list", { value: list });
        return response;
      };
      const refusing = [cookie, { name: "page", respond: answer }, provider(queued)];
      assert.deepEqual(kept(answered(gateOf(refusing).gate(request(), answer))), closed);
      assert.deepEqual(kept(answered(gateOf([cookie]).gate(request(), answer))), closed);
    });
  }
});
