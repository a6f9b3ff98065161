/** Pages that say one thing, and lead back. */

import { escapeHtml } from "../../../src/http/escape-html.ts";
import { closedRopes, frameOf } from "./frame.ts";
import type { PageSetup } from "./pages.ts";

/** Whoever left the line is told so. */
export function renderLeft(page: PageSetup, back: string): string {
  const { left, joinAgain } = page.set.words.texts;
  return notice(page, `<h1>${left}</h1>\n`, left, back, joinAgain);
}

/** The room cannot be reached: what was asked of it has not been done. */
export function renderUnreachable(page: PageSetup, back: string): string {
  const { headings, lost, tryAgain } = page.set.words.texts;
  const heading = headings.reconnecting;
  return notice(page, `<h1>${heading}</h1>\n<p class="lead">${lost}</p>\n`, heading, back, tryAgain);
}

function notice(
  { set: { look, title }, nonce }: PageSetup,
  said: string,
  heading: string,
  back: string,
  text: string,
): string {
  const link = `<a class="button" href="${escapeHtml(back)}">${text}</a>`;
  const main = `${said}${closedRopes}<p class="actions">${link}</p>\n`;
  return frameOf({ heading, name: title, nonce, look, main });
}
