/**
 * What happens to visitors when the gate's own work fails, for instance because the provider is down.
 *
 * @module
 */

import {
  checkChoice,
  checkNumber,
  checkOptions,
  checkSyncFunction,
  type Subject,
  valueError,
} from "../../src/options/check.ts";
import type { Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { crowdCodes, type FailureCode, failureCodes, type GateError } from "../../src/errors.ts";
import { retryAfter } from "../../src/http/retry-after.ts";
import type { Policy } from "../../src/plugin.ts";
import { trackOutages } from "./outages.ts";

/**
 * What to do after a failure: let the visitor in, send the visitor to wait (or turn down, when no place is known),
 * or turn the visitor down.
 */
export type FailureAction = "admit" | "queue" | "reject";

/** The options of {@linkcode failOpen} and {@linkcode failClosed}; an action can be set for each cause. */
export interface FailOptions extends Readonly<Partial<Record<FailureCode, FailureAction>>> {
  /**
   * Where visitors wait: an absolute URL, or a path of this site, which is served even though the gate fails.
   *
   * @default {the place that the provider names, if it can}
   */
  readonly location?: string;
  /**
   * The HTTP status for visitors who are turned down, from 400 to 599.
   *
   * @default {503}
   */
  readonly status?: number;
  /**
   * When visitors who are turned down may try again at the earliest, in seconds; it becomes `Retry-After`. Each is told a time of its
   * own, at most half as long again, so that they do not come back together.
   *
   * @default {30}
   */
  readonly retryAfterSeconds?: number;
  /**
   * How long visitors are let in during an outage, in milliseconds. It begins with the first failure of a plugin and
   * ends when that plugin sends somebody to wait, or lets somebody in on a proof. Thereafter `admit` is what `afterwards`
   * says. What a crowd can bring about begins no outage, unless it admits.
   *
   * @default {as long as it lasts}
   */
  readonly admitForMs?: number;
  /**
   * What `admit` becomes after `admitForMs`.
   *
   * @default {"queue"}
   */
  readonly afterwards?: "queue" | "reject";
  /**
   * Spreads `Retry-After`: a number from 0 up to, but without, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
}

/** The options of {@linkcode failurePolicy}. */
export interface FailurePolicyOptions extends FailOptions {
  /**
   * What to do after a failure whose cause has no action of its own. `"admit"` does not hold for `throttled`, `unidentified` and
   * `overloaded`, which a crowd can bring about: name them to admit, or visitors are sent to wait.
   */
  readonly otherwise: FailureAction;
}

const name = "failure-policy";

const pastTense: Readonly<Record<FailureAction, string>> = {
  admit: "admitted",
  queue: "queued",
  reject: "rejected",
};

/**
 * Lets visitors in when the gate fails, but for the causes given. A crowd is not an outage: after `throttled`, `unidentified` and
 * `overloaded`, which visitors bring about, perhaps on purpose, they are sent to wait, unless an action is given for that cause.
 *
 * @param options Exceptions by cause, and how they are carried out.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { failOpen } from "stanchion";
 *
 * const plugin = failOpen({ rejected: "reject", admitForMs: 10 * 60_000 });
 * ```
 */
export function failOpen(options: FailOptions = {}): Policy {
  return policy(options, "admit", []);
}

/**
 * Lets nobody in when the gate fails, but for the causes given: visitors are sent to wait where the provider or
 * `location` says, and turned down with 503 where nobody says.
 *
 * @param options Exceptions by cause, and how they are carried out.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { failClosed } from "stanchion";
 *
 * const plugin = failClosed({ location: "/please-wait", timeout: "admit" });
 * ```
 */
export function failClosed(options: FailOptions = {}): Policy {
  return policy(options, "queue", []);
}

/**
 * Decides by the cause what happens to visitors when the gate fails. To admit after what a crowd can bring about takes its name:
 * `otherwise` does not say it.
 *
 * @param options The actions, and how they are carried out.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { failurePolicy } from "stanchion";
 *
 * const plugin = failurePolicy({ timeout: "admit", unreachable: "admit", otherwise: "reject" });
 * ```
 */
export function failurePolicy(options: FailurePolicyOptions): Policy {
  return policy(options, options?.otherwise, ["otherwise"]);
}

function policy(options: FailOptions, otherwise: FailureAction, more: readonly string[]): Policy {
  check(options, otherwise, more);
  const { location, status = 503, retryAfterSeconds = 30, admitForMs, afterwards = "queue" } = options;
  const { random = Math.random } = options;
  const outages = trackOutages();
  // A crowd must be named to be let in.
  const forCrowd = otherwise === "admit" ? "queue" : otherwise;

  function actionFor(ctx: Context, failure: GateError): FailureAction {
    const isCrowd = crowdCodes.includes(failure.code);
    const action = options[failure.code] ?? (isCrowd ? forCrowd : otherwise);
    // Who can be kept out by a crowd must not be able to use up the time of an outage.
    if (admitForMs === undefined || (isCrowd && action !== "admit")) return action;
    const since = outages.begin(ctx, failure);
    return action === "admit" && ctx.now() - since > admitForMs ? afterwards : action;
  }

  function carryOut(ctx: Context, action: FailureAction, failure: GateError): Decision {
    const { facts, fallback } = failure;
    const reason = (done: FailureAction) => `${name}/${pastTense[done]}-${failure.code}` as const;
    if (action === "admit") return { action, reason: reason(action) };
    if (action === "queue") {
      if (location !== undefined && isThere(ctx, location)) {
        return { action: "admit", reason: `${name}/waiting-place` };
      }
      // Where the owner chose the place, the provider's own parameters and headers have no meaning.
      if (location !== undefined) return { action, reason: reason(action), location };
      const { page, location: room, headers } = fallback ?? {};
      if (page !== undefined) return { action: "respond", reason: reason(action), response: page, facts };
      // A place of the shape of a decision must not decide.
      if (room) return { action, reason: reason(action), location: room, ...(headers && { headers }), facts };
    }
    return { action: "reject", reason: reason("reject"), status };
  }

  const plugin: Policy = {
    name,
    final: "recover",
    recover(ctx, failure) {
      return carryOut(ctx, actionFor(ctx, failure), failure);
    },
    headers(_ctx, response, { decision, decidedBy, served }) {
      // While the gate only reports, this is a page of the application.
      if (served || decidedBy !== name || decision.action !== "reject") return undefined;
      if (response?.headers.has("retry-after")) return undefined;
      return [["retry-after", retryAfter(retryAfterSeconds, random)]];
    },
  };
  if (admitForMs === undefined) return plugin;
  return { ...plugin, settled: (ctx, outcome) => outages.end(ctx, outcome) };
}

/** Whether a page is the one on which visitors wait. Sending it there again would never end. */
function isThere(ctx: Context, location: string): boolean {
  const { method } = ctx.request;
  if (method !== "GET" && method !== "HEAD") return false;
  const { host, pathname, search } = new URL(location, ctx.url);
  return host === ctx.url.host && pathname === ctx.url.pathname && search === ctx.url.search;
}

function check(options: FailOptions, otherwise: FailureAction, more: readonly string[]): void {
  const subject: Subject = "failure-policy plugin";
  const names = ["location", "status", "retryAfterSeconds", "admitForMs", "afterwards", "random"];
  checkOptions(subject, options, [...more, ...failureCodes, ...names]);
  const { location, status, retryAfterSeconds, admitForMs, afterwards, random } = options;
  if (random !== undefined) checkSyncFunction(subject, "random", random);
  const actions = ["admit", "queue", "reject"];
  checkChoice(subject, "otherwise", otherwise, actions);
  const given = failureCodes.filter((code) => options[code] !== undefined);
  for (const code of given) checkChoice(subject, code, options[code], actions);
  if (location !== undefined && !isPlace(location)) {
    throw valueError(subject, "location", 'an absolute http(s) URL or a path that starts with "/"', location);
  }
  if (status !== undefined) checkNumber(subject, "status", status, 400, 599);
  if (retryAfterSeconds !== undefined) {
    checkNumber(subject, "retryAfterSeconds", retryAfterSeconds, 0, 86_400);
  }
  if (afterwards !== undefined) checkChoice(subject, "afterwards", afterwards, ["queue", "reject"]);
  if (admitForMs !== undefined) checkNumber(subject, "admitForMs", admitForMs, 1);
  const admits = otherwise === "admit" || given.some((code) => options[code] === "admit");
  if (admitForMs !== undefined && !admits) {
    throw valueError(subject, "admitForMs", "left out where no failure admits", admitForMs);
  }
  if (afterwards !== undefined && admitForMs === undefined) {
    throw valueError(subject, "afterwards", 'given together with "admitForMs"', afterwards);
  }
}

/** Nothing that a browser reads as another site: `//host` and `/\host` are no paths. */
function isPlace(location: unknown): boolean {
  if (typeof location !== "string" || /[\s\p{Cc}\\]/u.test(location)) return false;
  return /^\/(?!\/)/.test(location) || (/^https?:\/\//i.test(location) && URL.canParse(location));
}
