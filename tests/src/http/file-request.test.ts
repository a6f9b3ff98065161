import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { isDataUrl, isFileRequest } from "../../../src/http/file-request.ts";

type Init = Readonly<Record<string, string>>;

/** A `Request` refuses some of these headers, a server hands them over. */
function request(headers: Init, method = "GET"): Request {
  // Only these members are read.
  return { method, headers: new Headers(headers) } as unknown as Request;
}

describe("isFileRequest()", () => {
  const files: readonly [what: string, headers: Init][] = [
    ["a client that says nothing of itself", {}],
    ["any type", { accept: "*/*" }],
    ["an empty body", { "content-length": "0" }],
    ["a style", { accept: "text/css,*/*;q=0.1", "sec-fetch-dest": "style", "sec-fetch-mode": "no-cors" }],
    ["a module", { accept: "*/*", "sec-fetch-dest": "script", "sec-fetch-mode": "cors" }],
    ["an image of Chrome", {
      accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
      "sec-fetch-dest": "image",
      "sec-fetch-mode": "no-cors",
    }],
    ["a web app manifest", { accept: "application/manifest+json,*/*;q=0.8", "sec-fetch-dest": "manifest" }],
    ["a film", { accept: "video/webm,video/ogg,video/*;q=0.9,*/*;q=0.5", range: "bytes=0-" }],
    ["a worker", { "sec-fetch-dest": "worker", "sec-fetch-mode": "same-origin" }],
    ["a service worker", { "sec-fetch-dest": "serviceworker", "sec-fetch-mode": "same-origin" }],
    ["a file in an app's web view", { "x-requested-with": "com.example.shop" }],
  ];
  for (const [what, headers] of files) {
    test(`isFileRequest() takes ${what} for a file, for GET and HEAD only`, () => {
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "get"]) {
        const is = isFileRequest(request(headers, method), false);
        assert.equal(is, method === "GET" || method === "HEAD", method);
      }
    });
  }

  const others: readonly [what: string, headers: Init][] = [
    ["a navigation", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }],
    ["a navigation by its mode alone", { "sec-fetch-mode": "navigate" }],
    ["a navigation by a click", { "sec-fetch-user": "?1" }],
    ["a navigation without Sec-Fetch headers", {
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    }],
    ["a navigation whose type comes last", { accept: "*/*, TEXT/HTML;q=0.1" }],
    ["a navigation by its upgrade", { "upgrade-insecure-requests": "1" }],
    ["any text", { accept: "text/*" }],
    ["XHTML", { accept: "application/xhtml+xml" }],
    ["JSON", { accept: "application/json, text/plain, */*" }],
    ["JSON of a kind", { accept: "application/vnd.api+json" }],
    ["React Server Components", { accept: "text/x-component" }],
    ["Turbo Streams", { accept: "text/vnd.turbo-stream.html" }],
    ["events", { accept: "text/event-stream" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["a body of some length", { "content-length": "5" }],
    ["a body of a strange length", { "content-length": "+0" }],
    ["a body in chunks", { "transfer-encoding": "chunked" }],
    ["a WebSocket", { upgrade: "websocket", connection: "upgrade" }],
    ["a WebSocket by its mode", { "sec-fetch-mode": "websocket" }],
    ["destinations that were joined", { "sec-fetch-dest": "style, document" }],
    ["a destination in another case", { "sec-fetch-dest": "Document" }],
    ["no destination", { "sec-fetch-dest": "" }],
    ...["document", "iframe", "frame", "fencedframe", "embed", "object", "json", "report", "xslt", "later"]
      .map((name): [string, Init] => [`the destination ${name}`, { "sec-fetch-dest": name }]),
  ];
  for (const [what, headers] of others) {
    test(`isFileRequest() does not take ${what} for a file`, () => {
      assert.equal(isFileRequest(request(headers), false), false);
      assert.equal(isFileRequest(request(headers), true), false);
    });
  }

  test("isFileRequest() knows client routers by their headers", () => {
    const names =
      "RSC Next-Router-State-Tree X-Nextjs-Data X-Inertia HX-Request Turbo-Frame X-PJAX X-Up-Version " +
      "X-Livewire-Navigate X-Alpine-Request Datastar-Request X-Barba Faces-Request";
    for (const name of names.split(" ")) {
      const senders: readonly Init[] = [
        {},
        { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" },
        // No browser adds headers to what it loads as a file, but whoever forges one does.
        { "sec-fetch-dest": "script", "sec-fetch-mode": "no-cors" },
        { "sec-fetch-dest": "image" },
      ];
      for (const more of senders) {
        assert.equal(isFileRequest(request({ ...more, [name]: "1" }), false), false, name);
        assert.equal(isFileRequest(request({ ...more, [name]: "1" }), true), false, name);
      }
    }
    assert.equal(isFileRequest(request({ "x-other": "1" }), false), true);
  });

  test("isFileRequest() takes what a script asks for as a file only where it is told so", () => {
    const scripts: readonly Init[] = [
      { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors" },
      { "sec-fetch-dest": "empty", "sec-purpose": "prefetch" },
      { "x-requested-with": "XMLHttpRequest" },
      { "x-requested-with": "XMLHttpRequest", "sec-fetch-dest": "script", "sec-fetch-mode": "no-cors" },
    ];
    for (const headers of scripts) {
      assert.equal(isFileRequest(request(headers), false), false);
      assert.equal(isFileRequest(request(headers), true), true);
    }
  });

  test("isFileRequest() judges a browser and a program by the same headers", () => {
    const values = [
      "*/*",
      "text/html",
      "style",
      "document",
      "empty",
      "0",
      "1",
      "",
      "XMLHttpRequest",
      "websocket",
    ];
    const names = [
      ..."accept sec-fetch-dest x-requested-with content-length content-type transfer-encoding upgrade rsc"
        .split(" "),
      ..."sec-fetch-user hx-request turbo-frame x-other cookie range".split(" "),
    ];
    const more = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values), { maxKeys: 4 });
    const mode = { "sec-fetch-mode": "no-cors" };
    fc.assert(fc.property(more, fc.boolean(), (more, byScript) => {
      const is = isFileRequest(request(more), byScript);
      assert.equal(isFileRequest(request({ ...more, ...mode }), byScript), is);
    }));
  });

  test("isFileRequest() never takes for a file what opens a page, whatever else a client says", () => {
    const names = [
      "accept",
      "sec-fetch-dest",
      "sec-fetch-mode",
      "x-requested-with",
      "range",
      "content-length",
    ];
    const values = ["*/*", "style", "no-cors", "0", "empty", "image/*", "bytes=0-", "script"];
    const more = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values));
    const page = fc.constantFrom<Init>(
      { "sec-fetch-mode": "navigate" },
      { "sec-fetch-dest": "document" },
      { accept: "text/html" },
      { "content-length": "1" },
      { "content-type": "text/plain" },
      { upgrade: "websocket" },
      { "upgrade-insecure-requests": "1" },
      { rsc: "1" },
      { "faces-request": "partial/ajax" },
    );
    fc.assert(fc.property(more, page, fc.boolean(), (more, page, byScript) => {
      assert.equal(isFileRequest(request({ ...more, ...page }), byScript), false);
    }));
  });
});

