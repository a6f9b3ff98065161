/**
 * The decisions of a gate, as it tells them to the sandbox.
 *
 * @module
 */
import * as v from "valibot";

const text = v.pipe(v.string("must be a text"), v.maxLength(300, "must have at most 300 characters"));
const flag = v.boolean("must be true or false");

/** What a gate tells. What it knows besides, such as the network of a visitor, is left out. */
const DecisionSchema = v.object({
  time: v.pipe(text, v.isoTimestamp("must be a time in ISO 8601")),
  action: v.picklist(["admit", "bypass", "queue", "redirect", "reject", "respond"], "must be an action"),
  reason: text,
  provider: text,
  room: v.optional(text),
  enforced: flag,
  served: flag,
  threw: flag,
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(999))),
  durationMs: v.pipe(v.number("must be a number"), v.finite("must be finite"), v.minValue(0)),
  failure: v.optional(text),
  failedPlugin: v.optional(text),
  method: text,
  host: text,
  path: text,
});

/**
 * A decision of a gate, as {@linkcode Sandbox.noteDecision} takes it. It has the shape of the records of `decisionLog()`; what is wanted
 * here are all members but those that may be `undefined`.
 */
export interface NotedDecision {
  /** When, in ISO 8601. */
  readonly time: string;
  /** What was decided. */
  readonly action: "admit" | "bypass" | "queue" | "redirect" | "reject" | "respond";
  /** Why, such as `"crowdhandler/promoted"`. */
  readonly reason: string;
  /** The plugin that decided or recovered. */
  readonly provider: string;
  /** The waiting room that covers the page. */
  readonly room?: string | undefined;
  /** `false` when the gate only reports: this is what would have happened. */
  readonly enforced: boolean;
  /** Whether the application was called. */
  readonly served: boolean;
  /** Whether the application failed with an error. */
  readonly threw: boolean;
  /** The status of the response; `undefined` when there is none. */
  readonly status?: number | undefined;
  /** How long the gate took to decide, in milliseconds. */
  readonly durationMs: number;
  /** The cause of the fault from which the gate recovered. */
  readonly failure?: string | undefined;
  /** The plugin in which it occurred. */
  readonly failedPlugin?: string | undefined;
  /** The method of the request. */
  readonly method: string;
  /** The host of the request. */
  readonly host: string;
  /** The path of the request, without query. */
  readonly path: string;
}

/**
 * Looks at what is told, and takes of it what is wanted.
 *
 * @param record What came.
 * @returns The decision.
 * @throws {TypeError} If it is none.
 * @internal
 */
export function readDecision(record: unknown): NotedDecision {
  const read = v.safeParse(DecisionSchema, record);
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new TypeError(
    `Cannot note decision: "${v.getDotPath(issue) ?? "record"}" is wrong. ${issue.message}`,
  );
}

/** The options of {@linkcode tellSandbox}. */
export interface TellOptions {
  /**
   * What sends the decisions.
   * @default the platform's `fetch`
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * How long the sandbox may take, in milliseconds.
   * @default 2000
   */
  readonly timeoutMs?: number;
}

/**
 * Makes the `write` of a `decisionLog()` that tells a sandbox in another process what the gate decides, so that its board shows it.
 * It is made for development: where no sandbox runs, each record fails, which the gate's `onError` is told, and no visitor notices.
 *
 * @param url The sandbox's address, such as `http://127.0.0.1:4000`.
 * @param options What sends, and how long it waits.
 * @returns What takes a record, and rejects where nobody took it.
 * @throws {TypeError} If the address is none, or names more than scheme, host and port.
 * @example
 * ```ts
 * import { decisionLog } from "stanchion/decision-log";
 * import { tellSandbox } from "stanchion/sandbox";
 *
 * const log = decisionLog({ write: tellSandbox("http://127.0.0.1:4000") });
 * ```
 */
export function tellSandbox(
  url: string,
  { fetch = globalThis.fetch, timeoutMs = 2000 }: TellOptions = {},
): (record: NotedDecision) => Promise<void> {
  const place = new URL("/sandbox/decisions", originOf(url)).href;

  return async (record) => {
    const answer = await fetch(place, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(record),
      // A sandbox sends nobody elsewhere.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    if (answer.status === 204) return;
    throw new Error(
      `Cannot tell ${place} of a decision: it answered ${answer.status}. A sandbox of this version answers 204`,
    );
  };
}

function originOf(url: string): string {
  const must = `Cannot tell a sandbox: its address must be such as "http://127.0.0.1:4000", received ${
    JSON.stringify(url)?.slice(0, 200)
  }`;
  if (typeof url !== "string" || !URL.canParse(url)) throw new TypeError(must);
  const { protocol, origin, href } = new URL(url);
  if (!/^https?:$/.test(protocol) || href !== `${origin}/`) throw new TypeError(must);
  return origin;
}
