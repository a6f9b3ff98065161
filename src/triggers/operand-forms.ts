/**
 * The forms of an operand that is compared with a part of the URL: what one program writes as `/caf%C3%A9`, another knows as
 * `/café`, and an operand means the same page in all of them.
 */

import { withoutPort } from "../url/host-name.ts";
import { decodeAll, decodeUnreserved } from "../url/readings.ts";
import type { Subject } from "./target.ts";

/** What stands for every host in the forms for a request to an address. */
export const anyHost = "*";

/** How far the forms of an operand go. */
export interface Width {
  readonly mode: "equals" | "contains";
  /**
   * `false` for what exempts: the same page in other escapes, and with or without a slash at its end. `true` for what
   * protects: also with the other scheme, and without what a visitor may add to a host.
   */
  readonly wide: boolean;
}

/** Tells the forms of an operand; the first is what was written. Nearly always there is one, or two for a slash at the end. */
export function formsOf(subject: Subject, operand: string, width: Width): readonly string[] {
  if (operand === "") return [operand];
  if (subject === "host" || subject === "hostname") return hostForms(operand, width.wide);
  const origin = subject === "url" ? /^https?:\/\/[^/?#]*/i.exec(operand)?.[0] ?? "" : "";
  const mark = subject === "url" ? operand.indexOf("?") : -1;
  const end = mark === -1 ? operand.length : mark;
  const path = operand.slice(origin.length, end);
  // A piece of a URL that begins in no way in which a path does may be one of its query.
  const isPath = origin !== "" || path.startsWith("/") || (subject === "url" && namesHost(subject, path));
  const tails = tailForms(path, subject === "url" && !isPath, operand.slice(end), width.wide);
  const forms = new Set([operand]);
  for (const start of originForms(origin, width.wide)) {
    for (const [path, query] of tails) {
      for (const slashed of isPath ? withSlashes(path, origin !== "", query !== "", width) : [path]) {
        forms.add(start + slashed + query);
      }
    }
  }
  forms.delete("");
  return [...forms];
}

/** Whether an operand names a host. */
export function namesHost(subject: Subject, operand: string): boolean {
  return operand !== "" &&
    (subject === "host" || subject === "hostname" || forAnyHost(subject, operand) !== operand);
}

/** Puts {@linkcode anyHost} in the place of the host that an operand names; what names none stays. */
export function forAnyHost(subject: Subject, operand: string): string {
  if (subject === "host" || subject === "hostname") return operand === "" ? operand : anyHost;
  if (subject !== "url") return operand;
  const [origin, start = ""] = /^((?:https?:)?\/\/)[^/?#]+/i.exec(operand) ?? [];
  if (origin !== undefined) return start + anyHost + operand.slice(origin.length);
  const [, name = "", ending = ""] =
    /^([a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.([a-z]{2,})(?::[0-9]*)?)(?=[/?#]|$)/i.exec(operand) ??
      [];
  return name === "" || isFile.test(ending) ? operand : anyHost + operand.slice(name.length);
}

/** What ends the name of a file, and hardly a host's. */
const isFile =
  /^(?:[ps]?html?|php|aspx?|jspx?|jsf|do|action|cgi|cfm|json|xml|js|css|pdf|txt|png|jpe?g|gif|svg|webp|ico|ics|csv|zip)$/i;

function hostForms(operand: string, wide: boolean): readonly string[] {
  const bare = withoutPort(operand);
  const forms = new Set([operand, bare]);
  if (wide) {
    for (const one of [operand, bare]) {
      const name = one.slice(one.lastIndexOf("@") + 1).toLowerCase();
      forms.add(name).add(name.replace(/\.(?=$|:)/, ""));
    }
  }
  forms.delete("");
  return [...forms];
}

function originForms(origin: string, wide: boolean): readonly string[] {
  const start = origin.indexOf("//") + 2;
  const host = origin.slice(start);
  if (origin === "") return [""];
  const hosts = host === "" ? [""] : hostForms(host, wide);
  const schemes = wide ? ["https://", "http://"] : [origin.slice(0, start)];
  return schemes.flatMap((scheme) => hosts.map((name) => scheme + name));
}

/** What everybody writes alike. */
const plain = /^[\w.~!$&'()*,;=:@/?-]*$/;

/** In how many ways programs write a text, each with the same number: two parts of a URL are nearly always written in one. */
const spellings: readonly ((text: string, isQuery: boolean) => string)[] = [
  (text) => text,
  (text) => decodeUnreserved(text),
  (text) => decodeAll(text),
  (text) => encoded(text),
  // To some, `+` is a blank in a query.
  (text, isQuery) => decodeAll(isQuery ? text.replaceAll("+", " ") : text),
  (text, isQuery) => isQuery ? text.replace(/%20| /g, "+") : decodeUnreserved(text),
];

/** The forms of path and query. What is to hold in every form of a URL has to know each with each. */
function tailForms(
  path: string,
  isPiece: boolean,
  query: string,
  wide: boolean,
): readonly (readonly [path: string, query: string])[] {
  if (plain.test(path) && plain.test(query)) return [[path, query]];
  // Where case is ignored the operand is in upper case, and its escapes are not those of the letters in the URL.
  const isLocal = /[^\0-\x7f]/.test(path + query);
  const texts = isLocal
    ? [[path, query], [path.toLowerCase(), query.toLowerCase()]] as const
    : [[path, query]] as const;
  const pairs = texts.flatMap(([one, other]) =>
    spellings.map((spell) => [spell(one, isPiece), spell(other, true)] as const)
  );
  if (wide) return pairs;
  const queries = [...new Set(pairs.map(([, query]) => query))];
  return [...new Set(pairs.map(([path]) => path))].flatMap((path) =>
    queries.map((query) => [path, query] as const)
  );
}

/** Escapes what cannot stand in a URL. */
function encoded(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~:/?#%[\]@!$&'()*+,;=]+/g, (some) => {
    try {
      return encodeURIComponent(some);
    } catch {
      // A lone surrogate is in no URL.
      return some;
    }
  });
}

/** A path to be the same is so with and without a slash at its end. */
function withSlashes(
  path: string,
  hasOrigin: boolean,
  hasQuery: boolean,
  { mode, wide }: Width,
): readonly string[] {
  if (mode === "contains" && !(wide && hasQuery)) return [path];
  const bare = path.replace(/\/+$/, "");
  return bare === "" && !hasOrigin ? [path] : [path, bare, `${bare}/`];
}
