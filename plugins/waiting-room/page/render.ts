import { escapeHtml } from "../../../src/http/escape-html.ts";
import { ropes } from "../../../src/look/mod.ts";
import { markOf } from "../note-mark.ts";
import { closedRopes, frameOf } from "./frame.ts";
import type { PageSet } from "./pages.ts";
import {
  script,
  scriptOfPriority,
  scriptOfPriorityWithEvents,
  scriptOfRegistration,
  scriptWithEvents,
} from "./script-text.ts";
import { literal, states } from "./script-words.ts";
import type { Situation } from "./texts.ts";
import type { WaitingView } from "./view.ts";

/** What the script has to know beside the view. */
export interface ScriptData {
  /** What the paths of the room's endpoints begin with. */
  readonly path: string;
  /** The page to ask for when the turn has come, where a form was sent. */
  readonly page: string;
  /** The page to which the room's own address leads, where that was asked for. */
  readonly behind?: string;
  readonly epoch: number;
  /** Whether the number is called, so that the page checks in. */
  readonly isCalled: boolean;
  /** Whether the page is the owner's, of which nobody knows what it says. */
  readonly isOwn: boolean;
  /** Where the head of the line was when the number was given. */
  readonly from: number;
  /** Whether the room tells of changes as they happen. */
  readonly hasEvents?: boolean;
  /** Whether the number is a registration, which becomes a place when the order is drawn. */
  readonly isRegistered?: boolean;
  /** Whether the number is one of the priority lane. */
  readonly isPriority?: boolean;
}

/** Situations in which nothing goes on by itself: the visitor has to say that they want to. */
const ends: ReadonlySet<Situation> = new Set(["lapsed", "used", "closed", "sold-out", "outside"]);

/** Makes what goes on by itself in a page, whoever made the page. */
export function scriptTag(view: Omit<WaitingView, "script">, data: ScriptData, set: PageSet): string {
  if (ends.has(view.situation)) return "";
  const { number, nextMs, wasForm, nonce, mode, opensAt, now, note } = view;
  const said = saidBy(view, data);
  const { path, page, behind, epoch, isCalled, from, hasEvents, isRegistered } = data;
  const known = {
    ...{ path, behind, epoch, from, hasEvents, isRegistered, said, number, nextMs, mode, opensAt, now },
    ...(isCalled && { isCalled }),
    ...(wasForm && { sentFrom: page }),
    // A note in the document may not be told from another by what its parser made of it.
    ...(note !== "" && { heard: markOf(note) }),
  };
  return `<script nonce="${nonce}">(${scriptFor(data)})(${literal(known)},${
    set.scriptWords(data.isRegistered === true ? "registered" : said)
  })</script>`;
}

function scriptFor({ hasEvents, isRegistered, isPriority }: ScriptData): string {
  if (isRegistered === true) return scriptOfRegistration;
  if (isPriority === true) return hasEvents === true ? scriptOfPriorityWithEvents : scriptOfPriority;
  return hasEvents === true ? scriptWithEvents : script;
}

/** What the plain page says in words that its script may need again. */
function saidBy({ situation, mode }: Omit<WaitingView, "script">, { isOwn }: ScriptData): string | undefined {
  if (isOwn || (situation !== "far" && situation !== "waiting")) return undefined;
  return mode !== undefined && states[mode] !== undefined ? mode : situation;
}

