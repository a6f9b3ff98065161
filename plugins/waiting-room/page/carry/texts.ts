/** All words about a place that is taken along. `%1` and `%2` stand for what is put in, which comes as text already. */

/** What the pages say, for one language. */
export interface CarryTexts {
  readonly heading: string;
  readonly how: string;
  readonly code: string;
  readonly link: string;
  readonly copy: string;
  readonly secret: string;
  readonly back: string;
  /** What leads on where nobody knows whether there is a place. */
  readonly toPage: string;
  readonly open: string;
  readonly linked: string;
  readonly paste: string;
  readonly without: string;
  readonly field: string;
  readonly take: string;
  readonly asks: string;
  readonly asksInside: string;
  /** `%1` is the visitor's own place, `%2` that of the link. */
  readonly places: string;
  readonly keep: string;
  readonly replace: string;
  readonly none: string;
  readonly unknown: string;
  readonly unknownWhy: string;
  readonly over: string;
  readonly overWhy: string;
}

/** English. */
export const carryEnglish: CarryTexts = {
  heading: "Take your place along",
  how: "Read this code with the other device, or open the link there. Both then hold the same place.",
  code: "QR code of the link",
  link: "Your link",
  copy: "Copy the link",
  secret: "Whoever has this link has your place. Send it to yourself only, and show the code to nobody.",
  back: "Back to your place",
  toPage: "Go to the page",
  open: "Bring a place here",
  linked: "The link that you opened carries a place. Bring it here only if it is yours.",
  paste: "Put the link from the other device here.",
  without: "Without scripts: copy the address of this page into the field.",
  field: "The link",
  take: "Bring the place here",
  asks: "You have a better place here",
  asksInside: "You are inside already",
  places: "Your place here is %1, that of the link %2.",
  keep: "Keep what I have",
  replace: "Take that of the link",
  none: "You have no place that could be taken along",
  unknown: "This link is not good here",
  unknownWhy:
    "It is old, is incomplete, is of another site, or belongs to another account. Nothing has changed.",
  over: "The place of this link is gone",
  overWhy: "It was used, or others were let in past it. Nothing has changed.",
};
