import { chain } from "../../src/async/maybe-promise.ts";
import type { Decision } from "../../src/decision.ts";
import type { GateError } from "../../src/errors.ts";
import type { Answers } from "./answers.ts";
import { admit, challenged, type Desk, failureOf, refuse, type RoomSetup, type Unserved } from "./desk.ts";
import type { EventStreams } from "./event-streams.ts";
import { createInside, type Inside } from "./inside.ts";
import { type Admitted, createLine, type EnterHow, type Line, type Result } from "./line.ts";
import type { Holder, RoomStatus } from "./machine/mod.ts";
import type { LotteryDesk } from "./lottery-desk.ts";
import type { RoomNode } from "./node/mod.ts";
import { gainsPriority } from "./priority.ts";
import { isOutage } from "./standing.ts";
import { createStatusAges, type StatusAges } from "./status-ages.ts";
import { createPublisher, type PublishedStatus } from "./status-document.ts";
import {
  heldProof,
  mayTakeNumber,
  newTag,
  type Pass,
  type Proof,
  type Registration,
  standingOf,
  takesLatePost,
  type Ticket,
} from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";
import type { Waiter } from "./waiter.ts";

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
  failure(visit: Unserved, cause: unknown): Promise<GateError>;
  /**
   * Takes a number for somebody who has none, as a page would, where a program of the site asks for it. `"challenge"` says that only a
   * page can show what has to be done before.
   */
  join(visit: Visit): Promise<Admitted | Waiter | "challenge">;
  /** Gives a place back. */
  leave(holder: Holder): Promise<void>;
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
  if (visit.passesBy && proof?.kind !== "pass") return passBy(desk, visit);
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
  if (next !== undefined && (next.kind === "pass" || !visit.passesBy)) {
    return byProof(desk, visit, next, others);
  }
  visit.forget();
  return visit.passesBy ? passBy(desk, visit) : last();
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
  return chain(mayCall && gainsPriority(desk, visit, ticket), (isSooner) => {
    const stays = () => inOwnLane(desk, visit, ticket, others, mayCall);
    return isSooner ? changesLane(desk, visit, stays) : stays();
  });
}

/** Gives a number of the priority lane to somebody who waits already, and is no newcomer where the room cannot be reached. */
async function changesLane(
  desk: Desk,
  visit: Visit,
  stays: () => Decision | Promise<Decision>,
): Promise<Decision> {
  try {
    return await newcomer(desk, visit, true);
  } catch (cause) {
    if (!isOutage(cause)) throw cause;
    return await stays();
  }
}

function inOwnLane(
  desk: Desk,
  visit: Visit,
  ticket: Ticket | Registration,
  others: readonly Proof[],
  mayCall: boolean,
): Decision | Promise<Decision> {
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

/** Lets somebody in who need not wait, and is counted. What no page is, which would bring the pass again, is not counted twice. */
async function passBy(desk: Desk, visit: Visit): Promise<Decision> {
  const { ctx } = visit;
  const admitted: Decision = { action: "admit", reason: "waiting-room/bypass", facts: { room: desk.name } };
  visit.note(() => "the owner lets the visitor in without waiting");
  if (ctx.dryRun || ctx.passive || !mayTakeNumber(ctx.request)) {
    visit.isInside();
    return admitted;
  }
  const identity = visit.identityTag();
  const how = { isIdentity: identity !== undefined, servesPage: true, bypasses: true };
  return await takeNumber(desk, visit, identity ?? newTag(), how);
}

function newcomer(desk: Desk, visit: Visit, hasPriority?: true): Decision | Promise<Decision> {
  const { ctx } = visit;
  if (ctx.passive || ctx.dryRun) {
    visit.note(() => "a visitor without a place would be given a number; nobody gets one now");
    return { action: "reject", reason: "waiting-room/unasked", status: 503, facts: { room: desk.name } };
  }
  if (!mayTakeNumber(ctx.request)) {
    visit.note(() => "only a page that a browser opens in a tab takes a number");
    return refuse(desk, visit, { situation: "outside", nextMs: 60_000, status: desk.node().last });
  }
  const closed = desk.line.closed(visit);
  if (closed !== undefined) return refuse(desk, visit, closed);
  const identity = visit.identityTag();
  if (identity !== undefined) return joined(desk, visit, { tag: identity, isIdentity: true, hasPriority });
  return chain(desk.welcome(visit), (welcomed) => {
    if ("tag" in welcomed) return joined(desk, visit, { tag: welcomed.tag, isIdentity: false, hasPriority });
    if ("response" in welcomed) return challenged(desk, visit, welcomed.response);
    visit.cookie(welcomed.cookie);
    return chain(desk.answers.puzzle(ctx, welcomed), (response) => challenged(desk, visit, response));
  });
}

/** Somebody who takes a number. `hasPriority` is what the owner said already; nobody is asked again, who may say something else. */
interface Joining {
  readonly tag: string;
  readonly isIdentity: boolean;
  readonly hasPriority: true | undefined;
}

/** Gives somebody a number of the lane that is theirs. */
function joined(
  desk: Desk,
  visit: Visit,
  { tag, isIdentity, hasPriority }: Joining,
): Decision | Promise<Decision> {
  return chain(
    hasPriority ?? desk.priority?.(visit.ctx) ?? false,
    (isPriority) => takeNumber(desk, visit, tag, { isIdentity, isPriority, servesPage: true }),
  );
}

async function join(desk: Desk, visit: Visit): Promise<Admitted | Waiter | "challenge"> {
  const closed = desk.line.closed(visit);
  if (closed !== undefined) return closed;
  const isPriority = await desk.priority?.(visit.ctx) ?? false;
  const identity = visit.identityTag();
  if (identity !== undefined) {
    return await desk.line.enter(visit, identity, { isIdentity: true, isPriority, servesPage: false });
  }
  const welcomed = await desk.welcome(visit);
  if ("response" in welcomed) return "challenge";
  if ("tag" in welcomed) {
    return await desk.line.enter(visit, welcomed.tag, { isIdentity: false, isPriority, servesPage: false });
  }
  visit.cookie(welcomed.cookie);
  // Whoever asks again later has earned a number by waiting, as a browser without scripts has. Clients come up to a fifth earlier.
  return { situation: "later", nextMs: welcomed.puzzle.waitSeconds * 1300, status: undefined };
}

async function takeNumber(desk: Desk, visit: Visit, tag: string, how: EnterHow): Promise<Decision> {
  try {
    return await decided(desk, visit, await desk.line.enter(visit, tag, how));
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

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`;
}