/** The policy of the plain page: its style, its script, its own host, and nothing else. */
export function securityPolicy(nonce: string, logo: string | undefined): string {
  return "default-src 'none'; " +
    `style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
    `img-src data:${logo?.startsWith("/") === true ? " 'self'" : ""}; ` +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
}

/** The plain page of somebody who waits. */
export function renderPage(view: WaitingView, data: ScriptData, set: PageSet): string {
  const { situation, mode, title, wasForm, nonce, place, nextMs, returnMs } = view;
  const { words, look } = set;
  const isEnd = ends.has(situation);
  const hasPlace = view.number !== undefined && !isEnd;
  const isRegistered = situation === "registered";
  const state = hasPlace && mode !== undefined && situation !== "reconnecting" && !isRegistered
    ? states[mode] ?? situation
    : situation;
  const heading = words.headings[state];
  const seconds = Math.max(5, Math.ceil(nextMs / 1000));
  const refresh = wasForm ? `${seconds}; url=${data.page}` : `${seconds}`;
  const main = `<h1 data-part="heading">${heading}</h1>
<p class=lead data-part=lead>${words.leads[state]}</p>
${wasForm ? `<p class=note><strong>${words.form}</strong></p>\n` : ""}${opening(view, set)}${
    isRegistered ? lottery(view, data, set) : ""
  }${hasPlace ? ticket(view, set) : closedRopes}<p class=lost data-part=lost hidden>${words.lost}</p>
<p class=unseen role=status data-part=live></p>
${note(view, set)}${isEnd ? again(view, data, set) : ""}${hasPlace ? actions(data, set) : ""}`;
  const kept = hasPlace && state !== "stopped" && state !== "ended" ? `<p>${words.kept(returnMs)}</p>` : "";
  return frameOf({
    heading: place === undefined ? heading : words.count(place),
    name: title,
    nonce,
    look,
    refresh: isEnd ? undefined : refresh,
    main,
    foot: kept,
    behind: `${view.script}\n`,
  });
}

/** The place, the time and the way, as on a card that one draws. */
function ticket({ place, waitMs, mode, progress = 0 }: WaitingView, { words }: PageSet): string {
  const isMoving = mode === undefined || states[mode] === undefined || mode === "draining";
  const count = place === undefined ? "" : words.count(place);
  const isOpening = mode === "scheduled";
  return `<section class=ticket data-part=numbers${place === undefined ? " hidden" : ""}>
<div><h2>${words.place}</h2>
<p class="number${place !== undefined && place > 9999 ? " long" : ""}" data-part=place>${count}</p></div>
<div class=facts><p data-part=ahead>${place === undefined ? "" : words.ahead(place)}</p>
<div><h2 data-part=waitLabel>${isOpening ? words.opensIn : words.waitLabel}</h2>
<p class=wait data-part=wait>${words.wait(isMoving ? waitMs : undefined)}</p></div></div>
<div class=way>${ropes}<progress max=100 value=${
    Math.round(progress * 100)
  } aria-label="${words.way}" data-part=progress></progress></div>
</section>
<p class=life data-part=checked hidden></p>
`;
}

/** What the visitor may do. */
function actions({ path }: ScriptData, { words }: PageSet): string {
  return `<div class=actions><button data-part=notify hidden>${words.notify}</button>
<form method="post" action="${escapeHtml(path)}/leave"><button class="quiet">${words.leave}</button></form>
<form method="post" action="${
    escapeHtml(path)
  }/carry"><button class="quiet">${words.carry}</button></form></div>
`;
}

/** When the room opens. The script writes it as the visitor's own clock has it. */
function opening({ mode, opensAt }: WaitingView, { words }: PageSet): string {
  if (mode !== "scheduled" || opensAt === 0) return "";
  return `<p class=lead data-part=opens>${words.opens(opensAt)}</p>\n`;
}

function note({ note }: WaitingView, { words, look }: PageSet): string {
  return `<aside class=note data-part=noted${note === "" ? " hidden" : ""}><h2>${words.note}</h2>
<p data-part="note">${look.write(note)}</p></aside>
`;
}

/** When the order is drawn, and where it says how. */
function lottery({ closesAt }: WaitingView, { path }: ScriptData, { words }: PageSet): string {
  const when = closesAt === 0 ? "" : `${words.draws(closesAt)} `;
  return `<p data-part=opens>${when}<a href="${escapeHtml(path)}/lottery">${words.howDrawn}</a></p>\n`;
}

/** A visitor joins anew by a navigation, which gives a number. */
function again({ situation }: WaitingView, { page }: ScriptData, { words }: PageSet): string {
  const text = situation === "closed" || situation === "sold-out" ? words.tryAgain : words.joinAgain;
  return `<p class=actions><a class="button" href="${escapeHtml(page)}">${text}</a></p>\n`;
}
