import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { clientHeaders } from "../../src/http/client-kind.ts";
import { answer, partsOf, problem } from "../../src/http/problem.ts";
import {
  type EndpointName,
  isEndpoint,
  methods,
  said,
  saidTo,
  shownTo,
  unreachable,
} from "./endpoint-answers.ts";
import { readFields } from "./fields.ts";
import type { Result } from "./line.ts";
import { numberInLane, type RoomStatus } from "./machine/mod.ts";
import type { Parts } from "./parts.ts";
import type { Room } from "./room.ts";
import { nameOf } from "./standing.ts";
import { openingOf } from "./status-document.ts";
import { heldProof, isOwnPost, type Proof, standingOf } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";
import { back } from "./wait-endpoint.ts";

/** Answers what needs no visitor: what is no endpoint, other methods, other sites, and the status. */
export function answerAnybody(
  ctx: Context,
  room: Room | undefined,
  endpoint: string,
  parts: Parts,
): Decision | Promise<Decision> | undefined {
  const { method } = ctx.request;
  if (room === undefined) {
    // Somebody kept the address of a room that is called otherwise by now.
    if (endpoint === "wait" && methods.wait.some((each) => each === method)) return back(ctx);
    // A page that is still open asks for itself then, and gets what is there now.
    if (endpoint === "check-in" && isOwnPost(ctx)) return said(ctx, endpoint, answer(200, { is: "unknown" }));
    return said(ctx, endpoint, problem(404, { detail: "There is no such room" }));
  }
  if (!isEndpoint(endpoint) || (endpoint === "events" && !room.events.isOn)) {
    return said(ctx, "unknown", problem(404, { detail: "A room has no such endpoint" }));
  }
  const allowed: readonly string[] = methods[endpoint];
  if (!allowed.includes(method)) {
    const detail = "This endpoint does not know the method";
    return said(ctx, endpoint, problem(405, { detail }, { allow: allowed.join(", ") }));
  }
  if (endpoint === "status") return status(ctx, room);
  if (endpoint === "events") return events(ctx, room);
  if (endpoint === "carry" && method !== "POST") {
    return parts.carry().then(({ carryPage }) => carryPage(ctx, room));
  }
  if ((endpoint === "lottery" || endpoint === "place") && room.lottery === undefined) {
    return said(ctx, endpoint, problem(404, { detail: "This room has no lottery" }));
  }
  if (endpoint === "lottery") return ctx.dryRun ? unasked : undefined;
  if (endpoint === "wait") return undefined;
  if (!isOwnPost(ctx)) {
    return said(ctx, endpoint, problem(403, { detail: "Only pages of this site may ask for this" }));
  }
  if (ctx.dryRun) return unasked;
  return undefined;
}

/** What is said of an endpoint where nothing may change. */
const unasked: Decision = { action: "reject", reason: "waiting-room/unasked", status: 503 };

/** Answers the visitor of a room. */
export function answerVisitor(
  visit: Visit,
  room: Room,
  endpoint: Exclude<EndpointName, "wait">,
  parts: Parts,
): Decision | Promise<Decision> {
  switch (endpoint) {
    case "check-in":
      return checkIn(visit, room);
    case "join":
      return join(visit, room);
    case "ping":
      return ping(visit, room);
    case "carry":
      return parts.carry().then(({ carry }) => carry(visit, room));
    case "take":
      return parts.carry().then(({ take }) => take(visit, room));
    case "place":
      return place(visit, room);
    case "lottery":
      return lottery(visit, room, parts);
    default:
      return leave(visit, room);
  }
}

function status(ctx: Context, room: Room): Decision | Promise<Decision> {
  // An explanation changes nothing: it only reads what the last batch left.
  if (ctx.dryRun) {
    return chain(
      room.node().peek(),
      ({ status }) => status === undefined ? unasked : statusAnswer(ctx, room, status),
    );
  }
  const found = room.node().status();
  return chain(found, (told) => statusAnswer(ctx, room, told));
}

/** The status as it changes. Where there are too many who listen, the page goes on asking. */
function events(ctx: Context, { name, node, events }: Room): Decision {
  const stream = ctx.dryRun ? undefined : events.open(node());
  if (stream === undefined) {
    const detail = "As many listen as may: ask for the status instead";
    return said(ctx, "events", problem(503, { detail }, { "retry-after": "60" }));
  }
  const headers = {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    // nginx would keep events until there are enough of them.
    "x-accel-buffering": "no",
  };
  const response = new Response(stream, { headers });
  return { action: "respond", reason: "waiting-room/events", response, facts: { room: name } };
}

function statusAnswer({ request }: Context, { name, publish }: Room, told: RoomStatus): Decision {
  const { etag, whole, head, unchanged } = publish(told);
  const isKnown = matches(request.headers.get("if-none-match"), etag);
  const response = isKnown ? unchanged : request.method === "HEAD" ? head : whole;
  return {
    action: "respond",
    reason: "waiting-room/status",
    response,
    facts: { room: name },
    isPublic: true,
  };
}

/** RFC 9110, section 13.1.2: a list of tags, compared without what says that they are weak. */
function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}

async function checkIn(visit: Visit, room: Room): Promise<Decision> {
  const { isHidden, seenMs } = await brought(visit.ctx);
  const proof = heldProof(visit.sent);
  // Of a store that fails nobody has a young one.
  if (seenMs !== undefined && proof !== undefined && !room.node().isFailing) {
    room.statusAges.note(nameOf(proof), seenMs, visit.now);
  }
  const told = await checkedIn(visit, room, proof, visit.sent.others, isHidden);
  return saidTo(visit, room, "check-in", told);
}

/** What a page is told. */
interface Told {
  readonly is: string;
  readonly [name: string]: unknown;
}

