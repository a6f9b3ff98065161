import { puzzleScript, type PuzzleView } from "../tickets/mod.ts";
import { closedRopes, frameOf } from "./frame.ts";
import type { PageSetup } from "./pages.ts";
import { literal } from "./script-words.ts";

/** What the page of a puzzle needs beside it. */
export interface PuzzlePage {
  /** The cookie into which the solution is written. */
  readonly cookieName: string;
  readonly isEncrypted: boolean;
  /** The page to ask for then, where a form was sent; otherwise the same is asked for again. */
  readonly form: string | undefined;
}

/**
 * The page of a newcomer who has to earn a number: its script computes for about a second, and asks again. Without scripts it asks again
 * after some seconds.
 */
export function renderPuzzle(
  { challenge, bits, parts, waitSeconds }: PuzzleView,
  { set: { words, look, title }, nonce }: PageSetup,
  { cookieName, isEncrypted, form }: PuzzlePage,
): string {
  // A moment later than it is good: clocks differ.
  const seconds = waitSeconds + 2;
  const refresh = form === undefined ? String(seconds) : `${seconds}; url=${form}`;
  const go = form === undefined ? "location.reload()" : `location.replace(${literal(form)})`;
  const attributes = `; Path=/; Max-Age=60; SameSite=Lax${isEncrypted ? "; Secure" : ""}`;
  const script = `(${puzzleScript})(${literal(challenge)}, ${bits}, ${parts}, function (text) {
  document.cookie = ${literal(`${cookieName}=`)} + text + ${literal(attributes)};
  ${go};
});`;
  const main =
    `<h1>${words.headings.later}</h1>\n<p class="lead" role="status">${words.puzzle}</p>\n${closedRopes}`;
  const behind = `<script nonce="${nonce}">${script}</script>\n`;
  return frameOf({ name: title, nonce, look, refresh, main, behind });
}
