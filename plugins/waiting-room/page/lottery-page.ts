import { escapeHtml } from "../../../src/http/escape-html.ts";
import type { LotteryFacts } from "../lottery/mod.ts";
import type { Ticket } from "../tickets/mod.ts";
import { frameOf } from "./frame.ts";
import type { PageSet } from "./pages.ts";
import { lotteryScript } from "./lottery-script.ts";
import { englishLottery as lottery } from "./lottery-texts.ts";
import { english } from "./texts.ts";

/** What the page of a lottery needs beside the facts. */
export interface LotteryPage {
  readonly set: PageSet;
  readonly nonce: string;
  /** The number that the visitor registered with, and the place that was drawn for it, where they are known. */
  readonly own: { readonly registered: number; readonly place: number | undefined } | undefined;
}

/**
 * The page of a lottery: what is published, and a place computed again by the visitor's own browser. Without scripts it tells what is
 * published, with which anybody else can compute it.
 */
export function renderLottery(
  facts: LotteryFacts,
  { set: { title, look }, nonce, own }: LotteryPage,
): string {
  const { commitment, registered, beacon, drawnBy, secret, opensAt, closesAt } = facts;
  const rows: readonly (readonly [term: string, value: string])[] = [
    [lottery.commitment, commitment],
    [
      lottery.registered,
      registered === null ? untilText(closesAt) : registered.toLocaleString(english.language),
    ],
    [lottery.beacon, beacon === null ? lottery.notYet : beacon === "" ? lottery.none : beacon],
    [lottery.secret, secret ?? untilText(opensAt)],
  ];
  const list = rows.map(([term, value]) => `<h2>${term}</h2>\n<p><code>${escapeHtml(value)}</code></p>`)
    .join("\n");
  const isDrawn = secret !== null && registered !== null && beacon !== null && drawnBy !== null;
  const canCheck = isDrawn && drawnBy !== "arrival";
  const main = `<h1>${lottery.heading}</h1>
<p class="lead">${lottery.leads[drawnBy ?? "undrawn"]}</p>
${
    own === undefined
      ? ""
      : `<p class="note"><strong>${escapeHtml(ownText(own))}</strong></p>\n`
  }<section class="note">
${list}
</section>
${canCheck ? form(own?.registered) : ""}<p class="lead">${lottery.verify}</p>
`;
  const shown = escapeHtml(JSON.stringify({ commitment, registered, beacon, secret }));
  const texts = escapeHtml(JSON.stringify(lottery.answers));
  const behind = canCheck
    ? `<script nonce="${nonce}" data-facts="${shown}" data-texts="${texts}">${lotteryScript}</script>\n`
    : "";
  return frameOf({
    title: `${lottery.heading} · ${title}`,
    name: title,
    nonce,
    look: { ...look, language: "en", direction: undefined },
    main,
    behind,
  });
}

function ownText({ registered, place }: NonNullable<LotteryPage["own"]>): string {
  const number = registered.toLocaleString(english.language);
  return place === undefined
    ? lottery.ownNumber(number)
    : lottery.ownPlace(number, place.toLocaleString(english.language));
}

function form(registered: number | undefined): string {
  const { number, compute } = lottery;
  return `<form data-part="check" hidden>
<div class="actions"><label>${number} <input data-part="number" type="number" inputmode="numeric" min="1" step="1" required value="${
    registered ?? ""
  }"></label> <button>${compute}</button></div>
<p class="lead" role="status" data-part="answer"></p>
</form>
`;
}

/** What is told from a time on. */
function untilText(time: string | null): string {
  return time === null ? lottery.notYet : lottery.from(`${time.slice(0, 10)} ${time.slice(11, 16)} UTC`);
}

/** What somebody has in a lottery; `undefined` for who came later. */
export function ownLot(
  { kind, epoch, number, lot }: Pick<Ticket, "epoch" | "number" | "lot"> & { readonly kind: string },
  facts: LotteryFacts,
): LotteryPage["own"] {
  if (epoch !== facts.epoch) return undefined;
  if (kind === "registration") return { registered: number, place: undefined };
  return lot && { registered: lot.registered, place: number };
}
