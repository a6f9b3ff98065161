import type { HeaderChange, PlainAnswer, Refusal } from "../decision.ts";
import { GateError } from "../errors.ts";
import { refuseControls } from "../http/header-changes.ts";
import { show } from "../options/check.ts";
import { type Given, givenOf } from "./as-given.ts";
import { anyOrder, type Fields, fieldsOf } from "./fields.ts";
import { noStoreOf } from "./no-store.ts";
import { AnswerHead, headOf, isPlainAnswer, made } from "./plain-answer.ts";
import { RedirectHead, redirectTo } from "./redirect.ts";

/** An answer of the gate. */
export interface Made {
  /** The answer, or what stands for it while its headers are collected. */
  readonly answer: Response;
  /** What it keeps as it was given, where it is of a class that does. */
  readonly kept: Given | undefined;
  /** What it was made of, if a plugin gave that. */
  readonly given: Response | PlainAnswer | undefined;
}

/**
 * The answer to a refusal: the given one, or what the gate says where no plugin gave one. Whoever would be sent away to wait, and looks at no
 * answer, is sent nowhere.
 *
 * @throws When it cannot be sent, such as a location with a line break. Some servers replace `Response` by a class of
 * their own that looks at its arguments only when asked for something; this is asked for.
 */
export function answerTo(
  refusal: Refusal,
  given: Response | PlainAnswer | undefined,
  isUnseen: boolean = false,
): Made {
  const said = given ?? (isUnseen ? unavailable(503) : ownAnswer(refusal));
  const head = said instanceof AnswerHead ? said : isResponse(said) ? undefined : headOf(said);
  if (head !== undefined) return { answer: head, kept: undefined, given: said };
  const answer = isResponse(said) ? said : made(said);
  const kept = givenOf(answer);
  if (typeof answer.headers.get !== "function") throw new TypeError("There is no response");
  // No server sends an error of the network, and Deno ends by one that a promise gives.
  if (answer.status === 0 || wasSent(answer, kept)) throw new TypeError("The response cannot be sent");
  answer.headers.forEach(refuseControls);
  return { answer, kept, given: said };
}

/** The same, and where it cannot be sent the visitor stays outside, and the owner is told why. */
export function answerInAnyCase(
  refusal: Refusal,
  given: Response | PlainAnswer | undefined,
  isUnseen: boolean,
  { decidedBy, report }: { readonly decidedBy: string; readonly report: (error: GateError) => void },
): Made {
  try {
    return answerTo(refusal, given, isUnseen);
  } catch (cause) {
    const whose = `The answer "${refusal.action}" of plugin ${decidedBy}`;
    report(new GateError("internal", `${whose} cannot be sent: ${whyUnsent(refusal, given)}`, { cause }));
    return { answer: made(unavailable(503)), kept: undefined, given: undefined };
  }
}

/** What is kept as a text or bytes can be sent again. To ask such a response makes a stream of its body, which is sent far more slowly. */
function wasSent(answer: Response, kept: Given | undefined): boolean {
  return kept === undefined || kept.body instanceof ReadableStream ? answer.bodyUsed : false;
}

function ownAnswer(refusal: Refusal): Response | PlainAnswer {
  switch (refusal.action) {
    case "queue":
    case "redirect":
      if (!refusal.location) throw new TypeError("There is no location");
      return redirectTo(refusal.location);
    case "reject":
      if (!(refusal.status >= 400 && refusal.status < 600)) {
        throw new RangeError("The status is not 4xx or 5xx");
      }
      return unavailable(refusal.status);
    case "respond":
      if (!isAnswer(refusal.response)) throw new TypeError("There is no response");
      return refusal.response;
  }
}

/** Why {@linkcode answerTo} could not make an answer: what is missing. A location may hold a token, and is not shown. */
function whyUnsent(refusal: Refusal, given: Response | PlainAnswer | undefined): string {
  const parts = "has a status, a header or a body that no response can have";
  const sent = "was sent before, or is an error; make a new one for each visitor";
  if (given !== undefined) {
    return `the response of a "respond" hook ${isPlainAnswer(given) ? parts : sent}`;
  }
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
      if (isPlainAnswer(response)) return `"response" ${parts}`;
      return isResponse(response)
        ? `"response" ${sent}`
        : '"response" is missing, or neither a Response nor its parts: status, headers as a plain object, and body';
  }
}

