import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { Decision, Facts, PlainAnswer, Reason } from "../../src/decision.ts";
import { type GateError, withFallback } from "../../src/errors.ts";
import type { Answers, Waiter } from "./answers.ts";
import type { EventStreams } from "./event-streams.ts";
import { createInside, type Inside } from "./inside.ts";
import { type Admitted, createLine, type Line, type Result } from "./line.ts";
import type { Holder, RoomStatus } from "./machine/mod.ts";
import type { Welcome } from "./newcomers.ts";
import type { LotteryDesk } from "./lottery-desk.ts";
import type { RoomNode } from "./node/mod.ts";
import { createStatusAges, type StatusAges } from "./status-ages.ts";
import { createPublisher, type PublishedStatus } from "./status-document.ts";
import {
  heldProof,
  mayTakeNumber,
  type Pass,
  type Proof,
  type Registration,
  standingOf,
  takesLatePost,
  type Ticket,
} from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";

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
  readonly welcome: (visit: Visit) => Welcome | Promise<Welcome>;
}

/** A room, as it decides about its visitors. */
export interface Room {
  readonly name: string;
  readonly node: () => RoomNode;
  readonly answers: Answers;
  readonly events: EventStreams;
  readonly line: Line;
  readonly inside: Inside;
  readonly lottery: LotteryDesk | undefined;
  /** How old the status was that called its visitors. */
  readonly statusAges: StatusAges;
  /** Writes the status as everybody may read it. */
  readonly publish: (status: RoomStatus) => PublishedStatus;
  /** Decides about a request for a page that the room protects. */
  decide(visit: Visit): Decision | Promise<Decision>;
  /** Makes the failure of a visit of what a store, or a function of the owner's, failed with. */
  failure(visit: Visit, cause: unknown): Promise<GateError>;
  /**
   * Takes a number for somebody who has none, as a page would, where a program of the site asks for it. `"challenge"` says that only a
   * page can show what has to be done before.
   */
  join(visit: Visit): Promise<Admitted | Waiter | "challenge">;
  /** Gives a place back. */
  leave(holder: Holder): Promise<void>;
}

/** What decides about the visitors of a room. */
interface Desk extends RoomSetup {
  readonly line: Line;
  readonly inside: Inside;
}

/** Makes a room. */
export function createRoom(setup: RoomSetup): Room {
  const { name, node, answers, events, maxSessionMs, graceMs } = setup;
  const line = createLine(node, maxSessionMs, setup.lottery);
  const inside = createInside(node, maxSessionMs, graceMs);
  const desk: Desk = { ...setup, line, inside };
  return {
    name,
    node,
    answers,
    events,
    line,
    inside,
    lottery: setup.lottery,
    statusAges: createStatusAges(),
    publish: createPublisher(),
    decide: (visit) => decide(desk, visit),
    failure: (visit, cause) => failureOf(desk, visit, cause),
    join: (visit) => join(desk, visit),
    async leave(holder) {
      line.forget(holder);
      inside.forget(holder);
      const { epoch, number, tag, issuedAt } = holder;
      await node().submit({ do: "leave", epoch, number, tag, issuedAt });
    },
  };
}

function decide(desk: Desk, visit: Visit): Decision | Promise<Decision> {
  const { proof, ended } = visit.sent;
  if (proof !== undefined) return byProof(desk, visit, proof, visit.sent.others);
  if (ended === undefined) return newcomer(desk, visit);
  const { ctx, now } = visit;
  visit.note(() => `the pass was good until ${seconds(now - ended.until)} ago`);
  const held = heldProof(visit.sent);
  if (held?.kind === "ticket") return inLine(desk, visit, held, []);
  const isLate = takesLatePost(ended, ctx.request.method, now) && !ctx.dryRun;
  return isLate ? renewed(desk, visit, ended, []) : newcomer(desk, visit);
}

function byProof(
  desk: Desk,
  visit: Visit,
  proof: Proof,
  others: readonly Proof[],
): Decision | Promise<Decision> {
  return proof.kind === "pass" ? byPass(desk, visit, proof, others) : inLine(desk, visit, proof, others);
}

/** Goes on with what else somebody brought, after something that counts no more. */
function byOther(
  desk: Desk,
  visit: Visit,
  [next, ...others]: readonly Proof[],
  last: () => Decision | Promise<Decision>,
): Decision | Promise<Decision> {
  if (next !== undefined) return byProof(desk, visit, next, others);
  visit.forget();
  return last();
}

function byPass(
  desk: Desk,
  visit: Visit,
  pass: Pass,
  others: readonly Proof[],
): Decision | Promise<Decision> {
  const { now, ctx } = visit;
  if (!ctx.passive && !ctx.dryRun) desk.inside.used(pass);
  if (standingOf(pass, now) === "good") {
    visit.note(() => `the pass is good without a question for ${seconds(pass.check - now)} more`);
    return admit(desk, visit, pass, "waiting-room/pass", "signature");
  }
  if (ctx.dryRun) {
    visit.note(() => "the pass is good; the room would be asked to renew it");
    return admit(desk, visit, pass, "waiting-room/pass", "signature");
  }
  const newer = desk.inside.newer(visit, pass);
  if (newer === undefined) return renewed(desk, visit, pass, others);
  visit.keep(newer);
  return admit(desk, visit, newer, "waiting-room/pass", "signature");
}

