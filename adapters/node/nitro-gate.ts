/**
 * The gate before the handler of Nitro 2, on which Nuxt 3 and 4 are built.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Gate } from "../../src/gate.ts";
import { checkBoolean, checkRules, show } from "../../src/options/check.ts";
import type { NodeResponse } from "./change-head.ts";
import { checkNodeGate, enter } from "./enter.ts";
import { isMade, platformOfMade, writeHeadAtEnd } from "./made-message.ts";
import type { NodeRequest } from "./target.ts";

/** As much of an event of h3 1 as is used here. */
export interface NitroEvent {
  /** The messages, of Node's server or of Nitro's making. */
  readonly node: { readonly req: NodeRequest; readonly res: NodeResponse };
}

/** As much of an application of Nitro 2 as is used here. */
export interface NitroApp {
  /** The application of h3 within. */
  readonly h3App: {
    /** Answers a request, or rejects. */
    handler(event: NitroEvent): unknown;
    readonly options: {
      /** Makes the page of an error. */
      onError?(error: Error, event: NitroEvent): unknown;
    };
  };
}

/** A plugin of Nitro 2, as a file in `server/plugins` exports it. */
export type NitroPlugin = (nitro: NitroApp) => void;

/** The options of {@linkcode nitroGate}. */
export interface NitroGateOptions {
  /**
   * `import.meta.prerender`: whether pages are prerendered. Then the gate is not asked, because nobody visits them. It has to be said, because
   * nothing else tells a build from a visit.
   */
  readonly building: boolean;
}

/**
 * Makes a plugin of Nitro 2, which Nuxt 3 and 4 are built on. The gate stands before its handler, and so before everything that answers: pages, those that
 * Nitro keeps (`swr`), server routes, and files of the build that Nitro itself sends. A middleware of Nitro would be too late for some, and would
 * take requests that pages make on the server for visits.
 *
 * What the application asks itself while it answers somebody, by `useFetch()`, `$fetch()` or for its error page, is no visit. What it asks
 * itself at another time, in a task or at its start, has no visitor behind it, and is decided about as any stranger's request.
 *
 * On a server of Node, with the presets for Node, everything is as with {@linkcode nodeGate}. With presets for other platforms, such as
 * those for Bun, Deno and Workers, Nitro makes messages of its own of each request, and the gate decides about those; the address is known where the platform hands it
 * over to Nitro, which those for Bun and Deno do not. It needs `node:async_hooks` there (`nodejs_compat` on Workers).
 *
 * @param gate The gate.
 * @param options What Nitro knows and an event does not tell.
 * @returns The plugin, which throws a `TypeError` before what is not Nitro 2.
 * @throws {TypeError} When it is handed no gate, or an option has the wrong shape.
 *
 * @example
 * ```ts
 * import { clientIp, createGate, failClosed } from "stanchion";
 * import { nitroGate, type NitroPlugin } from "stanchion/node";
 * import { waitingRoom } from "stanchion/waiting-room";
 *
 * // In server/plugins/gate.ts: const building = import.meta.prerender;
 * const building = false;
 * const gate = createGate({
 *   plugins: [clientIp(), failClosed(), waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 60 })],
 * });
 *
 * export const plugin: NitroPlugin = nitroGate(gate, { building });
 * ```
 */
export function nitroGate(gate: Gate, options: NitroGateOptions): NitroPlugin {
  checkNodeGate(gate);
  const subject = "gate of Nitro";
  checkRules(subject, options, { building: checkBoolean });
  const { building } = options;
  // An option that is left out passes every rule; this one must not be.
  checkBoolean(subject, "building", building);
  /** Whether somebody is being answered. */
  const answering = new AsyncLocalStorage<true>();

  return (nitro) => {
    const { h3App } = nitro;
    if (typeof h3App?.handler !== "function") {
      throw new TypeError(
        `Cannot put gate before Nitro: it must be an application of Nitro 2, with "h3App", received ${
          show(nitro)
        }; before Nitro 3 put gate.wrap()`,
      );
    }
    if (building) return;
    const { handler, options } = h3App;
    const { onError } = options;
    h3App.handler = (event) => {
      const { req, res } = event.node;
      const made = isMade(req);
      if (made && answering.getStore()) return handler(event);
      if (made) writeHeadAtEnd(res);
      return new Promise((resolve, reject) => {
        enter(gate, req, res, made ? platformOfMade(req) : [req], (passage) => {
          answering.run(true, async () => await handler(event)).then(resolve, (error: unknown) => {
            passage?.failed();
            reject(error);
          });
        }, (send) => void send().then(() => resolve(undefined)));
      });
    };
    // The page of an error is asked for after the handler has failed.
    if (onError !== undefined) {
      options.onError = (error, event) => answering.run(true, () => onError(error, event));
    }
  };
}