/** What a visitor is told who is turned down without further explanation. */
export function unavailable(status: number): PlainAnswer {
  const body = status >= 500
    ? "This page is not available at the moment. Please try again in a minute.\n"
    : "This request was refused.\n";
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

/** The same as a response, for one that was meant to carry headers and cannot be sent. */
export function madeUnavailable(): Response {
  const { status, headers, body } = unavailable(503);
  return made({ status, headers: { ...headers, "cache-control": "no-store" }, body });
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

/** A response, or its parts. */
export function isAnswer(value: unknown): value is Response | PlainAnswer {
  return isResponse(value) || isPlainAnswer(value);
}

/** Whether a plugin says of its own answer that it is the same for everybody, and nothing makes it a single visitor's. */
function isForEverybody(
  refusal: Refusal,
  { answer, given }: Made,
  changes: readonly HeaderChange[],
): boolean {
  return refusal.action === "respond" && refusal.isPublic === true && given === refusal.response &&
    fieldsIn(answer).get("set-cookie") === null && !isChanged(changes, "set-cookie");
}

/** Changes to an answer of the gate itself: nobody may store it, said in the form that a plugin gave it, unless it is public. */
export function withoutStore(
  made: Made,
  changes: readonly HeaderChange[],
  refusal: Refusal,
): readonly HeaderChange[] {
  if (made.answer instanceof RedirectHead && noStoreOf(changes) !== undefined) return changes;
  if (isForEverybody(refusal, made, changes)) return changes;
  const headers = fieldsIn(made.answer);
  const closed = closing(headers, changes);
  return forbidsStore(cacheControl(headers, changes)) ? closed : [...closed, ["cache-control", "no-store"]];
}

/** What an answer says in its headers, in the form in which it has them. */
function fieldsIn(answer: Response): Fields {
  return answer instanceof AnswerHead ? fieldsOf(answer.list) : answer.headers;
}

/** Changes to a page of the application: one that carries a cookie of ours is nobody else's. */
export function withPrivacy(
  page: { readonly headers: Fields },
  changes: readonly HeaderChange[],
): readonly HeaderChange[] {
  if (!isChanged(changes, "set-cookie")) return changes;
  return madePrivate(page, changes);
}

/** What keeps a page from everybody else that says nothing of caches. */
const toOne: readonly [HeaderChange] = [["cache-control", "private"]];

/** The changes, and those that keep a page of the application from everybody but the visitor. */
export function madePrivate(
  { headers }: { readonly headers: Fields },
  changes: readonly HeaderChange[] = [],
): readonly HeaderChange[] {
  const closed = closing(headers, changes);
  const text = cacheControl(headers, changes);
  const own = cacheControl(headers, []);
  // Most pages say nothing.
  if (text === "" && own === "") return closed.length === 0 ? toOne : [...closed, toOne[0]];
  if (forbidsStore(text)) return closed;
  // What the application keeps from everybody, no plugin opens again.
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
function closing(headers: Fields, changes: readonly HeaderChange[]): readonly HeaderChange[] {
  if (!mayClose(headers, changes)) return changes;
  let closed: HeaderChange[] | undefined;
  const close = (name: string) => {
    const word = closingWord(name, changes);
    if (word !== undefined) (closed ??= [...changes]).push([name, word]);
  };
  headers.forEach((_, name) => close(name));
  for (const change of changes) close(change[0]);
  return closed ?? changes;
}

/** Whether one of the fields may have to be closed. Most answers have none, for which nothing is made here. */
function mayClose(headers: Fields, changes: readonly HeaderChange[]): boolean {
  if (headers[anyOrder] === undefined || closesOne(changes)) return true;
  let may = false;
  headers[anyOrder]((name) => may ||= closingWord(name.toLowerCase(), changes) !== undefined);
  return may;
}

function closesOne(changes: readonly HeaderChange[]): boolean {
  for (const change of changes) if (closingWord(change[0], changes) !== undefined) return true;
  return false;
}

/** Fields that some caches heed before `Cache-Control`, or in its place. */
export const ofSomeCaches: RegExp = /-cache-control$|^(?:(?:surrogate|edge)-control|x-accel-expires)$/;

/** The value that closes a field to caches; `undefined` for all other fields. */
function closingWord(name: string, changes: readonly HeaderChange[]): string | undefined {
  if (name.endsWith("-control")) {
    if (!ofSomeCaches.test(name)) return undefined;
    // LiteSpeed has a word of its own for it.
    return name.startsWith("x-litespeed-") ? "no-cache" : "no-store";
  }
  if (name === "x-accel-expires") return "0";
  // A provider has its own form of it, long ago.
  return name === "expires" && !isChanged(changes, name) ? "0" : undefined;
}

/** Whether one of the changes is of a field. */
function isChanged(changes: readonly HeaderChange[], name: string): boolean {
  for (const change of changes) if (change[0] === name) return true;
  return false;
}

/** The `Cache-Control` that the response will have. */
function cacheControl(headers: Fields, changes: readonly HeaderChange[]): string {
  for (let at = changes.length - 1; at >= 0; at--) {
    const change = changes[at];
    if (change?.[0] === "cache-control") return change[1];
  }
  return headers.get("cache-control") ?? "";
}

function forbidsStore(text: string): boolean {
  if (!text.includes('"')) return /(?:^|,)\s*no-store\s*(?:,|$)/i.test(text);
  return directivesOf(text).some((directive) => /^no-store$/i.test(directive));
}

/** The directives of a `Cache-Control`. A quoted list of fields holds commas, too. */
function directivesOf(text: string): readonly string[] {
  const directives = text.match(/(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
  return directives.map((directive) => directive.trim()).filter((directive) => directive !== "");
}
