import { inTime } from "../../src/async/deadline.ts";
import type { Loop } from "../../src/async/loop.ts";
import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { PlainAnswer } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import type { PageFunction } from "./options.ts";
import type { WaitingView } from "./page/view.ts";

/** How long the owner's page may take to be made, in milliseconds: less than the gate gives a decision. */
const mostMs = 2000;

/** How the owner's page is made. */
export interface OwnerPageOptions {
  readonly room: string;
  readonly page: PageFunction;
  readonly status: number;
  /** Is told of what the page fails with. */
  readonly warn: (message: string) => void;
  readonly loop: Loop;
}

/** Makes the owner's page, with the headers of ours, or gives the plain one instead. */
export type OwnerPage = (
  view: WaitingView,
  ctx: Context,
  headers: Readonly<Record<string, string>>,
  plain: () => PlainAnswer,
) => Response | PlainAnswer | Promise<Response | PlainAnswer>;

/**
 * Makes what calls the owner's function. Where that fails the plain page is shown: who has to wait waits. Otherwise a request that the
 * function cannot take would be for the failure policy to decide, which may let in everybody who sends one.
 */
export function createOwnerPage({ room, page, status, warn, loop }: OwnerPageOptions): OwnerPage {
  /** What was sent: not every platform says of a response that it was, and then nothing of it would come. */
  const sent = new WeakSet<object>();

  function checked(made: unknown): unknown {
    if (!(made instanceof Response) || made.body === null) return made;
    if (made.bodyUsed || sent.has(made)) {
      throw new GateError("internal", '"page" returned a Response that was used already');
    }
    sent.add(made);
    return made;
  }

  return (view, ctx, headers, plain) => {
    const instead = (cause: unknown) => {
      const why = cause instanceof GateError ? cause.message : kindOf(cause);
      warn(`waiting-room: the page of room "${room}" cannot be made, so the plain one is shown: ${why}`);
      return plain();
    };
    try {
      const made = page(view, ctx);
      if (!isPromise(made)) return answerOf(ctx, checked(made), status, headers);
      return inTime(Promise.resolve(made), mostMs, '"page" made none', undefined, loop)
        .then((made) => answerOf(ctx, checked(made), status, headers)).catch(instead);
    } catch (cause) {
      return instead(cause);
    }
  };
}

/** The owner's page, with the status and the headers of ours. */
function answerOf(
  { request }: Context,
  made: unknown,
  status: number,
  headers: Readonly<Record<string, string>>,
): Response | PlainAnswer {
  const isHead = request.method === "HEAD";
  if (typeof made === "string") return { status, headers, body: isHead ? null : made };
  if (!(made instanceof Response)) {
    throw new GateError("internal", '"page" must return a text or a Response');
  }
  const { "content-type": _, ...others } = headers;
  const all = new Headers(made.headers);
  for (const [name, value] of Object.entries(others)) all.set(name, value);
  return new Response(isHead ? null : made.body, { status, headers: all });
}
