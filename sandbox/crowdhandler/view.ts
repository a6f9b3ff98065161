/**
 * What a waiting visitor is shown, as data: the page renders it, and its script polls it.
 *
 * @module
 */
import type { Answer } from "./check.ts";
import type { LiveRoom } from "./rooms.ts";
import { duration, type Language, num, type Situation, TEXTS } from "./texts.ts";

/** The changing parts of a waiting page. */
export interface WaitingView {
  readonly situation: Situation;
  readonly documentTitle: string;
  readonly heading: string;
  readonly lead: string;
  /** Empty when there is no position to show. */
  readonly position: string;
  readonly ahead: string;
  readonly waitLabel: string;
  readonly wait: string;
  /** 0 to 100. */
  readonly progress: number;
  /** For screen readers, in one sentence or two. */
  readonly announce: string;
  readonly message: string;
  readonly pollMs: number;
  /** Where to go, once it is the visitor's turn. */
  readonly location?: string;
}

const POLL_MS = 3000;

/**
 * Describes a visitor's situation.
 *
 * @param room The room.
 * @param answer What the check said.
 * @param language The visitor's language.
 * @param now Unix milliseconds.
 * @returns The view.
 */
export function describeWaiting(
  room: LiveRoom,
  answer: Answer,
  language: Language,
  now: number,
): WaitingView {
  const texts = TEXTS[language];
  const situation = situationOf(room, answer, now);
  const { heading, lead } = texts.situations[situation];
  const visit = answer.visit?.promoted === false ? answer.visit : undefined;
  const early = situation === "early";
  const waitMs = early
    ? Date.parse(room.options.onsale) - now
    : situation === "waiting" && visit !== undefined
    ? visit.position * 60_000 / room.ratePerMinute
    : Infinity;
  const position = visit === undefined ? "" : num(language, visit.position);
  const ahead = visit === undefined ? "" : texts.ahead(visit.position - 1);
  const waitLabel = early ? texts.opensIn : texts.expectedWait;
  const wait = visit === undefined ? "" : duration(texts, waitMs);
  const title = room.options.title;
  return {
    situation,
    documentTitle: position === "" ? `${heading} · ${title}` : `${position} · ${title}`,
    heading,
    lead,
    position,
    ahead,
    waitLabel,
    wait,
    progress: visit === undefined ? 0 : progressOf(visit),
    announce: visit === undefined
      ? `${heading}. ${lead}`
      : `${texts.position}: ${position}. ${waitLabel}: ${wait}.`,
    message: room.message ?? "",
    pollMs: POLL_MS,
  };
}

function situationOf(room: LiveRoom, answer: Answer, now: number): Situation {
  const { promoted, status } = answer.result;
  if (promoted === 1) return "ready";
  if (status === 3 || status === 4) return "blocked";
  if (status === 6) return "throttled";
  if (now < Date.parse(room.options.onsale)) return "early";
  if (status === 5) return "full";
  return room.ratePerMinute === 0 ? "paused" : "waiting";
}

/** From the first glance a little has been covered, and the end is reached only by entering. */
function progressOf(
  { position, joinedAt }: { readonly position: number; readonly joinedAt: number },
): number {
  const length = Math.max(joinedAt, position) + 1;
  return Math.round((length - position) / length * 100);
}
