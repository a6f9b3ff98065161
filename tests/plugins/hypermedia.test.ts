// The client libraries of hypermedia pages are told in their own way to open the waiting room.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Decision, prefetch, problemAnswers } from "../../mod.ts";
import { answered, gateOf, page, provider, queued, rejected, request } from "../src/_gates.ts";

const site = "https://shop.example";
const room = `https://wait.example/hall?a=%20&url=${encodeURIComponent(`${site}/part`)}&ch-code=&b=%2B`;
const waiting: Decision = { ...queued, location: room, facts: { returnBy: "url" } };
const fetched = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };

function ask(
  headers: Record<string, string>,
  method: string = "GET",
  decision: Decision = waiting,
): Response {
  const { gate } = gateOf([provider(decision), problemAnswers({ random: () => 0 })]);
  return answered(gate(request("/part", { method, headers: { ...fetched, ...headers } }), page));
}

/** The room from which the visitor comes back to another page; everything else stays as the provider wrote it. */
function roomFrom(path: string): string {
  return `https://wait.example/hall?a=%20&url=${encodeURIComponent(site + path)}&ch-code=&b=%2B`;
}

/** Where an answer leads, by the rules of each library. */
async function opened(response: Response): Promise<string | null> {
  const text = await response.text();
  const [, refreshed] = /<meta http-equiv="refresh" content="0; url=([^"]*)"/.exec(text) ?? [];
  return response.headers.get("hx-redirect") ?? response.headers.get("x-inertia-location") ??
    refreshed?.replaceAll("&amp;", "&") ?? null;
}

const from = { referer: `${site}/tickets?page=2` };
const libraries: readonly [
  what: string,
  headers: Record<string, string>,
  method: string,
  status: number,
  back: string,
][] = [
  [
    "htmx",
    { "hx-request": "true", "hx-current-url": `${site}/tickets?page=2` },
    "GET",
    200,
    "/tickets?page=2",
  ],
  ["htmx's form", { "hx-request": "true", "hx-current-url": `${site}/t` }, "POST", 200, "/t"],
  [
    "htmx's boosted link",
    { "hx-request": "true", "hx-boosted": "true", "hx-current-url": `${site}/t` },
    "GET",
    200,
    "/part",
  ],
  [
    "htmx's boosted form",
    { "hx-request": "true", "hx-boosted": "true", "hx-current-url": `${site}/t` },
    "POST",
    200,
    "/t",
  ],
  ["htmx without its page", { "hx-request": "true", ...from }, "GET", 200, "/tickets?page=2"],
  [
    "htmx with a page elsewhere",
    { "hx-request": "true", "hx-current-url": "https://evil.example/" },
    "GET",
    200,
    "/part",
  ],
  [
    "Inertia's visit",
    { "x-inertia": "true", "x-requested-with": "XMLHttpRequest", ...from },
    "GET",
    409,
    "/part",
  ],
  ["Inertia's form", { "x-inertia": "true", ...from }, "POST", 409, "/tickets?page=2"],
  [
    "Turbo's visit",
    { "x-turbo-request-id": "1", accept: "text/html, application/xhtml+xml", ...from },
    "GET",
    200,
    "/part",
  ],
  [
    "Turbo's frame",
    { "turbo-frame": "cart", "x-turbo-request-id": "1", ...from },
    "GET",
    200,
    "/tickets?page=2",
  ],
  [
    "Turbo's form",
    { accept: "text/vnd.turbo-stream.html, text/html, application/xhtml+xml", ...from },
    "POST",
    200,
    "/tickets?page=2",
  ],
  ["Unpoly's link", { "x-up-version": "3.14.3", "x-up-target": "main", ...from }, "GET", 200, "/part"],
  ["Unpoly's form", { "x-up-version": "3.14.3", ...from }, "POST", 200, "/tickets?page=2"],
  ["Livewire's navigation", { "x-livewire-navigate": "", ...from }, "GET", 200, "/part"],
];

