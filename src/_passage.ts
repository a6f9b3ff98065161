import { answerTo, unavailable, withHeaders, withoutStore, withPrivacy } from "./_answer.ts";
import type { Pipeline } from "./_pipeline.ts";
import type { Settler } from "./_settler.ts";
import type { Context } from "./context.ts";
import type { Decision, HeaderChange, Refusal } from "./decision.ts";
import { GateError, HookError, type HookName } from "./errors.ts";
import type { Outcome } from "./plugin.ts";

/** What all passages through one gate share. */
export interface Machinery {
  readonly pipeline: Pipeline;
  readonly settler: Settler;
  readonly report: (error: GateError) => void;
}

/** What the application answers: a response, or whatever the platform understands beside it. */
type Page<R> = R | Promise<R>;

/**
 * The way of one request through the pipeline, from `prepare` on. It stays synchronous until a hook or the
 * application is not, and the application is never called within a `try`.
 */
export class Passage<R> {
  readonly #ctx: Context;
  readonly #machinery: Machinery;
  readonly #next: () => Page<R>;
  readonly #enforced: boolean;
  #decision: Decision | undefined;
  #failure: GateError | undefined;
  #status: number | undefined;
  #served = false;

  constructor(machinery: Machinery, ctx: Context, next: () => Page<R>, enforced: boolean) {
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

  /** Runs the `prepare` hooks from one on, and all that follows. */
  prepare(from: number): Page<R | Response> {
    const steps = this.#machinery.pipeline.prepare;
    for (let at = from; at < steps.length; at++) {
      const step = steps[at];
      if (step === undefined) break;
      try {
        const pending = step.run(this.#ctx);
        if (isPromise(pending)) {
          return pending.then(
            () => this.prepare(at + 1),
            (cause: unknown) => this.#recover(new HookError(step.plugin, "prepare", cause)),
          );
        }
      } catch (cause) {
        return this.#recover(new HookError(step.plugin, "prepare", cause));
      }
    }
    return this.#decide(0);
  }

  #decide(from: number): Page<R | Response> {
    const steps = this.#machinery.pipeline.decide;
    for (let at = from; at < steps.length; at++) {
      const step = steps[at];
      if (step === undefined) break;
      let decision: Decision | undefined | Promise<Decision | undefined>;
      try {
        decision = step.run(this.#ctx);
      } catch (cause) {
        return this.#recover(new HookError(step.plugin, "decide", cause));
      }
      if (isPromise(decision)) {
        return decision.then(
          (value) => value ? this.#conclude(value) : this.#decide(at + 1),
          (cause: unknown) => this.#recover(new HookError(step.plugin, "decide", cause)),
        );
      }
      if (decision) return this.#conclude(decision);
    }
    return this.#recover(new GateError("internal", "No plugin decided about the request"));
  }

  #recover(failure: GateError): Page<R | Response> {
    this.#failure = failure;
    this.#machinery.report(failure);
    for (const { plugin, run } of this.#machinery.pipeline.recover) {
      try {
        const decision = run(this.#ctx, failure);
        if (decision) return this.#conclude(decision);
      } catch (cause) {
        this.#machinery.report(new HookError(plugin, "recover", cause));
      }
    }
    return this.#conclude({ action: "reject", reason: "gate/unrecovered", status: 503 });
  }

  #conclude(decision: Decision): Page<R | Response> {
    switch (decision.action) {
      case "bypass":
      case "admit":
        this.#decision = decision;
        return this.#serve();
      case "queue":
      case "redirect":
      case "reject":
      case "respond":
        this.#decision = decision;
        return this.#enforced ? this.#respond(decision, 0) : this.#serve();
      default:
        // Only a plugin that is not type-checked comes here, and only once: recovering ends with a closed gate.
        decision satisfies never;
        return this.#failure === undefined
          ? this.#recover(new GateError("internal", "A plugin returned something that is no decision"))
          : this.#conclude({ action: "reject", reason: "gate/unrecovered", status: 503 });
    }
  }

  /** Calls the application, outside every `try`: its errors are its own. */
  #serve(): Page<R | Response> {
    this.#served = true;
    const { headers, settled } = this.#machinery.pipeline;
    let answered = true;
    // Scheduled before the call, so that a page that throws at once is accounted for as well.
    if (settled.length > 0) queueMicrotask(() => answered && this.#settle());
    const page = this.#next();
    if (!isPromise(page)) return this.#finish(page);
    answered = false;
    if (headers.length === 0 && settled.length === 0) return page;
    return page.then((value) => {
      const response = this.#finish(value);
      if (settled.length > 0) queueMicrotask(() => this.#settle());
      return response;
    }, (error: unknown) => {
      this.#settle();
      throw error;
    });
  }

  #finish(page: R): R | Response {
    if (!isResponse(page)) {
      this.#headers(undefined);
      return page;
    }
    this.#status = page.status;
    const changes = this.#headers(page);
    return changes.length === 0
      ? page
      : withHeaders(page, withPrivacy(page, changes), this.#machinery.report);
  }

  #respond(refusal: Refusal, from: number): Response | Promise<Response> {
    const steps = this.#machinery.pipeline.respond;
    for (let at = from; at < steps.length; at++) {
      const step = steps[at];
      if (step === undefined) break;
      try {
        const answer = step.run(this.#ctx, refusal);
        if (isPromise(answer)) {
          return answer.then(
            (value) => value ? this.#send(value, refusal) : this.#respond(refusal, at + 1),
            (cause: unknown) => {
              this.#machinery.report(new HookError(step.plugin, "respond", cause));
              return this.#respond(refusal, at + 1);
            },
          );
        }
        if (answer) return this.#send(answer, refusal);
      } catch (cause) {
        this.#machinery.report(new HookError(step.plugin, "respond", cause));
      }
    }
    let answer: Response;
    try {
      answer = answerTo(refusal);
    } catch (cause) {
      // A location or a status that no response can carry: the visitor stays outside, and the owner is told.
      this.#machinery.report(
        new GateError("internal", `The answer "${refusal.action}" cannot be sent`, { cause }),
      );
      answer = unavailable(503);
    }
    return this.#send(answer, refusal);
  }

  #send(answer: Response, refusal: Refusal): Response {
    const own = refusal.action === "respond" ? none : refusal.headers ?? none;
    const changes = withoutStore(answer, [...own, ...this.#headers(answer)]);
    const response = withHeaders(answer, changes, this.#machinery.report);
    this.#status = response.status;
    if (this.#machinery.pipeline.settled.length > 0) queueMicrotask(() => this.#settle());
    return response;
  }

  #headers(response: Response | undefined): readonly HeaderChange[] {
    let changes: readonly HeaderChange[] = none;
    for (const { plugin, run } of this.#machinery.pipeline.headers) {
      try {
        const more = run(this.#ctx, response);
        if (more !== undefined && more.length > 0) {
          changes = changes.length === 0 ? more : [...changes, ...more];
        }
      } catch (cause) {
        this.#machinery.report(new HookError(plugin, "headers", cause));
      }
    }
    return changes;
  }

  #settle(): void {
    const { pipeline, settler, report } = this.#machinery;
    if (this.#decision === undefined || !settler.hasRoom()) return;
    const outcome: Outcome = {
      decision: this.#decision,
      enforced: this.#enforced,
      failure: this.#failure,
      status: this.#status,
      served: this.#served,
    };
    for (const { plugin, run } of pipeline.settled) {
      try {
        const work = run(this.#ctx, outcome);
        if (!isPromise(work)) continue;
        const hook: HookName = "settled";
        const watched = settler.watch(work, (cause) => new HookError(plugin, hook, cause));
        this.#ctx.platform.waitUntil?.(watched);
      } catch (cause) {
        report(new HookError(plugin, "settled", cause));
      }
    }
  }
}

const none: readonly HeaderChange[] = [];

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** By shape: a response may come from another realm or from a server's own class. */
function isResponse(value: unknown): value is Response {
  return typeof value === "object" && value !== null && "headers" in value && "status" in value;
}
