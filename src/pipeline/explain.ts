import { isPromise } from "../async/maybe-promise.ts";
import type { Decision, HeaderChange } from "../decision.ts";
import type { GateError, HookName } from "../errors.ts";
import type { Mode } from "../mode.ts";
import { isAnswer } from "./answer.ts";
import { callsBehind } from "./calls.ts";
import { Background } from "./background.ts";
import { bypassOf, type Pipeline, type Step } from "./compile.ts";
import type { WaitForHook } from "./hook-time.ts";
import type { Machinery } from "./machinery.ts";
import { type ContextSource, RequestContext } from "./request-context.ts";
import { Run } from "./run.ts";

/** One thing that happened while a request was explained. */
export interface ExplainedStep {
  /** The hook that ran. */
  readonly hook: HookName;
  /** The plugin that it belongs to. */
  readonly plugin: string;
  /** What it returned, in words. */
  readonly said: string;
  /** Its remarks. */
  readonly notes: readonly string[];
}

/** What the gate would do with a request, and why. */
export interface Explanation {
  /** The mode in which a real request would be treated. */
  readonly mode: Mode;
  /** Each hook that ran, in order. */
  readonly steps: readonly ExplainedStep[];
  /** What would be decided. */
  readonly decision: Decision;
  /** The fault from which the pipeline recovered, if there was one. */
  readonly failure: GateError | undefined;
  /** The headers that tokens and plugins would add to the response. Those of a refusal are in its decision. */
  readonly headers: readonly HeaderChange[];
}

/** Writes down what became of one hook. */
interface Recorder {
  said(result: unknown): void;
  failed(error: unknown): void;
}

/** The hooks that may be asynchronous. */
const mayWait: ReadonlySet<HookName> = new Set(["prepare", "decide", "respond"]);

/** Sends a request through the same machinery as a real one, with recorders between the hooks and an empty page. */
export async function explain(
  real: Machinery,
  mode: Mode,
  request: Request,
  platform: readonly unknown[],
  source: ContextSource,
): Promise<Explanation> {
  const { pipeline, waitForHook, steps, headers, remarks } = recorded(real);
  const ctx = new RequestContext(request, platform, source, (remark) => remarks.push(remark));
  const bypass = bypassOf(pipeline, ctx, ignore);
  if (bypass !== undefined) return { mode, steps, decision: bypass, failure: undefined, headers };
  const background = new Background(1, 1, ignore);
  const run = new Run(
    { ...real, calls: callsBehind(), pipeline, waitForHook, background, report: ignore },
    ctx,
    emptyPage,
    true,
  );
  await run.begin();
  const { decision, failure } = run.outcome;
  try {
    headers.unshift(...ctx.openTokens?.headers() ?? []);
  } catch {
    // A real request tells the owner of it, and goes on without them.
  }
  return { mode, steps, decision, failure, headers };
}

/** The parts of the machinery that are another's while it explains, and what they write down. */
interface Recorded extends Pick<Machinery, "pipeline" | "waitForHook"> {
  readonly steps: ExplainedStep[];
  readonly headers: HeaderChange[];
  readonly remarks: string[];
}

function recorded(real: Machinery): Recorded {
  const steps: ExplainedStep[] = [];
  const headers: HeaderChange[] = [];
  const remarks: string[] = [];
  /** The hook that is waited for. There is never more than one. */
  let waiting: Recorder | undefined;

  /** Writes down what a hook said, or how it failed. */
  function recorderOf(hook: HookName, { plugin }: Step<HookName>): Recorder {
    function record(said: string): void {
      steps.push({ hook, plugin, said, notes: remarks.splice(0) });
    }
    return {
      said(result) {
        record(inWords(hook, result));
        if (hook === "headers" && Array.isArray(result)) headers.push(...result);
      },
      failed: (error) => record(`failed: ${error instanceof Error ? error.message : String(error)}`),
    };
  }

  /** A hook that writes down what it said at once; one that is waited for is written down when the wait is over. */
  function watched<H extends HookName, S extends Step<H>>(hook: H, step: S): S {
    const recorder = recorderOf(hook, step);
    function run(...args: readonly unknown[]): unknown {
      let result: unknown;
      try {
        result = Reflect.apply(step.run, undefined, args);
      } catch (error) {
        recorder.failed(error);
        throw error;
      }
      if (!isPromise(result)) recorder.said(result);
      else if (mayWait.has(hook)) waiting = recorder;
      else recorder.failed(new Error("must answer at once"));
      return result;
    }
    // It takes and returns what the hook does.
    return { ...step, run } as S;
  }

  /** Waits as for a real request: what is given up has failed, and what comes of it later is written down nowhere. */
  const waitForHook: WaitForHook = async (hook, work, visit) => {
    const recorder = waiting;
    const result = await real.waitForHook(hook, work, visit).catch((error: unknown) => {
      recorder?.failed(error);
      throw error;
    });
    recorder?.said(result);
    return result;
  };

  const { match, prepare, decide, recover, respond } = real.pipeline;
  const pipeline: Pipeline = {
    match: match.map((step) => watched("match", step)),
    prepare: prepare.map((step) => watched("prepare", step)),
    decide: decide.map((step) => watched("decide", step)),
    recover: recover.map((step) => watched("recover", step)),
    respond: respond.map((step) => watched("respond", step)),
    headers: real.pipeline.headers.map((step) => watched("headers", step)),
    // It acts on the outside.
    settled: [],
  };
  return { pipeline, waitForHook, steps, headers, remarks };
}

function inWords(hook: HookName, result: unknown): string {
  if (hook === "match") return result === false ? "not concerned" : "concerned";
  if (hook === "prepare") return "done";
  if (isAnswer(result)) return `answered with ${result.status}`;
  if (Array.isArray(result) && result.length > 0) return result.map((change) => change[0]).join(", ");
  if (typeof result === "object" && result !== null && "action" in result && "reason" in result) {
    return `${result.action}, because ${result.reason}`;
  }
  return "nothing";
}

function emptyPage(): Response {
  return new Response(null);
}

function ignore(): void {}
