import type { PageState, Texts } from "./texts.ts";

/** What is said to those who have a place, by the mode of the room. */
export const states: Readonly<Partial<Record<string, PageState>>> = {
  scheduled: "scheduled",
  paused: "paused",
  draining: "draining",
  closed: "stopped",
  "sold-out": "ended",
};

/** The words that the script puts together itself, as they stand in the page: they are the same for all who read a language. */
export function scriptWords(texts: Texts, title: string, note: string): string {
  const { language, ahead, next, underMinute, unknownWait, left, turn, checked } = texts;
  const { waitLabel, opensIn, notified, headings, leads } = texts;
  const said = (state: PageState) => [headings[state], leads[state]];
  return literal({
    language,
    title,
    note,
    waiting: said("waiting"),
    far: said("far"),
    modes: Object.fromEntries(
      Object.entries(states).map(([mode, state = "far"]) => [mode, said(state)]),
    ),
    ahead,
    next,
    underMinute,
    unknownWait,
    waitLabel,
    opensIn,
    left,
    turn,
    checked,
    notified,
  });
}

/** A value in a script, which cannot end the script. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
