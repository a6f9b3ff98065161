/**
 * Pages of ASCII.
 *
 * Engines keep a text of which one character is beyond Latin-1 at two bytes a character, and Node takes ten times as long to make bytes of it; Deno takes longer as soon as
 * one is beyond ASCII. A dash between two numbers is enough: so where a language is of Latin script, what is beyond is written as HTML, and scripts
 * spell any character.
 */

import { remembered } from "./remembered.ts";
import { escapeHtml } from "../../../src/http/escape-html.ts";
import type { Texts } from "./texts.ts";

const beyond = /[^\0-\x7f]/;
const everyBeyond = /[^\0-\x7f]/gu;
const everyBeyondLatin = /[^\0-\xff]/gu;
/** A language in which more of the characters than this are beyond Latin-1 would make longer pages of them. */
const mostBeyond = 0.1;
/** So many may be in a text of an owner, however short it is. */
const alwaysBeyond = 20;
/** How many texts of an owner are remembered: a title and two notes stand in pages, and sometimes another note. */
const maxRemembered = 8;

/** Whether a language is of Latin script. */
export function isLatin(texts: Texts): boolean {
  const text = JSON.stringify(texts);
  return countBeyond(text) < mostBeyond * text.length;
}

/** Whether a text of an owner is of Latin script: one of another would be two to four times as long in a page. */
export function isLatinText(text: string): boolean {
  return countBeyond(text) <= Math.max(alwaysBeyond, mostBeyond * text.length);
}

function countBeyond(text: string): number {
  return text.match(everyBeyondLatin)?.length ?? 0;
}

/** Writes HTML in ASCII. */
export function asciiHtml(html: string): string {
  return beyond.test(html)
    ? narrow(html.replaceAll(everyBeyond, (character) => `&#${character.codePointAt(0)};`))
    : html;
}

/** Writes a script in ASCII whose other characters all stand within texts. */
export function asciiScript(script: string): string {
  return narrow(
    script.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/** The texts of a language as HTML. */
export function asciiTexts(texts: Texts): Texts {
  // References of HTML have nothing that would end a text of JSON, and have the form of what they replace.
  return JSON.parse(asciiHtml(JSON.stringify(texts))) as Texts;
}

/** Makes what writes a text of an owner in ASCII so that it stands in HTML as it is, once for all pages: to spell a note takes longer than a page. */
export function createTextWriter(): (text: string) => string {
  return remembered((text: string) => {
    const html = escapeHtml(text);
    return isLatinText(text) ? asciiHtml(html) : html;
  }, maxRemembered);
}

/** What was made of a wide text stays wide to V8, whatever is in it by now; what is made of codes is not. */
function narrow(text: string): string {
  return String.fromCharCode(...Array.from(text, (character) => character.charCodeAt(0)));
}
