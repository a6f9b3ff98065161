// A single-page app whose calls wait in the line of our own room, in Chromium; and a program with Node's fetch, without cookies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Waiting, waitingFetch } from "../../browser/mod.ts";
import { faults, type Shop, shop, skip, tab } from "./_room.ts";

const html = `<!doctype html><meta charset="utf-8"><title>App</title><link rel="icon" href="data:,">
<h1>App</h1><output></output><ol></ol>
<script type="module">
import { waitingFetch } from "/waiting.js";
const output = document.querySelector("output");
const api = waitingFetch({ onWait: (waiting) => {
  output.textContent = waiting === undefined ? "" : "place " + (waiting.place ?? "?") + (waiting.isLost ? ", lost" : "");
} });
globalThis.call = async (url, init) => {
  const line = document.querySelector("ol").appendChild(document.createElement("li"));
  try {
    const response = await api(url, init);
    line.textContent = response.status + " " + await response.text();
  } catch (error) {
    line.textContent = "failed: " + error.name;
  }
};
</script>`;

/** A page that no room protects: it calls what one protects, and tells its router's check where it is. One of them makes browsers forget the pass. */
const bare = `<!doctype html><meta charset="utf-8"><title>Bare</title><link rel="icon" href="data:,">
<h1>Bare</h1><output></output>
<script type="module">
import { installWaitingFetch, navigationCheck } from "/waiting.js";
const output = document.querySelector("output");
globalThis.check = (url) => navigationCheck()(url).then(() => output.textContent = "goes on");
if (location.pathname === "/moved") await check(location.href);
if (["/bare", "/forgets"].includes(location.pathname)) {
  installWaitingFetch();
  output.textContent = (await fetch("/api/cart")).status;
}
</script>`;

/** An app that anybody may open, and an API that a room protects. */
async function app(t: Parameters<typeof shop>[0]): Promise<Shop> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../browser/mod.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  const bundle = outputFiles[0]?.text ?? "";
  return await shop(t, { match: { path: "/api" } }, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/app") return new Response(html, { headers: { "content-type": "text/html" } });
    if (/^\/(?:moved|hash)$/.test(pathname) && request.method === "HEAD") {
      return new Response(null, { status: 302, headers: { location: "/app" } });
    }
    if (/^\/(?:bare|forgets|moved|hash)$/.test(pathname)) {
      const own: Record<string, string> = pathname === "/bare"
        ? { "referrer-policy": "no-referrer" }
        : { "set-cookie": "stanchion-main=; Path=/; Max-Age=0" };
      return new Response(bare, { headers: { "content-type": "text/html", ...own } });
    }
    if (pathname === "/waiting.js") {
      return new Response(bundle, { headers: { "content-type": "text/javascript" } });
    }
    if (pathname.startsWith("/api")) return new Response(`${request.method} ${pathname}`);
    return undefined;
  });
}

test(
  "calls of an app wait in the page, show the place, and are made again at the turn",
  { skip },
  async (t) => {
    const { url, store, limit, posts } = await app(t);
    const { page, said } = await tab(t);
    await page.goto(`${url}/app#/cart`);
    await page.evaluate(
      'call("/api/cart"); call("/api/order", { method: "POST", body: "card=1" }); call("/api/late", { signal: AbortSignal.timeout(4000) })',
    );
    await page.getByText("place 1").waitFor();
    await page.getByText("failed: TimeoutError").waitFor();
    assert.deepEqual(posts, []);
    await limit(600);
    await page.getByText("200 GET /api/cart").waitFor();
    await page.getByText("200 POST /api/order").waitFor();
    assert.equal(await page.locator("output").textContent(), "");
    assert.equal(page.url(), `${url}/app#/cart`);
    assert.deepEqual(posts, ["card=1"]);
    const status = await store.status("stanchion:main");
    assert.deepEqual([status?.issued, status?.admitted], [1, 1]);
    assert.deepEqual(faults(said), []);
  },
);

test("an app keeps its place while the network is gone", { skip }, async (t) => {
  const { url, store, limit } = await app(t);
  const { page, context } = await tab(t);
  await page.goto(`${url}/app`);
  await page.evaluate('void call("/api/cart")');
  await page.getByText("place 1").waitFor();
  await context.setOffline(true);
  await page.getByText("place 1, lost").waitFor();
  await limit(600);
  await context.setOffline(false);
  await page.getByText("200 GET /api/cart").waitFor();
  assert.equal((await store.status("stanchion:main"))?.issued, 1);
});

test("a program waits by Node's fetch, with its ticket in a header", async (t) => {
  const { url, store, limit, posts } = await app(t);
  const shown: (Waiting | undefined)[] = [];
  const waits = Promise.withResolvers<void>();
  const api = waitingFetch({
    origins: [url],
    onWait(waiting) {
      shown.push(waiting);
      waits.resolve();
    },
  });
  const called = api(`${url}/api/order`, { method: "POST", body: "card=1" });
  await waits.promise;
  assert.equal(shown[0]?.place, 1);
  assert.deepEqual(posts, []);
  await limit(600);
  const response = await called;
  assert.deepEqual([response.status, await response.text()], [200, "POST /api/order"]);
  assert.deepEqual(posts, ["card=1"]);
  assert.equal(shown.at(-1), undefined);
  assert.equal(await (await api(`${url}/api/cart`)).text(), "GET /api/cart");
  const status = await store.status("stanchion:main");
  assert.deepEqual([status?.issued, status?.sessions], [1, 1]);
});

test(
  "a page that no room protects leaves for the room when it is refused what it asks for, and comes back",
  { skip },
  async (t) => {
    const { url, store, limit } = await app(t);
    const { page, said } = await tab(t, { viewport: { width: 320, height: 568 }, isMobile: true });
    await page.goto(`${url}/app`);
    await page.goto(`${url}/bare?a=1#top`);
    await page.getByRole("heading", { name: "You are in line" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/.stanchion/main/wait");
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"));
    await limit(600);
    await page.locator("output", { hasText: "200" }).waitFor();
    assert.equal(page.url(), `${url}/bare?a=1#top`);
    assert.deepEqual((await store.status("stanchion:main"))?.issued, 1);
    await page.goBack();
    assert.doesNotMatch(page.url(), /wait/);
    assert.deepEqual(faults(said), []);
  },
);

for (const [path, says] of [["/forgets", "503"], ["/moved", "goes on"]] as const) {
  test(`a page that is refused what it asks for again and again is not opened for ever: ${path}`, {
    skip,
  }, async (t) => {
    const { url, limit } = await app(t);
    await limit(6000);
    const { page } = await tab(t);
    let loads = 0;
    page.on("load", () => loads++);
    await page.goto(url + path);
    await page.locator("output", { hasText: says }).waitFor();
    assert.equal(loads, 4);
  });
}

test(
  "a check for another place of the same page loads the page, and does not stand still",
  { skip },
  async (t) => {
    const { url } = await app(t);
    const { page } = await tab(t);
    await page.goto(`${url}/hash#/one`);
    const loaded = page.waitForEvent("load");
    await page.evaluate('void check("/hash#/two")');
    await loaded;
  },
);
