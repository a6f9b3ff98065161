/**
 * Pages of characters that take a byte each.
 *
 * Engines keep a text of which one character is beyond Latin-1 at two bytes a character, and Node takes twice as long to send it. A dash between two
 * numbers is enough, or an apostrophe: so where a language is of Latin script, these are written as HTML and scripts spell any character.
 */

import { escapeHtml } from "../../../src/http/escape-html.ts";
import type { Texts } from "./texts.ts";

const beyond = /[^\0-\xff]/;
const everyBeyond = /[^\0-\xff]/gu;
/** A language in which more of the characters than this are beyond Latin-1 would make longer pages of them. */
const mostBeyond = 0.1;

/** Whether a language is of Latin script. */
export function isLatin(texts: Texts): boolean {
  const text = JSON.stringify(texts);
  return (text.match(everyBeyond)?.length ?? 0) < mostBeyond * text.length;
}

/** Writes HTML in Latin-1. */
export function latinHtml(html: string): string {
  return beyond.test(html)
    ? narrow(html.replaceAll(everyBeyond, (character) => `&#${character.codePointAt(0)};`))
    : html;
}

/** Writes a script in Latin-1 whose other characters all stand within texts. */
export function latinScript(script: string): string {
  return narrow(
    script.replaceAll(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/** The texts of a language as HTML. */
export function latinTexts(texts: Texts): Texts {
  // References of HTML have nothing that would end a text of JSON, and have the form of what they replace.
  return JSON.parse(latinHtml(JSON.stringify(texts))) as Texts;
}

/** Writes a text so that it stands in HTML as it is, and in a language of Latin script in Latin-1. */
export function textIn({ isLatin }: { readonly isLatin?: boolean | undefined }, text: string): string {
  const html = escapeHtml(text);
  return isLatin === true ? latinHtml(html) : html;
}

/** What was made of a wide text stays wide to V8, whatever is in it by now; what is made of codes is not. */
function narrow(text: string): string {
  return String.fromCharCode(...Array.from(text, (character) => character.charCodeAt(0)));
}
