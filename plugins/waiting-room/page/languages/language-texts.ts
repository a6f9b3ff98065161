import type { CarryTexts } from "../carry/texts.ts";
import type { LotteryTexts } from "../lottery-texts.ts";
import type { Texts } from "../texts.ts";

/** All words of a language that is not English: those of the waiting page, and of the pages that only some see. */
export interface LanguageTexts extends Texts {
  readonly carryPages: CarryTexts;
  readonly lotteryPage: LotteryTexts;
}
