import { isRegistering, isUndrawn, type RoomStatus } from "./machine/mod.ts";
import type { StatusDocument } from "../../src/line/estimate.ts";

/** How long the text of a status may be, in bytes. */
const maxBytes = 300;
const encoder = new TextEncoder();

/** What everybody may know of a room. */
export function documentOf(status: RoomStatus): StatusDocument {
  const { epoch, revision, now, mode, opensAt, openedAt, frontier, issued, passed, note, poll } = status;
  return {
    epoch,
    revision,
    now,
    mode,
    opensAt: openedAt > 0 ? openedAt : opensAt,
    F: frontier,
    issued,
    passed,
    pace: rounded(status.pace),
    flow: rounded(status.flow),
    // Never 0: pages divide by it.
    y: Math.max(0.001, rounded(status.share)),
    rate: rounded(status.limits.admitPerMinute),
    poll,
    ...(status.order === "lottery" && { lottery: stageOf(status) }),
    note,
  };
}

/** How a lottery stands. */
function stageOf(status: RoomStatus): NonNullable<StatusDocument["lottery"]> {
  if (isRegistering(status)) return "open";
  return isUndrawn(status) ? "closed" : "drawn";
}

/** A status as it is sent. */
export interface PublishedStatus {
  readonly text: string;
  readonly etag: string;
}

/** Makes what writes a status once for all who ask for it, however many they are. */
export function createPublisher(): (status: RoomStatus) => PublishedStatus {
  let last: { readonly status: RoomStatus; readonly published: PublishedStatus } | undefined;
  return (status) => {
    if (last?.status === status) return last.published;
    const document = documentOf(status);
    const published = { text: textOf(document), etag: entityTag(document) };
    last = { status, published };
    return published;
  };
}

/** The same as text, of at most 300 bytes: a note that is too long is cut, and ends in `…`. */
export function textOf(document: StatusDocument): string {
  const whole = JSON.stringify(document);
  if (encoder.encode(whole).length <= maxBytes) return whole;
  const characters = [...document.note];
  // Escapes and characters of several bytes count as what they become.
  for (let length = Math.min(characters.length, maxBytes); length > 0; length--) {
    const cut = JSON.stringify({ ...document, note: `${characters.slice(0, length).join("")}…` });
    if (encoder.encode(cut).length <= maxBytes) return cut;
  }
  return JSON.stringify({ ...document, note: "" });
}

/** A name for the text, by which caches ask whether it changed. */
export function entityTag({ epoch, revision, now }: StatusDocument): string {
  return `"${epoch.toString(36)}-${revision.toString(36)}-${now.toString(36)}"`;
}

/** Three digits behind the point are more than anybody can tell apart. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
