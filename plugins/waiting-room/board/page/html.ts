import { escapeHtml } from "../../../../src/http/escape-html.ts";
import type { BoardOperator } from "../options.ts";

/** What every page of the board is sent with: nothing but its own files runs, nobody frames it, and nobody keeps it. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // Without it browsers would not say from where a form comes.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

/** What the page of somebody who may look says of itself. */
export interface BoardPage {
  readonly path: string;
  readonly title: string;
  readonly operator: BoardOperator;
  /** Whether people sign in here, so that they can sign out. */
  readonly signsIn: boolean;
}

/** The board. Its script fills it; what changes rooms is left out for whoever may not. */
export function boardPage({ path, title, operator, signsIn }: BoardPage): string {
  const { name, mayChange } = operator;
  const out = signsIn
    ? `<form method="post" action="${path}/sign-out"><button class="plain">Sign out</button></form>`
    : "";
  const who = name === "" ? "" : `<span>${escapeHtml(name)}</span>`;
  const head =
    `<script src="${path}/chart.js" defer></script>\n<script src="${path}/board.js" defer></script>\n`;
  return frame(
    path,
    title,
    head,
    `<header>
<h1>${escapeHtml(title)}</h1>
<p class="who">${who}${out}</p>
<p id="live" role="status">Reading the rooms.</p>
</header>
<main data-path="${path}" data-title="${escapeHtml(title)}">
<noscript><p class="verdict bad">The board needs JavaScript.</p></noscript>
<section id="overview" hidden>
<h2 id="all-rooms">All rooms</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="all-rooms"><table><thead><tr><th scope="col">Room</th><th scope="col">State</th><th scope="col">Present</th><th scope="col">Far</th><th scope="col">Inside</th><th scope="col">Let in a minute</th><th scope="col">Wait</th></tr></thead><tbody></tbody></table></div>
</section>
<article id="room" hidden>
<h2><span data-part="name"></span> <span class="badge" data-part="mode"></span></h2>
<ul class="verdicts" data-part="verdicts"></ul>
<p class="note" data-part="note" hidden></p>
<dl class="figures" data-part="figures"></dl>
${mayChange ? controls : '<p class="note">You may look, and change nothing.</p>'}
<section aria-labelledby="past">
<h3 id="past">The last hours</h3>
<p><label for="span">Show</label> <select id="span"><option value="900">15 minutes</option><option value="3600" selected>an hour</option><option value="">all</option></select></p>
<div class="charts" data-part="charts"></div>
</section>
<section>
<h3 id="log">Changes</h3>
<div class="wide" tabindex="0" role="region" aria-labelledby="log"><table><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th></tr></thead><tbody data-part="records"></tbody></table></div>
</section>
</article>
</main>
<dialog id="confirm" aria-labelledby="question">
<h2 id="question"></h2>
<p data-part="effect"></p>
<ul data-part="differences"></ul>
<form method="dialog"><button value="no" autofocus>Cancel</button> <button value="yes" class="strong">Change it</button></form>
</dialog>
`,
  );
}

const controls = `<section aria-labelledby="controls" class="controls">
<h3 id="controls">Controls</h3>
<p data-part="result" role="alert"></p>
<div class="modes" role="group" aria-label="What the room does">
<button data-mode="open">Open</button>
<button data-mode="paused">Pause</button>
<button data-mode="draining">Drain</button>
<button data-mode="sold-out">Sold out</button>
<button data-mode="closed">Close</button>
<button data-mode="bypass">Bypass</button>
</div>
<details>
<summary>Limits, note, times and line</summary>
<form data-order="limits">
<label>Let in a minute <input name="admitPerMinute" inputmode="decimal" autocomplete="off"></label>
<label>Inside at once <input name="capacity" inputmode="numeric" autocomplete="off" placeholder="unlimited"></label>
<label>Minutes inside <input name="sessionMinutes" inputmode="decimal" autocomplete="off"></label>
<button>Change the limits</button>
</form>
<div data-part="tuning" role="group" aria-label="How the rate is set" hidden>
<button data-rate="tuned">Let the rate follow the application</button>
<button data-rate="held">Hold the rate</button>
</div>
<form data-order="note">
<label>Note to those who wait <textarea name="note" maxlength="500" rows="2"></textarea></label>
<button>Change the note</button>
</form>
<form data-order="times">
<label>Opens, in your time <input name="opensAt" type="datetime-local" max="9999-12-31T23:59"></label>
<label>Closes, in your time <input name="closesAt" type="datetime-local" max="9999-12-31T23:59"></label>
<button>Change the times</button>
</form>
<form data-order="drop">
<label>To take everybody's place in the line, write: drop the line <input name="dropTheLine" autocomplete="off"></label>
<button>Drop the line</button>
</form>
</details>
</section>`;

/** The page of somebody who has yet to say who they are. */
export function signInPage(
  { path, title, name = "", complaint }: {
    readonly path: string;
    readonly title: string;
    readonly name?: string;
    readonly complaint?: string;
  },
): string {
  const told = complaint === undefined
    ? ""
    : `<p class="verdict bad" role="alert">${escapeHtml(complaint)}</p>\n`;
  return frame(
    path,
    title,
    "",
    `<main class="sign-in">
<h1>${escapeHtml(title)}</h1>
${told}<form method="post" action="${path}/sign-in">
<label>Your name, for the log of changes <input name="name" value="${
      escapeHtml(name.slice(0, 80))
    }" maxlength="80" autocomplete="name" required></label>
<label>Secret <input name="secret" type="password" maxlength="512" autocomplete="current-password" required></label>
<button class="strong">Sign in</button>
</form>
</main>
`,
  );
}

function frame(path: string, title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${path}/board.css">
${head}</head>
<body>
${body}</body>
</html>
`;
}
