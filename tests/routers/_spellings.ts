/** Ways to write the address of a page, such that some program may still find it. */

import { Buffer } from "node:buffer";
import type { Route } from "./_routes.ts";

/** Numbers from 0 up to, but without, 1. */
export type Random = () => number;

/** A change of a path. What it makes may be no address of the page any more: the routers say. */
type Change = (path: string, random: Random) => string;

/** Writes the request target of a route: its path and query, changed in none to five ways. */
export function spellingOf(route: Route, random: Random): string {
  let path = Math.floor(random() * 3) === 0 ? route.path : encodeURI(route.path);
  const rounds = Math.floor(random() * random() * 6);
  for (let round = 0; round < rounds; round++) path = pick(changes, random)(path, random);
  const query = queryOf(route, random);
  const target = path.startsWith("/") || path.startsWith("\\") ? path + query : `/${path}${query}`;
  return chance(random, 0.03) ? pick(tricks, random)(target) : target;
}

/** What is added to a target beyond its path. */
const tricks: readonly ((target: string) => string)[] = [
  (target) => `${target}#`,
  (target) => `${target}#/x.css`,
  (target) => `${target}#?x`,
  (target) => `/x?/..${target}`,
  (target) => `/x#/..${target}`,
  (target) => `/x.css?${target}`,
  (target) => `/.${target}`,
  (target) => `/${target}`,
  (target) => `/x/..${target}`,
  (target) => `//shop.example.com${target}`,
  (target) => `/http://shop.example.com${target}`,
];

function queryOf({ query }: Route, random: Random): string {
  if (query === undefined) return chance(random, 0.7) ? "" : pick(otherQueries, random);
  const [name, value] = query;
  const blank = pick(["%20", "+", "%2520", "%2b", " "], random);
  let pair = `${name}=${value.replaceAll(" ", blank)}`;
  if (chance(random, 0.5)) pair = escapeSome(pair, random, (char) => !"=&#".includes(char));
  if (chance(random, 0.1)) pair = pair.replaceAll("%", "%25");
  if (chance(random, 0.05)) pair = changeCase(pair, random);
  const before = chance(random, 0.4)
    ? pick([
      "",
      "a=1&",
      "queueittoken=e_event1~h_0&",
      "ch-id=tok_7pDi5dRB2nUi&",
      "&",
      "?",
      "%&",
      "%zz=%ff&",
      "buy=8&",
      "a=#&",
      "/../&",
      ";",
    ], random)
    : "";
  const after = chance(random, 0.4)
    ? pick(["&", "&a=1", "&buy=8", "#", "?", "&%", "%", "#&x", ";", "/", "&buy"], random)
    : "";
  return `?${before}${pair}${after}`;
}

const otherQueries = [
  "?queueittoken=e_event1~h_0",
  "?a=1&queueittoken=e_event1~h_0",
  "?ch-id=tok_7pDi5dRB2nUi",
  "?",
  "??",
  "?a=1",
  "?/x.css",
  "?;",
  "?%",
  "?a=%zz",
  "?/../..",
  "?#",
  "#",
  "#a",
  "?a#b",
  "&a=1",
];

const dots = [".", "%2e", "%2E", "%252e"];
const slashes = ["/", "/", "//", "\\", "%2f", "%2F", "%5c", "%5C", "/;/", "/./", "/;a=1/", "%252F"];
const invisible = [
  "%00",
  "%0a",
  "%0D%0A",
  "%09",
  "\t",
  "\n",
  "\r",
  "%20",
  " ",
  "\0",
  "%7f",
  "\x7f",
  "%C2%85",
  "\x85",
];
const broken = [
  "%",
  "%7",
  "%zz",
  "%u0074",
  "%ff",
  "%c0%af",
  "%C0%AE",
  "%e0%80%af",
  "%c1%b4",
  "%ed%a0%80",
  "\ud800",
  "%f4%90%80%80",
];
const unseen = ["\u00ad", "%C2%AD", "\u200b", "%E2%80%8B", "\ufeff", "%EF%BB%BF", "\u2028"];
const endings = [
  "/",
  "//",
  ".",
  "..",
  "/.",
  "/..",
  "/%2e",
  "%2f",
  "%2F",
  "\\",
  "%5c",
  "%20",
  "+",
  "%00",
  "%00.css",
  ".json",
  ".html",
  ";",
  ";a=1",
  ";/",
  ";.css",
  "%3b",
  "%3Ba",
  "%3f",
  "%3Fa=1",
  "%23",
  "%23a",
  "/;",
  "/x/..",
  "/x/../",
  "/%2e%2e",
  "/..;/",
  "*",
  "~",
  "/.;a",
  "%2f%2e",
  "&",
  "/ ",
  ":80",
  "::$DATA",
  "%",
  "%25",
  "/%",
];