describe("isDataUrl()", () => {
  const paths = [
    "/__data.json",
    "/tickets/__data.json",
    "/tickets.html__data.json",
    "/tickets/__route.js",
    "/tickets.html__route.js",
    "/tickets.data",
    "/_root.data",
    "/tickets.rsc",
    "/tickets.segments/_tree.segment.rsc",
    "/RSC/R/tickets.txt",
    "/_next/data/build/tickets.json",
    "/shop/_next/data/build/en/tickets.json",
    "/tickets/_payload.json",
    "/tickets/_payload.js",
    "/__nuxt_island/Seats_abc.json",
    "/tickets/q-data.json",
    "/tickets/q-loader-data.abc.json",
    "/page-data/tickets/page-data.json",
    "/page-data/app-data.json",
    "/page-data/sq/d/1.json",
    "/assets/data/tickets/index.json",
    "/tickets/index.pageContext.json",
    "/tickets.turbo_stream",
  ];
  test("isDataUrl() knows the data of pages by the path, in any case", () => {
    for (const path of paths) {
      for (const spelt of [path, path.toLowerCase(), path.toUpperCase()]) {
        assert.equal(isDataUrl(spelt, ""), true, spelt);
      }
    }
  });

  test("isDataUrl() leaves files alone whose names only resemble it", () => {
    const files = [
      "/_next/static/chunks/data.js",
      "/_nuxt/payload.js",
      "/_nuxt/my_payload.js",
      "/assets/data/hero.png",
      "/assets/data.js",
      "/rsc/logo.png",
      "/page-data/hero.png",
      "/data.css",
      "/__data.json.map",
      "/route.js",
      "/q-data.js",
      "/build/q-abc.js",
    ];
    for (const path of files) assert.equal(isDataUrl(path, ""), false, path);
  });

  test("isDataUrl() knows it by the query, however that is spelt", () => {
    const data = [
      "_rsc=1abc",
      "v=1&_rsc",
      "_data=routes%2Ftickets",
      "%5Fdata=x",
      "?_data=x",
      "_RSC=1",
      "fresh-partial=true",
    ];
    for (const query of data) assert.equal(isDataUrl("/a.js", query), true, query);
    const files = ["", "v=1", "_v=1", "data=1", "rsc=1", "v=_rsc", "v=_data%3D1", "%", "&&=&"];
    for (const query of files) assert.equal(isDataUrl("/a.js", query), false, query);
  });
});
