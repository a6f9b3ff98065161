import { answerTo, isResponse, unavailable, withHeaders, withoutStore, withPrivacy } from "./answer.ts";
import { isPromise } from "../async/maybe-promise.ts";
import type { RequestContext } from "./request-context.ts";
import type { Pipeline, Step } from "./compile.ts";
import type { Settler } from "./background.ts";
import type { Context } from "../context.ts";
import { decided } from "../decided.ts";
import { type Decision, type HeaderChange, isAdmission, type Refusal } from "../decision.ts";
import { GateError, HookError } from "../errors.ts";
import type { Outcome } from "../plugin.ts";

/** What all passages through one gate share. */
export interface Machinery {
  readonly pipeline: Pipeline;
  readonly settler: Settler;
  readonly report: (error: GateError) => void;
  /** Measures how long decisions take, in milliseconds; `undefined` where nobody wants to know. */
  readonly timer: (() => number) | undefined;
  /** Whether a plugin reads what was decided from its slot. */
  readonly tells: boolean;
}

/** What the application answers: a response, or whatever the platform understands beside it. */
type Page<R> = R | Promise<R>;

/** Calls the application. */
export type Next<R> = (ctx: Context, decision: Decision) => Page<R>;

/** The hooks that run one after the other and may be asynchronous. */
type Stage = "prepare" | "decide" | "respond";

/**
 * The way of one request through the pipeline, from `prepare` on. It stays synchronous until a hook or the
 * application is not, and the application is never called within a `try`.
 */
export class Passage<R> {
  readonly #ctx: RequestContext;
  readonly #machinery: Machinery;
  readonly #next: Next<R>;
  readonly #enforced: boolean;
  #decision: Decision | undefined;
  #decidedBy = "gate";
  #durationMs = 0;
  #failure: GateError | undefined;
  #status: number | undefined;
  #served = false;
  #answered = false;

  constructor(machinery: Machinery, ctx: RequestContext, next: Next<R>, enforced: boolean) {
    this.#machinery = machinery;
    this.#ctx = ctx;
    this.#next = next;
    this.#enforced = enforced;
  }

  /** What was decided; set once the passage has got that far. */
  get decision(): Decision | undefined {
    return this.#decision;
  }

  /** The fault from which the pipeline recovered. */
  get failure(): GateError | undefined {
    return this.#failure;
  }

  /** Runs all stages. What the programs behind the gate would read differently is turned down before any is asked. */
  begin(): Page<R | Response> {
    this.#durationMs = -(this.#machinery.timer?.() ?? 0);
    return this.#ctx.isReadable ? this.run("prepare", 0) : this.#conclude(unreadable, "gate");
  }

  /** Runs the hooks of one stage from one on, and all that follows. */
  run(stage: Stage, from: number): Page<R | Response> {
    const steps: readonly Step<Stage>[] = this.#machinery.pipeline[stage];
    for (let at = from; at < steps.length; at++) {
      let result: unknown;
      try {
        // Only `respond` looks at the second argument, and only a refusal leads to that stage.
        result = steps[at]?.run(this.#ctx, this.#decision as Refusal);
      } catch (cause) {
        return this.#fail(stage, at, cause);
      }
      if (result === undefined) continue;
      if (isPromise(result)) return this.#wait(stage, at, result);
      if (stage !== "prepare" && result) return this.#take(stage, at, result);
    }
    return this.#end(stage);
  }

  #wait(stage: Stage, at: number, result: Promise<unknown>): Page<R | Response> {
    // Asked for before the wait: a connection that is gone when it ends tells no address any more.
    void this.#ctx.platform;
    return Promise.resolve(result).then(
      (value) => this.#take(stage, at, value),
      (cause: unknown) => this.#fail(stage, at, cause),
    );
  }

