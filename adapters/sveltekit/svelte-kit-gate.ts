/**
 * The gate as a `handle` hook of SvelteKit.
 *
 * @module
 */

import type { Gate } from "../../src/gate.ts";
import { checkBoolean, checkRules, text } from "../../src/options/check.ts";
import { checkFrameworkGate } from "../check-gate.ts";
import { callOf, leaveOf, opened, openingPath, svelteKitRedirect } from "../router-call.ts";
import { isLetInto, remoteFormOf } from "../remote-form.ts";

/** As much of an event of SvelteKit as is used here. */
export interface SvelteKitEvent {
  /** The request, whose URL is that of the data where a client asks for some. */
  readonly request: Request;
  /** The URL of the page. */
  readonly url: URL;
  /** Whether the router in the browser asks for the data of a page. */
  readonly isDataRequest: boolean;
  /** Whether a `load` function asks, on the server. */
  readonly isSubRequest: boolean;
  /** Whether a remote function is called; its `url` is then what the browser says of the page on which it is. */
  readonly isRemoteRequest?: boolean;
}

/** A `handle` hook, as `hooks.server` exports it. */
export type SvelteKitHandle = <E extends SvelteKitEvent>(input: {
  readonly event: E;
  resolve(event: E): Response | Promise<Response>;
}) => Promise<Response>;

/** The options of {@linkcode svelteKitGate}. */
export interface SvelteKitGateOptions {
  /**
   * `building` of `$app/env`: whether pages are prerendered. Then the gate is not asked, because nobody visits them. It has to be said,
   * because nothing else tells a build from a visit.
   */
  readonly building: boolean;
  /**
   * `base` of `$app/paths`: the path below which the application is.
   *
   * @default {""}
   */
  readonly base?: string;
  /**
   * `appDir` of SvelteKit's configuration: the folder below which remote functions have their addresses.
   *
   * @default {"_app"}
   */
  readonly appDir?: string;
}

/**
 * Makes a `handle` hook of a gate. Put it first where there are several, by `sequence()`.
 *
 * What the router in the browser asks for, data of a page, an enhanced form or a remote function, is answered in its own words when the
 * visitor has to wait: the browser leaves for the room, and the visitor comes back to the page. Requests of `load` functions on the server
 * are no visits. Pages that are prerendered are files, for which no hook is called.
 *
 * A remote form is also sent to any page, with the function in the query, where a browser has no script. It then counts as both: the gate
 * decides about the address of the function as well, and the stricter answer holds.
 *
 * A room of `waitingRoom()` shows its page in the place of the one that was asked for. To open that as a page, and not as data, the browser is sent to
 * `/.stanchion-open/` with the page behind it, an address that the hook answers, and which must be no route of the application.
 *
 * @param gate The gate.
 * @param options What SvelteKit knows and the event does not tell.
 * @returns The hook.
 * @throws {TypeError} When it is handed no gate, or an option has the wrong shape.
 * @throws {RangeError} When `base` is no path, or `appDir` no name of folders.
 *
 * @example
 * ```ts
 * import { clientIp, createGate, failClosed } from "stanchion";
 * import { type SvelteKitHandle, svelteKitGate } from "stanchion/sveltekit";
 * import { waitingRoom } from "stanchion/waiting-room";
 *
 * // In src/hooks.server.ts: import { building } from "$app/env";
 * const building = false;
 * const gate = createGate({
 *   plugins: [clientIp(), failClosed(), waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 60 })],
 * });
 *
 * export const handle: SvelteKitHandle = svelteKitGate(gate, { building });
 * ```
 */
export function svelteKitGate(gate: Gate, options: SvelteKitGateOptions): SvelteKitHandle {
  checkFrameworkGate("SvelteKit", gate);
  const subject = "gate of SvelteKit";
  checkRules(subject, options, {
    building: checkBoolean,
    base: text('a path such as "/shop", without a slash at its end, or ""', (path) => basePattern.test(path)),
    appDir: text('the names of folders, such as "_app"', (path) => basePattern.test(`/${path}`)),
  });
  const { building, base = "", appDir = "_app" } = options;
  // An option that is left out passes every rule; this one must not be.
  checkBoolean(subject, "building", building);
  const opening = base + openingPath;
  const remotes = `${base}/${appDir}/remote/`;

  async function visited<E extends SvelteKitEvent>(
    event: E,
    resolve: () => Response | Promise<Response>,
  ): Promise<Response> {
    const { request } = event;
    const page = pageOf(event);
    if (page === undefined) return await gate(request, resolve, event);
    let isServed = false;
    const answer = await gate(callOf(request, page), () => {
      isServed = true;
      return resolve();
    }, event);
    const leave = isServed ? undefined : await leaveOf(answer);
    return leave === undefined ? answer : svelteKitRedirect(answer, leave, opening);
  }

  return async ({ event, resolve }) => {
    if (building || event.isSubRequest) return await resolve(event);
    const { url } = event;
    if (url.pathname.startsWith(`${opening}/`) && !event.isDataRequest) return opened(url, opening);
    const visit = () => visited(event, () => resolve(event));
    const form = remoteFormOf(event.request, url.pathname, remotes);
    if (form === undefined) return await visit();
    return await gate(
      form,
      async (_, decision) =>
        await isLetInto(gate, decision, event.request, event) ? await resolve(event) : await visit(),
      event,
    );
  };
}

const basePattern = /^(?:\/[\w.~!$&'()*+,=:@-]+)*$/;

/**
 * The URL by which a call of the client counts that can be answered by a redirect; `undefined` for all else. A remote function is at an address
 * of its own: on which page it is called is the visitor's word. One that only asks goes on asking on the page to which it would lead.
 */
function pageOf(
  { request, url, isDataRequest, isRemoteRequest = false }: SvelteKitEvent,
): string | undefined {
  if (isDataRequest) return url.href;
  if (request.method !== "POST") return undefined;
  return isRemoteRequest || request.headers.has("x-sveltekit-action") ? request.url : undefined;
}
