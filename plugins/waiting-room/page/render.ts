import { escapeHtml } from "../../../src/http/escape-html.ts";
import { carryForm } from "./carry/pages.ts";
import { frameOf } from "./frame.ts";
import { script } from "./script.ts";
import { english, minutesText, type Situation } from "./texts.ts";
import type { WaitingView } from "./view.ts";

/** What the script has to know beside the view. */
export interface ScriptData {
  /** What the paths of the room's endpoints begin with. */
  readonly path: string;
  /** The page to ask for when the turn has come, where a form was sent. */
  readonly page: string;
  readonly epoch: number;
  /** Whether the number is called, so that the page checks in. */
  readonly isCalled: boolean;
  /** Whether the room tells of changes as they happen. */
  readonly hasEvents?: boolean;
  /** Whether the number is a registration, which becomes a place when the order is drawn. */
  readonly isRegistered: boolean;
}

/** Situations in which nothing goes on by itself: the visitor has to say that they want to. */
const ends: ReadonlySet<Situation> = new Set(["lapsed", "used", "closed", "sold-out", "outside"]);

/** What the script says, by the situation. Somebody whom the room cannot tell anything waits as far away as before. */
const scriptWords: ReadonlyMap<Situation, string> = new Map(
  Object.entries({ ...english.leads, reconnecting: english.leads.far })
    .map(([situation, lead]) => [situation as Situation, wordsOf(lead)]),
);
const counts = new Intl.NumberFormat(english.language);

/** Makes what goes on by itself in a page, whoever made the page. */
export function scriptTag(view: Omit<WaitingView, "script">, data: ScriptData): string {
  if (ends.has(view.situation)) return "";
  const { number, nextMs, wasForm, nonce } = view;
  const known = escapeHtml(JSON.stringify({ ...data, number, nextMs, wasForm }));
  const title = escapeHtml(JSON.stringify(view.title));
  const words = scriptWords.get(view.situation) ?? "";
  return `<script nonce="${nonce}" data-view="${known}" data-texts="{&quot;title&quot;:${title},${words}">${script}</script>`;
}

/** The policy of the plain page: its style, its script, its own host, and nothing else. */
export function securityPolicy(nonce: string): string {
  return "default-src 'none'; " +
    `style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'";
}

/** The plain page of somebody who waits. */
export function renderPage(view: WaitingView, data: ScriptData): string {
  const { situation, mode, note, title, wasForm, nonce, place, waitMs, nextMs, returnMs } = view;
  const isEnd = ends.has(situation);
  const hasPlace = view.number !== undefined && !isEnd;
  const isRegistered = situation === "registered";
  const still = hasPlace && mode !== undefined && !isRegistered ? english.modes[mode] : undefined;
  const heading = english.headings[situation];
  const lead = still ?? english.leads[situation];
  const seconds = Math.max(5, Math.ceil(nextMs / 1000));
  const refresh = wasForm ? `${seconds}; url=${data.page}` : `${seconds}`;
  const main = `<h1>${heading}</h1>
<p data-part="lead">${lead}</p>
${wasForm ? `<p><strong>${english.form}</strong></p>\n` : ""}<dl data-part="numbers"${
    place === undefined ? " hidden" : ""
  }>
<div><dt>${english.place}</dt><dd data-part="place">${place === undefined ? "" : countText(place)}</dd></div>
<div><dt>${english.waitLabel}</dt><dd data-part="wait">${
    waitText(still === undefined ? waitMs : undefined)
  }</dd></div>
</dl>
<p data-part="ahead">${place === undefined ? "" : aheadText(place)}</p>
${opening(view)}${isRegistered ? lottery(view, data) : ""}<aside data-part="note"${
    note === "" ? " hidden" : ""
  }>${escapeHtml(note)}</aside>
<p data-part="lost" hidden>${english.lost}</p>
<p class="live" role="status" data-part="live"></p>
${
    hasPlace
      ? `<p>${english.kept(minutesText(returnMs))}</p>\n${leaveForm(data)}${carryForm(data.path)}`
      : ""
  }${isEnd ? again(view, data) : `<noscript><p>${english.reloads}</p></noscript>\n`}`;
  return frameOf({
    title: `${place === undefined ? heading : countText(place)} · ${title}`,
    name: title,
    nonce,
    refresh: isEnd ? undefined : refresh,
    main,
    behind: `${view.script}\n`,
  });
}

/** A page that says one thing, and leads back. */
export function renderNotice(title: string, heading: string, nonce: string, back: string): string {
  const link = `<a class="button" href="${escapeHtml(back)}">${english.joinAgain}</a>`;
  const main = `<h1>${escapeHtml(heading)}</h1>\n<p>${link}</p>\n`;
  return frameOf({ title: `${heading} · ${title}`, name: title, nonce, main });
}

function leaveForm({ path }: ScriptData): string {
  return `<form method="post" action="${escapeHtml(path)}/leave"><button>${english.leave}</button></form>\n`;
}

/** When the room opens. The script writes it as the visitor's own clock has it. */
function opening({ mode, opensAt }: WaitingView): string {
  if (mode !== "scheduled" || opensAt === 0) return "";
  return `<p data-part="opens">${english.opens(timeTag(opensAt))}</p>\n`;
}

function timeTag(ms: number): string {
  const time = new Date(ms).toISOString();
  return `<time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 16)} UTC</time>`;
}

/** When the order is drawn, and where it says how. */
function lottery({ closesAt }: WaitingView, { path }: ScriptData): string {
  const when = closesAt === 0 ? "" : `${english.draws(timeTag(closesAt))} `;
  return `<p data-part="opens">${when}<a href="${escapeHtml(path)}/lottery">${english.howDrawn}</a></p>\n`;
}

/** A visitor joins anew by a navigation, which gives a number. */
function again({ situation }: WaitingView, { page }: ScriptData): string {
  const text = situation === "closed" || situation === "sold-out" ? english.tryAgain : english.joinAgain;
  return `<p><a class="button" href="${escapeHtml(page)}">${text}</a></p>\n`;
}

/** The words that the script puts together itself, as they stand in the page behind its title: they are the same for everybody. */
function wordsOf(lead: string): string {
  const { ahead, aboutMinutes, modes, next, underMinute, unknownWait, lost, left, turn } = english;
  const words = {
    modes,
    next,
    underMinute,
    unknownWait,
    lost,
    left,
    turn,
    lead,
    ahead: [ahead("1"), ahead("%1")],
    aboutMinutes: [aboutMinutes("%2", "%2"), aboutMinutes("%1", "%2")],
  };
  return escapeHtml(JSON.stringify(words).slice(1));
}

/** A count as people write it. */
function countText(count: number): string {
  return counts.format(count);
}

function aheadText(place: number): string {
  return place === 1 ? english.next : english.ahead(countText(place - 1));
}

/** The time left as an interval, as the script shows it. */
export function waitText(ms: number | undefined): string {
  if (ms === undefined) return english.unknownWait;
  const from = Math.max(1, Math.floor(ms * 0.8 / 60_000));
  const to = Math.ceil(ms * 1.3 / 60_000);
  return to <= 1 ? english.underMinute : english.aboutMinutes(String(from), String(to));
}
