/**
 * What a waiting visitor is shown, as data: the page renders it, and its script polls it.
 *
 * @module
 */
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

/** What a view is made of. */
export interface Sight {
  readonly situation: Situation;
  readonly title: string;
  /** The organiser's note. */
  readonly message: string | null;
  /** The place in line, if there is one, and that at which the visitor joined. */
  readonly place: { readonly position: number; readonly joinedAt: number } | undefined;
  readonly ratePerMinute: number;
  /** How long until the doors open; only looked at in the situation `early`. */
  readonly opensInMs: number;
}

const POLL_MS = 3000;

/**
 * Describes a visitor's situation.
 *
 * @param sight The situation.
 * @param language The visitor's language.
 * @returns The view.
 */
export function describeWaiting(sight: Sight, language: Language): WaitingView {
  const { situation, title, place } = sight;
  const texts = TEXTS[language];
  const { heading, lead } = texts.situations[situation];
  const early = situation === "early";
  const waitMs = early
    ? sight.opensInMs
    : situation === "waiting" && place !== undefined
    ? place.position * 60_000 / sight.ratePerMinute
    : Infinity;
  const position = place === undefined ? "" : num(language, place.position);
  const waitLabel = early ? texts.opensIn : texts.expectedWait;
  const wait = place === undefined ? "" : duration(texts, waitMs);
  return {
    situation,
    documentTitle: position === "" ? `${heading} · ${title}` : `${position} · ${title}`,
    heading,
    lead,
    position,
    ahead: place === undefined ? "" : texts.ahead(place.position - 1),
    waitLabel,
    wait,
    progress: place === undefined ? 0 : progressOf(place),
    announce: place === undefined
      ? `${heading}. ${lead}`
      : `${texts.position}: ${position}. ${waitLabel}: ${wait}.`,
    message: sight.message ?? "",
    pollMs: POLL_MS,
  };
}

/** From the first glance a little has been covered, and the end is reached only by entering. */
function progressOf(
  { position, joinedAt }: { readonly position: number; readonly joinedAt: number },
): number {
  const length = Math.max(joinedAt, position) + 1;
  return Math.round((length - position) / length * 100);
}