/** What a page is told of its place; `undefined` where the room cannot be reached. */
async function checkedIn(
  visit: Visit,
  room: Room,
  proof: Proof | undefined,
  [next, ...others]: readonly Proof[],
  isHidden: boolean,
): Promise<Told | undefined> {
  if (proof === undefined) return { is: "unknown" };
  if (proof.kind === "pass") return { is: "admitted" };
  const result = await room.line.checkIn(visit, proof, { isHidden, servesPage: false });
  const isOver = result === "unknown" || "situation" in result && overs.has(result.situation);
  if (isOver && next !== undefined) return await checkedIn(visit, room, next, others, isHidden);
  if (result === "unknown") {
    visit.forget();
    return { is: "unknown" };
  }
  return toldOf(visit, room, result);
}

/** What a program is told; `undefined` where the room cannot be reached. */
function toldOf(visit: Visit, room: Room, result: Exclude<Result, "unknown">): Told | undefined {
  if ("pass" in result) {
    visit.keep(result.pass);
    return { is: "admitted" };
  }
  const { situation, status, number } = result;
  if (situation === "reconnecting") return undefined;
  const { place, progress, nextMs } = room.answers.standing(result);
  return {
    is: situation,
    ...(status !== undefined && {
      epoch: status.epoch,
      now: status.now,
      mode: status.mode,
      opensAt: openingOf(status),
      note: status.note,
    }),
    ...(number !== undefined && { number: numberInLane(number) }),
    ...place,
    ...(progress !== undefined && { progress: Math.round(progress * 1000) / 1000 }),
    nextMs: Math.round(nextMs),
  };
}

const overs: ReadonlySet<string> = new Set(["lapsed", "used"]);

/** Takes a number for whoever has none that counts: a program of the site cannot open a page to get one. */
async function join(visit: Visit, room: Room): Promise<Decision> {
  const told = await checkedIn(visit, room, heldProof(visit.sent), visit.sent.others, false);
  const hasNone = told !== undefined && (told.is === "unknown" || overs.has(told.is));
  if (!hasNone || visit.ctx.passive) return saidTo(visit, room, "join", told);
  const result = await room.join(visit);
  const joined = result === "challenge" ? { is: result } : toldOf(visit, room, result);
  return saidTo(visit, room, "join", joined);
}

async function ping(visit: Visit, room: Room): Promise<Decision> {
  const { sent: { proof }, now } = visit;
  if (proof?.kind !== "pass") return saidTo(visit, room, "ping", { is: "ended" });
  if (standingOf(proof, now) === "good") return saidTo(visit, room, "ping", { is: "inside" });
  const renewed = await room.inside.renew(visit, proof, true);
  if (renewed === undefined) visit.forget();
  else visit.keep(renewed);
  return saidTo(visit, room, "ping", { is: renewed === undefined ? "ended" : "inside" });
}

/** Tells the drawn place of a registration, and gives the ticket for it. The store is not asked for it. */
async function place(visit: Visit, room: Room): Promise<Decision> {
  const { proof } = visit.sent;
  if (proof === undefined || proof.kind === "pass") return saidTo(visit, room, "place", { is: "unknown" });
  // Whoever has a place already, by another tab, is told which.
  const { situation, number, status } = proof.kind === "registration"
    ? await room.line.draw(visit, proof)
    : await room.line.look(visit, proof);
  if (situation === "reconnecting" || status === undefined) return unreachable(visit.ctx, "place", room);
  return saidTo(visit, room, "place", { is: situation, epoch: status.epoch, number });
}

/** What is published of the lottery: for people a page, with the visitor's own number and place, and for programs JSON. */
async function lottery(visit: Visit, room: Room, parts: Parts): Promise<Decision> {
  const { ctx, sent: { proof } } = visit;
  const facts = room.lottery?.factsOf(await room.node().status());
  if (facts === undefined) throw new GateError("internal", "A room without a lottery was asked for it");
  if (!room.answers.isPage(ctx)) {
    const document = { ...answer(200, facts), headers: { vary: clientHeaders } };
    return shownTo(visit, room, "lottery", partsOf(document, ctx.request));
  }
  const { ownLot, renderLottery } = await parts.lotteryPage();
  const own = proof === undefined || proof.kind === "pass" ? undefined : ownLot(proof, facts);
  const response = await room.answers.page(ctx, (page) => renderLottery(page, facts, own));
  return shownTo(visit, room, "lottery", response);
}

async function leave(visit: Visit, room: Room): Promise<Decision> {
  const { proof, others } = visit.sent;
  for (const each of [proof, ...others]) if (each !== undefined) await room.leave(each);
  visit.forget();
  if (!room.answers.isPage(visit.ctx)) return saidTo(visit, room, "leave", { is: "left" });
  const response = await room.answers.notice(visit.ctx, "left");
  return {
    action: "respond",
    reason: "waiting-room/leave",
    response,
    facts: { room: room.name, ends: true },
  };
}

/** Whether the page says that it is hidden, and the time in the status that called it. What is no such message says nothing. */
async function brought(ctx: Context): Promise<{ isHidden: boolean; seenMs: number | undefined }> {
  const field = await readFields(ctx, 1000);
  const seen = field("seen");
  return { isHidden: field("hidden") === "1", seenMs: /^\d{1,15}$/.test(seen) ? Number(seen) : undefined };
}

/** Whether an endpoint is answered where the room cannot be reached, and how. */
export function orUnreachable(
  ctx: Context,
  room: Room | undefined,
  endpoint: string,
  cause: unknown,
): Decision | Promise<Decision> {
  if (cause instanceof GateError && cause.code !== "internal") return unreachable(ctx, endpoint, room);
  throw cause;
}
