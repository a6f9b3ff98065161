import { isLate, isPromise } from "../async/maybe-promise.ts";
import type { Context } from "../context.ts";
import { type Decision, isAdmission, type PlainAnswer, type Refusal } from "../decision.ts";
import { GateError, HookError } from "../errors.ts";
import type { Outcome } from "../plugin.ts";
import type { Calls } from "../service.ts";
import {
  answerInAnyCase,
  isAnswer,
  isResponse,
  madeUnavailable,
  withoutStore,
  withPrivacy,
} from "./answer.ts";
import { type Given, givenOf, putBack } from "./as-given.ts";
import { turnedDown, undecided, unrecovered } from "./own-decisions.ts";
import { assertSendable } from "./sendable.ts";
import { AnswerHead } from "./plain-answer.ts";
import { withHeaders } from "./with-headers.ts";
import type { Step } from "./compile.ts";
import { changesOf, settle } from "./ending.ts";
import { HeldPassage, hold } from "./held-passage.ts";
import type { Filling, Machinery } from "./machinery.ts";
import type { RequestContext } from "./request-context.ts";
import { faultOfReason, garbage, isDecision, none } from "./returned.ts";

/** What the application answers: a response, or whatever the platform understands beside it. */
type Page<R> = R | Promise<R>;

/** Calls the application. */
export type Next<R> = (ctx: Context, decision: Decision) => Page<R>;

/** The hooks that run one after the other and may be asynchronous. */
type Stage = "prepare" | "decide" | "respond";

/** Whether the server tells no header any more of a request that is answered, if nobody has asked before. */
const forgetsHeaders = "Deno" in globalThis || "Bun" in globalThis;

/**
 * The way of one request through the pipeline, from `prepare` on. It stays synchronous until a hook or the
 * application is not, and the application is never called within a `try`.
 */
export class Run<R> {
  readonly #ctx: RequestContext;
  readonly #machinery: Machinery;
  readonly #next: Next<R>;
  readonly #outcome: Filling;
  #began = 0;
  /** Whether a hook waited, so that whoever called the gate got a promise. */
  #isLate = false;

