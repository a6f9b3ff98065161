import { escapeHtml } from "../../../../src/http/escape-html.ts";
import { frameOf } from "../frame.ts";
import type { PageSetup } from "../view.ts";
import { qrCode } from "./qr-code.ts";
import { carryEnglish as texts } from "./texts.ts";

/** What leads there, on the waiting page. Its script puts what comes of it into the same page. */
export function carryForm(path: string, offer: string): string {
  return `<form method="post" action="${
    escapeHtml(path)
  }/carry"><button class="quiet">${offer}</button></form>\n`;
}

/** The link and its code: what the waiting page puts into itself. */
export function linkPart(link: string, heading: "h1" | "h2" = "h2"): string {
  return `<section data-part="carry" lang="en" dir="ltr">
<${heading} tabindex="-1">${texts.heading}</${heading}>
<p>${texts.how}</p>
${qrCode(link, texts.code)}
<p><label>${texts.link} <input readonly value="${
    escapeHtml(link)
  }"></label> <button type="button" hidden>${texts.copy}</button></p>
<p><strong>${texts.secret}</strong></p>
</section>
`;
}

/** The same as a page of its own. */
export function linkPage(setup: PageSetup, link: string, back: string): string {
  return pageOf(setup, texts.heading, `${linkPart(link, "h1")}<p>${button(back, texts.back)}</p>\n`);
}

/** The page that a link opens: it asks, and does nothing by itself. */
export function openPage(setup: PageSetup, takePath: string): string {
  const main = `<h1>${texts.open}</h1>
<p data-part="lead">${texts.paste}</p>
<noscript><p>${texts.without}</p></noscript>
<form method="post" action="${escapeHtml(takePath)}">
<p data-part="field"><label>${texts.field} <input name="ticket" autocomplete="off" autocapitalize="off" spellcheck="false" required></label></p>
<button>${texts.take}</button>
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
  const heading = own === "inside" ? texts.asksInside : texts.asks;
  const isKnown = typeof own === "number" && brought !== undefined;
  const main = `<h1>${heading}</h1>
${isKnown ? `<p>${texts.places(countText(own), countText(brought))}</p>\n` : ""}<p>${
    button(page, texts.keep)
  }</p>
<form method="post" action="${escapeHtml(takePath)}">
<input type="hidden" name="ticket" value="${escapeHtml(sent)}"><input type="hidden" name="sure" value="1">
<button>${texts.replace}</button>
</form>
`;
  return pageOf(setup, heading, main);
}

/** A page that says why there is no place, and leads back. */
export function noPlacePage(setup: PageSetup, why: "none" | "unknown" | "over", back: string): string {
  const reason = why === "none" ? "" : `<p>${why === "over" ? texts.overWhy : texts.unknownWhy}</p>\n`;
  const main = `<h1>${texts[why]}</h1>\n${reason}<p>${button(back, texts.back)}</p>\n`;
  return pageOf(setup, texts[why], main);
}

function pageOf(
  { title, nonce, look }: PageSetup,
  heading: string,
  main: string,
  behind: string = "",
): string {
  return frameOf({ title: `${heading} · ${title}`, name: title, nonce, look, main, behind });
}

function button(href: string, text: string): string {
  return `<a class="button" href="${escapeHtml(href)}">${text}</a>`;
}

function countText(count: number): string {
  return count.toLocaleString("en");
}
