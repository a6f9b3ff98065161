import { RequestContext } from "./request-context.ts";
import { isPromise } from "../async/maybe-promise.ts";
import { type Machinery, Passage } from "./run.ts";
import { byHook, unconcerned } from "./compile.ts";
import { Settler } from "./background.ts";
import type { Decision, HeaderChange } from "../decision.ts";
import type { HookName } from "../errors.ts";
import type { ExplainedStep, Explanation, Mode } from "../gate.ts";

/** Sends a request through the same machinery as a real one, with recorders between the hooks and an empty page. */
export async function explain(
  real: Machinery,
  mode: Mode,
  request: Request,
  platform: readonly unknown[],
  now: () => number,
): Promise<Explanation> {
  const steps: ExplainedStep[] = [];
  const headers: HeaderChange[] = [];
  const remarks: string[] = [];
  const ctx = new RequestContext(request, platform, now, (remark) => remarks.push(remark));

  function record(hook: HookName, plugin: string, said: string): void {
    steps.push({ hook, plugin, said, notes: remarks.splice(0) });
  }

  /** Calls a hook and writes down what it said, at once or when its promise is settled. */
  function watch(hook: HookName, plugin: string, run: () => unknown): unknown {
    function said<T>(result: T): T {
      record(hook, plugin, inWords(hook, result));
      if (hook === "headers" && Array.isArray(result)) headers.push(...result);
      return result;
    }
    function failed(error: unknown): never {
      record(hook, plugin, `failed: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      return failed(error);
    }
    return isPromise(result) ? Promise.resolve(result).then(said, failed) : said(result);
  }

  const watched = byHook((hook) =>
    // `settled` is left out: it acts on the outside.
    hook === "settled" ? [] : real.pipeline[hook].map(({ plugin, run, bypass }) => ({
      plugin,
      bypass,
      run: (...args: readonly unknown[]) => watch(hook, plugin, () => Reflect.apply(run, undefined, args)),
    }))
  );
  const bypass = unconcerned(watched, ctx, ignore);
  if (bypass !== undefined) return { mode, steps, decision: bypass, failure: undefined, headers };
  const machinery = { ...real, pipeline: watched, settler: new Settler(1, 1, ignore), report: ignore };
  const passage = new Passage(machinery, ctx, emptyPage, true);
  await passage.begin();
  // A passage that came to its end has decided.
  return { mode, steps, decision: passage.decision as Decision, failure: passage.failure, headers };
}

function inWords(hook: HookName, result: unknown): string {
  if (hook === "match") return result === false ? "not concerned" : "concerned";
  if (hook === "prepare") return "done";
  if (result instanceof Response) return `answered with ${result.status}`;
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
