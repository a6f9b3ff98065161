import type { Passage } from "../begun.ts";
import type { Context } from "../context.ts";
import type { Decision, HeaderChange } from "../decision.ts";
import { GateError } from "../errors.ts";
import { withPrivacy } from "./answer.ts";
import { changesOf, settle } from "./ending.ts";
import type { Filling, Machinery } from "./machinery.ts";
import { PageHead } from "./page-head.ts";
import type { RequestContext } from "./request-context.ts";
import { none } from "./returned.ts";

/** What is left of the way of a request, in the hands of whoever calls the application. */
interface Rest {
  readonly machinery: Machinery;
  readonly ctx: RequestContext;
  readonly outcome: Filling;
}

/** A passage that stands for a page until that is known. One that no run has taken up changes nothing: the gate is off, or was bypassed. */
export class HeldPassage implements Passage {
  readonly answer = undefined;
  readonly ctx: Context | undefined;
  readonly decision: Decision;
  #rest: Rest | undefined;
  #isSettled = false;

  constructor(ctx: Context | undefined, decision: Decision) {
    this.ctx = ctx;
    this.decision = decision;
  }

  /** Takes the rest of the way over from a run. */
  take(machinery: Machinery, ctx: RequestContext, outcome: Filling): this {
    // Nothing has failed before it is said.
    outcome.threw = false;
    this.#rest = { machinery, ctx, outcome };
    return this;
  }

  /** Whether nobody wants to know what becomes of it, and nothing would be changed. By what is in a slot, the application may still write a token. */
  get isOver(): boolean {
    if (this.#rest === undefined) return true;
    const { machinery: { pipeline: { headers, settled } }, ctx: { openTokens, hasSlots } } = this.#rest;
    return headers.length === 0 && settled.length === 0 && openTokens === undefined && !hasSlots;
  }

  finish(status: number, headers: Headers | (() => Headers)): readonly HeaderChange[] {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined) return none;
    const { machinery, ctx, outcome } = rest;
    // What was told already stays as it was told.
    if (!this.#isSettled) outcome.status = status;
    const changes = changesTo(new PageHead(status, headers), rest);
    if (!this.#isSettled && machinery.pipeline.settled.length > 0) {
      queueMicrotask(() => settle(machinery, ctx, outcome));
    }
    this.#isSettled = true;
    return changes;
  }

  failed(): void {
    this.#end(true);
  }

  left(): void {
    this.#end(false);
  }

  #end(threw: boolean): void {
    if (this.#rest === undefined || this.#isSettled) return;
    this.#isSettled = true;
    const { machinery, ctx, outcome } = this.#rest;
    outcome.threw = threw;
    settle(machinery, ctx, outcome);
  }
}

/** Stands for a page that somebody else writes. */
export function hold(ctx: Context | undefined, decision: Decision): HeldPassage {
  return new HeldPassage(ctx, decision);
}

function changesTo(page: PageHead, { machinery, ctx, outcome }: Rest): readonly HeaderChange[] {
  const { pipeline, report } = machinery;
  if (pipeline.headers.length === 0 && ctx.openTokens === undefined) return none;
  try {
    return writable(withPrivacy(page, changesOf(machinery, ctx, outcome, page)), report);
  } catch (cause) {
    report(new GateError("internal", "The application's response cannot be looked at", { cause }));
    return none;
  }
}

/** What can be written into a head as it is (RFC 9110, section 5): a name that is a token, and a value without line breaks. */
const fieldName = /^[!#$%&'*+.^`|~\w-]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

function isWritable([name, value]: HeaderChange): boolean {
  return fieldName.test(name) && fieldValue.test(value);
}

/** Leaves out what cannot be sent, and what a later change replaces. */
function writable(
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
): readonly HeaderChange[] {
  if (changes.length === 0) return none;
  const [only] = changes;
  if (changes.length === 1 && only !== undefined && isWritable(only)) return changes;
  const sendable = changes.filter((change) => {
    if (isWritable(change)) return true;
    report(new GateError("internal", `The header "${change[0]}" cannot be sent`));
    return false;
  });
  return sendable.filter(([name], at) =>
    name === "set-cookie" || name === "vary" || sendable.findLastIndex(([other]) => other === name) === at
  );
}
