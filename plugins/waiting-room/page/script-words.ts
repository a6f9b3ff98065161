import type { PageState, Texts } from "./texts.ts";

/** What is said to those who have a place, by the mode of the room. */
export const states: Readonly<Partial<Record<string, PageState>>> = {
  scheduled: "scheduled",
  paused: "paused",
  draining: "draining",
  closed: "stopped",
  "sold-out": "ended",
};

/**
 * The words that the script puts together itself, as they stand in the page: they are the same for all who read a language.
 *
 * @param texts The words.
 * @param title What the room is called.
 * @param note What is said where the room has no note.
 * @param known What the page says already; `undefined` for nothing. To whoever is `"registered"` the script says nothing of places.
 */
export function scriptWords(texts: Texts, title: string, note: string, known: string | undefined): string {
  const { language, ahead, next, underMinute, unknownWait, left, turn, checked } = texts;
  const { waitLabel, opensIn, notified, headings, leads } = texts;
  const always = { language, title, note, underMinute, left, turn, checked, notified };
  if (known === "registered") return literal(always);
  return literal({
    ...always,
    modes: Object.keys(states),
    ...Object.fromEntries(
      Object.entries({ ...states, waiting: "waiting" as const, far: "far" as const })
        .filter(([name]) => name !== known)
        .map(([name, state = "far"]) => [name, [headings[state], leads[state]]]),
    ),
    ahead,
    next,
    unknownWait,
    waitLabel,
    opensIn,
  });
}

/** A value in a script, which cannot end the script. */
export function literal(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes("<") ? text.replaceAll("<", "\\u003c") : text;
}
