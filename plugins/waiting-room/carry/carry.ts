import type { Context } from "../../../src/context.ts";
import type { Decision } from "../../../src/decision.ts";
import { isPage } from "../../../src/http/client-kind.ts";
import { ownPage } from "../../../src/url/return-page.ts";
import { type EndpointName, saidTo, shownTo, unreachable } from "../endpoint-answers.ts";
import { readFields } from "../fields.ts";
import { choicePage, linkCode, linkPage, linkPart, noPlacePage, openPage } from "../page/carry/pages.ts";
import { priorityBase, type RoomStatus } from "../machine/mod.ts";
import type { PageSetup } from "../page/pages.ts";
import { isSooner } from "../priority.ts";
import type { Room } from "../room.ts";
import { heldProof, orderProofs, type Proof, type Registration, type Ticket } from "../tickets/mod.ts";
import type { Visit } from "../visit.ts";
import { linkOf, readLink } from "./link.ts";

/** No message of a page is longer, in characters. */
const longestMessage = 4000;

/** The page that a link opens. It is the same for everybody: what the link carries no server is told. */
export async function carryPage(ctx: Context, room: Room): Promise<Decision> {
  const response = await room.answers.page(ctx, (page) => openPage(page, siblingOf(ctx, "take")));
  return { action: "respond", reason: "waiting-room/carry", response, facts: { room: room.name } };
}

/** Gives a visitor the link to the place that they hold, in the line or inside. */
export async function carry(visit: Visit, room: Room): Promise<Decision> {
  const { ctx } = visit;
  const field = await readFields(ctx, longestMessage);
  const page = field("page") || ownPage(ctx.request.headers.get("referer"), ctx.returnUrl) || "/";
  const proof = heldProof(visit.sent);
  if (proof === undefined) return await noPlace(visit, room, "carry", "none", page);
  const endpoint = addressOf(ctx);
  const link = linkOf(endpoint, visit.seal(proof), page);
  if (wantsPart(ctx)) {
    return shownTo(visit, room, "carry", await room.answers.page(ctx, (setup) => linkPart(setup, link)));
  }
  return await told(visit, room, "carry", {
    json: { is: "carried", link, svg: linkCode(await room.answers.setFor(ctx), link) },
    page: (setup) => linkPage(setup, link, ownPage(page, endpoint) ?? "/"),
  });
}

/**
 * Puts the place of a link into the place of what the visitor holds. It stays one place: whoever brings the ticket or the pass has the
 * same number, and one session. What is better than that of the link goes only where the visitor is sure.
 */
export async function take(visit: Visit, room: Room): Promise<Decision> {
  const { ctx, sent } = visit;
  const field = await readFields(ctx, longestMessage);
  const ticket = field("ticket");
  const carried = readLink(ticket, ctx.returnUrl);
  const page = carried?.page ?? "/";
  const proof = carried === undefined ? undefined : heldProof(visit.read(carried.text));
  if (proof === undefined) {
    return await noPlace(visit, room, "take", "unknown", page);
  }
  const own = heldProof(sent);
  // Of two of one place the browser has the younger one, or the pass.
  if (own !== undefined && isSamePlace(own, proof) && !isBetter(room, proof, own)) {
    return await gone(visit, room, page);
  }
  if (own !== undefined && !isSamePlace(own, proof) && isBetter(room, own, proof) && field("sure") !== "1") {
    return await asked(visit, room, { own, proof, sent: ticket, page });
  }
  const found = await kept(visit, room, proof);
  if (found === "reconnecting") return await unreachable(ctx, "take", room);
  return await (found === "taken" ? gone(visit, room, page) : noPlace(visit, room, "take", found, page));
}

/** Whether a place counts before another one: as it would if a browser brought both, and of two lanes that which has its turn sooner. */
function isBetter(room: Room, one: Proof, other: Proof): boolean {
  const { last } = room.node();
  if (last !== undefined && isOfTheLine(one, last) && isOfTheLine(other, last) && isOfOtherLane(one, other)) {
    const is = isSooner(one.number, other.number, last);
    if (is !== undefined) return is;
  }
  return orderProofs(one, other, last?.epoch) < 0;
}

function isOfTheLine(proof: Proof, { epoch }: RoomStatus): boolean {
  return proof.kind === "ticket" && proof.epoch === epoch;
}

