import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import type { Decision, PlainAnswer } from "../../src/decision.ts";
import { answer, partsOf, problem } from "../../src/http/problem.ts";
import type { Room } from "./room.ts";
import type { Visit } from "./visit.ts";

/** The endpoints of a room, and the methods that they take. */
export const methods = {
  "status": ["GET", "HEAD"],
  "events": ["GET"],
  "check-in": ["POST"],
  "join": ["POST"],
  "leave": ["POST"],
  "ping": ["POST"],
  "place": ["POST"],
  "lottery": ["GET", "HEAD"],
  "carry": ["GET", "HEAD", "POST"],
  "take": ["POST"],
  "wait": ["GET", "HEAD"],
} as const;

/** One of them. */
export type EndpointName = keyof typeof methods;

/** Whether a room has such an endpoint. */
export function isEndpoint(name: string): name is EndpointName {
  return Object.hasOwn(methods, name);
}

/** What people open or send, and not only programs: it is answered as a page where a browser asks. */
const opened: ReadonlySet<string> = new Set<EndpointName>(["carry", "take", "leave", "lottery", "wait"]);

/** The answer where the room cannot be reached. */
export function unreachable(
  ctx: Context,
  endpoint: string,
  room: Room | undefined,
): Decision | Promise<Decision> {
  if (room !== undefined && opened.has(endpoint) && room.answers.isPage(ctx)) {
    const facts = { room: room.name };
    return chain(room.answers.notice(ctx, "unreachable"), (response): Decision => {
      return { action: "respond", reason: reasonOf(endpoint), response, facts };
    });
  }
  const detail = "The room cannot be reached at the moment";
  return said(ctx, endpoint, problem(503, { detail }, { "retry-after": "5" }));
}

/** The answer of an endpoint to whoever asks. */
export function said(
  ctx: Context,
  endpoint: string,
  what: ReturnType<typeof problem>,
): Decision & { readonly action: "respond" } {
  const response = partsOf(what, ctx.request, { "x-content-type-options": "nosniff" });
  return { action: "respond", reason: reasonOf(endpoint), response };
}

/** What an endpoint tells a visitor in JSON; `undefined` where the room cannot be reached. */
export function saidTo(
  visit: Visit,
  room: Room,
  endpoint: EndpointName,
  told: object | undefined,
): Decision | Promise<Decision> {
  if (told === undefined) return unreachable(visit.ctx, endpoint, room);
  return { ...said(visit.ctx, endpoint, answer(200, told)), facts: factsOf(visit, room) };
}

/** What an endpoint shows a visitor as a page. */
export function shownTo(visit: Visit, room: Room, endpoint: EndpointName, response: PlainAnswer): Decision {
  return { action: "respond", reason: reasonOf(endpoint), response, facts: factsOf(visit, room) };
}

function factsOf(visit: Visit, { name }: Room): { readonly room: string; readonly visitor?: string } {
  const visitor = visit.tag();
  return { room: name, ...(visitor !== undefined && { visitor }) };
}

function reasonOf(endpoint: string): `waiting-room/${string}` {
  return `waiting-room/${isEndpoint(endpoint) ? endpoint : "no-endpoint"}`;
}
