import type { HeaderChange, Refusal } from "../decision.ts";
import { GateError } from "../errors.ts";
import { show } from "../options/check.ts";
import { type Given, givenOf } from "./as-given.ts";

/** An answer of the gate, and what it keeps as it was given, where it is of a class that does. */
export interface Made {
  readonly answer: Response;
  readonly kept: Given | undefined;
}

/**
 * The answer to a refusal: the given one, or what the gate says where no plugin gave one. What nobody looks at is sent nowhere to wait.
 *
 * @throws When it cannot be sent, such as a location with a line break. Some servers replace `Response` by a class of
 * their own that looks at its arguments only when asked for something; this is asked for.
 */
export function answerTo(refusal: Refusal, given: Response | undefined, passive: boolean = false): Made {
  const answer = given ?? (passive && refusal.action === "queue" ? unavailable(503) : plainAnswer(refusal));
  const kept = givenOf(answer);
  if (typeof answer.headers.get !== "function") throw new TypeError("There is no response");
  if (wasSent(answer, kept)) throw new TypeError("The response was sent before");
  return { answer, kept };
}

/** The same, and where it cannot be sent the visitor stays outside, and the owner is told why. */
export function answerInAnyCase(
  refusal: Refusal,
  given: Response | undefined,
  passive: boolean,
  { decidedBy, report }: { readonly decidedBy: string; readonly report: (error: GateError) => void },
): Made {
  try {
    return answerTo(refusal, given, passive);
  } catch (cause) {
    const whose = `The answer "${refusal.action}" of plugin ${decidedBy}`;
    report(new GateError("internal", `${whose} cannot be sent: ${whyUnsent(refusal, given)}`, { cause }));
    return { answer: unavailable(503), kept: undefined };
  }
}

/** What is kept as a text or bytes can be sent again. To ask such a response makes a stream of its body, which is sent far more slowly. */
function wasSent(answer: Response, kept: Given | undefined): boolean {
  return kept === undefined || kept.body instanceof ReadableStream ? answer.bodyUsed : false;
}

function plainAnswer(refusal: Refusal): Response {
  switch (refusal.action) {
    case "queue":
    case "redirect":
      if (!refusal.location) throw new TypeError("There is no location");
      return new Response(null, { status: 302, headers: { location: refusal.location } });
    case "reject":
      if (!(refusal.status >= 400 && refusal.status < 600)) {
        throw new RangeError("The status is not 4xx or 5xx");
      }
      return unavailable(refusal.status);
    case "respond":
      if (!isResponse(refusal.response)) throw new TypeError("There is no response");
      return refusal.response;
  }
}

/** Why {@linkcode answerTo} could not make an answer: what is missing. A location may hold a token, and is not shown. */
function whyUnsent(refusal: Refusal, given: Response | undefined): string {
  const sent = "was sent before; make a new one for each visitor";
  if (given !== undefined) return `the response of a "respond" hook ${sent}`;
  // The types say that all is there; it was not.
  const { location, status, response }: Partial<Record<"location" | "status" | "response", unknown>> =
    refusal;
  switch (refusal.action) {
    case "queue":
    case "redirect":
      return location
        ? '"location" is no address that a header can carry'
        : '"location" is missing, the address to go to';
    case "reject":
      return `"status" must be from 400 to 599, received ${show(status)}`;
    case "respond":
      return isResponse(response) ? `"response" ${sent}` : '"response" is missing, or no Response';
  }
}

