/** What the words of the page are, and the English ones. `%1` and `%2` stand for what is put in, which comes as text already. */

/** Why somebody sees the page. */
export type Situation =
  /** Called, present, and not yet let in. */
  | "waiting"
  /** Not called yet. */
  | "far"
  /** Registered for a lottery, and not drawn yet. */
  | "registered"
  /** The place is lost: others were let in past it for too long. */
  | "lapsed"
  /** The number was used: its visit is over. */
  | "used"
  /** The room gives no numbers. */
  | "closed"
  | "sold-out"
  /** The room gives no numbers for some seconds. */
  | "later"
  /** The room cannot be reached; whoever has a place keeps it. */
  | "reconnecting"
  /** Something that takes no number, such as a frame, was asked for by somebody who has none. */
  | "outside";

/** What a page says: why somebody sees it, or for those who have a place what the room does. */
export type PageState = Situation | "scheduled" | "paused" | "draining" | "stopped" | "ended";

/** The words of one language. */
export interface Texts {
  /** The language, as BCP 47 writes it. */
  readonly language: string;
  readonly direction?: "rtl";
  /** What a room is called that its owner gave no title. */
  readonly title: string;
  readonly headings: Readonly<Record<PageState, string>>;
  readonly leads: Readonly<Record<PageState, string>>;
  /** When the room opens. */
  readonly opens: string;
  readonly opensIn: string;
  /** When the order of a lottery is drawn, and what leads to how. */
  readonly draws: string;
  readonly howDrawn: string;
  readonly place: string;
  readonly next: string;
  /** How many people are ahead, in the forms that CLDR has for the language. */
  readonly ahead: Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };
  readonly waitLabel: string;
  readonly underMinute: string;
  readonly unknownWait: string;
  /** The share of the way from joining the line to its end. */
  readonly way: string;
  /** Above what the owner says. */
  readonly note: string;
  /** What happens to whoever closes the page; `%1` is how long somebody has to come back. */
  readonly kept: string;
  /** Whether durations stand in a sentence as an abbreviation, because their words would have to be inflected. */
  readonly isShort?: true;
  readonly form: string;
  readonly leave: string;
  /** What takes the place along to another device. */
  readonly carry: string;
  readonly left: string;
  readonly joinAgain: string;
  readonly tryAgain: string;
  /** When the page looked last. */
  readonly checked: string;
  readonly lost: string;
  readonly turn: string;
  readonly notify: string;
  readonly notified: string;
  readonly puzzle: string;
}

/** English. */
export const english: Texts = {
  language: "en",
  title: "Waiting room",
  headings: {
    waiting: "You are in line",
    far: "You are in line",
    registered: "You are registered",
    lapsed: "Your place has passed",
    used: "Your visit has ended",
    closed: "This page is closed at the moment",
    "sold-out": "Sold out",
    later: "One moment, please",
    reconnecting: "Reconnecting",
    outside: "There is a line",
    scheduled: "The doors open soon",
    paused: "The line is paused",
    draining: "The line takes nobody new",
    stopped: "The line is closed",
    ended: "Sold out",
  },
  leads: {
    waiting: "It is nearly your turn. Keep this page open: it takes you in by itself.",
    far: "Many people want this page. It takes you in by itself when it is your turn.",
    registered:
      "Everybody who registers in time has the same chance. The order is drawn shortly before it opens.",
    lapsed: "Others were let in while you were away. You can join the line again.",
    used: "You were let in with this place before. You can join the line again.",
    closed: "Nobody can join the line now.",
    "sold-out": "Nobody can join the line any more.",
    later: "Places are given again in a few seconds. This page tries again by itself.",
    reconnecting:
      "The line cannot be reached at the moment. Your place is kept, and this page tries again by itself.",
    outside: "Open this page in a tab of its own to join the line.",
    scheduled: "You are early, and have a place already. This page takes you in by itself.",
    paused: "The line stands still at the moment. Nobody loses a place meanwhile.",
    draining: "You have a place already, and are let in when it is your turn.",
    stopped: "Nobody is let in at the moment.",
    ended: "Nobody is let in any more.",
  },
  opens: "It opens at %1.",
  opensIn: "Opens in",
  draws: "Registration closes at %1, and then the order is drawn.",
  howDrawn: "How the order is drawn",
  place: "Your place",
  next: "You are next.",
  ahead: { one: "%1 person is ahead of you.", other: "%1 people are ahead of you." },
  waitLabel: "Time left",
  underMinute: "less than a minute",
  unknownWait: "not known yet",
  way: "Your way through the line",
  note: "From the organiser",
  kept: "If you close this page your place is kept. When it is your turn you have %1 to come back.",
  form: "What you sent has not been taken. When it is your turn, please send the form again.",
  leave: "Leave the line",
  carry: "Take your place to another device",
  left: "You have left the line.",
  joinAgain: "Join the line again",
  tryAgain: "Try again",
  checked: "Last checked at %1",
  lost: "No connection. Your place is kept, and this page tries again.",
  turn: "It is your turn",
  notify: "Notify me at my turn",
  notified: "You will be notified.",
  puzzle: "Many people come from your network. Your browser gets a place for you; that takes a few seconds.",
};
