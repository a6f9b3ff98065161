/** What an open page makes of the notes of its owner, of which the status has the beginning only where they are long. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { markOf } from "../../../plugins/waiting-room/note-mark.ts";
import { createPages } from "../../../plugins/waiting-room/page/pages.ts";
import { english } from "../../../plugins/waiting-room/page/texts.ts";
import { textOf } from "../../../plugins/waiting-room/status-document.ts";
import type { StatusDocument } from "../../../src/line/estimate.ts";
import fc from "../../support/random-cases.ts";
import { share } from "../../support/runtime-share.ts";
import { start } from "./_node.ts";
import { ofScript } from "./_page-script.ts";
import { pageOf } from "./_view.ts";

const document: StatusDocument = {
  epoch: 1,
  revision: 3,
  now: start,
  mode: "open",
  opensAt: start,
  F: 1234,
  issued: 99_999,
  passed: 1200,
  pace: 1.234,
  flow: 1.1,
  y: 0.875,
  rate: 60,
  poll: 60,
  note: "",
};

/** What a page is told of a note. */
type Told = Pick<StatusDocument, "note" | "cut">;

/** The note in a status, as pages read it. */
function inStatus(note: string): Told {
  return JSON.parse(textOf({ ...document, note })) as Told;
}

/** A note after a parser of HTML has read it out of what was sent. */
function parsed(html: string): string {
  const read = new TextDecoder().decode(new TextEncoder().encode(html)).replaceAll(/\r\n?/g, "\n").replaceAll(
    "\0",
    "",
  );
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return read.replaceAll(
    /&(?:#(\d+)|(\w+));/g,
    (_, code, name) => code === undefined ? names[name] ?? "?" : String.fromCodePoint(Number(code)),
  );
}

/** A page that is open. */
interface Open {
  readonly shown: () => string;
  readonly hear: (told: Told) => void;
}

const set = await createPages({}, { warn: assert.fail })("en");

/** Opens a page, which says the note unless its owner wrote something else. */
function open(note: string, written?: string): Open {
  const page = pageOf(set, { note });
  const html = written ?? /<p data-part="note">([^]*?)<\/p>/.exec(page)?.[1] ?? "";
  const [, heard] = /"heard":(-?\d+)/.exec(page) ?? [];
  const parts: Readonly<Record<string, { textContent: string; hidden: boolean }>> = {
    note: { textContent: parsed(html), hidden: false },
    noted: { textContent: "", hidden: note === "" },
  };
  const given = {
    view: heard === undefined ? {} : { heard: Number(heard) },
    part: (name: string) => parts[name],
  };
  const texts = { ...english, note: "" };
  const script = ofScript<{ note(told: Told): void }>(texts, ["set", "hide", "note"], given);
  return {
    shown: () => parts["noted"]?.hidden === true ? "" : parts["note"]?.textContent ?? "",
    hear: script.note,
  };
}

const character = fc.oneof(
  fc.constantFrom(...'ab \n\r\0"\\<&…’é開😀', "\r\n", "\ud83d", "\ude00", "\u2028", "\u200f"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const texts = fc.oneof(
  fc.array(character, { maxLength: 200 }).map((all) => all.join("").slice(0, 500)),
  fc.tuple(fc.array(character, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 250 })).map((
    [all, count],
  ) => all.join("").repeat(count).slice(0, 500)),
);
/** Notes, many of which begin alike, end in what a cut ends in, or are what the status makes of another one. */
const notes: fc.Arbitrary<readonly string[]> = fc.tuple(
  texts,
  fc.array(
    fc.oneof(
      texts.map((text) => () => text),
      fc.tuple(fc.nat(500), fc.constantFrom("", "…", "!", "\r", "\ud83d")).map(
        ([length, end]) => (note: string) => `${note.slice(0, length)}${end}`.slice(0, 500),
      ),
      fc.constantFrom("…", ".", "\n", "x".repeat(300)).map((end) => (note: string) =>
        `${note}${end}`.slice(0, 500)
      ),
      fc.constant((note: string) => inStatus(note).note),
      fc.constant((note: string) => note.replaceAll("\r", "\n")),
      fc.constant((note: string) => note),
    ),
    { minLength: 1, maxLength: 6 },
  ),
).map(([first, changes]) =>
  changes.reduce<readonly string[]>((all, change) => [...all, change(all.at(-1) ?? "")], [first])
  // Of what nobody can see, the beginning with its … is as good.
).filter((all) => all.every((note) => note === "" || parsed(note).trim() !== ""));

describe("an open page", () => {
  test("shows the note that there is, and no beginning of one that it has whole", () => {
    fc.assert(
      fc.property(notes, fc.array(fc.boolean()), ([first = "", ...others], called) => {
        const page = open(first);
        let [last, whole] = [first, page.shown()];
        for (const [at, note] of [first, ...others].entries()) {
          const told = called[at] === true ? { note } : inStatus(note);
          page.hear(told);
          if (told.cut === undefined) assert.equal(page.shown(), note);
          else assert.equal(page.shown(), note === last ? whole : told.note);
          if (note !== last || told.cut === undefined) [last, whole] = [note, page.shown()];
          // Once more, as every look at the status brings it again.
          page.hear(inStatus(note));
          assert.equal(page.shown(), whole);
        }
      }),
      { numRuns: share(2000) },
    );
  });

  const long = "Doors open at nine. ".repeat(20);
  const changed: readonly [what: string, from: string, to: string, shown: string][] = [
    ["a shorter one that ends in …", "Doors open at nine", "Doors…", "Doors…"],
    ["… alone", "Doors open at nine", "…", "…"],
    ["one that begins like it", long, `${long}Or ten.`, inStatus(`${long}Or ten.`).note],
    ["nothing", long, "", ""],
    ["one with other ends of lines", long.replaceAll(". ", ".\r"), long, inStatus(long).note],
  ];
  for (const [what, from, to, shown] of changed) {
    test(`tells a note from ${what}`, () => {
      const page = open(from);
      page.hear(inStatus(to));
      assert.equal(page.shown(), shown);
      if (to !== shown) assert.notEqual(inStatus(from).cut, inStatus(to).cut);
      page.hear({ note: to });
      assert.equal(page.shown(), to, "who is called is told all of it");
    });
  }

  for (const text of ["Bring your card.\r\n", "Bring\ud83d", "Bring\0", "<b>&amp;", "“Łódź”"]) {
    test(`keeps all of a long note of ${JSON.stringify(text)}`, () => {
      const page = open(text.repeat(30));
      const shown = page.shown();
      page.hear(inStatus(text.repeat(30)));
      assert.equal(page.shown(), shown);
    });
  }

  for (const html of ["", "\n  "]) {
    test(`shows what the room says where an owner's page leaves ${JSON.stringify(html)} to the script`, () => {
      const page = open(long, html);
      page.hear(inStatus(long));
      assert.equal(page.shown(), inStatus(long).note);
      page.hear({ note: long });
      page.hear(inStatus(long));
      assert.equal(page.shown(), long);
    });
  }

  test("has a mark for each note that no other one has", () => {
    const known = new Map<number, string>();
    const look = (note: string) => {
      const mark = markOf(note);
      assert.equal(known.get(mark) ?? note, note);
      known.set(mark, note);
    };
    for (let at = 0; at < 500; at++) {
      for (const each of ["\0", "a", "…", "\ud83d", "😀"]) look(`${long}${each.repeat(at)}`);
      look(`${long.slice(0, at % 400)}!${long.slice(at % 400)}`);
    }
  });
});
