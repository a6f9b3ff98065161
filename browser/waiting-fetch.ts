import { browser, type Fetch, originOf } from "./browser.ts";
import { leaver } from "./leave.ts";
import { createLines, type Lines, type Turn, type Wait, type Waiting } from "./lines.ts";
import { refusalOf, type WaitingPlace } from "./refusal.ts";
import { restoreRoute } from "./route.ts";
import { createTicketHeader } from "./ticket-header.ts";

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
  readonly page?: () => string | undefined;
  /**
   * Opens the waiting room.
   *
   * @default {`location.assign`}
   */
  readonly navigate?: (url: string) => void;
  /**
   * Shows where the visitor stands while calls wait in the line of a room of `waitingRoom()`: at each change, and with `undefined` once
   * nobody waits any more. With it, calls wait where they are, and are made again at the visitor's turn. Without it, and for other
   * rooms, the browser leaves the page.
   *
   * @default {the browser leaves the page}
   */
  readonly onWait?: (waiting: Waiting | undefined) => void;
  /**
   * A number from 0 up to, but without, 1, by which the questions of many visitors are spread.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

/** By which Queue-it's connectors know a script, and its page. */
const ajaxHeader = "x-queueit-ajaxpageurl";

/** How often a call is made again that is refused again right after its turn, before that is its answer. */
const mostTurns = 3;

/**
 * Makes a `fetch` that opens the waiting room when a call is answered with one: by the problem document of
 * `problemAnswers()`, or by the header `x-queueit-redirect` of Queue-it's connectors. The visitor comes back to the page;
 * a call that was queued is not repeated. With `onWait`, calls wait in the page for their turn in a room of `waitingRoom()`, and are made
 * again then.
 *
 * The promise of a queued call stays pending while the browser leaves the page, so that the page does not show an error.
 * It is rejected when the call's signal aborts, and when the visitor comes back with the browser's "Back". Several queued
 * calls open one room. A call that is refused after the same room was opened three times within a minute gets the refusal: then the page is
 * not what the room protects, and opening it helps nobody. Every other response is handed on as it is, its body unread.
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
  return waitingFetchOn((callback, ms) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }, options);
}

/** The same with timers of one's own, as tests have them. */
export function waitingFetchOn(wait: Wait, options: WaitingFetchOptions): Fetch {
  const { origins = [], rooms, queueIt = "same-origin", onWait, random = Math.random } = options;
  const { page = () => browser.location?.href, navigate = (url) => browser.location?.assign(url) } = options;
  const { fetch = globalThis.fetch.bind(globalThis) } = options;
  const leave = leaver(page, navigate);
  const tickets = createTicketHeader();
  const lines = onWait && createLines({ wait, random, onWait, fetch: send });
  restoreRoute();

  /** Makes a call of the site, with the ticket where there are no cookies. */
  async function send(input: Parameters<Fetch>[0], init: RequestInit | undefined, origin: string) {
    const response = await fetch(input, page() === undefined ? tickets.added(input, init, origin) : init);
    tickets.learn(response, origin);
    return response;
  }

  return async (input, init) => {
    const here = page()?.replace(/#.*/s, "");
    const request = typeof input === "object" && "url" in input ? input : undefined;
    const own = here && new URL(here).origin;
    const origin = originOf(request?.url ?? String(input), browser.document?.baseURI ?? here);
    const isOwn = (other: string | undefined): other is string =>
      other !== undefined && (other === own || origins.includes(other));
    if (!isOwn(origin)) return fetch(input, init);
    let sent = init;
    if (here && (queueIt === "all" || (queueIt === "same-origin" && origin === own))) {
      const headers = new Headers(init?.headers ?? request?.headers);
      if (!headers.has(ajaxHeader)) headers.set(ajaxHeader, encodeURIComponent(here));
      sent = { ...init, headers };
    }
    const signal = init?.signal ?? request?.signal;
    const mayRepeat = canRepeat(init?.body);
    for (let turns = 0;; turns++) {
      // A body can be sent once: what may be needed again is a copy.
      const copied = lines !== undefined && mayRepeat && request?.body ? request.clone() : input;
      const response = await send(copied, sent, origin);
      // A redirect may have led elsewhere; a response of a service worker's making has no address.
      if (response.url && !isOwn(originOf(response.url))) return response;
      const place = await refusalOf(response, here ?? "");
      if (place === undefined || !isTrusted(place, rooms)) return response;
      const line = lineOf(lines, place, own ?? origin, origin);
      if (line !== undefined) {
        if (!mayRepeat || turns === mostTurns) return response;
        const turn = await line(signal);
        if (turn === "turn") continue;
        if (turn === "refused") return response;
      }
      return here ? leave(place.room.href, signal) ?? response : response;
    }
  };
}

/** What waits for a turn in the page, where that can be done. */
function lineOf(lines: Lines | undefined, { line }: WaitingPlace, own: string, origin: string) {
  // Only the site's own pages may ask a room. What another server was told, and an application hands on, is for its own address.
  const isOwn = line !== undefined && origin === own && originOf(line.base) === origin;
  if (lines === undefined || !isOwn) return undefined;
  return (signal: AbortSignal | null | undefined): Promise<Turn> => lines.turn(line, signal);
}

/** Whether visitors may be sent to a room. */
function isTrusted({ room }: WaitingPlace, rooms: readonly string[] | undefined): boolean {
  return /^https?:$/.test(room.protocol) && rooms?.includes(room.host) !== false;
}

/** Whether a body can be sent once more: a stream cannot. */
function canRepeat(body: unknown): boolean {
  return typeof body !== "object" || body === null || !(Symbol.asyncIterator in body || "getReader" in body);
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
