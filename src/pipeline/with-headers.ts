import type { HeaderChange } from "../decision.ts";
import { GateError } from "../errors.ts";

/**
 * Gives a response other headers, and changes nothing else of what a visitor gets.
 *
 * It is a new one, unless it answers an upgrade: a response that came from `fetch` cannot be changed, and one that the application keeps for
 * several visitors must not be, or a visitor's cookie would reach the next. What a platform adds by itself, it adds by what it
 * knows of a body, such as its length and its type; so the body is handed over as what it was, as far as that can be seen.
 *
 * @param isPlain Whether it had {@linkcode hasPlainHeaders} before anybody looked at them.
 */
export function withHeaders(
  response: Response,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
  isPlain = false,
): Response {
  if (changes.length === 0) return response;
  // Servers recognise the very object that answers an upgrade.
  if (response.status < 200) return changed(response, changes, report, true);
  try {
    const kept = keptOf(response);
    if (kept === undefined) return changed(copyOf(response), changes, report);
    // That class keeps headers as they are given as well.
    const own = new Response(null, { headers: new Headers(response.headers) });
    const { headers } = changed(own, changes, report);
    return lightweight(response, kept, isPlain ? plainly(headers) : headers);
  } catch (cause) {
    // Its body was sent before. The platform fails with it as it would have done without the gate.
    report(new GateError("internal", "The response cannot be sent with other headers", { cause }));
    return response;
  }
}

/** Changes a response in place. Where the headers of an upgrade are immutable the visitor keeps the cookies of before. */
function changed(
  response: Response,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
  isUpgrade = false,
): Response {
  const { headers } = response;
  for (const [name, value] of changes) {
    try {
      if (name === "set-cookie" || name === "vary") headers.append(name, value);
      else headers.set(name, value);
    } catch (cause) {
      if (!isUpgrade) report(new GateError("internal", `The header "${name}" cannot be sent`, { cause }));
    }
  }
  return response;
}

/** As much of the platforms as is used here. */
const { Bun: bun, Deno: deno } = globalThis as unknown as {
  readonly Bun?: { inspect(value: unknown): string };
  readonly Deno?: unknown;
};

/**
 * Whether Bun holds the body of a response as what it was given, a text or bytes or nothing, and not as a stream or a file. It tells
 * the type of a text by that, and no more once its body was looked at. Nothing but its words about the response tells them apart.
 */
function isWhole(response: Response): boolean {
  return bun !== undefined &&
    !/^ *(?!Blob \()[A-Z]\w* ?[({]/m.test(bun.inspect(response).replace(/^.*\n/, ""));
}

/** The same response once more, with headers that can be changed. The former one must not be sent any more, if it has a body. */
function copyOf(response: Response): Response {
  if (isWhole(response)) return response.clone();
  const { body, status, statusText } = response;
  // A response says more than the standard knows: to Workers whether its body is encoded already, to a server on Node what it is.
  if (bun === undefined && deno === undefined) return new Response(body, response);
  const headers = new Headers(response.headers);
  if (
    deno !== undefined && response.url !== "" && /^(?:gzip|br)$/i.test(headers.get("content-encoding") ?? "")
  ) {
    // It was decoded when it was fetched, as Deno does with these two. It leaves that out itself, but of what comes from `fetch` alone.
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  return new Response(body, { status, statusText, headers });
}

/** What a response keeps that does not hold its body as a stream: its status, its body and its headers, as they were given. */
type Kept = readonly [status: unknown, body: BodyInit | null, headers: unknown];

/**
 * Looks for what a response keeps as it was given. `@hono/node-server` has a class of its own for `Response` that does so, and
 * tells the length of a body by it; the standard properties turn it into a stream.
 */
function keptOf(response: Response): Kept | undefined {
  if (bun !== undefined || deno !== undefined) return undefined;
  const key = Object.getOwnPropertySymbols(response).find(({ description }) => description === "cache");
  if (key === undefined) return undefined;
  // The property is read as unknown, whatever the object is.
  const kept = (response as unknown as Readonly<Record<symbol, unknown>>)[key];
  // Its form is that of the class.
  return Array.isArray(kept) && kept.length === 3 ? kept as unknown as Kept : undefined;
}

/**
 * Whether the headers of a response are still the plain object as which they were given. That server adds no type to those, and
 * does to others; once somebody has looked at them they are none any more.
 */
export function hasPlainHeaders(response: Response): boolean {
  const headers = keptOf(response)?.[2];
  return typeof headers === "object" && headers !== null &&
    Object.getPrototypeOf(headers) === Object.prototype;
}

/** The same response once more, of the server's own class: one that an application made of it takes arguments of its own. */
function lightweight(
  response: Response,
  [, body]: Kept,
  headers: Headers | Readonly<Record<string, string>>,
): Response {
  const { status } = response;
  // Whatever else is asked for makes a standard response of it, which some are not.
  const isStandard = status >= 200 && status <= 599 && status !== 204 && status !== 205 && status !== 304;
  return new Response(body, { status, headers, ...(isStandard && { statusText: response.statusText }) });
}

/** Headers as a plain object, which has room for one cookie. */
function plainly(headers: Headers): Headers | Readonly<Record<string, string>> {
  return headers.getSetCookie().length > 1 ? headers : Object.fromEntries(headers);
}