describe("problemAnswers() and client libraries", () => {
  for (const [what, headers, method, status, back] of libraries) {
    test(`open the room for ${what}, and lead the visitor back to ${back}`, async () => {
      const response = ask(headers, method);
      assert.equal(response.status, status);
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.match(response.headers.get("vary") ?? "", /HX-Request/);
      assert.equal(await opened(response), roomFrom(back));
    });
  }

  test("answer Turbo with a stream, which it carries out whoever asked", async () => {
    const response = ask({ "turbo-frame": "cart" });
    assert.match(response.headers.get("content-type") ?? "", /^text\/vnd\.turbo-stream\.html/);
    assert.match(
      await response.text(),
      /^<turbo-stream action="append" targets="head"><template><meta [^>]*data-turbo-temporary>/,
    );
  });

  test("lead a call of Livewire to the visitor's page, from where the browser itself goes to the room", () => {
    const posted = ask({ "x-livewire": "", ...from }, "POST");
    assert.equal(posted.status, 303);
    assert.equal(posted.headers.get("location"), `${site}/tickets?page=2`);
    const followed = ask({ "x-livewire": "", ...from });
    assert.deepEqual([followed.status, followed.body], [200, null]);
  });

  test("write the address of a room so that nothing in it becomes markup", async () => {
    const odd = { ...queued, location: `https://wait.example/?a="><script>alert(1)</script>&b='` };
    for (
      const [name, value] of [["x-up-version", "3"], ["turbo-frame", "a"], [
        "x-livewire-navigate",
        "",
      ]] as const
    ) {
      const text = await ask({ [name]: value }, "GET", odd).text();
      assert.doesNotMatch(text, /<script/);
    }
  });

  test("leave the address of a room as it is where the provider names no way back, or it has none", () => {
    for (const facts of [undefined, { returnBy: "t" }, { returnBy: "UR." }]) {
      const response = ask({ "hx-request": "true" }, "GET", { ...queued, location: room, facts });
      assert.equal(response.headers.get("hx-redirect"), room);
    }
  });

  test("send the libraries to pages of the room elsewhere, and leave redirects within the site to them", () => {
    const away: Decision = {
      action: "redirect",
      reason: "test/cancelled",
      location: "https://wait.example/cancel",
    };
    assert.equal(
      ask({ "hx-request": "true" }, "GET", away).headers.get("hx-redirect"),
      "https://wait.example/cancel",
    );
    const clean: Decision = { action: "redirect", reason: "test/clean", location: `${site}/part` };
    assert.equal(ask({ "hx-request": "true" }, "GET", clean).status, 302);
  });

  test("tell them by a document that they are turned down, as every program", async () => {
    const response = ask({ "hx-request": "true" }, "GET", rejected);
    assert.equal(response.status, 403);
    assert.equal((await response.json()).title, "Forbidden");
  });

  const pages: readonly Record<string, string>[] = [
    { "hx-request": "true", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    { "x-inertia": "true", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
  ];
  for (const headers of pages) {
    test(`redirect what a browser opens, whatever else it says: ${Object.keys(headers)[0]}`, () => {
      assert.equal(ask(headers).status, 302);
    });
  }

  test("take a word that is not said for none", () => {
    const words = [["hx-request", "false"], ["x-inertia", ""], [
      "accept",
      "text/vnd.turbo-stream.htm",
    ]] as const;
    for (const [name, value] of words) assert.equal(ask({ [name]: value }).status, 503);
  });

  test("leave what a library fetches in advance to prefetch()", () => {
    const { gate } = gateOf([prefetch(), provider(waiting), problemAnswers()]);
    for (const [name, value] of [["x-inertia", "true"], ["x-turbo-request-id", "1"]] as const) {
      const headers = { ...fetched, [name]: value, "x-sec-purpose": "prefetch" };
      const response = answered(gate(request("/part", { headers }), page));
      assert.deepEqual([response.status, response.body], [503, null]);
    }
  });

  test("let the owner's test have the first word", () => {
    for (const [said, status] of [[true, 503], [false, 302]] as const) {
      const { gate } = gateOf([provider(waiting), problemAnswers({ test: () => said })]);
      const headers = { ...fetched, "hx-request": "true" };
      assert.equal(answered(gate(request("/part", { headers }), page)).status, status);
    }
  });
});

test("problemAnswers() tells where the visitor stands, as far as the provider knows", async () => {
  const place = { position: 648, ahead: 647, waitMs: 120_000 };
  const response = ask({}, "GET", { ...waiting, facts: { returnBy: "url", place } });
  assert.deepEqual((await response.json()).place, place);
});

describe("problemAnswers({ hashRoutes: true })", () => {
  const { gate } = gateOf([provider(waiting), problemAnswers({ hashRoutes: true })]);
  const opening = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

  test("answers a page by one that keeps the route of the address, and goes to the room", async () => {
    const response = answered(gate(request("/part", { headers: opening }), page));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    const text = await response.text();
    assert.ok(text.includes(`window.location.replace(${JSON.stringify(room)})`));
    assert.match(text, /<noscript><meta http-equiv="refresh"/);
  });

  test("lets nothing of an address become a script of its own", async () => {
    const location = 'https://wait.example/?a=</script><script>alert(1)</script>"';
    const { gate } = gateOf([provider({ ...queued, location }), problemAnswers({ hashRoutes: true })]);
    const text = await answered(gate(request("/", { headers: opening }), page)).text();
    assert.equal(text.split("<script>").length, 2);
  });

  test("redirects forms, whose address is no page, and answers programs as always", () => {
    assert.equal(answered(gate(request("/part", { method: "POST", headers: opening }), page)).status, 302);
    assert.equal(answered(gate(request("/part", { headers: fetched }), page)).status, 503);
  });
});