  constructor(machinery: Machinery, ctx: RequestContext, next: Next<R>, enforced: boolean) {
    this.#machinery = machinery;
    this.#ctx = ctx;
    this.#next = next;
    this.#outcome = {
      decision: undecided,
      decidedBy: "gate",
      enforced,
      failure: undefined,
      durationMs: 0,
      status: undefined,
      served: false,
      threw: false,
    };
  }

  /** What became of the request; complete once the run has got that far. */
  get outcome(): Outcome {
    return this.#outcome;
  }

  /** Runs all stages. What the programs behind the gate would read differently is turned down before any is asked. */
  begin(): Page<R | Response> {
    this.#began = this.#machinery.timer?.() ?? 0;
    const { fault } = this.#ctx;
    return fault === undefined ? this.#stage("prepare", 0) : this.#decided(turnedDown[fault], "gate");
  }

  /** Runs the hooks of one stage from one on, and all that follows. */
  #stage(stage: Stage, from: number): Page<R | Response> {
    const steps: readonly Step<Stage>[] = this.#machinery.pipeline[stage];
    // Each hook looks at what is its own: `decide` at the calls, `respond` at the refusal, which alone leads there.
    const argument = (stage === "respond" ? this.#outcome.decision : this.#machinery.calls) as
      & Refusal
      & Calls;
    for (let at = from; at < steps.length; at++) {
      let result: unknown;
      try {
        result = steps[at]?.run(this.#ctx, argument);
      } catch (cause) {
        return this.#failed(stage, at, cause);
      }
      if (result === undefined) continue;
      if (isPromise(result)) return this.#wait(stage, at, result);
      if (stage !== "prepare" && result) return this.#onResult(stage, at, result);
    }
    return this.#nextStage(stage);
  }

  #wait(stage: Stage, at: number, result: unknown): Page<R | Response> {
    this.#isLate = true;
    // Once the wait has ended, a connection that is gone tells no address any more, and may tell no header.
    this.#look(true);
    return this.#machinery.waitForHook(`${stage} ${at}`, Promise.resolve(result), this.#ctx).then(
      (value) => this.#onResult(stage, at, value),
      (cause: unknown) => this.#failed(stage, at, cause),
    );
  }

  /** Asks for what a server may not tell later, by which it is known then. */
  #look(atHeaders: boolean): void {
    const { platform, request } = this.#ctx;
    try {
      void platform.peerAddress;
      if (atHeaders) void request.headers;
    } catch {
      // Whoever needs them finds out. A result that nobody looks after might end the process.
    }
  }

  /** Goes on with what a hook returned. */
  #onResult(stage: Stage, at: number, result: unknown): Page<R | Response> {
    if (stage === "prepare" || !result) return this.#stage(stage, at + 1);
    if (stage === "respond" && isAnswer(result)) return this.#refuse(result);
    if (stage === "decide" && isDecision(result)) {
      const plugin = this.#machinery.pipeline.decide[at]?.plugin ?? "";
      const fault = faultOfReason(result);
      if (fault !== undefined) this.#machinery.report(new HookError(plugin, stage, fault));
      return this.#decided(result, plugin);
    }
    return this.#failed(stage, at, garbage(stage, result));
  }

  /** Goes on after a hook that threw. Who is refused already remains so, whatever the answer looks like. */
  #failed(stage: Stage, at: number, cause: unknown): Page<R | Response> {
    const plugin = this.#machinery.pipeline[stage][at]?.plugin ?? "";
    const failure = new HookError(plugin, stage, cause);
    if (stage !== "respond") return this.#recover(failure);
    this.#machinery.report(failure);
    return this.#stage(stage, at + 1);
  }

  /** Goes on when all hooks of a stage have run and none has ended it. */
  #nextStage(stage: Stage): Page<R | Response> {
    switch (stage) {
      case "prepare":
        return this.#stage("decide", 0);
      case "decide":
        return this.#recover(new GateError("internal", "No plugin decided about the request"));
      case "respond":
        return this.#refuse();
    }
  }

  #recover(failure: GateError): Page<R | Response> {
    const { pipeline, report } = this.#machinery;
    this.#outcome.failure = failure;
    report(failure);
    for (const { plugin, run } of pipeline.recover) {
      let decision: Decision | undefined;
      try {
        const said: unknown = run(this.#ctx, failure);
        if (isDecision(said)) decision = said;
        else if (isLate(said) || said) throw garbage("recover", said);
      } catch (cause) {
        report(new HookError(plugin, "recover", cause));
      }
      // Not within the `try`: it leads to the application.
      if (decision !== undefined) return this.#decided(decision, plugin);
    }
    return this.#decided(unrecovered, "gate");
  }

  #decided(decision: Decision, decidedBy: string): Page<R | Response> {
    const outcome = this.#outcome;
    const { timer } = this.#machinery;
    outcome.decision = decision;
    outcome.decidedBy = decidedBy;
    if (timer !== undefined) outcome.durationMs = timer() - this.#began;
    return isAdmission(decision) || !outcome.enforced ? this.#serve() : this.#stage("respond", 0);
  }

  /** Calls the application, outside every `try`: its errors are its own. */
  #serve(): Page<R | Response> {
    const outcome = this.#outcome;
    const { headers, settled } = this.#machinery.pipeline;
    outcome.served = true;
    // Until it has answered it may throw at once, which nobody here would notice.
    outcome.threw = true;
    let waits = false;
    if (settled.length > 0) {
      // Whoever goes on behind the response may want to know a connection that is gone by then, or what the request said.
      this.#look(forgetsHeaders);
      // Scheduled before the call, so that a page that throws at once is accounted for as well.
      queueMicrotask(() => waits || settle(this.#machinery, this.#ctx, this.#outcome));
    }
    const page = this.#next(this.#ctx, outcome.decision);
    if (!isPromise(page)) {
      if (!(page instanceof HeldPassage)) return this.#pageAnswered(page);
      waits = true;
      return page.take(this.#machinery, this.#ctx, outcome);
    }
    waits = true;
    if (headers.length === 0 && settled.length === 0 && this.#ctx.openTokens === undefined) return page;
    return Promise.resolve(page).then((value) => {
      if (settled.length > 0) queueMicrotask(() => settle(this.#machinery, this.#ctx, this.#outcome));
      return this.#pageAnswered(value, true);
    }, (error: unknown) => {
      settle(this.#machinery, this.#ctx, this.#outcome);
      throw error;
    });
  }

  #pageAnswered(page: R, isLate = this.#isLate): R | Response {
    this.#outcome.threw = false;
    if (!isResponse(page)) {
      changesOf(this.#machinery, this.#ctx, this.#outcome, undefined);
      return page;
    }
    const { pipeline, report } = this.#machinery;
    const isSeen = pipeline.headers.length > 0;
    let given: Given | undefined;
    let changes = none;
    try {
      // A server may have to make what is asked for.
      if (pipeline.settled.length > 0 || isSeen) this.#outcome.status = page.status;
      // Only who gets other headers gets another response.
      if (isSeen || this.#ctx.openTokens !== undefined) {
        if (isSeen) given = givenOf(page);
        changes = changesOf(this.#machinery, this.#ctx, this.#outcome, page);
        if (given !== undefined) putBack(page, given);
        else if (!isSeen && changes !== none) given = givenOf(page);
        changes = withPrivacy(given ?? page, changes);
      }
    } catch (cause) {
      // The platform may send it all the same.
      report(new GateError("internal", "The application's response cannot be looked at", { cause }));
      changes = none;
    }
    const response = changes === none ? page : withHeaders(page, changes, report, given);
    if (isLate) assertSendable(response, response === page && changes !== none);
    return response;
  }

  /** Answers a visitor who is not served. */
  #refuse(given?: Response | PlainAnswer): Response {
    const { pipeline, report } = this.#machinery;
    const outcome = this.#outcome;
    // Only a refusal leads here.
    const refusal = outcome.decision as Refusal;
    const by = { decidedBy: outcome.decidedBy, report };
    // To know who looks at no answer takes a look at headers.
    const isUnseen = !given && refusal.action === "queue" && this.#ctx.passive;
    const made = answerInAnyCase(refusal, given, isUnseen, by);
    const { answer, kept } = made;
    outcome.status = answer.status;
    const own = refusal.action === "respond" ? undefined : refusal.headers;
    const all = changesOf(this.#machinery, this.#ctx, outcome, answer, own);
    const changes = withoutStore(made, all, refusal);
    if (kept !== undefined) putBack(answer, kept);
    const isHeld = this.#next as unknown === hold;
    let response = answer instanceof AnswerHead
      ? (isHeld ? answer.held(changes) : undefined) ?? answer.with(changes, report)
      : withHeaders(answer, changes, report, kept);
    // Of one whose body is in somebody's hands there is no copy. Servers send nothing then, and Deno ends by it.
    if (response === answer && changes.length > 0 && answer.status >= 200) {
      response = madeUnavailable();
      outcome.status = response.status;
    }
    if (pipeline.settled.length > 0) {
      this.#look(forgetsHeaders);
      queueMicrotask(() => settle(this.#machinery, this.#ctx, this.#outcome));
    }
    return response;
  }
}
