import type { Decision, HeaderChange } from "../decision.ts";
import { type GateError, HookError } from "../errors.ts";
import type { Explanation } from "../gate.ts";

/** An explanation that may be kept and shown: without tokens, keys and cookies' values. */
export interface PlainExplanation {
  readonly mode: string;
  readonly decision: Readonly<Record<string, unknown>>;
  readonly failure: Readonly<Record<string, string>> | null;
  readonly steps: readonly {
    readonly hook: string;
    readonly plugin: string;
    readonly said: string;
    readonly notes: readonly string[];
  }[];
  readonly headers: readonly HeaderChange[];
}

/** Stands where something was left out. */
export const redacted = "[redacted]";

/** Shorter values are words such as `1` or `yes`, which stand in other texts as well. */
const shortest = 6;
const longest = 2000;

const secretName =
  /auth|cookie|token|secret|key|session|signature|password|^(?:ch-id|ch-code|code|sig|p|h|q|jwt)$/i;

/** Puts an explanation into plain values, without what the request or the answer carry of secrets. */
export function plainExplanation(explanation: Explanation, request: Request): PlainExplanation {
  const { mode, steps, decision, failure, headers } = explanation;
  const secrets = [...secretsOf(request, headers, decision)].filter((text) => text.length >= shortest)
    .sort((one, other) => other.length - one.length);

  function clean(text: string): string {
    let cleaned = text;
    for (const secret of secrets) cleaned = cleaned.replaceAll(secret, redacted);
    return cleaned.replaceAll(/https?:\/\/[^\s"'<>]+/gi, withoutValues).slice(0, longest);
  }

  /** What a hook threw is shown where it is a fault of ours, whose messages quote nobody. */
  function said(text: string): string {
    const message = /^failed: ([\s\S]*)$/.exec(text)?.[1];
    if (message === undefined) return clean(text);
    const isOurs = failure !== undefined && message !== "" && failure.message.endsWith(message);
    return isOurs ? clean(text) : "failed";
  }

  const header = ([name, value]: HeaderChange): HeaderChange => [name, clean(withoutSecret(name, value))];
  return {
    mode,
    decision: plainDecision(decision, header),
    failure: failure === undefined ? null : plainFailure(failure, clean),
    steps: steps.map((step) => ({
      hook: step.hook,
      plugin: step.plugin,
      said: said(step.said),
      notes: step.notes.map(clean),
    })),
    headers: headers.map(header),
  };
}

function plainDecision(
  decision: Decision,
  header: (change: HeaderChange) => HeaderChange,
): Readonly<Record<string, unknown>> {
  const { action, reason } = decision;
  switch (action) {
    case "bypass":
    case "admit":
      return { action, reason };
    case "respond":
      return { action, reason, status: decision.response.status };
    case "reject":
      return { action, reason, status: decision.status, headers: (decision.headers ?? []).map(header) };
    case "queue":
    case "redirect":
      return {
        action,
        reason,
        location: header(["location", decision.location])[1],
        headers: (decision.headers ?? []).map(header),
      };
  }
}

function plainFailure(failure: GateError, clean: (text: string) => string): Readonly<Record<string, string>> {
  const plain = { code: failure.code, message: clean(failure.message) };
  return failure instanceof HookError ? { ...plain, plugin: failure.plugin, hook: failure.hook } : plain;
}

/** What the request brings, and what the answer would give, that nobody else may know. */
function secretsOf(request: Request, headers: readonly HeaderChange[], decision: Decision): Set<string> {
  const found = new Set<string>();
  const add = (text: string) => {
    found.add(text);
    found.add(decoded(text));
    found.add(encodeURIComponent(text.toWellFormed()));
  };
  /** A cookie may hold a token among other things. */
  const addCookie = (value: string) => {
    add(value);
    for (const [piece] of decoded(value).matchAll(/[\w-]{12,}/g)) if (/\d/.test(piece)) add(piece);
  };
  const { visitor } = decision.facts ?? {};
  if (visitor !== undefined) add(visitor);
  for (const [name, value] of request.headers) {
    if (name === "cookie") {
      value.split(";").forEach((pair) => addCookie(pair.slice(pair.indexOf("=") + 1).trim()));
    } else if (secretName.test(name)) value.split(/[\s,]+/).forEach(add);
  }
  for (const [name, value] of headers) {
    if (name.toLowerCase() === "set-cookie") addCookie(/^[^=;]*=([^;]*)/.exec(value)?.[1] ?? "");
  }
  const places = "location" in decision ? [request.url, decision.location] : [request.url];
  for (const place of places) {
    const query = /\?([^#]*)/.exec(place)?.[1] ?? "";
    for (const [name, value] of new URLSearchParams(query)) if (secretName.test(name)) add(value);
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It was not encoded.
    return text;
  }
}

/** Headers whose values say nothing of a visitor. */
const openHeaders =
  /^(?:access-control-[a-z-]+|cache-control|content-type|refresh|retry-after|vary|x-queueit-connector|x-queueit-failed)$/;

function withoutSecret(name: string, value: string): string {
  const lower = name.toLowerCase();
  if (lower === "set-cookie") return value.replace(/^([^=;]*)=[^;]*/, `$1=${redacted}`);
  if (lower === "location" || lower.endsWith("-redirect")) return withoutValues(value);
  return openHeaders.test(lower) ? value : redacted;
}

/** Parameters of waiting rooms whose values are the owner's settings. */
const openParameters: ReadonlySet<string> = new Set(["c", "e", "ver", "cver", "man", "cid", "l", "kupver"]);
/** Parameters that hold the page to come back to. */
const pageParameters: ReadonlySet<string> = new Set(["t", "url", "target"]);

/** A URL with the names of its parameters, and of their values only those that are settings. */
export function withoutValues(url: string): string {
  return hide(url, true);
}

function hide(url: string, goesDeeper: boolean): string {
  const [, place = "", query] = /^([^?#]*)(?:\?([^#]*))?/.exec(url) ?? [];
  const open = place.replace(/^(https?:\/\/)[^/]*@/i, `$1${redacted}@`);
  if (query === undefined) return open;
  const pairs = query.split("&").map((pair) => {
    const at = pair.indexOf("=");
    // A parameter without a value may be one.
    if (at === -1) return pair === "" ? "" : redacted;
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    if (openParameters.has(name) && /^[\w.~%-]{0,100}$/.test(value)) return pair;
    if (!goesDeeper || !pageParameters.has(name)) return `${name}=${redacted}`;
    try {
      return `${name}=${encodeURIComponent(hide(decodeURIComponent(value), false))}`;
    } catch {
      return `${name}=${redacted}`;
    }
  });
  return `${open}?${pairs.join("&")}`;
}
