import type { HeaderChange } from "../decision.ts";
import { GateError } from "../errors.ts";
import { applyChanges, refuseControls } from "../http/header-changes.ts";
import { giveAnew, type Given, givenOf, isPlain, type PlainHeaders, plainWith } from "./as-given.ts";
import { changed } from "./fields.ts";
import { isKept } from "./kept-body.ts";

/**
 * Gives a response other headers, and changes nothing else of what a visitor gets.
 *
 * It is a new one, unless it answers an upgrade: a response that came from `fetch` cannot be changed, and one that the application keeps for
 * several visitors must not be, or a visitor's cookie would reach the next. What a platform adds by itself, it adds by what it
 * knows of a body, such as its length and its type; so the body is handed over as what it was, as far as that can be seen.
 *
 * @param given What the response keeps as it was given, found before anybody looked at it.
 */
export function withHeaders(
  response: Response,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
  given: Given | undefined = givenOf(response),
): Response {
  if (changes.length === 0) return response;
  // Servers recognise the very object that answers an upgrade.
  if (response.status < 200) {
    change(response.headers, changes, report, true);
    return response;
  }
  try {
    const anew = given && giveAnew(response, given, headersOf(given, changes, report));
    if (anew !== undefined) return anew;
    const copy = copyOf(response);
    change(copy.headers, changes, report);
    return copy;
  } catch (cause) {
    // Its body was sent before. The platform fails with it as it would have done without the gate.
    report(new GateError("internal", "The response cannot be sent with other headers", { cause }));
    return response;
  }
}

/** The headers of a response that keeps them, changed and in the form in which they were given. */
function headersOf(
  given: Given,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
): Headers | PlainHeaders {
  const { form, body } = given;
  const plain = isPlain(form) ? form : form ? undefined : body === null ? {} : { "content-type": typeOfText };
  if (plain === undefined) return change(given.copy(), changes, report);
  return plainWith(plain, changed([], changes) ?? change(new Headers(), changes, report));
}

/** What the server calls everything that has a body and no headers. */
const typeOfText = "text/plain; charset=UTF-8";

/** Changes headers in place. Where those of an upgrade are immutable the visitor keeps the cookies of before. */
function change(
  headers: Headers,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
  isUpgrade = false,
): Headers {
  for (const [name, value] of changes) {
    try {
      refuseControls(value);
      applyChanges(headers, [[name, value]]);
    } catch (cause) {
      if (!isUpgrade) report(new GateError("internal", `The header "${name}" cannot be sent`, { cause }));
    }
  }
  return headers;
}

/** As much of the platforms as is used here. */
const { Bun: bun, Deno: deno } = globalThis as unknown as {
  readonly Bun?: { inspect(value: unknown): string; peek(value: unknown): unknown };
  readonly Deno?: unknown;
};

/**
 * Whether Bun holds the body of a response as what it was given, a text or bytes or nothing, and not as a stream or a file. It tells
 * the type of a text by that, and no more once its body was looked at. Nothing but its words about the response tells them apart.
 */
function isWhole(response: Response): boolean {
  const words = bun?.inspect(response) ?? "";
  return !/^ *(?!Blob \()[A-Z]\w* ?[({]/m.test(words.replace(/^.*\n/, ""));
}

/**
 * Whether a copy on Bun was made of a text that has no type of its own and is more than ASCII. Bun holds such a text as bytes, and
 * forgets of a copy what they were. So bytes without a type count as a text where they are UTF-8 beyond ASCII.
 */
function wasText(copy: Response): boolean {
  // Nobody may ask for the body itself, which would make a stream of it.
  if (copy.headers.has("content-type")) return false;
  const bytes = bun?.peek(copy.clone().arrayBuffer());
  if (!(bytes instanceof ArrayBuffer)) return false;
  try {
    // Beyond ASCII a text has fewer characters than bytes.
    return utf8.decode(bytes).length < bytes.byteLength;
  } catch {
    // It is no UTF-8.
    return false;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The same response once more, with headers that can be changed. The former one must not be sent any more, if it has a body. */
function copyOf(response: Response): Response {
  if (bun !== undefined) return copyOnBun(response);
  if (deno !== undefined) return copyOnDeno(response);
  // A response says more than the standard knows: to Workers whether its body is encoded already, to a server on Node what it is.
  const copy = new Response(response.body, response);
  // A server's own class keeps the stream as it was given, and sends it otherwise than one that was a stream before. Not once it is asked for.
  void copy.body;
  return copy;
}

function copyOnBun(response: Response): Response {
  const { headers } = response;
  // What it tells HEAD of a length of the application's own depends on what the body was given as.
  const isFramed = headers.has("content-length") || headers.has("transfer-encoding");
  // A stream that Bun made of a text or bytes is sent as these once it is in a response again. Of a text it forgets the type: one that has no other is
  // not asked for its body.
  if ((isFramed || !headers.get("content-type")) && isWhole(response)) {
    const copy = cloneOf(response);
    if (wasText(copy)) copy.headers.set("content-type", "text/plain;charset=utf-8");
    return copy;
  }
  const { body, status, statusText } = response;
  return new Response(!isFramed && body && isEmpty(body) ? null : body, { status, statusText, headers });
}

/** Whether Bun knows that nothing is in a stream, as in that of an empty text, which applications may give to one visitor after the other. */
function isEmpty(body: ReadableStream): boolean {
  return !body.locked &&
    ["readable", "errored", "disturbed"].every((what) =>
      Reflect.get(body, Symbol.for(`nodejs.stream.${what}`)) === false
    );
}

/** The platform's clone, whatever an application's own class calls one. */
function cloneOf(response: Response): Response {
  return Response.prototype.clone.call(response);
}

function copyOnDeno(response: Response): Response {
  if (isKept(response)) return cloneOf(response);
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  if (response.url !== "" && /^(?:gzip|br)$/i.test(headers.get("content-encoding") ?? "")) {
    // It was decoded when it was fetched, as Deno does with these two. It leaves that out itself, but of what comes from `fetch` alone.
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  return new Response(body, { status, statusText, headers });
}