async function renewed(desk: Desk, visit: Visit, pass: Pass, others: readonly Proof[]): Promise<Decision> {
  let found: Pass | undefined;
  try {
    found = await desk.inside.renew(visit, pass, false);
  } catch (cause) {
    if (!desk.inside.mayBeServed(visit, pass, cause)) throw await failureOf(desk, visit, cause);
    visit.note(() => "the room cannot be reached, and the pass is served on meanwhile");
    return admit(desk, visit, pass, "waiting-room/grace", "signature");
  }
  if (found !== undefined) {
    visit.keep(found);
    return admit(desk, visit, found, "waiting-room/pass", "service");
  }
  visit.note(() => "the session of the pass is over, so it does not count");
  return await byOther(desk, visit, others, () => newcomer(desk, visit));
}

function inLine(
  desk: Desk,
  visit: Visit,
  ticket: Ticket | Registration,
  others: readonly Proof[],
): Decision | Promise<Decision> {
  const { ctx } = visit;
  const mayCall = mayTakeNumber(ctx.request) && !ctx.passive && !ctx.dryRun;
  const found = mayCall
    ? desk.line.checkIn(visit, ticket, { isHidden: false, servesPage: true })
    : desk.line.look(visit, ticket);
  return chain(found, (result: Result) => {
    // A number that this line does not know is none: whoever asks for a page gets another one.
    if (result === "unknown") return byOther(desk, visit, others, () => newcomer(desk, visit));
    const isOver = "situation" in result && (result.situation === "lapsed" || result.situation === "used");
    return isOver
      ? byOther(desk, visit, others, () => refuse(desk, visit, result))
      : decided(desk, visit, result);
  });
}

function newcomer(desk: Desk, visit: Visit): Decision | Promise<Decision> {
  const { ctx } = visit;
  if (ctx.passive || ctx.dryRun) {
    visit.note(() => "a visitor without a place would be given a number; nobody gets one now");
    return { action: "reject", reason: "waiting-room/unasked", status: 503, facts: { room: desk.name } };
  }
  if (!mayTakeNumber(ctx.request)) {
    visit.note(() => "only a page that a browser opens in a tab takes a number");
    return refuse(desk, visit, { situation: "outside", nextMs: 60_000, status: desk.node().last });
  }
  const closed = desk.line.closed();
  if (closed !== undefined) return refuse(desk, visit, closed);
  const identity = visit.identityTag();
  if (identity !== undefined) return takeNumber(desk, visit, identity, true);
  return chain(desk.welcome(visit), (welcomed) => {
    if ("tag" in welcomed) return takeNumber(desk, visit, welcomed.tag, false);
    if ("response" in welcomed) return challenged(desk, visit, welcomed.response);
    visit.cookie(welcomed.cookie);
    return chain(desk.answers.puzzle(ctx, welcomed), (response) => challenged(desk, visit, response));
  });
}

async function join(desk: Desk, visit: Visit): Promise<Admitted | Waiter | "challenge"> {
  const closed = desk.line.closed();
  if (closed !== undefined) return closed;
  const identity = visit.identityTag();
  if (identity !== undefined) {
    return await desk.line.enter(visit, identity, { isIdentity: true, servesPage: false });
  }
  const welcomed = await desk.welcome(visit);
  if ("response" in welcomed) return "challenge";
  if ("tag" in welcomed) {
    return await desk.line.enter(visit, welcomed.tag, { isIdentity: false, servesPage: false });
  }
  visit.cookie(welcomed.cookie);
  // Whoever asks again later has earned a number by waiting, as a browser without scripts has. Clients come up to a fifth earlier.
  return { situation: "later", nextMs: welcomed.puzzle.waitSeconds * 1300, status: undefined };
}

async function takeNumber(desk: Desk, visit: Visit, tag: string, isIdentity: boolean): Promise<Decision> {
  try {
    return await decided(desk, visit, await desk.line.enter(visit, tag, { isIdentity, servesPage: true }));
  } catch (cause) {
    throw await failureOf(desk, visit, cause);
  }
}

function decided(desk: Desk, visit: Visit, result: Admitted | Waiter): Decision | Promise<Decision> {
  if (!("pass" in result)) return refuse(desk, visit, result);
  visit.keep(result.pass);
  const reason = result.isBypass ? "waiting-room/bypass" : "waiting-room/admitted";
  return admit(desk, visit, result.pass, reason, "service");
}

function admit(
  desk: Desk,
  visit: Visit,
  holder: Holder,
  reason: Reason,
  proven: "service" | "signature",
): Decision {
  visit.isInside();
  if (!visit.ctx.dryRun) desk.serves?.(visit.ctx, holder);
  return { action: "admit", reason, facts: { room: desk.name, visitor: holder.tag, proven } };
}

function challenged(desk: Desk, visit: Visit, response: Response | PlainAnswer): Decision {
  return { action: "respond", reason: "waiting-room/challenge", response, facts: factsOf(desk, visit) };
}

function refuse(desk: Desk, visit: Visit, waiter: Waiter): Decision | Promise<Decision> {
  const { place } = desk.answers.standing(waiter);
  const facts: Facts = { ...factsOf(desk, visit), ...(place !== undefined && { place }) };
  const reason: Reason = `waiting-room/${waiter.situation}`;
  return chain(
    desk.answers.refuse(visit.ctx, waiter),
    (response): Decision => ({ action: "respond", reason, response, facts }),
  );
}

function factsOf(desk: Desk, visit: Visit): Facts {
  const visitor = visit.tag();
  return { room: desk.name, ...(visitor !== undefined && { visitor }) };
}

/** The failure of a visit. A policy that queues lets the visitor wait in a page that tries again by itself. */
async function failureOf(desk: Desk, visit: Visit, cause: unknown): Promise<GateError> {
  const waiter: Waiter = { situation: "later", nextMs: againMs, status: desk.node().last };
  const page = await desk.answers.refuse(visit.ctx, waiter);
  return withFallback(cause, { facts: factsOf(desk, visit), fallback: { page } });
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
