import { RequestContext } from "./_context.ts";
import { Passage } from "./_passage.ts";
import { compile } from "./_pipeline.ts";
import { Settler } from "./_settler.ts";
import type { Decision, HeaderChange } from "./decision.ts";
import type { HookName } from "./errors.ts";
import type { ExplainedStep, Explanation, Mode } from "./gate.ts";
import type { Plugin } from "./plugin.ts";

/** Sends a request through the same machinery as a real one, with recorders between the hooks and an empty page. */
export async function explain(
  plugins: readonly Plugin[],
  mode: Mode,
  request: Request,
  platform: readonly unknown[],
  now: () => number,
): Promise<Explanation> {
  const steps: ExplainedStep[] = [];
  const headers: HeaderChange[] = [];
  const remarks: string[] = [];
  const ctx = new RequestContext(request, platform, now, (remark) => remarks.push(remark));

  function record<T>(hook: HookName, plugin: string, result: T): T {
    steps.push({ hook, plugin, said: inWords(hook, result), notes: remarks.splice(0) });
    if (hook === "headers" && Array.isArray(result)) headers.push(...result);
    return result;
  }

  const pipeline = compile(plugins.map((plugin) => observed(plugin, record)));
  for (const { plugin, run } of pipeline.match) {
    let concerned = true;
    try {
      concerned = run(ctx);
    } catch {
      // As for a real request: what cannot say that a request is harmless protects it.
    }
    if (concerned !== false) continue;
    const decision: Decision = { action: "bypass", reason: `${plugin}/unmatched` };
    return { mode, steps, decision, failure: undefined, headers };
  }
  const settler = new Settler(1, 1, ignore);
  const passage = new Passage({ pipeline, settler, report: ignore }, ctx, emptyPage, true);
  await passage.prepare(0);
  // A passage that came to its end has decided.
  return { mode, steps, decision: passage.decision as Decision, failure: passage.failure, headers };
}

/** A copy of the plugin whose hooks tell what they return. `settled` is left out: it acts on the outside. */
function observed(plugin: Plugin, record: <T>(hook: HookName, plugin: string, result: T) => T): Plugin {
  const copy: { -readonly [K in keyof Plugin]: Plugin[K] } = { name: plugin.name };
  function watch<A extends readonly unknown[], R>(hook: HookName, run: ((...args: A) => R) | undefined) {
    if (run === undefined) return undefined;
    return (...args: A): R => {
      try {
        const result = run.apply(plugin, args as never);
        if (!(result instanceof Promise)) return record(hook, plugin.name, result);
        const told = result.then(
          (value) => record(hook, plugin.name, value),
          (error: unknown) => {
            record(hook, plugin.name, error);
            throw error;
          },
        );
        // The same promise, but for the record of its value.
        return told as R;
      } catch (error) {
        record(hook, plugin.name, error);
        throw error;
      }
    };
  }
  const match = watch("match", plugin.match);
  const prepare = watch("prepare", plugin.prepare);
  const decide = watch("decide", plugin.decide);
  const recover = watch("recover", plugin.recover);
  const respond = watch("respond", plugin.respond);
  const headers = watch("headers", plugin.headers);
  if (match) copy.match = match;
  if (prepare) copy.prepare = prepare;
  if (decide) copy.decide = decide;
  if (recover) copy.recover = recover;
  if (respond) copy.respond = respond;
  if (headers) copy.headers = headers;
  return copy;
}

function inWords(hook: HookName, result: unknown): string {
  if (result instanceof Error) return `failed: ${result.message}`;
  if (hook === "match") return result === false ? "not concerned" : "concerned";
  if (result instanceof Response) return `answered with ${result.status}`;
  if (Array.isArray(result)) {
    return result.length === 0 ? "nothing" : result.map((change) => change[0]).join(", ");
  }
  if (typeof result === "object" && result !== null && "action" in result && "reason" in result) {
    return `${result.action}, because ${result.reason}`;
  }
  return hook === "prepare" ? "done" : "nothing";
}

function emptyPage(): Response {
  return new Response(null);
}

function ignore(): void {}