  /** Goes on with what a hook returned. */
  #take(stage: Stage, at: number, result: unknown): Page<R | Response> {
    if (stage === "prepare" || !result) return this.run(stage, at + 1);
    if (stage === "respond" && isResponse(result)) return this.#send(result);
    if (stage === "decide" && isDecision(result)) {
      return this.#conclude(result, this.#machinery.pipeline.decide[at]?.plugin ?? "");
    }
    return this.#fail(stage, at, garbage());
  }

  /** Goes on after a hook that threw. Who is refused already remains so, whatever the answer looks like. */
  #fail(stage: Stage, at: number, cause: unknown): Page<R | Response> {
    const plugin = this.#machinery.pipeline[stage][at]?.plugin ?? "";
    const failure = new HookError(plugin, stage, cause);
    if (stage !== "respond") return this.#recover(failure);
    this.#machinery.report(failure);
    return this.run(stage, at + 1);
  }

  /** Goes on when all hooks of a stage have run and none has ended it. */
  #end(stage: Stage): Page<R | Response> {
    switch (stage) {
      case "prepare":
        return this.run("decide", 0);
      case "decide":
        return this.#recover(new GateError("internal", "No plugin decided about the request"));
      case "respond":
        return this.#send();
    }
  }

  #recover(failure: GateError): Page<R | Response> {
    const { pipeline, report } = this.#machinery;
    this.#failure = failure;
    report(failure);
    let decision: Decision = { action: "reject", reason: "gate/unrecovered", status: 503 };
    let decidedBy = "gate";
    for (const { plugin, run } of pipeline.recover) {
      try {
        const said: unknown = run(this.#ctx, failure);
        if (!said) continue;
        if (!isDecision(said)) throw garbage();
        decision = said;
        decidedBy = plugin;
        break;
      } catch (cause) {
        report(new HookError(plugin, "recover", cause));
      }
    }
    return this.#conclude(decision, decidedBy);
  }

  #conclude(decision: Decision, decidedBy: string): Page<R | Response> {
    this.#decision = decision;
    const { timer, tells } = this.#machinery;
    if (timer !== undefined) {
      const durationMs = this.#durationMs += timer();
      this.#decidedBy = decidedBy;
      if (tells) this.#ctx.set(decided, { decision, decidedBy, durationMs, failure: this.#failure });
    }
    return isAdmission(decision) || !this.#enforced ? this.#serve() : this.run("respond", 0);
  }

  /** Calls the application, outside every `try`: its errors are its own. */
  #serve(): Page<R | Response> {
    this.#served = true;
    const { headers, settled } = this.#machinery.pipeline;
    let waits = false;
    // Scheduled before the call, so that a page that throws at once is accounted for as well.
    if (settled.length > 0) queueMicrotask(() => waits || this.#settle());
    // Only a decision leads to the application.
    const page = this.#next(this.#ctx, this.#decision as Decision);
    if (!isPromise(page)) return this.#finish(page);
    waits = true;
    if (headers.length === 0 && settled.length === 0) return page;
    return Promise.resolve(page).then((value) => {
      if (settled.length > 0) queueMicrotask(() => this.#settle());
      return this.#finish(value);
    }, (error: unknown) => {
      this.#settle();
      throw error;
    });
  }

  #finish(page: R): R | Response {
    this.#answered = true;
    if (!isResponse(page)) {
      this.#headers(undefined);
      return page;
    }
    const { pipeline, report } = this.#machinery;
    // A server may have to make what is asked for.
    if (pipeline.settled.length > 0) this.#status = page.status;
    const changes = this.#headers(page);
    return changes.length === 0 ? page : withHeaders(page, withPrivacy(page, changes), report);
  }

  #send(given?: Response): Response {
    const { pipeline, report } = this.#machinery;
    // Only a refusal leads here.
    const refusal = this.#decision as Refusal;
    let answer: Response;
    try {
      answer = answerTo(refusal, given);
    } catch (cause) {
      // The visitor stays outside, and the owner is told.
      report(new GateError("internal", `The answer "${refusal.action}" cannot be sent`, { cause }));
      answer = unavailable(503);
    }
    const changes = this.#headers(answer, refusal.action === "respond" ? undefined : refusal.headers);
    const response = withHeaders(answer, withoutStore(answer, changes), report);
    this.#status = response.status;
    if (pipeline.settled.length > 0) queueMicrotask(() => this.#settle());
    return response;
  }

  #headers(response: Response | undefined, own?: readonly HeaderChange[]): readonly HeaderChange[] {
    const { pipeline, report } = this.#machinery;
    let changes = own === undefined ? none : add(none, own);
    for (const { plugin, run } of pipeline.headers) {
      try {
        const more = run(this.#ctx, response);
        if (more) changes = add(changes, more);
      } catch (cause) {
        report(new HookError(plugin, "headers", cause));
      }
    }
    return changes;
  }

  #settle(): void {
    const { pipeline, settler, report } = this.#machinery;
    const outcome: Outcome = {
      // Only a decision leads to a response.
      decision: this.#decision as Decision,
      enforced: this.#enforced,
      failure: this.#failure,
      status: this.#status,
      served: this.#served,
      threw: this.#served && !this.#answered,
      decidedBy: this.#decidedBy,
      durationMs: this.#durationMs,
    };
    for (const step of pipeline.settled) {
      const failed = (cause: unknown) => new HookError(step.plugin, "settled", cause);
      try {
        if (!settler.takes(step)) {
          throw new GateError("internal", "dropped, too much work is pending already");
        }
        const work = step.run(this.#ctx, outcome);
        settler.note(step, isPromise(work));
        if (!isPromise(work)) continue;
        const watched = settler.watch(work, failed);
        this.#ctx.platform.waitUntil?.(watched);
      } catch (cause) {
        report(failed(cause));
      }
    }
  }
}

/** RFC 9112, section 3.2: the answer to a request whose host is none. */
const unreadable: Decision = { action: "reject", reason: "gate/unreadable-url", status: 400 };

const actions: readonly unknown[] = ["bypass", "admit", "queue", "redirect", "reject", "respond"];

/** Plugins need not be type-checked: what is no decision opens nothing. */
function isDecision(value: unknown): value is Decision {
  return typeof value === "object" && value !== null && "action" in value && actions.includes(value.action) &&
    (!("headers" in value) || Array.isArray(value.headers ?? []));
}

function garbage(): GateError {
  return new GateError("internal", "returned something that the hook must not return");
}

const none: readonly HeaderChange[] = [];

/** Most responses get no headers: nothing is made for them. */
function add(changes: readonly HeaderChange[], more: readonly HeaderChange[]): readonly HeaderChange[] {
  return [...changes, ...Array.from(more, ([name, value]): HeaderChange => [name.toLowerCase(), value])];
}