const changes: readonly Change[] = [
  (path, random) => escapeSome(path, random, (char) => !"/%\\".includes(char)),
  (path, random) => escapeSome(path, random, (char) => char !== "%"),
  (path, random) => escapeSome(path, random, () => true),
  (path, random) => Array.from(path, (char) => char === "/" ? char : escapeOf(char, random)).join(""),
  (path, random) => path.replace(/%/g, (sign) => chance(random, 0.7) ? "%25" : sign),
  (path) => path.replaceAll("%", "%25"),
  (path, random) =>
    path.replace(
      /%[0-9a-f]{2}/gi,
      (escape) => chance(random, 0.5) ? escape.toLowerCase() : escape.toUpperCase(),
    ),
  (path, random) => atSlash(path, random, (slash) => slash + dot(random) + pick(slashes, random)),
  (path, random) =>
    atSlash(
      path,
      random,
      (slash) => `${slash}x${pick(slashes, random)}${dot(random)}${dot(random)}${pick(slashes, random)}`,
    ),
  (path, random) => atSlash(path, random, () => `/x;a=1/${dot(random)}${dot(random)};a=1/`),
  (path, random) => `/${dot(random)}${dot(random)}${pick(slashes, random)}${path.slice(1)}`,
  (path, random) => atSlash(path, random, () => pick(slashes, random)),
  (path, random) => path.replaceAll("/", () => pick(slashes, random)),
  (path, random) =>
    atSlash(path, random, () => pick([";/", ";a=1/", ";a/", "%3b/", "./", "../", "%20/", "/%20"], random)),
  (path, random) => path + pick(endings, random),
  (path, random) => path + pick(endings, random),
  changeCase,
  (path) => path.toUpperCase(),
  (path) => path.toLowerCase(),
  (path, random) => inserted(path, random, pick(invisible, random)),
  (path, random) => inserted(path, random, pick(broken, random)),
  (path, random) => inserted(path, random, pick(unseen, random)),
  (path) => path.normalize("NFD"),
  (path) =>
    decodeURI(path.replace(/%(?![0-9a-f]{2})/gi, "%25").replace(/%[89a-f][0-9a-f]/gi, "%25")).normalize(
      "NFD",
    ),
  (path, random) =>
    changed(
      path,
      random,
      (char) => /[!-~]/.test(char) && char !== "/" ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char,
    ),
  (path, random) => changed(path, random, (char) => lookalikes[char] ?? char),
  (path, random) => changed(path, random, (char) => char + char),
  (path, random) => changed(path, random, () => ""),
];

/** Letters that some take for others when they change the case or the form. */
const lookalikes: Readonly<Record<string, string>> = {
  k: "\u212a",
  K: "\u212a",
  s: "\u017f",
  S: "\u017f",
  i: "\u0131",
  I: "\u0130",
};

function dot(random: Random): string {
  return pick(dots, random);
}

/** Escapes some of the characters that may be. */
function escapeSome(text: string, random: Random, may: (char: string) => boolean): string {
  const share = random();
  return Array.from(text, (char) => may(char) && chance(random, share) ? escapeOf(char, random) : char).join(
    "",
  );
}

function escapeOf(char: string, random: Random): string {
  const hex = Array.from(Buffer.from(char, "utf8"), (byte) => byte.toString(16).padStart(2, "0"));
  return hex.map((pair) => `%${chance(random, 0.5) ? pair : pair.toUpperCase()}`).join("");
}

function changeCase(text: string, random: Random): string {
  return Array.from(text, (char) => chance(random, 0.5) ? char.toUpperCase() : char.toLowerCase()).join("");
}

/** Changes one of the slashes. */
function atSlash(path: string, random: Random, change: (slash: string) => string): string {
  const places = [...path.matchAll(/\//g)].map(({ index }) => index);
  const at = places[Math.floor(random() * places.length)];
  return at === undefined ? path : path.slice(0, at) + change("/") + path.slice(at + 1);
}

function inserted(path: string, random: Random, text: string): string {
  const at = Math.floor(random() * (path.length + 1));
  return path.slice(0, at) + text + path.slice(at);
}

function changed(path: string, random: Random, change: (char: string) => string): string {
  const at = Math.floor(random() * path.length);
  return path.slice(0, at) + change(path[at] ?? "") + path.slice(at + 1);
}

function chance(random: Random, share: number): boolean {
  return random() < share;
}

function pick<T>(list: readonly T[], random: Random): T {
  // The lists are not empty.
  return list[Math.floor(random() * list.length)] as T;
}
