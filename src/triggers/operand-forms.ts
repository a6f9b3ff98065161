/**
 * The forms of an operand that is compared with a part of the URL: what one program writes as `/caf%C3%A9`, another knows as
 * `/café`, and an operand means the same page in all of them.
 */

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
  const forms = new Set([operand]);
  const mark = subject === "url" ? operand.indexOf("?") : -1;
  const head = mark === -1 ? operand : operand.slice(0, mark);
  const heads = subject === "url" ? urlHeads(head, width.wide) : escapeForms(head);
  const queries = mark === -1 ? [""] : withBlanks(escapeForms(operand.slice(mark)));
  for (const one of heads) {
    for (const path of withSlashes(one, subject, mark !== -1, width)) {
      for (const query of queries) forms.add(path + query);
    }
  }
  forms.delete("");
  return [...forms];
}

/** Whether an operand names a scheme or a host. */
export function namesHost(subject: Subject, operand: string): boolean {
  return operand !== "" &&
    (subject === "host" || subject === "hostname" || forAnyHost(subject, operand) !== operand);
}

/** Puts {@linkcode anyHost} in the place of the host that an operand names; what names none stays. */
export function forAnyHost(subject: Subject, operand: string): string {
  if (subject === "host" || subject === "hostname") return operand === "" ? operand : anyHost;
  if (subject !== "url") return operand;
  const absolute = /^(?:https?:)?\/\/([^/?#]*)/i.exec(operand);
  if (absolute !== null) {
    const host = absolute[1] ?? "";
    return host === "" ? operand : operand.replace(host, anyHost);
  }
  const [, name = "", ending = ""] =
    /^([a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.([a-z]{2,})(?::[0-9]*)?)(?=[/?#]|$)/i.exec(operand) ??
      [];
  return name === "" || isFile.test(ending) ? operand : anyHost + operand.slice(name.length);
}

/** What ends the name of a file, and hardly a host's. */
const isFile =
  /^(?:[ps]?html?|php|aspx?|jspx?|jsf|do|action|cgi|cfm|json|xml|js|css|pdf|txt|png|jpe?g|gif|svg|webp|ico|ics|csv|zip)$/i;

function hostForms(operand: string, wide: boolean): readonly string[] {
  const bare = operand.replace(/:[0-9]*$/, "");
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

/** The part of a URL before its query; what is only a piece of one may be of the query as well. */
function urlHeads(head: string, wide: boolean): readonly string[] {
  const [, scheme = "", authority = ""] = /^(https?:\/\/)([^/?#]*)/i.exec(head) ?? [];
  if (scheme === "") return withBlanks(escapeForms(head));
  const hosts = authority === "" ? [""] : hostForms(authority, wide);
  const schemes = wide ? ["https://", "http://"] : [scheme];
  const paths = escapeForms(head.slice(scheme.length + authority.length));
  return schemes.flatMap((one) => hosts.flatMap((host) => paths.map((path) => one + host + path)));
}

/** What everybody writes alike. */
const plain = /^[\w.~!$&'()*+,;=:@/?-]*$/;

function escapeForms(text: string): readonly string[] {
  if (plain.test(text)) return [text];
  const forms = new Set<string>();
  // Where case is ignored the operand is in upper case, and its escapes are not those of the letters in the URL.
  for (const one of /[^\0-\x7f]/.test(text) ? [text, text.toLowerCase()] : [text]) {
    forms.add(one).add(decodeUnreserved(one)).add(decodeAll(one)).add(encoded(one));
  }
  return [...forms];
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

/** In a query, `+` is a blank to some. */
function withBlanks(forms: readonly string[]): readonly string[] {
  const blanks = forms.filter((form) => form.includes("+") || form.includes("%20"));
  return blanks.length === 0 ? forms : [
    ...forms,
    ...blanks.flatMap((form) => [decodeAll(form.replaceAll("+", " ")), form.replaceAll("%20", "+")]),
  ];
}

/** A path to be the same is so with and without a slash at its end. */
function withSlashes(
  path: string,
  subject: Subject,
  hasQuery: boolean,
  { mode, wide }: Width,
): readonly string[] {
  if (path === "" || (mode === "contains" && !(wide && hasQuery))) return [path];
  const bare = path.replace(/\/+$/, "");
  if (bare === "" || /^https?:$/i.test(bare)) return [path];
  // What begins with no slash is no path, and the part of a URL before "?" may be a piece of a query.
  if (subject === "path" && !path.startsWith("/")) return [path];
  return [path, bare, `${bare}/`];
}