/** What a visitor is told who is turned down without further explanation. */
export function unavailable(status: number): Response {
  const text = status >= 500
    ? "This page is not available at the moment. Please try again in a minute.\n"
    : "This request was refused.\n";
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** By shape: a response may come from another realm or from a server's own class. What cannot be looked at is none. */
export function isResponse(value: unknown): value is Response {
  try {
    return typeof value === "object" && value !== null && "status" in value && "headers" in value &&
      "clone" in value;
  } catch {
    return false;
  }
}

/** Whether a plugin says of its own answer that it is the same for everybody, and nothing makes it a single visitor's. */
function isForEverybody(
  refusal: Refusal,
  answer: Response,
  changes: readonly HeaderChange[],
): boolean {
  return refusal.action === "respond" && refusal.isPublic === true && answer === refusal.response &&
    !answer.headers.has("set-cookie") && !changes.some(([name]) => name === "set-cookie");
}

/** Changes to an answer of the gate itself: nobody may store it, said in the form that a plugin gave it, unless it is public. */
export function withoutStore(
  answer: Response,
  changes: readonly HeaderChange[],
  refusal: Refusal,
): readonly HeaderChange[] {
  if (isForEverybody(refusal, answer, changes)) return changes;
  const closed = closing(answer, changes);
  return forbidsStore(cacheControl(answer, changes)) ? closed : [...closed, ["cache-control", "no-store"]];
}

/** Changes to a page of the application: one that carries a cookie of ours is nobody else's. */
export function withPrivacy(
  page: Pick<Response, "headers">,
  changes: readonly HeaderChange[],
): readonly HeaderChange[] {
  if (!changes.some((change) => change[0] === "set-cookie")) return changes;
  // Asked for once: what a response keeps as it was given makes them anew each time.
  return madePrivate({ headers: page.headers }, changes);
}

/** The changes, and those that keep a page of the application from everybody but the visitor. */
export function madePrivate(
  page: Pick<Response, "headers">,
  changes: readonly HeaderChange[] = [],
): readonly HeaderChange[] {
  const closed = closing(page, changes);
  const text = cacheControl(page, changes);
  if (forbidsStore(text)) return closed;
  // What the application keeps from everybody, no plugin opens again.
  const own = cacheControl(page, []);
  if (forbidsStore(own)) return [...closed, ["cache-control", own]];
  const said = directivesOf(text);
  const kept = said.filter((directive) => !/^(?:(?:public|s-maxage)(?:\s*=|$)|private\s*=)/i.test(directive));
  if (!kept.some((directive) => /^private$/i.test(directive))) kept.push("private");
  else if (kept.length === said.length) return closed;
  return [...closed, ["cache-control", kept.join(", ")]];
}

/**
 * The changes, and those that close the fields which some caches heed before `Cache-Control` or in its place: targeted
 * fields (RFC 9213, `CDN-Cache-Control` and what vendors call theirs), `Surrogate-Control`, Akamai's `Edge-Control` and
 * nginx's `X-Accel-Expires`. So is an `Expires` that the response has and nobody changes. Where it has none of them, it
 * gets none.
 */
function closing(
  response: Pick<Response, "headers">,
  changes: readonly HeaderChange[],
): readonly HeaderChange[] {
  const closed = [...changes];
  for (const [name] of [...response.headers, ...changes]) {
    if (/-cache-control$|^(?:surrogate|edge)-control$/.test(name)) {
      // LiteSpeed has a word of its own for it.
      closed.push([name, /^x-litespeed-/.test(name) ? "no-cache" : "no-store"]);
    } else if (
      name === "x-accel-expires" ||
      // A provider has its own form of it, long ago.
      (name === "expires" && !changes.some((change) => change[0] === name))
    ) closed.push([name, "0"]);
  }
  return closed;
}

/** The `Cache-Control` that the response will have. */
function cacheControl(response: Pick<Response, "headers">, changes: readonly HeaderChange[]): string {
  const changed = changes.findLast((change) => change[0] === "cache-control");
  return changed?.[1] ?? response.headers.get("cache-control") ?? "";
}

function forbidsStore(text: string): boolean {
  return directivesOf(text).some((directive) => /^no-store$/i.test(directive));
}

/** The directives of a `Cache-Control`. A quoted list of fields holds commas, too. */
function directivesOf(text: string): readonly string[] {
  const directives = text.match(/(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
  return directives.map((directive) => directive.trim()).filter((directive) => directive !== "");
}
