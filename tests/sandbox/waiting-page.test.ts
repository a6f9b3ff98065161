import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bench, bench, TICKETS, waitPath } from "./_helpers.ts";

const json = { accept: "application/json" };

/** Opens the room, and follows the redirect by which a newcomer is given a token. */
async function enter(
  b: Bench,
  query: Record<string, string> = { url: TICKETS },
  headers?: Record<string, string>,
) {
  const first = await b.page(waitPath("hall", query), headers);
  assert.equal(first.status, 302);
  const path = first.headers.get("location") ?? "";
  return { path, token: new URL(path, "https://wait.test").searchParams.get("ch-id") ?? "" };
}

test("the page gives a newcomer a token by redirect, so that reloading keeps the place", async () => {
  const b = bench({ capacity: 0 });
  const { path, token } = await enter(b, { url: TICKETS, "ch-id": "nonsense", "ch-code": "" });
  assert.match(token, /^tok0/);
  assert.equal((await b.page(path)).status, 200);
  assert.equal((await b.page(path)).status, 200);
  assert.equal(b.sandbox.state.visitors, 1);
});

test("the page shows position, wait and progress, and works without scripts", async () => {
  const b = bench({ capacity: 5, crowd: 12, ratePerMinute: 6, message: "Bring <b>water</b>" });
  const { path } = await enter(b);
  const { text, headers } = await b.page(path);
  assert.match(text, /<html lang="en">/);
  assert.equal(text.match(/<h1/g)?.length, 1);
  for (const part of ["<header>", "<main ", "<footer>", 'role="status" aria-live="polite"']) {
    assert.ok(text.includes(part));
  }
  assert.match(text, /data-text="position">12<\/p>/);
  assert.match(text, /data-text="wait">about 2 minutes<\/p>/);
  assert.match(text, /<progress max="100" value="\d+" aria-label="[^"]+"><\/progress>/);
  assert.ok(text.includes("Bring &lt;b&gt;water&lt;/b&gt;"));
  assert.match(text, /<noscript><meta http-equiv="refresh" content="5; url=\/hall\?[^"]+"><\/noscript>/);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("referrer-policy"), "no-referrer");
});

test("the page is under a strict policy that lets its own script and style run", async () => {
  const b = bench({ capacity: 0, logo: "https://cdn.example.com/logo.svg" });
  const { text, headers } = await b.page((await enter(b)).path);
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.ok(!policy.includes("unsafe"));
  assert.match(policy, /img-src data: https:\/\/cdn\.example\.com;/);
  assert.match(policy, /form-action 'self' https:\/\/shop\.example\.com/);
  for (const tag of ["style", "script"]) {
    const source = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(source));
    assert.ok(policy.includes(`'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`), tag);
  }
  assert.equal(/ style="| on[a-z]+="/.exec(text), null);
});

test("a promoted visitor is sent back with token, signature and code, and the rest of the URL untouched", async () => {
  const b = bench({ capacity: 0 });
  const { path, token } = await enter(b, { url: `${TICKETS}&ch-id=old#top`, "ch-code": "SPRING" });
  b.sandbox.promote(token);
  const { status, headers } = await b.page(path);
  assert.equal(status, 302);
  const location = headers.get("location") ?? "";
  assert.match(
    location,
    /^https:\/\/shop\.example\.com\/tickets\?a=1&b=%20&ch-id=tok0\w{18}&ch-id-signature=[0-9a-f]{64}&ch-requested=2030-01-15T12%3A00%3A00Z&ch-code=SPRING#top$/,
  );
  assert.equal(new URL(location).searchParams.get("ch-id"), token);
});

test("the script gets the same as JSON", async () => {
  const b = bench({ capacity: 0, crowd: 3 });
  const { path, token } = await enter(b);
  const { text, headers } = await b.page(path, json);
  const view = JSON.parse(text);
  assert.deepEqual([view.situation, view.position, view.ahead], ["full", "4", "3 people are ahead of you"]);
  assert.match(headers.get("vary") ?? "", /Accept/);
  b.sandbox.promote(token);
  const ready = JSON.parse((await b.page(path, json)).text);
  assert.ok(ready.location.startsWith(TICKETS));
  const lost = JSON.parse((await b.page(waitPath("hall", { url: TICKETS, "ch-id": "tok_gone" }), json)).text);
  assert.match(lost.location, /^\/hall\?.*ch-id=tok0/);
});

const languages: readonly [string, string][] = [
  ["fr-CH, fr;q=0.9, en;q=0.8", "fr"],
  ["de, it;q=0.5, en;q=0.4", "it"],
  ["en;q=0.3, it;q=0.7", "it"],
  ["it;q=0, *;q=0.1", "en"],
  ["en;q=0, *", "fr"],
  ["de", "en"],
  ["", "en"],
  [";;,,q=", "en"],
];
for (const [header, language] of languages) {
  test(`the page answers Accept-Language "${header}" in ${language}`, async () => {
    const b = bench({ capacity: 0 });
    const { text } = await b.page((await enter(b)).path, { "accept-language": header });
    assert.ok(text.includes(`<html lang="${language}">`));
  });
}

test("the page never leads to a foreign site", async () => {
  const b = bench();
  const foreign = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://shop.example.com/",
    "https://shop.example.com@evil.example/",
    "https://user:pw@shop.example.com/",
    "https://shop.example.com.evil.example/",
    "https://shop.example.com:444/",
    "not a url",
    "x".repeat(9000),
  ];
  for (const url of foreign) {
    for (const slug of ["hall", ""]) {
      const { status, headers } = await b.page(waitPath(slug, { url, "ch-public-key": b.sandbox.publicKey }));
      assert.deepEqual([status, headers.get("location")], [400, null], url.slice(0, 60));
    }
  }
});

