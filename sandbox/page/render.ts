import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { html, raw } from "hono/html";
import { icon, ropes } from "../../src/look/mod.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { type Language, TEXTS, type Texts } from "./texts.ts";
import type { WaitingView } from "./view.ts";

/** Escaped markup. */
export type Html = ReturnType<typeof html>;

const RELOAD_SECONDS = 5;
// Reloading empties the form: whoever has no scripts and has a code is given time to type it.
const RELOAD_SECONDS_WITH_FORM = 20;
/**
 * The policy of a page: our one style, our one script, nothing else. Origins to which a form may lead are listed, as
 * browsers apply `form-action` to redirects too.
 */
export function securityPolicy(formOrigins: readonly string[], imageOrigin = ""): string {
  return [
    "default-src 'none'",
    `style-src '${hashOf(STYLE)}'`,
    `script-src '${hashOf(SCRIPT)}'`,
    `img-src data: ${imageOrigin}`.trim(),
    "connect-src 'self'",
    ["form-action 'self'", ...formOrigins].join(" "),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The page of a visitor in line. */
export function renderWaiting(page: {
  readonly view: WaitingView;
  readonly language: Language;
  readonly title: string;
  readonly logo: string | null;
  readonly holdMinutes: number;
  /** Path of the page. */
  readonly action: string;
  /** What a reload asks with. */
  readonly query: readonly (readonly [string, string])[];
  /** A line at the foot of the page. */
  readonly footnote?: string;
  /** The priority code that was refused, if one was given; without this there is no form. */
  readonly code?: { readonly given: string | undefined } | undefined;
}): Html {
  const { view, language, title, logo, code, action } = page;
  const texts = TEXTS[language];
  const codeRefused = code?.given !== undefined;
  const retry = `${action}?${new URLSearchParams(page.query.map(([name, value]) => [name, value]))}`;
  const reload = code === undefined ? RELOAD_SECONDS : RELOAD_SECONDS_WITH_FORM;

  const codeForm = html`
    <details class="code" ${codeRefused ? raw(" open") : ""}>
      <summary>${texts.codeQuestion}</summary>
      <form action="${action}" method="get">
              ${page.query.map(([name, value]) =>
                html`<input type="hidden" name="${name}" value="${value}">`
              )}
              <label for="code">${texts.codeLabel}</label>
              <div class="row">
                <input id="code" name="ch-code" value="${code?.given ??
                  ""}" required maxlength="64" autocomplete="off" autocapitalize="characters"
                  spellcheck="false"${codeRefused
                    ? raw(' aria-invalid="true" aria-describedby="code-error"')
                    : ""}>
                <button>${texts.codeButton}</button>
              </div>
              ${codeRefused ? html`<p id="code-error" class="error" role="alert">${texts.codeWrong}</p>` : ""}
            </form>
    </details>
  `;

  return shell({
    language,
    title: view.documentTitle,
    head: html`<noscript><meta http-equiv="refresh" content="${reload}; url=${retry}"></noscript>`,
    header: logo === null
      ? html`<p class="dot">${title}</p>`
      : html`<img src="${logo}" alt="" height="40"><p>${title}</p>`,
    main: html`<main data-poll="${view.pollMs}" data-lost="${texts.lost}" data-situation="${view.situation}">
      <h1 data-text="heading">${view.heading}</h1>
      <p class="lead" data-text="lead">${view.lead}</p>
      ${ticket(view, texts)}
      <p class="lost" data-part="lost" hidden>${texts.lost}</p>
      <p class="unseen" role="status" aria-live="polite" aria-atomic="true"></p>
      <section class="note" data-part="message"${view.message === "" ? raw(" hidden") : ""}>
        <h2>${texts.note}</h2>
        <p data-text="message">${view.message}</p>
      </section>
      ${code === undefined ? "" : codeForm}
      <noscript><p class="reload">${texts.reloads} <a href="${retry}">${texts.checkNow}</a></p></noscript>
    </main>`,
    // Nothing is kept for somebody who has no place.
    footer: html`${view.position === "" ? "" : html`<p>${texts.kept(page.holdMinutes)}</p>`}${
      page.footnote === undefined ? "" : html`<p class="footnote">${page.footnote}</p>`
    }`,
    script: html`<script>${raw(SCRIPT)}</script>`,
  });
}

/** The place, the wait and the way, as on a card that one draws. */
function ticket(view: WaitingView, texts: Texts): Html {
  return html`
    <section class="ticket" data-part="position" ${view.position === "" ? raw(" hidden") : ""}>
      <div>
        <h2>${texts.position}</h2>
        <p class="number${view.position.length > 5 ? " long" : ""}" data-text="position">${view.position}</p>
      </div>
      <div class="facts">
        <p data-text="ahead">${view.ahead}</p>
        <div>
          <h2 data-text="waitLabel">${view.waitLabel}</h2>
          <p class="wait" data-text="wait">${view.wait}</p>
        </div>
      </div>
      <div class="way">
        ${raw(ropes)}
        <progress max="100" value="${view.progress}" aria-label="${texts.progress}"></progress>
      </div>
    </section>
  `;
}

/** A link that looks like a button. */
export interface Link {
  readonly href: string;
  readonly text: string;
}

/** A page that says something and has nothing to wait for. */
export function renderNotice(page: {
  readonly language: Language;
  readonly heading: string;
  readonly lead: string;
  /** What the page belongs to, in its head. */
  readonly title?: string;
  readonly link?: Link | undefined;
  /** What comes below the link. */
  readonly more?: Html | undefined;
}): Html {
  const { language, heading, lead, link } = page;
  return shell({
    language,
    title: page.title === undefined ? heading : `${heading} · ${page.title}`,
    header: html`<p class="dot">${page.title ?? TEXTS[language].brand}</p>`,
    main: html`<main>
      <h1>${heading}</h1>
      <p class="lead">${lead}</p>
      <div class="way">${raw(ropes)}</div>
      ${link === undefined ? "" : html`<p><a class="button" href="${link.href}">${link.text}</a></p>`}
      ${page.more ?? ""}
    </main>`,
    footer: html`<p>Stanchion sandbox</p>`,
  });
}

function shell(page: {
  readonly language: Language;
  readonly title: string;
  readonly head?: Html;
  readonly header: Html;
  readonly main: Html;
  readonly footer: Html;
  readonly script?: Html;
}): Html {
  return html`
    <!doctype html>
    <html lang="${page.language}">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>${page.title}</title>
        <link rel="icon" href="${raw(icon)}">
        ${page.head ?? ""}
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <header>${page.header}</header>
        ${page.main}
        <footer>${page.footer}</footer>
        ${page.script ?? ""}
      </body>
    </html>
  `;
}

function hashOf(text: string): string {
  return `sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(text))))}`;
}
