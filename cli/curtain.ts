import { escapeHtml } from "../src/http/escape-html.ts";
import { redacted } from "../src/telemetry/plain-explanation.ts";

/** Leaves secrets out of whatever is printed. */
export interface Curtain {
  /** Takes note of a secret. */
  add(secret: string | undefined): void;
  /** Takes note of what an address and headers carry of secrets, before they are sent. */
  addSent(url: string, headers?: readonly (readonly [name: string, value: string])[]): void;
  /** A text without secrets, in whatever form they travel, also where somebody cut them off. */
  hide(text: string): string;
  /** The same for all texts of a value, and for the names of its members. */
  hideIn<const T>(value: T): T;
}

/** What is shorter is part of other words; it is never put into a sentence. */
const shortest = 4;
/** So much of a secret, from its beginning, is one as well: messages quote the beginnings of long texts. */
const shortestHead = 12;
/** Values without a telling name that are shorter are hardly secrets. */
const shortestValue = 8;

/** Parameters and headers whose values are nobody's business, whatever they are. */
const secretName =
  /authorization|cookie|token|secret|api-?key|signature|passw|^(?:ch-id|ch-code|ch-requested|sig|jwt)$/i;

/** Makes the curtain before everything that is printed. */
export function createCurtain(): Curtain {
  /** Each form of each secret, in lower case. */
  const forms = new Set<string>();

  function add(secret: string | undefined): void {
    if (secret === undefined || secret.trim().length < shortest) return;
    for (const form of formsOf(secret.trim())) forms.add(form);
  }

  function addValue(name: string, value: string): void {
    if (secretName.test(name)) add(value);
    // Words are part of paths and patterns. What is none may be somebody's.
    else if (value.length >= shortestValue && !/^[a-z]+(?:[-_+. ][a-z]+)*$/i.test(value)) add(value);
  }

  function addQuery(url: string, depth: number): void {
    const [, query = ""] = /\?([^#]*)/s.exec(url) ?? [];
    for (const pair of query.split("&")) {
      const at = pair.indexOf("=");
      // A parameter without a value may be one.
      const [name, value] = at === -1 ? ["", pair] : [decoded(pair.slice(0, at)), pair.slice(at + 1)];
      for (const form of new Set([value, decoded(value)])) addValue(name, form);
      if (depth > 0) addQuery(decoded(value), depth - 1);
    }
  }

  function hide(text: string): string {
    const lower = asciiLower(text);
    const found: [start: number, end: number][] = [];
    for (const form of forms) {
      const head = form.slice(0, shortestHead);
      for (let at = lower.indexOf(head); at !== -1; at = lower.indexOf(head, at + 1)) {
        let end = at + head.length;
        while (end - at < form.length && lower[end] === form[end - at]) end++;
        found.push([at, end]);
      }
    }
    let hidden = "";
    let done = 0;
    for (const [start, end] of found.sort(([one], [other]) => one - other)) {
      // What overlaps is one.
      if (start >= done) hidden += text.slice(done, start) + redacted;
      done = Math.max(done, end);
    }
    return hidden + text.slice(done);
  }

  function hideIn<const T>(value: T): T {
    // Each value keeps its form: texts stay texts, lists lists and objects objects.
    return hideAll(value) as T;
  }

  function hideAll(value: unknown): unknown {
    if (typeof value === "string") return hide(value);
    if (Array.isArray(value)) return value.map(hideAll);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [hide(name), hideAll(each)]));
  }

  return {
    add,
    addSent(url, headers = []) {
      addQuery(url, 1);
      for (const [name, value] of headers) {
        if (name.toLowerCase() === "cookie") value.split(";").forEach(addCookie);
        else if (secretName.test(name)) value.split(/[\s,]+/).forEach(add);
      }
    },
    hide,
    hideIn,
  };

  /** A cookie may hold a token among other things. */
  function addCookie(pair: string): void {
    const value = pair.slice(pair.indexOf("=") + 1).trim();
    addValue("cookie", value);
    for (const [piece] of decoded(value).matchAll(/[\w-]{12,}/g)) if (/\d/.test(piece)) add(piece);
  }
}

/** A secret in all forms in which it travels, in lower case. */
function formsOf(secret: string): ReadonlySet<string> {
  const encoded = encodeURIComponent(secret.toWellFormed());
  const all = [
    secret,
    encoded,
    encoded.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`),
    encoded.replaceAll("%20", "+"),
    encodeURIComponent(encoded),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    // PHP's JSON escapes slashes, and error pages escape HTML.
    JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
    escapeHtml(secret),
    // A page's own way to write an address.
    encodeURI(secret.toWellFormed()),
  ];
  return new Set(all.map(asciiLower));
}

/** The same length, in lower case: whoever writes a token otherwise tells it as well. */
function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
