/**
 * The browser's part: a `fetch` that goes to the waiting room when a call is queued. It has no dependencies.
 *
 * @module
 */

/** The part of `fetch` that is wrapped. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The options of {@linkcode waitingFetch}. */
export interface WaitingFetchOptions {
  /**
   * What makes the calls.
   *
   * @default {the browser's `fetch`}
   */
  readonly fetch?: Fetch;
  /**
   * Origins of your own, beside the page's, whose answers may send visitors to a waiting room. Calls to others are left
   * as they are.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[];
  /**
   * The hosts of waiting rooms, such as `wait.example.com`, with their port if they have one. Visitors are sent nowhere
   * else.
   *
   * @default {every host}
   */
  readonly rooms?: readonly string[];
  /**
   * To which calls the page's address is added, as connectors of Queue-it expect it of scripts. Another origin must
   * allow the header `x-queueit-ajaxpageurl` by CORS.
   *
   * @default {"same-origin"}
   */
  readonly queueIt?: "same-origin" | "all" | "never";
  /**
   * Tells to which page visitors return. Its fragment, such as the route `#/cart`, is kept in the tab meanwhile: waiting rooms lose it.
   *
   * @default {the current one}
   */
  readonly page?: () => string;
  /**
   * Opens the waiting room.
   *
   * @default {`location.assign`}
   */
  readonly navigate?: (url: string) => void;
}

/** What the module uses of a browser, so that it needs no types of the DOM. */
interface Browser {
  readonly location: {
    readonly href: string;
    readonly hash: string;
    readonly pathname: string;
    assign(url: string): void;
    replace(url: string): void;
  };
  readonly sessionStorage?: Storage;
  readonly document?: { readonly baseURI: string };
  addEventListener?(type: "pageshow", listener: (event: { readonly persisted?: boolean }) => void): void;
}

// These names are a browser's; where there is none, `page` and `navigate` stand in for the first.
const browser = globalThis as unknown as Browser;

/** The `type` of the problem document; the same as `waitingRoomProblem` of `problemAnswers()`. */
const problemType = "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem";

/** Under what a tab keeps its route while its visitor waits; `problemAnswers()` writes it as well. */
const routeKey = "stanchion-route";

/** By which Queue-it's connectors know a script, and its page. */
const ajaxHeader = "x-queueit-ajaxpageurl";

/**
 * Makes a `fetch` that opens the waiting room when a call is answered with one: by the problem document of
 * `problemAnswers()`, or by the header `x-queueit-redirect` of Queue-it's connectors. The visitor comes back to the page;
 * a call that was queued is not repeated.
 *
 * The promise of a queued call stays pending while the browser leaves the page, so that the page does not show an error.
 * It is rejected when the call's signal aborts, and when the visitor comes back with the browser's "Back". Several queued
 * calls open one room. Every other response is handed on as it is, its body unread.
 *
 * A route in the fragment of the page, such as `#/cart`, is there again when the visitor comes back: make the function before the
 * router of the page starts, or call {@linkcode restoreRoute}.
 *
 * @param options Whom to believe, and how to leave.
 * @returns A function like `fetch`.
 *
 * @example
 * ```ts
 * import { waitingFetch } from "stanchion/browser";
 *
 * const api = waitingFetch({ origins: ["https://api.example.com"], rooms: ["wait.crowdhandler.com"] });
 * // const cart = await api("/api/cart").then((response) => response.json());
 * ```
 */
export function waitingFetch(options: WaitingFetchOptions = {}): Fetch {
  const { origins = [], rooms, queueIt = "same-origin" } = options;
  const { page = () => browser.location.href, navigate = (url) => browser.location.assign(url) } = options;
  const { fetch = globalThis.fetch.bind(globalThis) } = options;
  const pending = new Set<(reason: unknown) => void>();
  restoreRoute();

  browser.addEventListener?.("pageshow", ({ persisted }) => {
    if (!persisted) return;
    for (const reject of pending) {
      reject(new DOMException("The visitor came back from the waiting room", "AbortError"));
    }
    pending.clear();
  });

  function leave(room: string, signal: AbortSignal | null | undefined): Promise<never> {
    return new Promise((_, reject) => {
      const abort = () => reject(signal?.reason);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      const isFirst = pending.size === 0;
      pending.add(reject);
      if (!isFirst) return;
      keepRoute(new URL(page()));
      navigate(room);
    });
  }

  return async (input, init) => {
    const here = new URL(page());
    here.hash = "";
    const request = typeof input === "object" && "url" in input ? input : undefined;
    const origin = originOf(request?.url ?? String(input), browser.document?.baseURI ?? here.href);
    const isOwn = (other: string | undefined) =>
      other === here.origin || (other !== undefined && origins.includes(other));
    if (!isOwn(origin)) return fetch(input, init);
    let sent = init;
    if (queueIt === "all" || (queueIt === "same-origin" && origin === here.origin)) {
      const headers = new Headers(init?.headers ?? request?.headers);
      if (!headers.has(ajaxHeader)) headers.set(ajaxHeader, encodeURIComponent(here.href));
      sent = { ...init, headers };
    }
    const response = await fetch(input, sent);
    // A redirect may have led elsewhere; a response of a service worker's making has no address.
    if (response.url && !isOwn(originOf(response.url))) return response;
    const room = await roomOf(response, here.href);
    if (room === undefined || !/^https?:$/.test(room.protocol) || rooms?.includes(room.host) === false) {
      return response;
    }
    return leave(room.href, init?.signal ?? request?.signal);
  };
}

