import { chain, isLate, isPromise } from "../../src/async/maybe-promise.ts";
import type { Context, ContextKey } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { madePrivate } from "../../src/pipeline/answer.ts";
import { numberInLane, priorityBase, type RoomStatus } from "./machine/mod.ts";
import type { CheckedRoom } from "./check-options.ts";
import { type EndpointName, isEndpoint } from "./endpoint-answers.ts";
import type { EndpointPath } from "./endpoint-path.ts";
import { answerAnybody, answerVisitor, orUnreachable } from "./endpoints.ts";
import type { Peeked } from "./node/mod.ts";
import type { WaitingRoomOptions } from "./options.ts";
import type { Parts } from "./parts.ts";
import type { Room } from "./room.ts";
import type { Identities, Sealer, SentProofs } from "./tickets/mod.ts";
import { Visit } from "./visit.ts";
import { orBack } from "./wait-endpoint.ts";

/** All rooms, and what they share. */
export interface House {
  readonly rooms: readonly Entry[];
  /** Those that open by a lottery. */
  readonly drawn: readonly Entry[];
  readonly byName: ReadonlyMap<string, Entry>;
  readonly readEndpoint: (ctx: Context) => EndpointPath | undefined;
  readonly sealingOf: () => Sealing | Promise<Sealing>;
  readonly bind: WaitingRoomOptions["bind"];
  readonly identify: WaitingRoomOptions["identify"];
  /** The `Domain` of the cookies; `""` for the host alone. */
  readonly domain: string;
  readonly warnOfHost: (ctx: Context) => void;
  /** What is loaded with the first who needs it. */
  readonly parts: Parts;
  /** Where a request keeps its visit, until its answer is given its headers. */
  readonly visitOf: ContextKey<Pick<Visit, "headers">>;
}

/** A room, and what its owner said of it. */
export interface Entry {
  readonly checked: CheckedRoom;
  readonly room: Room;
  /** The room's key in the store. */
  readonly key: string;
}

/** What the keys are good for. */
export interface Sealing {
  readonly keys: readonly string[];
  readonly sealer: Sealer;
  readonly identities: Identities;
}

/** Decides about a request, and has the lotteries advanced by what is known then. */
export function decide(house: House, ctx: Context): Decision | Promise<Decision> {
  const decision = decideAlone(house, ctx);
  if (house.drawn.length === 0 || ctx.dryRun) return decision;
  return chain(decision, (made) => {
    for (const { room: { lottery, node } } of house.drawn) {
      const { last } = node();
      // Some platforms end what a request began together with it.
      if (last !== undefined) lottery?.advance(last, ctx.platform);
    }
    return made;
  });
}

/** Decides about a request: at an endpoint, at a room, or at neither. */
function decideAlone(house: House, ctx: Context): Decision | Promise<Decision> {
  const endpoint = house.readEndpoint(ctx);
  if (endpoint !== undefined) return atEndpoint(house, ctx, endpoint.room, endpoint.endpoint);
  return chain(firstRoom(house, ctx, 0), (found) => {
    return found === undefined ? unmatched : atRoom(house, ctx, found);
  });
}

/** Decides about a visitor of a room, who may need not wait. */
function atRoom(house: House, ctx: Context, entry: Entry): Decision | Promise<Decision> {
  const { checked: { bypass }, room } = entry;
  if (bypass === undefined) return visiting(house, ctx, entry, false, (visit) => room.decide(visit));
  return chain(bypass.when(ctx), (passesBy) => {
    if (passesBy && !bypass.counted) return passedBy(house, ctx, room);
    return visiting(house, ctx, entry, passesBy, (visit) => room.decide(visit));
  });
}

/** Lets somebody in who need not wait, and is not counted: nothing is asked, and nothing is given that could be handed on. */
function passedBy({ visitOf }: House, ctx: Context, { name }: Room): Decision {
  ctx.note?.(`room "${name}": the owner lets the visitor in without waiting, and nobody counts that`);
  ctx.set(visitOf, { headers: (response) => response === undefined ? [] : madePrivate(response) });
  return { action: "admit", reason: "waiting-room/bypass", facts: { room: name } };
}

function firstRoom(house: House, ctx: Context, from: number): Entry | undefined | Promise<Entry | undefined> {
  const entry = house.rooms[from];
  if (entry === undefined) return undefined;
  const { checked: { matches, configured: { limits } }, room } = entry;
  if (matches.usesHost) house.warnOfHost(ctx);
  return chain(matches(ctx), (isIts) => {
    if (!isIts) return firstRoom(house, ctx, from + 1);
    const { admitPerMinute, capacity } = room.node().last?.limits ?? limits;
    const inside = capacity < 0 ? "any number" : capacity;
    ctx.note?.(`room "${room.name}" protects the page: ${admitPerMinute} a minute, ${inside} inside`);
    return entry;
  });
}

