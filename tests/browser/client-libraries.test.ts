// Pages of hypermedia libraries behind the gate, in Chromium: each call that must wait opens the room, and leads back to the page.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { createGate, failClosed, prefetch, problemAnswers, staticFiles } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

const browser = browserForTests();
const scripts = new Map<string, string>();

const files: Readonly<Record<string, string>> = {
  htmx: "htmx.org/dist/htmx.js",
  htmx2: "htmx2/dist/htmx.js",
  turbo: "@hotwired/turbo/dist/turbo.es2017-umd.js",
  unpoly: "unpoly/unpoly.js",
};

before(async () => {
  if (skip !== false) return;
  const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
  for (const [name, file] of Object.entries(files)) scripts.set(name, await readFile(modules + file, "utf8"));
  const { outputFiles } = await build({
    stdin: { contents: inertiaClient, resolveDir: modules, loader: "js" },
    bundle: true,
    format: "iife",
    write: false,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  scripts.set("inertia", outputFiles[0]?.text ?? "");
  scripts.set("livewire", livewireClient);
  const routes = await build({
    stdin: { contents: routesClient, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    bundle: true,
    format: "iife",
    write: false,
  });
  scripts.set("routes", routes.outputFiles[0]?.text ?? "");
});

/** The whole of an Inertia page: its router, and what it shows. */
const inertiaClient = `
import { router } from "@inertiajs/core";
const page = { component: "Tickets", props: { errors: {} }, url: location.pathname + location.search, version: "1" };
router.init({
  initialPage: page,
  resolveComponent: (name) => name,
  swapComponent: async ({ component }) => { document.title = component; },
});
document.getElementById("get").onclick = () => router.visit("/tickets/7?a=1");
document.getElementById("post").onclick = () => router.post("/tickets/add", { a: 1 });
`;

/** How Livewire's client calls, and what it does with the answer, by its protocol. */
const livewireClient = `
async function call() {
  const response = await fetch("/tickets/livewire/update", {
    method: "POST",
    headers: { "content-type": "application/json", "x-livewire": "" },
    body: JSON.stringify({ components: [] }),
  });
  const content = await response.text();
  if (!response.ok) return document.title = "failed " + response.status;
  if (response.redirected) window.location.href = response.url;
  if (!content) return;
  JSON.parse(content);
}
async function navigate() {
  const response = await fetch("/tickets/7?a=1", { headers: { "x-livewire-navigate": "" } });
  const next = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const child of [...next.head.children]) document.head.appendChild(document.adoptNode(child));
  document.body.replaceWith(document.adoptNode(next.body));
}
document.getElementById("get").onclick = () => navigate();
document.getElementById("post").onclick = () => call();
`;

/** A page whose routes are in its fragment. */
const routesClient = `
import { waitingFetch } from "../../browser/mod.ts";
const api = waitingFetch();
const show = () => document.getElementById("out").textContent = "route " + location.hash;
addEventListener("hashchange", show);
show();
document.getElementById("get").onclick = () => api("/tickets/api");
`;

/** What each library makes calls by: an element for GET, another for POST. */
const bodies: Readonly<Record<string, string>> = {
  htmx: `<a id="get" hx-get="/tickets/part" hx-target="#out">get</a>
<form hx-post="/tickets/add" hx-target="#out"><button id="post">post</button></form>
<div hx-boost:inherited="true" hx-boost="true"><a id="boost" href="/tickets/7?a=1">boosted</a></div>`,
  turbo: `<a id="get" href="/tickets/7?a=1">get</a>
<form method="post" action="/tickets/add"><button id="post">post</button></form>
<turbo-frame id="part"><a id="frame" href="/tickets/part">frame</a></turbo-frame>`,
  unpoly: `<main><a id="get" href="/tickets/7?a=1" up-follow>get</a>
<form method="post" action="/tickets/add" up-submit><button id="post">post</button></form></main>
<a id="part" href="/tickets/part" up-target="#out" up-layer="new">overlay</a>`,
  inertia: `<button id="get">get</button><button id="post">post</button>`,
  routes: `<button id="get">get</button>`,
  livewire: `<button id="get">get</button><button id="post">post</button>`,
};

/** The policy that allows no script but the page's own files. */
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'";

const start = "/tickets/start?from=poster";
const cases: readonly [library: string, click: string, back: string][] = [
  ["htmx", "get", start],
  ["htmx", "post", start],
  ["htmx", "boost", "/tickets/7?a=1"],
  ["htmx2", "get", start],
  ["htmx2", "post", start],
  ["htmx2", "boost", "/tickets/7?a=1"],
  ["turbo", "get", "/tickets/7?a=1"],
  ["turbo", "post", start],
  ["turbo", "frame", start],
  ["unpoly", "get", "/tickets/7?a=1"],
  ["unpoly", "post", start],
  ["unpoly", "part", "/tickets/part"],
  ["inertia", "get", "/tickets/7?a=1"],
  ["inertia", "post", start],
  ["livewire", "get", "/tickets/7?a=1"],
  ["livewire", "post", start],
];

interface Shop {
  readonly url: string;
  readonly room: string;
  /** Lets everybody in from now on. */
  open(): void;
}

/** Opens a page, closes the room behind it, and runs a story. The room is on another origin. */
async function withPage(
  library: string,
  story: (page: Page, shop: Shop) => Promise<void>,
): Promise<void> {
  let isOpen = true;
  const room = await serve(() =>
    new Response("<title>Room</title><h1>Please wait</h1>", { headers: { "content-type": "text/html" } })
  );
  const roomUrl = `http://127.0.0.1:${room.port}`;
  let handle: (request: Request, info: unknown) => Response | Promise<Response> = () => new Response(null);
  const server = await serve((request: Request, info: unknown) => handle(request, info));
  const url = `http://localhost:${server.port}`;
  const promoted = { token: "tok_7pDi5dRB2nUi", slug: "hall", responseID: "a" };
  const gate = createGate({
    publicHosts: [url],
    plugins: [
      prefetch(),
      staticFiles({ paths: ["/assets", "/favicon.ico"] }),
      failClosed(),
      crowdhandler({
        publicKey: "key",
        waitingRoomUrl: roomUrl,
        cookie: { secure: false },
        fetch: () => Promise.resolve(Response.json({ result: { ...promoted, promoted: isOpen ? 1 : 0 } })),
      }),
      problemAnswers({ hashRoutes: library === "routes" }),
    ],
  });
  const html = `<!doctype html><html><head><meta charset="utf-8"><title>Tickets</title>
<script src="/assets/${library}" defer></script></head><body>${bodies[library.replace("2", "")]}
<div id="out"></div></body></html>`;
  handle = gate.wrap((request: Request, _info: unknown) => {
    const { pathname } = new URL(request.url);
    const script = scripts.get(pathname.replace("/assets/", ""));
    if (script !== undefined) return new Response(script, { headers: { "content-type": "text/javascript" } });
    const headers = { "content-type": "text/html", "content-security-policy": policy };
    return new Response(html, { headers });
  });
  const context = await newContext(browser(), { locale: "en" });
  try {
    const page = await context.newPage();
    await page.goto(url + start);
    assert.equal(await page.title(), "Tickets");
    await page.waitForFunction(() => document.readyState === "complete");
    isOpen = false;
    await story(page, {
      url,
      room: roomUrl,
      open() {
        isOpen = true;
      },
    });
  } finally {
    await context.close();
    await Promise.all([server.close(), room.close()]);
  }
}

for (const [library, click, back] of cases) {
  test(
    `${library}, ${click}: a call that must wait opens the room, and leads back to ${back}`,
    { skip },
    async () => {
      await withPage(library, async (page, { url, room }) => {
        await page.click(`#${click}`);
        await page.waitForURL(`${room}/hall?**`);
        assert.equal(await page.title(), "Room");
        assert.equal(new URL(page.url()).searchParams.get("url"), url + back);
      });
    },
  );
}

const leaving: readonly [how: string, leave: (page: Page, url: string) => Promise<unknown>][] = [
  [
    "a page that is opened",
    (page, url) => page.goto("about:blank").then(() => page.goto(`${url}/tickets/start#/cart?n=1`)),
  ],
  ["a call of waitingFetch()", (page) =>
    page.evaluate(() => {
      location.hash = "#/cart?n=1";
      document.getElementById("get")?.click();
    })],
];
for (const [how, leave] of leaving) {
  test(`a route in the fragment survives the waiting room, by ${how}`, { skip }, async () => {
    await withPage("routes", async (page, { url, room, open }) => {
      await leave(page, url);
      await page.waitForURL(`${room}/hall?**`);
      const back = new URL(page.url()).searchParams.get("url") ?? "";
      assert.equal(back.includes("#"), false);
      open();
      // Its own fragment stays with a browser that is redirected; rooms open the page by a script.
      await page.evaluate((to) => location.assign(to), back);
      await page.getByText("route #/cart?n=1").waitFor();
      assert.equal(page.url(), `${back}#/cart?n=1`);
      // The second time there is nothing to put back.
      await page.goto("about:blank");
      await page.goto(back);
      await page.getByText("route", { exact: true }).waitFor();
    });
  });
}
