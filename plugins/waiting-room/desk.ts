/** What decides about the visitors of a room, and what it says to them. */

import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { Decision, Facts, PlainAnswer, Reason } from "../../src/decision.ts";
import { type GateError, withFallback } from "../../src/errors.ts";
import type { Answers } from "./answers.ts";
import type { EventStreams } from "./event-streams.ts";
import type { Inside } from "./inside.ts";
import type { Line } from "./line.ts";
import type { LotteryDesk } from "./lottery-desk.ts";
import type { Holder } from "./machine/mod.ts";
import type { Welcome } from "./newcomers.ts";
import type { RoomNode } from "./node/mod.ts";
import type { RequestTest } from "./owner-says.ts";
import type { Pass } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";
import type { Waiter } from "./waiter.ts";

/** After how long somebody tries again whom the room could not be asked about, in milliseconds; pages spread it. */
const againMs = 8000;

/** How a room is made. */
export interface RoomSetup {
  readonly name: string;
  readonly node: () => RoomNode;
  readonly answers: Answers;
  readonly events: EventStreams;
  readonly maxSessionMs: number;
  readonly graceMs: number;
  /** Is told who asks the application something; `undefined` where nobody wants to know. */
  readonly serves: ((ctx: Context, holder: Holder) => void) | undefined;
  /** The lottery by which it opens, if it does. */
  readonly lottery: LotteryDesk | undefined;
  /** Says who has priority; `undefined` where there is one lane. */
  readonly priority: RequestTest | undefined;
  readonly welcome: (visit: Visit) => Welcome | Promise<Welcome>;
}

/** What decides about the visitors of a room. */
export interface Desk extends RoomSetup {
  readonly line: Line;
  readonly inside: Inside;
}

/** Lets somebody in. */
export function admit(
  desk: Desk,
  visit: Visit,
  holder: Pass,
  reason: Reason,
  proven: "service" | "signature",
): Decision {
  visit.isInside();
  if (!visit.ctx.dryRun) desk.serves?.(visit.ctx, holder);
  // Where nobody has to prove anything, nobody may keep a place by it.
  const facts = { room: desk.name, visitor: holder.tag, ...(holder.isBypass !== true && { proven }) };
  return { action: "admit", reason, facts };
}

/** Answers what a newcomer has to do before. */
export function challenged(desk: Desk, visit: Visit, response: Response | PlainAnswer): Decision {
  return { action: "respond", reason: "waiting-room/challenge", response, facts: factsOf(desk, visit) };
}

/** Tells somebody why they are not let in. */
export function refuse(desk: Desk, visit: Visit, waiter: Waiter): Decision | Promise<Decision> {
  const standing = desk.answers.standing(waiter);
  const { place } = standing;
  const facts: Facts = { ...factsOf(desk, visit), ...(place !== undefined && { place }) };
  const reason: Reason = `waiting-room/${waiter.situation}`;
  return chain(
    desk.answers.refuse(visit.ctx, waiter, standing),
    (response): Decision => ({ action: "respond", reason, response, facts }),
  );
}

/** Somebody who comes, as far as is known of them before it is known what they bring. */
export type Unserved = Pick<Visit, "ctx" | "tag">;

function factsOf(desk: Desk, visit: Unserved): Facts {
  const visitor = visit.tag();
  return { room: desk.name, ...(visitor !== undefined && { visitor }) };
}

/** The failure of a visit. A policy that queues lets the visitor wait in a page that tries again by itself. */
export async function failureOf(desk: Desk, visit: Unserved, cause: unknown): Promise<GateError> {
  const waiter: Waiter = { situation: "later", nextMs: againMs, status: desk.node().last };
  const page = await desk.answers.refuse(visit.ctx, waiter);
  return withFallback(cause, { facts: factsOf(desk, visit), fallback: { page } });
}
