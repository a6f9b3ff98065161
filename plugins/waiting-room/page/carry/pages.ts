import { escapeHtml } from "../../../../src/http/escape-html.ts";
import { frameOf } from "../frame.ts";
import type { PageSet, PageSetup } from "../pages.ts";
import { qrCode } from "./qr-code.ts";
import { carryEnglish, type CarryTexts } from "./texts.ts";

/** The link as a QR code, with its name in the language of the visitor. */
export function linkCode(set: PageSet, link: string): string {
  return qrCode(link, textsOf(set).code);
}

/** The link and its code: what the waiting page puts into itself. An owner's page may be in another language. */
export function linkPart({ set }: PageSetup, link: string, heading: "h1" | "h2" = "h2"): string {
  const { look: { language, direction = "ltr" } } = set;
  const texts = textsOf(set);
  return `<section data-part="carry" lang="${language}" dir="${direction}">
<${heading} tabindex="-1">${texts.heading}</${heading}>
<p class="lead">${texts.how}</p>
${linkCode(set, link)}
<p><label>${texts.link} <input readonly dir="ltr" value="${
    escapeHtml(link)
  }"></label> <button type="button" hidden>${texts.copy}</button></p>
<p class="note"><strong>${texts.secret}</strong></p>
</section>
`;
}

/** The same as a page of its own. */
export function linkPage(setup: PageSetup, link: string, back: string): string {
  const texts = textsOf(setup.set);
  return pageOf(setup, texts.heading, linkPart(setup, link, "h1") + button(back, texts.back));
}

/** The page that a link opens: it asks, and does nothing by itself. */
export function openPage(setup: PageSetup, takePath: string): string {
  const texts = textsOf(setup.set);
  const main = `<h1>${texts.open}</h1>
<p class="lead" data-part="lead">${texts.paste}</p>
<noscript><p class="lead">${texts.without}</p></noscript>
<form method="post" action="${escapeHtml(takePath)}">
<p class="lead" data-part="field"><label>${texts.field} <input name="ticket" dir="ltr" autocomplete="off" autocapitalize="off" spellcheck="false" required></label></p>
<p class="actions"><button>${texts.take}</button></p>
</form>
`;
  const script = `<script nonce="${setup.nonce}" data-linked="${texts.linked}">${openScript}</script>\n`;
  return pageOf(setup, texts.open, main, script);
}

/** Takes the secret out of the address and the history of the browser, before anything else can happen. */
const openScript = `(() => {
  const { linked } = document.currentScript.dataset;
  const part = (name) => document.querySelector('[data-part="' + name + '"]');
  function read() {
    const text = location.hash.slice(1);
    if (text === "") return;
    history.replaceState(null, "", location.pathname + location.search);
    document.querySelector("input").value = text;
    part("field").hidden = true;
    part("lead").textContent = linked;
  }
  read();
  addEventListener("hashchange", read);
})();`;

/** What is asked before a better place is replaced. */
export interface Choice {
  readonly takePath: string;
  /** What was sent. */
  readonly sent: string;
  readonly page: string;
  /** The place that the browser has, if it is not inside, and that of the link, as far as they are known. */
  readonly own: number | "inside" | undefined;
  readonly brought: number | undefined;
}

/** The page that asks before a better place is replaced. */
export function choicePage(setup: PageSetup, { takePath, sent, page, own, brought }: Choice): string {
  const { words } = setup.set;
  const texts = textsOf(setup.set);
  const heading = own === "inside" ? texts.asksInside : texts.asks;
  const isKnown = typeof own === "number" && brought !== undefined;
  const places = isKnown
    ? `<p class="lead">${
      texts.places.replace("%1", words.count(own)).replace("%2", words.count(brought))
    }</p>\n`
    : "";
  const main = `<h1>${heading}</h1>
${places}${button(page, texts.keep)}<form method="post" action="${escapeHtml(takePath)}">
<input type="hidden" name="ticket" value="${escapeHtml(sent)}"><input type="hidden" name="sure" value="1">
<p class="actions"><button class="quiet">${texts.replace}</button></p>
</form>
`;
  return pageOf(setup, heading, main);
}

/** A page that says why there is no place, and leads on. */
export function noPlacePage(setup: PageSetup, why: "none" | "unknown" | "over", page: string): string {
  const texts = textsOf(setup.set);
  const reason = why === "none"
    ? ""
    : `<p class="lead">${why === "over" ? texts.overWhy : texts.unknownWhy}</p>\n`;
  const main = `<h1>${texts[why]}</h1>\n${reason}${button(page, texts.toPage)}`;
  return pageOf(setup, texts[why], main);
}

function textsOf({ translated }: PageSet): CarryTexts {
  return translated?.carryPages ?? carryEnglish;
}

function pageOf(
  { set: { title, look }, nonce }: PageSetup,
  heading: string,
  main: string,
  behind: string = "",
): string {
  return frameOf({ heading, name: title, nonce, look, main, behind });
}

function button(href: string, text: string): string {
  return `<p class="actions"><a class="button" href="${escapeHtml(href)}">${text}</a></p>\n`;
}