test("the page's own redirect cannot be bent by the path", async () => {
  const { page } = bench({ capacity: 0 });
  for (const path of ["//evil.example/hall", "/%2Fevil.example", "/hall/../../evil"]) {
    const { headers } = await page(`${path}?url=${encodeURIComponent(TICKETS)}`);
    assert.ok(!/^\/\/|evil/.test(headers.get("location") ?? ""), path);
  }
});

test("origins given explicitly are accepted, and win over the scheme of the URL", async () => {
  const { page } = bench({ domain: "https://localhost:8080", ratePerMinute: 6000 }, {
    returnOrigins: ["http://localhost:8080"],
  });
  for (const url of ["https://localhost:8080/a?b", "http://localhost:8080/a?b"]) {
    const { headers } = await page(waitPath("hall", { url }));
    assert.match(headers.get("location") ?? "", /^http:\/\/localhost:8080\/a\?b&ch-id=tok0/);
  }
});

test("without a url the visitor returns to the room's domain", async () => {
  const { headers } = await bench().page("/hall");
  assert.match(headers.get("location") ?? "", /^https:\/\/shop\.example\.com\/\?ch-id=tok0/);
});

test("the safety-net room finds the room, or returns the visitor", async () => {
  const b = bench({ patternType: "contains", urlPattern: "/tickets", capacity: 0 });
  const key = { "ch-public-key": b.sandbox.publicKey };
  const room = await b.page(waitPath("", { ...key, url: TICKETS }));
  const location = room.headers.get("location") ?? "";
  assert.match(location, /^\/\?.*ch-id=tok0/);
  assert.ok((await b.page(location)).text.includes("The hall"));
  const free = await b.page(waitPath("", { ...key, url: "https://shop.example.com/about" }));
  assert.match(free.headers.get("location") ?? "", /^https:\/\/shop\.example\.com\/about\?ch-id=tok0/);
});

test("addresses that lead nowhere get a page that says so", async () => {
  const { page, sandbox } = bench();
  const table: readonly [string, number, string][] = [
    ["/nowhere", 404, "There is no such waiting room"],
    ["/hall/deeper", 404, "There is no such waiting room"],
    ["/%E0%A4%A", 404, "There is no such waiting room"],
    ["/?url=", 404, "This waiting room is not known here"],
    [waitPath("", { "ch-public-key": "x", url: TICKETS }), 404, "This waiting room is not known here"],
    [waitPath("", { "ch-public-key": sandbox.publicKey }), 400, "We cannot tell where you were going"],
    [waitPath("hall", { url: "https://evil.example/<script>" }), 400, "We cannot tell where you were going"],
  ];
  for (const [path, status, heading] of table) {
    const answer = await page(path);
    assert.equal(answer.status, status, path);
    assert.ok(answer.text.includes(`<h1>${heading}</h1>`), path);
    assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  }
});

test("the sandbox's own address says what there is", async () => {
  const { status, text, headers } = await bench().page("/");
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^text\/plain/);
  assert.match(text, /^ {2}\/hall$/m);
});

test("what the address says is escaped", async () => {
  const b = bench({ capacity: 0, priorityCodes: ["VIP"], title: `<i>"Tom's" & co</i>` });
  const evil = `"><script>alert(1)</script>`;
  const { path } = await enter(b, { url: `${TICKETS}&x=${evil}`, "ch-code": evil, other: evil });
  const { text } = await b.page(path);
  assert.ok(!text.includes("<script>alert"));
  assert.ok(text.includes("&lt;i&gt;&quot;Tom&#39;s&quot; &amp; co&lt;/i&gt;"));
});

test("a priority code is asked for when there are any, and a wrong one is explained", async () => {
  const b = bench({ capacity: 0, priorityCodes: ["VIP"] });
  const { path, token } = await enter(b);
  const plain = (await b.page(path)).text;
  assert.match(plain, /<form action="\/hall" method="get">/);
  assert.ok(plain.includes(`<input type="hidden" name="ch-id" value="${token}">`));
  assert.ok(!plain.includes('aria-invalid="true"'));
  const wrong = (await b.page(`${path}&ch-code=vip`)).text;
  assert.match(wrong, /aria-invalid="true" aria-describedby="code-error"/);
  assert.match(wrong, /<details class="code" +open>/);
  const right = await b.page(`${path}&ch-code=+VIP+`);
  assert.match(right.headers.get("location") ?? "", /ch-code=VIP$/);
  const none = bench({ capacity: 0 });
  assert.ok(!(await none.page((await enter(none)).path)).text.includes("<form"));
});

test("the page explains why nobody moves", async () => {
  const b = bench({ capacity: 1, ratePerMinute: 0, crowd: 2, onsale: "2030-01-15T12:05:00Z" });
  const { path } = await enter(b);
  const situation = async (): Promise<string> => JSON.parse((await b.page(path, json)).text).situation;
  assert.equal(await situation(), "early");
  b.pass(300);
  assert.equal(await situation(), "paused");
  b.sandbox.updateRoom("hall", { ratePerMinute: 6 });
  b.sandbox.updateRoom("hall", { capacity: 0 });
  assert.equal(await situation(), "full");
  assert.ok((await b.page(path)).text.includes("your place is kept"));
  b.sandbox.updateRoom("hall", { status: 6 });
  assert.equal(await situation(), "throttled");
  b.sandbox.updateRoom("hall", { status: 3 });
  assert.equal(await situation(), "blocked");
  assert.ok(!(await b.page(path)).text.includes("your place is kept"), "nobody who is blocked has one");
});
