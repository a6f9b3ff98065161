import { escapeHtml } from "../../../src/http/escape-html.ts";
import type { LotteryFacts } from "../lottery/mod.ts";
import type { Ticket } from "../tickets/mod.ts";
import { frameOf } from "./frame.ts";
import type { PageSet, PageSetup } from "./pages.ts";
import { lotteryScript } from "./lottery-script.ts";
import { englishLottery, type LotteryTexts } from "./lottery-texts.ts";

/** What somebody has in a lottery: the number that they registered with, and the place that was drawn for it, where it is known. */
export type OwnLot =
  | { readonly registered: number; readonly place: number | undefined }
  | undefined;

/**
 * The page of a lottery: what is published, and a place computed again by the visitor's own browser. Without scripts it tells what is
 * published, with which anybody else can compute it.
 */
export function renderLottery({ set, nonce }: PageSetup, facts: LotteryFacts, own: OwnLot): string {
  const { title, look, words } = set;
  const lottery = textsOf(set);
  const { commitment, registered, beacon, drawnBy, secret, opensAt, closesAt } = facts;
  const until = (time: string | null) =>
    time === null ? lottery.notYet : lottery.from.replace("%1", words.time(Date.parse(time)));
  const rows: readonly (readonly [term: string, html: string])[] = [
    [lottery.commitment, escapeHtml(commitment)],
    [lottery.registered, registered === null ? until(closesAt) : words.count(registered)],
    [lottery.beacon, beacon === null ? lottery.notYet : beacon === "" ? lottery.none : escapeHtml(beacon)],
    [lottery.secret, secret === null ? until(opensAt) : escapeHtml(secret)],
  ];
  // Which way a value is written says the value: digits of a hash are no words of the language.
  const list = rows.map(([term, html]) => `<h2>${term}</h2>\n<p><code dir="auto">${html}</code></p>`).join(
    "\n",
  );
  const isDrawn = secret !== null && registered !== null && beacon !== null && drawnBy !== null;
  const canCheck = isDrawn && drawnBy !== "arrival";
  const main = `<h1>${lottery.heading}</h1>
<p class="lead">${lottery.leads[drawnBy ?? "undrawn"]}</p>
${
    own === undefined
      ? ""
      : `<p class="note"><strong>${ownText(set, own)}</strong></p>\n`
  }<section class="note">
${list}
</section>
${canCheck ? form(lottery, own?.registered) : ""}<p class="lead">${lottery.verify}</p>
`;
  const shown = escapeHtml(JSON.stringify({ commitment, registered, beacon, secret }));
  const answers = escapeHtml(JSON.stringify(lottery.answers));
  const behind = canCheck
    ? `<script nonce="${nonce}" data-facts="${shown}" data-texts="${answers}">${lotteryScript}</script>\n`
    : "";
  return frameOf({ heading: lottery.heading, name: title, nonce, look, main, behind });
}

function textsOf({ translated }: PageSet): LotteryTexts {
  return translated?.lotteryPage ?? englishLottery;
}

function ownText(set: PageSet, { registered, place }: NonNullable<OwnLot>): string {
  const { ownNumber, ownPlace } = textsOf(set);
  const { count } = set.words;
  return place === undefined
    ? ownNumber.replace("%1", count(registered))
    : ownPlace.replace("%1", count(registered)).replace("%2", count(place));
}

function form({ number, compute }: LotteryTexts, registered: number | undefined): string {
  return `<form data-part="check" hidden>
<div class="actions"><label>${number} <input data-part="number" type="number" inputmode="numeric" min="1" step="1" required value="${
    registered ?? ""
  }"></label> <button>${compute}</button></div>
<p class="lead" role="status" data-part="answer"></p>
</form>
`;
}

/** What somebody has in a lottery; `undefined` for who came later. */
export function ownLot(
  { kind, epoch, number, lot }: Pick<Ticket, "epoch" | "number" | "lot"> & { readonly kind: string },
  facts: LotteryFacts,
): OwnLot {
  if (epoch !== facts.epoch) return undefined;
  if (kind === "registration") return { registered: number, place: undefined };
  return lot && { registered: lot.registered, place: number };
}