/**
 * Puts a {@linkcode waitingFetch} in the place of the page's `fetch`, for scripts that one cannot change.
 *
 * @param options As for `waitingFetch`.
 * @returns Puts the former `fetch` back.
 *
 * @example
 * ```ts
 * import { installWaitingFetch } from "stanchion/browser";
 *
 * const uninstall = installWaitingFetch({ rooms: ["wait.crowdhandler.com"] });
 * uninstall();
 * ```
 */
export function installWaitingFetch(options: WaitingFetchOptions = {}): () => void {
  const former = globalThis.fetch;
  const own: Fetch = waitingFetch(options);
  // Platforms have added to their `fetch`; pages call it.
  globalThis.fetch = own as typeof former;
  return () => {
    if (globalThis.fetch === own) globalThis.fetch = former;
  };
}

/**
 * Puts the route back into the address of the page, as it was in the fragment when its visitor left for the waiting room: browsers
 * never tell it to servers. It does nothing on another page, where there is a fragment, and the second time. Call it before the router
 * of the page starts; {@linkcode waitingFetch} does it, too.
 *
 * @example
 * ```ts
 * import { restoreRoute } from "stanchion/browser";
 *
 * restoreRoute();
 * ```
 */
export function restoreRoute(): void {
  try {
    const { location, sessionStorage } = browser;
    const kept = sessionStorage?.getItem(routeKey);
    if (!kept) return;
    sessionStorage?.removeItem(routeKey);
    // What is not of our making has no members, or none that fit.
    const [path, hash] = JSON.parse(kept) as readonly unknown[];
    if (path === location.pathname && !location.hash && /^#/.test(String(hash))) {
      location.replace(String(hash));
    }
  } catch {
    // A page without storage, or without an address, has no routes to restore.
  }
}

function keepRoute({ pathname, hash }: URL): void {
  try {
    if (hash) browser.sessionStorage?.setItem(routeKey, JSON.stringify([pathname, hash]));
  } catch {
    // The storage is full or forbidden: the visitor comes back to the page without its route.
  }
}

/** The waiting room of which a response tells. */
async function roomOf(response: Response, page: string): Promise<URL | undefined> {
  const { headers } = response;
  try {
    const encoded = headers.get("x-queueit-redirect");
    if (encoded) return new URL(decodeURIComponent(encoded));
    if (!/^application\/problem\+json\b/i.test(headers.get("content-type") ?? "")) return undefined;
    // Whatever JSON it is, its members are looked at as unknown; of null there are none, which throws.
    const problem = await response.clone().json() as Readonly<Record<string, unknown>>;
    const { type, waitingRoom, returnParameter, returnWithout } = problem;
    if (type !== problemType || typeof waitingRoom !== "string") return undefined;
    const room = new URL(waitingRoom);
    if (typeof returnParameter === "string" && room.searchParams.has(returnParameter)) {
      room.searchParams.set(returnParameter, withoutParameters(page, returnWithout));
    }
    return room;
  } catch {
    // It looked like an answer for us and is none: the page may know better.
    return undefined;
  }
}

/** A page without what a waiting room told it on an earlier return: that would count before what it tells on the next one. */
function withoutParameters(page: string, names: unknown): string {
  const unwanted = Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : [];
  const [place = "", ...query] = page.split("?");
  const pairs = query.join("?").split("&");
  const kept = pairs.filter((pair) => {
    const name = pair.replace(/=.*/s, "");
    try {
      return !unwanted.includes(decodeURIComponent(name).toLowerCase());
    } catch {
      return true;
    }
  });
  if (kept.length === pairs.length) return page;
  const rest = kept.join("&");
  return rest === "" ? place : `${place}?${rest}`;
}

function originOf(url: string, base?: string): string | undefined {
  try {
    return new URL(url, base).origin;
  } catch {
    return undefined;
  }
}
