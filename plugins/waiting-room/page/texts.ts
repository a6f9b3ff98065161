/** All words of the page, in one place. Numbers come as texts already. */

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

/** What the page says, for one language. */
export interface Texts {
  readonly language: string;
  readonly title: string;
  readonly headings: Readonly<Record<Situation, string>>;
  readonly leads: Readonly<Record<Situation, string>>;
  /** What replaces the lead of who waits, by the mode of the room. */
  readonly modes: Readonly<Partial<Record<string, string>>>;
  readonly opens: (time: string) => string;
  readonly draws: (time: string) => string;
  readonly howDrawn: string;
  readonly next: string;
  readonly place: string;
  readonly ahead: (count: string) => string;
  readonly waitLabel: string;
  readonly aboutMinutes: (from: string, to: string) => string;
  readonly underMinute: string;
  readonly unknownWait: string;
  readonly kept: (minutes: string) => string;
  readonly form: string;
  readonly leave: string;
  readonly left: string;
  readonly joinAgain: string;
  readonly tryAgain: string;
  readonly reloads: string;
  readonly lost: string;
  readonly turn: string;
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
  },
  leads: {
    waiting: "It is nearly your turn. This page goes on by itself.",
    far: "Many people want this page. It goes on by itself when it is your turn.",
    registered:
      "The order is drawn when registration is closed, shortly before it opens. Everybody who is registered then has the same chance.",
    lapsed: "Others were let in while you were away. You can join the line again.",
    used: "You were let in with this place before. You can join the line again.",
    closed: "Nobody can join the line now.",
    "sold-out": "Nobody can join the line any more.",
    later: "Places are given again in a few seconds. This page tries again by itself.",
    reconnecting:
      "The line cannot be reached at the moment. Your place is kept, and this page tries again by itself.",
    outside: "Open this page in a tab of its own to join the line.",
  },
  modes: {
    scheduled: "It has not opened yet. You have a place already, and this page goes on by itself.",
    paused: "The line stands still at the moment. Nobody loses a place meanwhile.",
    closed: "The line is closed, and nobody is let in at the moment.",
    "sold-out": "Sold out: nobody is let in any more.",
  },
  opens: (time) => `It opens at ${time}.`,
  draws: (time) => `Registration closes at ${time}, and then the order is drawn.`,
  howDrawn: "How the order is drawn",
  next: "You are next.",
  place: "Your place",
  ahead: (count) => count === "1" ? "1 person is ahead of you." : `${count} people are ahead of you.`,
  waitLabel: "Time left",
  aboutMinutes: (from, to) => from === to ? `about ${to} min` : `${from} to ${to} min`,
  underMinute: "less than a minute",
  unknownWait: "not known yet",
  kept: (minutes) =>
    `If you close this page your place is kept. When it is your turn you have ${minutes} to come back.`,
  form: "What you sent has not been taken. When it is your turn, please send the form again.",
  leave: "Leave the line",
  left: "You have left the line.",
  joinAgain: "Join the line again",
  tryAgain: "Try again",
  reloads: "Without scripts this page reloads by itself.",
  lost: "No connection. Trying again.",
  turn: "It is your turn",
  puzzle: "Many people come from your network. Your browser gets a place for you; that takes a few seconds.",
};

/** A number of minutes in words. */
export function minutesText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return "less than a minute";
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
