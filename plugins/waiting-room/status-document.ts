import {
  isRegistering,
  isUndrawn,
  type LaneStatus,
  numberInLane,
  priorityBase,
  type RoomStatus,
} from "./machine/mod.ts";
import { madeOnce } from "../../src/http/made-once.ts";
import type { PlainAnswer } from "../../src/decision.ts";
import { markOf } from "./note-mark.ts";
import type { LaneDocument, StatusDocument } from "../../src/line/estimate.ts";

/** How long the text of a status may be, in bytes, and how much longer for a lane of some. */
const maxBytes = 300;
const laneBytes = 120;
const encoder = new TextEncoder();

/** What everybody may know of a room. */
export function documentOf(status: RoomStatus): StatusDocument {
  const { epoch, revision, now, mode, note, poll, priority } = status;
  return {
    epoch,
    revision,
    now,
    mode,
    opensAt: openingOf(status),
    ...laneOf(status, rateOf(status, priority, 1)),
    poll,
    ...(status.order === "lottery" && { lottery: stageOf(status) }),
    ...(priority !== undefined && { priority: laneOf(priority, rateOf(status, status, priority.weight)) }),
    note,
  };
}

/** Makes what gives the document of a status, once for all who stand by it. */
export function createDocuments(): typeof documentOf {
  let last: { readonly status: RoomStatus; readonly document: StatusDocument } | undefined;
  return (status) => {
    if (last?.status !== status) last = { status, document: documentOf(status) };
    return last.document;
  };
}

/** The document as those of the lane of a number read it, in which it stands by its number in that lane. */
export function documentOfLane(
  status: RoomStatus,
  number: number,
  read: typeof documentOf = documentOf,
): StatusDocument {
  const document = read(status);
  return number > priorityBase ? { ...document, ...document.priority } : document;
}

/** When a room opens, or opened; 0 where it was open from the start. */
export function openingOf({ openedAt, opensAt }: Pick<RoomStatus, "openedAt" | "opensAt">): number {
  return openedAt > 0 ? openedAt : opensAt;
}

function laneOf(
  { frontier, issued, passed, pace, flow, share }: RoomStatus | LaneStatus,
  rate: number,
): LaneDocument {
  return {
    F: numberInLane(frontier),
    issued: numberInLane(issued),
    passed: numberInLane(passed),
    // Of those who come all at once the last one to be let in may be the lowest, and the head of the line stands still until then. But nobody
    // who is let in has no number, so it is at least as fast as people are: else more would be ahead of somebody than there are numbers.
    pace: rounded(Math.max(pace, flow)),
    flow: rounded(flow),
    // Never 0: pages divide by it.
    y: Math.max(0.001, rounded(share)),
    rate: rounded(rate),
  };
}

/** How many of a lane are let in a minute: its share while the other one has people, and all of them otherwise. */
function rateOf(
  { limits: { admitPerMinute }, priority }: RoomStatus,
  other: Pick<LaneStatus, "issued" | "frontier" | "present"> | undefined,
  weight: number,
): number {
  if (other === undefined || priority === undefined) return admitPerMinute;
  const isShared = other.present > 0 || other.issued > other.frontier;
  return isShared ? admitPerMinute * weight / (1 + priority.weight) : admitPerMinute;
}

/** How a lottery stands. */
function stageOf(status: RoomStatus): NonNullable<StatusDocument["lottery"]> {
  if (isRegistering(status)) return "open";
  return isUndrawn(status) ? "closed" : "drawn";
}

/** A status as it is sent: to `GET`, to `HEAD`, and to whoever has it already. */
export interface PublishedStatus {
  readonly etag: string;
  readonly whole: PlainAnswer;
  readonly head: PlainAnswer;
  readonly unchanged: PlainAnswer;
}

/** Makes what writes a status once for all who ask for it, however many they are. */
export function createPublisher(): (status: RoomStatus) => PublishedStatus {
  let last: { readonly status: RoomStatus; readonly published: PublishedStatus } | undefined;
  return (status) => {
    if (last?.status === status) return last.published;
    const document = documentOf(status);
    const published = publishedOf(textOf(document), entityTag(document));
    last = { status, published };
    return published;
  };
}

/** The same for everybody, whatever the query and the cookies are: caches may keep it for a second. */
function publishedOf(body: string, etag: string): PublishedStatus {
  const headers = {
    etag,
    "cache-control": "public, max-age=1",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
  };
  const typed = { ...headers, "content-type": "application/json" };
  return {
    etag,
    whole: madeOnce({ status: 200, headers: typed, body }),
    head: madeOnce({ status: 200, headers: typed, body: null }),
    unchanged: madeOnce({ status: 304, headers, body: null }),
  };
}

/**
 * The same as text, of at most 300 bytes, and 420 with two lanes: a note that is too long is cut, ends in `…`, and comes with the mark of
 * all of it.
 */
export function textOf(document: StatusDocument): string {
  const whole = JSON.stringify(document);
  const most = maxBytes + (document.priority === undefined ? 0 : laneBytes);
  if (encoder.encode(whole).length <= most) return whole;
  const characters = [...document.note];
  // Escapes and characters of several bytes count as what they become.
  const cut = markOf(document.note);
  for (let length = Math.min(characters.length, most); length > 0; length--) {
    const text = JSON.stringify({ ...document, note: `${characters.slice(0, length).join("")}…`, cut });
    if (encoder.encode(text).length <= most) return text;
  }
  return JSON.stringify({ ...document, note: "", cut });
}

/** A name for the text, by which caches ask whether it changed. */
export function entityTag({ epoch, revision, now }: StatusDocument): string {
  return `"${epoch.toString(36)}-${revision.toString(36)}-${now.toString(36)}"`;
}

/** Three digits behind the point are more than anybody can tell apart. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
