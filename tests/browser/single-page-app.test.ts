// A single-page app behind the gate, in Chromium: sessions that expire, prefetches, calls to another origin.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import {
  clientIp,
  cookieTokens,
  createGate,
  failOpen,
  prefetch,
  preflight,
  problemAnswers,
  staticFiles,
} from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

const browser = browserForTests();
let bundle = "";

before(async () => {
  if (skip !== false) return;
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../browser/mod.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  bundle = outputFiles[0]?.text ?? "";
});

/** The page: it calls the API and shows what it was told. `apis` are the API's other origins. */
const html = (apis: readonly string[]) =>
  `<!doctype html><meta charset="utf-8"><title>Tickets</title>
<h1>Tickets</h1><output></output><button>Cart</button>
<script type="module">
import { waitingFetch } from "/waiting.js";
const output = document.querySelector("output");
globalThis.waitingFetch = waitingFetch;
globalThis.api = waitingFetch({ origins: ${JSON.stringify(apis)} });
globalThis.call = async (url, init) => {
  try {
    const response = await api(url, init);
    output.textContent = response.status + " " + await response.text();
  } catch (error) {
    output.textContent = "failed: " + error;
  }
};
document.querySelector("button").onclick = () => call("/api/cart");
</script>`;

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly purpose: string | null;
  readonly status: number;
}

interface Shop {
  readonly url: string;
  /** The same shop under another origin. */
  readonly otherUrl: string;
  readonly roomUrl: string;
  readonly sandbox: Sandbox;
  readonly seen: Seen[];
  /** Lets the time of the service pass. */
  wait(minutes: number): void;
}

/** Runs a story in a shop whose door is open at first. */
async function withShop(story: (page: Page, shop: Shop) => Promise<void>): Promise<void> {
  const seen: Seen[] = [];
  let offset = 0;
  let handle: (request: Request, info: unknown) => Response | Promise<Response> = () => new Response(null);
  const main = await serve((request: Request, info: unknown) => handle(request, info));
  const other = await serve((request: Request, info: unknown) => handle(request, info));
  const url = `http://localhost:${main.port}`;
  const otherUrl = `http://127.0.0.1:${other.port}`;
  const sandbox = createSandbox({
    rooms: [{ slug: "hall", domain: url.replace("http:", "https:"), ratePerMinute: 60, sessionMinutes: 1 }, {
      slug: "api",
      domain: otherUrl.replace("http:", "https:"),
      capacity: 0,
    }],
    returnOrigins: [url, otherUrl],
    now: () => Date.now() + offset,
  });
  const roomServer = await serveSandbox(sandbox);
  const gate = createGate({
    plugins: [
      preflight(),
      prefetch(),
      staticFiles({ paths: ["/landing"] }),
      clientIp(),
      cookieTokens({ secure: false }),
      failOpen(),
      crowdhandler({
        publicKey: sandbox.publicKey,
        apiUrl: roomServer.url,
        waitingRoomUrl: roomServer.url,
        publicHosts: [url, otherUrl],
      }),
      problemAnswers({ allowOrigins: [url] }),
    ],
  });
  const app = (request: Request): Response => {
    const { pathname } = new URL(request.url);
    const cors = { "access-control-allow-origin": url, "access-control-allow-credentials": "true" };
    if (request.method === "OPTIONS") {
      return new Response(null, { headers: { ...cors, "access-control-allow-headers": "content-type" } });
    }
    if (pathname === "/waiting.js") {
      return new Response(bundle, { headers: { "content-type": "text/javascript" } });
    }
    if (pathname.startsWith("/api/")) return Response.json({ items: 2 }, { headers: cors });
    return new Response(html([otherUrl]), { headers: { "content-type": "text/html" } });
  };
  const wrapped = gate.wrap((request: Request, _info: unknown) => app(request));
  handle = async (request, info) => {
    const response = await wrapped(request, info);
    const purpose = request.headers.get("sec-purpose");
    seen.push({
      method: request.method,
      path: new URL(request.url).pathname,
      purpose,
      status: response.status,
    });
    return response;
  };
  const context = await newContext(browser(), { locale: "en" });
  try {
    const page = await context.newPage();
    await story(page, {
      url,
      otherUrl,
      roomUrl: roomServer.url,
      sandbox,
      seen,
      wait: (minutes) => offset += minutes * 60_000,
    });
  } finally {
    await context.close();
    await Promise.all([main.close(), other.close()]);
    await gate.idle();
    await roomServer.close();
  }
}

/** How many places were opened. */
function places({ state }: Sandbox): number {
  return state.calls.filter(({ endpoint, method }) => endpoint === "requests" && method === "POST").length;
}

