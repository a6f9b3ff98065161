/**
 * The gate before the handler of Nitro 2, on which Nuxt 3 and 4 are built.
 *
 * @module
 */

import type { Gate } from "../../src/gate.ts";
import { checkBoolean, checkRules, show } from "../../src/options/check.ts";
import type { NodeResponse } from "./change-head.ts";
import { checkNodeGate, enter } from "./enter.ts";
import { contextOfMade, isMade, platformOfMade, writeHeadAtEnd } from "./made-message.ts";
import type { NodeRequest } from "./target.ts";

/** As much of an event of h3 1 as is used here. */
export interface NitroEvent {
  /** The messages, of Node's server or of Nitro's making. */
  readonly node: { readonly req: NodeRequest; readonly res: NodeResponse };
  /** What handlers keep, and hand on with what they ask the application itself by `event.$fetch()`. */
  readonly context: object;
}

/** As much of an application of Nitro 2 as is used here. */
export interface NitroApp {
  /** The application of h3 within. */
  readonly h3App: {
    /** Answers a request, or rejects. */
    handler(event: NitroEvent): unknown;
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
 * On a server of Node, with the presets for Node, everything is as with {@linkcode nodeGate}, and what the application asks itself, by `useFetch()`, `$fetch()`
 * or for its error page, is no visit; before the first visitor has come, nobody can tell, and it is treated as a stranger's.
 *
 * With presets for other platforms, such as those for Bun, Deno and Workers, Nitro makes the messages of visitors as it makes its own, and the gate decides about
 * them. No visit is only what is asked while somebody who was let in is answered, by `useFetch()` or `event.$fetch()`, which hand on the context of their event. What is
 * asked without one, by `$fetch()` alone, has to get past the gate with the cookies that it is given. The address is known where the platform hands it over
 * to Nitro, which those for Bun and Deno do not.
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
  /** Marks the context of an event that was let in; no visitor has it, and no runtime hands it on by itself. */
  const passed = Symbol("passed");
  /** Whether visitors come by a server of Node, so that all other messages are the application's own. */
  let hasServer = false;

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
    const { handler } = h3App;
    h3App.handler = (event) => {
      const { req, res } = event.node;
      const made = isMade(req);
      hasServer ||= !made;
      if (made && (hasServer || passed in contextOfMade(req))) return goOn(event);
      if (made) writeHeadAtEnd(res);
      return new Promise((resolve, reject) => {
        enter(gate, req, res, made ? platformOfMade(req) : [req], (passage) => {
          goOn(event).then(resolve, (error: unknown) => {
            passage?.failed();
            reject(error);
          });
        }, (send) => void send().then(() => resolve(undefined)));
      });
    };

    async function goOn(event: NitroEvent): Promise<unknown> {
      // Nitro copies what is in the context, this included.
      Object.assign(event.context, { [passed]: true });
      return await handler(event);
    }
  };
}
