// What Chromium sends with each kind of request, and how it solves the puzzle of the waiting room.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createPuzzle,
  createSealer,
  isOwnPost,
  mayTakeNumber,
  proofCookie,
  puzzleScript,
  readProof,
  ticketOf,
} from "../../plugins/waiting-room/tickets/mod.ts";
import { serve } from "../src/_serve.ts";
import { contextOf } from "../support/context-of.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

const key = "a key of these tests, which has 40 bytes";
const browser = browserForTests();

const html = { "content-type": "text/html; charset=utf-8" };

test(
  "mayTakeNumber() and isOwnPost() tell pages and own forms from all else that Chromium sends (W25, W27)",
  {
    skip,
  },
  async () => {
    assert.ok(browser);
    const seen = new Map<string, boolean>();
    const shop = await serve((request: Request) => {
      const { pathname } = new URL(request.url);
      const isPost = pathname.startsWith("/post/");
      if (pathname.startsWith("/take/")) seen.set(pathname, mayTakeNumber(request));
      if (isPost) seen.set(pathname, isOwnPost(contextOf(request)));
      const forms = `<form method="post" action="/post/own-form"><button>own</button></form>
<script>fetch("/post/own-fetch", { method: "POST" }); fetch("/take/fetch"); navigator.sendBeacon("/post/own-beacon");</script>
<img src="/take/image"><link rel="stylesheet" href="/take/style"><link rel="prefetch" href="/take/prefetch">
<iframe src="/take/frame"></iframe><object data="/take/object"></object><script src="/take/script"></script>`;
      return new Response(pathname === "/" ? forms : "<p>here</p>", { headers: html });
    });
    const own = `http://localhost:${shop.port}`;
    const other = await serve(() =>
      new Response(
        `<form method="post" action="${own}/post/foreign-form"><button>send</button></form>
<img src="${own}/take/foreign-image"><iframe src="${own}/take/foreign-frame"></iframe>
<script>fetch("${own}/post/foreign-fetch", { method: "POST", mode: "no-cors" }).catch(() => {});</script>
<a href="${own}/take/link">go</a>`,
        { headers: html },
      )
    );
    const context = await newContext(browser());
    try {
      const page = await context.newPage();
      await page.goto(`${own}/`, { waitUntil: "networkidle" });
      await page.getByRole("button").click();
      await page.getByText("here").waitFor();
      await page.goto(`http://127.0.0.1:${other.port}/`, { waitUntil: "networkidle" });
      await page.getByRole("button").click();
      await page.getByText("here").waitFor();
      await page.goto(`http://127.0.0.1:${other.port}/`, { waitUntil: "networkidle" });
      await page.getByRole("link").click();
      await page.getByText("here").waitFor();
      assert.deepEqual(Object.fromEntries([...seen].sort()), {
        "/post/foreign-fetch": false,
        "/post/foreign-form": false,
        "/post/own-beacon": true,
        "/post/own-fetch": true,
        "/post/own-form": true,
        "/take/fetch": false,
        "/take/foreign-frame": false,
        "/take/foreign-image": false,
        "/take/frame": false,
        "/take/image": false,
        "/take/link": true,
        "/take/object": false,
        "/take/prefetch": false,
        "/take/script": false,
        "/take/style": false,
      });
    } finally {
      await context.close();
      await Promise.all([shop.close(), other.close()]);
    }
  },
);

test("puzzleScript is solved by Chromium within seconds, and the cookie that it earns comes back", {
  skip,
}, async () => {
  const puzzle = createPuzzle([key]);
  const sealer = createSealer([key]);
  const times: number[] = [];
  const place = { isEncrypted: false, domain: "" };
  const cookieName = "stanchion-tickets";
  const shop = await serve((request: Request) => {
    const now = Date.now();
    const url = new URL(request.url);
    const question = { room: "tickets", binding: "", cookieName, epoch: 1, now };
    const { proof } = readProof(
      sealer,
      { native: null, cookieHeader: request.headers.get("cookie") ?? "" },
      question,
    );
    if (proof !== undefined) return new Response(`<p>number ${proof.number}</p>`, { headers: html });
    const solved = puzzle.check("tickets", url.searchParams.get("solution") ?? "", "", now);
    if (solved !== undefined) {
      times.push(Number(url.searchParams.get("ms")));
      const ticket = ticketOf({ epoch: 1, number: 7, tag: solved.tag }, now);
      const text = sealer.seal("tickets", ticket, "");
      const cookie = proofCookie("tickets", text, ticket, place, { opensAt: 0, closesAt: 0 }, now);
      return new Response("", { headers: { "set-cookie": cookie, refresh: "0; url=/" } });
    }
    const { challenge, bits, parts } = puzzle.show("tickets", "", now);
    return new Response(
      `<script>var begun = performance.now();(${puzzleScript})("${challenge}", ${bits}, ${parts}, function (text) {
  location.replace("/?ms=" + (performance.now() - begun) + "&solution=" + text);
});</script>`,
      { headers: html },
    );
  });
  const context = await newContext(browser());
  try {
    const page = await context.newPage();
    await page.goto(`http://localhost:${shop.port}/`);
    await page.getByText("number 7").waitFor();
    assert.equal(times.length, 1);
  } finally {
    await context.close();
    await shop.close();
  }
});
