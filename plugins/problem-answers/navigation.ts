import type { Context } from "../../src/context.ts";
import { ownPage } from "../../src/url/return-page.ts";
import { html, htmlPage, refresh } from "./html-page.ts";

/** The headers by which {@linkcode libraryOf} knows a client library. */
export const libraryHeaders =
  "HX-Request, HX-Boosted, Turbo-Frame, X-Turbo-Request-Id, X-Inertia, X-Up-Version, X-Livewire, X-Livewire-Navigate";

/**
 * A client library of hypermedia pages. Its calls are navigations: it puts what comes back into the page. None of them can follow
 * a redirect to another origin, and each has its own way to be told to open a page.
 */
export interface Library {
  readonly name: string;
  /**
   * The page on which the visitor is, or which is opened: where the visitor comes back to. The address of a call may be that of a part
   * of a page.
   */
  readonly page: (ctx: Context) => string;
  /** The answer by which the library opens an address; `page` is that of the visitor. */
  readonly open: (location: string, ctx: Context, page: string) => Response;
}

/** htmx 1, 2 and 4: https://htmx.org/headers/hx-redirect/. Only a boosted link asks for a page. */
const htmx: Library = {
  name: "htmx",
  page(ctx) {
    const { method, headers } = ctx.request;
    if (method === "GET" && (isSet(headers, "hx-boosted") || isSet(headers, "hx-history-restore-request"))) {
      return ctx.returnUrl;
    }
    return ownPage(headers.get("hx-current-url"), ctx.returnUrl) ?? partPage(ctx);
  },
  open: (location) => new Response(null, { headers: { "hx-redirect": location } }),
};

/** Inertia: https://inertiajs.com/redirects#external-redirects. */
const inertia: Library = {
  name: "Inertia",
  page: (ctx) => ctx.returnPage,
  open: (location) => new Response(null, { status: 409, headers: { "x-inertia-location": location } }),
};

/**
 * Turbo: a stream is carried out whoever asked, a visit, a form or a frame (https://turbo.hotwired.dev/handbook/streams). What it puts
 * into the page is removed from it before Turbo keeps a copy.
 */
const turbo: Library = {
  name: "Turbo",
  page: (ctx) => ctx.request.headers.has("turbo-frame") ? partPage(ctx) : ctx.returnPage,
  open: (location) =>
    new Response(
      `<turbo-stream action="append" targets="head"><template>${
        refresh(location, " data-turbo-temporary")
      }</template></turbo-stream>`,
      { headers: { "content-type": "text/vnd.turbo-stream.html; charset=utf-8" } },
    ),
};

/**
 * Unpoly: the server may change the target (https://unpoly.com/X-Up-Target), here to what can be put behind every page, or to a new
 * overlay as it is.
 */
const unpoly: Library = {
  name: "Unpoly",
  page: (ctx) => ctx.returnPage,
  open(location, { request: { headers } }) {
    const target = (headers.get("x-up-mode") ?? "root") === "root" ? "body:after" : ":layer";
    return new Response(htmlPage(location, refresh(location)), {
      headers: { ...html, "x-up-target": target, "x-up-evict-cache": "*" },
    });
  },
};

/**
 * Livewire: a call that was redirected opens the page to which it was (https://livewire.laravel.com), if it is one that scripts may
 * follow to. So the call goes to the visitor's own page, still as a call, and then the browser, which is sent to the room.
 */
const livewire: Library = {
  name: "Livewire",
  page: (ctx) => ctx.returnPage,
  open: (_location, { request: { method } }, page) =>
    method === "GET" || method === "HEAD"
      ? new Response(null)
      : new Response(null, { status: 303, headers: { location: page } }),
};

/** Livewire's `wire:navigate`, which puts a whole page in the place of the one that is shown. */
const livewireNavigate: Library = {
  name: "Livewire",
  page: (ctx) => ctx.returnUrl,
  open: (location) => new Response(htmlPage(location), { headers: html }),
};

/** Which library made a call. What a browser opens by itself has none of these headers. */
export function libraryOf(headers: Headers): Library | undefined {
  if (isSet(headers, "hx-request")) return htmx;
  if (isSet(headers, "x-inertia")) return inertia;
  if (headers.has("x-livewire-navigate")) return livewireNavigate;
  if (headers.has("x-livewire")) return livewire;
  if (headers.has("x-up-version")) return unpoly;
  const isTurbo = headers.has("turbo-frame") || headers.has("x-turbo-request-id") ||
    /\btext\/vnd\.turbo-stream\.html\b/i.test(headers.get("accept") ?? "");
  return isTurbo ? turbo : undefined;
}

/** A part of a page belongs to the page on which the browser is. */
function partPage(ctx: Context): string {
  return ownPage(ctx.request.headers.get("referer"), ctx.returnUrl) ?? ctx.returnUrl;
}

function isSet(headers: Headers, name: string): boolean {
  return headers.get(name)?.toLowerCase() === "true";
}