/** Finds out who comes, and goes on with that: at once where the keys and the time are known. */
function visiting(
  house: House,
  ctx: Context,
  { room, key, checked: { configured } }: Entry,
  passesBy: boolean | undefined,
  next: (visit: Visit) => Decision | Promise<Decision>,
): Decision | Promise<Decision> {
  const { bind, domain } = house;
  const binding = bind === undefined ? "" : textOf("bind", bind(ctx));
  const identity = identityOf(house, ctx);
  return chain(sealingFor(house, ctx, room), ({ sealer, identities }) => {
    const node = room.node();
    const arrive = (now: number, told: RoomStatus | undefined = node.last) => {
      const visit = new Visit({
        ctx,
        room: room.name,
        now,
        sealer,
        key,
        binding,
        identity,
        identities,
        domain,
        passesBy,
        line: told ?? configured,
      });
      ctx.set(house.visitOf, visit);
      visit.note(() => describe(visit.sent));
      return visit;
    };
    const time = node.now();
    return time === undefined ? atUnknownTime(room, ctx.dryRun, arrive, next) : next(arrive(time));
  });
}

/** The keys. Where nobody can give them, nothing that a visitor brings can be read, and a policy still has a page that tries again by itself. */
function sealingFor({ sealingOf }: House, ctx: Context, room: Room): Sealing | Promise<Sealing> {
  const sealing = sealingOf();
  if (!isPromise(sealing)) return sealing;
  return sealing.catch(async (cause: unknown) => {
    // Else the figures of the room, and with them whoever watches, would know of no failure: nothing else is asked without the keys.
    if (!ctx.dryRun) await room.node().ask("asked for its key", () => Promise.reject(cause)).catch(() => {});
    throw await room.failure({ ctx, tag: () => undefined }, cause);
  });
}

/**
 * Asks the room for its time first; an explanation, which changes nothing, only reads what the room left. Where nobody can tell the time, a
 * ticket still keeps its holder in line.
 */
async function atUnknownTime(
  room: Room,
  isDry: boolean,
  arrive: (time: number, told?: RoomStatus) => Visit,
  next: (visit: Visit) => Decision | Promise<Decision>,
): Promise<Decision> {
  const node = room.node();
  let found: Peeked;
  try {
    found = isDry ? await node.peek() : { time: await node.time(), status: node.last };
  } catch (cause) {
    const visit = arrive(0);
    if (visit.sent.proof !== undefined && visit.sent.proof.kind !== "pass") return await next(visit);
    throw await room.failure(visit, cause);
  }
  const visit = arrive(found.time, found.status);
  if (isDry) visit.note(() => "this process has not asked the room yet, and goes by its own clock");
  return await next(visit);
}

function atEndpoint(
  house: House,
  ctx: Context,
  name: string,
  endpoint: string,
): Decision | Promise<Decision> {
  const entry = house.byName.get(name);
  try {
    const answered = answerAnybody(ctx, entry?.room, endpoint, house.parts) ??
      (entry && isEndpoint(endpoint) ? answerAt(house, ctx, entry, endpoint) : undefined);
    if (answered === undefined) throw new GateError("internal", "An endpoint has no answer");
    if (!isPromise(answered)) return answered;
    return answered.catch((cause: unknown) => orUnreachable(ctx, entry?.room, endpoint, cause));
  } catch (cause) {
    return orUnreachable(ctx, entry?.room, endpoint, cause);
  }
}

function answerAt(
  house: House,
  ctx: Context,
  entry: Entry,
  endpoint: EndpointName,
): Decision | Promise<Decision> {
  if (endpoint === "wait") return chain(atRoom(house, ctx, entry), (decision) => orBack(ctx, decision));
  const { room } = entry;
  return visiting(house, ctx, entry, undefined, (visit) => answerVisitor(visit, room, endpoint, house.parts));
}

const unmatched: Decision = { action: "bypass", reason: "waiting-room/unmatched" };

/** Asks the owner who comes, when that matters first. */
function identityOf({ identify }: House, ctx: Context): () => string {
  if (identify === undefined) return nobody;
  let known: string | undefined;
  return () => known ??= textOf("identify", identify(ctx));
}

/** Nobody in particular. */
function nobody(): string {
  return "";
}

/** What an owner's function gives, which must be there at once. */
function textOf(option: string, value: unknown): string {
  if (typeof value === "string") return value;
  void isLate(value);
  throw new GateError("internal", `"${option}" must return a text, at once`);
}

function describe({ proof, ended }: SentProofs): string {
  if (proof !== undefined) return `the visitor brought a ${proof.kind} with ${numberText(proof.number)}`;
  if (ended !== undefined) {
    return `the visitor brought a pass with ${numberText(ended.number)} that has ended`;
  }
  return "the visitor brought no ticket and no pass that counts";
}

function numberText(number: number): string {
  return `number ${numberInLane(number)}${number > priorityBase ? " of the priority lane" : ""}`;
}