test("a page whose session expires goes to the waiting room by a call of the API, and comes back to itself", {
  skip,
}, async () => {
  await withShop(async (page, { url, roomUrl, sandbox, wait }) => {
    const address = `${url}/concerts/quartet?from=poster`;
    await page.goto(address);
    await page.getByRole("button").click();
    await page.getByText('200 {"items":2}').waitFor();

    wait(2);
    sandbox.updateRoom("hall", { crowd: 3, ratePerMinute: 20 });
    const visited: string[] = [];
    page.on("framenavigated", (frame) => visited.push(frame.url()));
    await page.evaluate(() => {
      const { call } = globalThis as unknown as { readonly call: (url: string) => Promise<void> };
      for (let n = 0; n < 5; n++) void call(`/api/cart?n=${n}`);
    });
    await page.waitForURL(`${roomUrl}/hall?**`);
    assert.equal(new URL(page.url()).searchParams.get("url"), address);
    assert.ok(Number(await page.locator("[data-text=position]").innerText()) >= 1);

    await page.waitForURL(address);
    await page.getByRole("button").click();
    await page.getByText('200 {"items":2}').waitFor();
    assert.deepEqual(
      visited.map((each) => each.startsWith(roomUrl)).filter(Boolean).length,
      1,
      "one room was opened",
    );
    assert.equal(places(sandbox), 1, "one visitor, one place");
  });
});

test("a call shows nothing while the browser leaves, and fails when the visitor comes back with Back", {
  skip,
}, async () => {
  await withShop(async (page, { url, sandbox, wait }) => {
    await page.goto(url);
    wait(2);
    sandbox.updateRoom("hall", { crowd: 3, ratePerMinute: 0 });
    const [before, later, visited] = await page.evaluate(async () => {
      const { waitingFetch } = globalThis as unknown as {
        readonly waitingFetch: (options: object) => (url: string) => Promise<Response>;
      };
      const visited: string[] = [];
      const api = waitingFetch({ navigate: (url: string) => visited.push(url) });
      const told: string[] = [];
      const call = () => api("/api/cart").then(() => told.push("answered"), ({ name }) => told.push(name));
      const visits = async (count: number) => {
        for (let turn = 0; turn < 400 && visited.length < count; turn++) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const calls = Promise.all([call(), call()]);
      await visits(1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = [...told];
      // What Chromium says when it shows a page again that it has kept.
      dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      await calls;
      void call();
      await visits(2);
      return [before, told, visited.length] as const;
    });
    assert.deepEqual(before, []);
    assert.deepEqual(later, ["AbortError", "AbortError"]);
    assert.equal(visited, 2, "the next call after the return goes again");
  });
});

for (const rule of ["link", "prefetch", "prerender"] as const) {
  test(
    `a page that is fetched in advance (${rule}) opens no place; the visit itself does`,
    { skip },
    async () => {
      await withShop(async (page, { url, roomUrl, sandbox, seen }) => {
        sandbox.updateRoom("hall", { crowd: 3, ratePerMinute: 0 });
        await page.goto(`${url}/landing`);
        await page.evaluate((rule) => {
          const element = document.createElement(rule === "link" ? "link" : "script");
          if (element instanceof HTMLLinkElement) {
            Object.assign(element, { rel: "prefetch", href: "/tickets" });
          } else {
            const rules = { [rule]: [{ source: "list", urls: ["/tickets"], eagerness: "immediate" }] };
            Object.assign(element, { type: "speculationrules", textContent: JSON.stringify(rules) });
          }
          document.head.append(element);
        }, rule);
        for (let n = 0; n < 100 && !seen.some(({ path }) => path === "/tickets"); n++) {
          await page.waitForTimeout(50);
        }
        const [advance] = seen.filter(({ path }) => path === "/tickets");
        assert.match(advance?.purpose ?? "nothing was fetched", /^prefetch/);
        assert.equal(advance?.status, 503);
        assert.equal(places(sandbox), 0);

        await page.goto(`${url}/tickets`);
        assert.ok(page.url().startsWith(`${roomUrl}/hall?`), page.url());
        assert.equal(places(sandbox), 1);
      });
    },
  );
}

test(
  "a call to another origin is asked about by a preflight, and its answer leads to the room",
  { skip },
  async () => {
    await withShop(async (page, { url, otherUrl, roomUrl, seen }) => {
      await page.goto(`${url}/landing`);
      await page.evaluate((api) => {
        const { call } = globalThis as unknown as {
          readonly call: (url: string, init: RequestInit) => Promise<void>;
        };
        void call(api, {
          method: "POST",
          body: "{}",
          credentials: "include",
          headers: { "content-type": "application/json" },
        });
      }, `${otherUrl}/api/cart`);
      await page.waitForURL(`${roomUrl}/api?**`);
      const calls = seen.filter(({ path }) => path === "/api/cart").map(({ method, status }) =>
        `${method} ${status}`
      );
      assert.deepEqual(calls, ["OPTIONS 200", "POST 503"]);
    });
  },
);

test("a call that another origin may not be told of fails in the page, which stays", { skip }, async () => {
  await withShop(async (page, { url, otherUrl }) => {
    // A page of the second origin, which is not among those that may read the answer.
    await page.goto(`${otherUrl}/landing`);
    await page.evaluate((api) => {
      const { call } = globalThis as unknown as { readonly call: (url: string) => Promise<void> };
      void call(api);
    }, `${url}/api/cart`);
    await page.getByText("failed: TypeError").waitFor();
    assert.equal(page.url(), `${otherUrl}/landing`);
  });
});