function isOfOtherLane(one: Proof, other: Proof): boolean {
  return (one.number > priorityBase) !== (other.number > priorityBase);
}

function isSamePlace(one: Proof, other: Proof): boolean {
  return one.epoch === other.epoch && one.number === other.number && one.tag === other.tag;
}

/** Gives the visitor the place, if it still is one: the room is asked as it is when the ticket or pass is brought. */
async function kept(
  visit: Visit,
  room: Room,
  proof: Proof,
): Promise<"taken" | "unknown" | "over" | "reconnecting"> {
  if (proof.kind === "pass") {
    const renewed = await room.inside.renew(visit, proof, true);
    if (renewed === undefined) return "over";
    visit.keep(renewed);
    return "taken";
  }
  const result = await room.line.checkIn(visit, proof, { isHidden: false, servesPage: false });
  if (result === "unknown") return "unknown";
  if ("pass" in result) {
    visit.keep(result.pass);
    return "taken";
  }
  const { situation } = result;
  if (situation === "lapsed" || situation === "used") return "over";
  if (situation !== "waiting" && situation !== "far" && situation !== "registered") return "reconnecting";
  // Who is far, or called just now, was not asked about, and gets what the link carried.
  if (visit.kept() === undefined) visit.keep(proof);
  return "taken";
}

/** What a visitor has to choose between. */
interface Places {
  readonly own: Proof;
  readonly proof: Proof;
  readonly sent: string;
  readonly page: string;
}

async function asked(visit: Visit, room: Room, { own, proof, sent, page }: Places): Promise<Decision> {
  const [mine, brought] = [await placeOf(visit, room, own), await placeOf(visit, room, proof)];
  const takePath = siblingOf(visit.ctx, "take");
  return await told(visit, room, "take", {
    json: { is: "asks", own: mine ?? null, brought: brought ?? null },
    page: (setup) =>
      choicePage(setup, {
        takePath,
        sent,
        page,
        own: mine,
        brought: brought === "inside" ? undefined : brought,
      }),
  });
}

async function placeOf(visit: Visit, room: Room, proof: Proof): Promise<number | "inside" | undefined> {
  return proof.kind === "pass" ? "inside" : await positionOf(visit, room, proof);
}

async function positionOf(
  visit: Visit,
  room: Room,
  ticket: Ticket | Registration,
): Promise<number | undefined> {
  return room.answers.standing(await room.line.look(visit, ticket)).place?.position;
}

/** Goes on to the page. */
async function gone(visit: Visit, room: Room, page: string): Promise<Decision> {
  if (!room.answers.isPage(visit.ctx)) {
    return await saidTo(visit, room, "take", { is: "taken", page });
  }
  const headers = { location: page, "referrer-policy": "same-origin" };
  return shownTo(visit, room, "take", { status: 303, headers, body: null });
}

async function noPlace(
  visit: Visit,
  room: Room,
  endpoint: EndpointName,
  why: "none" | "unknown" | "over",
  page: string,
): Promise<Decision> {
  const back = ownPage(page, visit.ctx.returnUrl) ?? "/";
  const is = why === "none" ? "unknown" : why;
  return await told(visit, room, endpoint, { json: { is }, page: (setup) => noPlacePage(setup, why, back) });
}

/** The same for programs and for people. */
interface Told {
  readonly json: object;
  readonly page: (setup: PageSetup) => string;
}

async function told(
  visit: Visit,
  room: Room,
  endpoint: EndpointName,
  { json, page }: Told,
): Promise<Decision> {
  if (!room.answers.isPage(visit.ctx)) return await saidTo(visit, room, endpoint, json);
  return shownTo(visit, room, endpoint, await room.answers.page(visit.ctx, page));
}

/** The script of the waiting page asks for a part that it puts into the page. */
function wantsPart({ request: { headers } }: Context): boolean {
  return headers.get("accept") === "text/html" && !isPage(headers);
}

/** The address of the endpoint as browsers see it, without a query. */
function addressOf({ returnUrl }: Context): string {
  const { origin, pathname } = new URL(returnUrl);
  return origin + pathname;
}

function siblingOf(ctx: Context, name: string): string {
  return new URL(name, addressOf(ctx)).pathname;
}
