import { withDeadline } from "../async/deadline.ts";
import { ServiceError } from "../errors.ts";

/** An answer of the service, whole. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How much of a refusal is read for the message. */
const maxRefusalBytes = 4096;

/** One call of the service. */
export interface ServiceCall {
  /** What is called, for messages: without tokens and parameters. */
  readonly what: string;
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** What a refusal says, for the message, with a colon before it. Left out, its body is not read. */
  readonly complaint?: (answer: unknown) => string;
}

/** As much of `fetch` as is used, so that stand-ins need no more. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Makes one call and reads its whole answer, headers and body, before the timeout. Redirects are not followed and
 * nothing is tried again.
 *
 * @throws {ServiceError} With the cause of the failure; any answer but a 2xx is one.
 */
export async function exchange(fetch: Fetch, call: ServiceCall): Promise<ServiceAnswer> {
  const { what, timeoutMs } = call;
  const abort = new AbortController();
  try {
    return await withDeadline(send(fetch, call, abort.signal), timeoutMs, what, () => abort.abort());
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError("unreachable", `${what} failed: ${faultOf(cause)}`);
  }
}

async function send(fetch: Fetch, call: ServiceCall, signal: AbortSignal): Promise<ServiceAnswer> {
  const { what, url, method, headers, body, maxBytes, complaint } = call;
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  if (body !== undefined) init.body = body;
  const response = await fetch(url, init);
  const { status } = response;
  const read = (most: number) =>
    readText(response, most, `${what} was answered with more than ${most} bytes`, signal);
  if (status >= 200 && status <= 299) {
    return { status, headers: response.headers, body: await read(maxBytes) };
  }
  const message = `${what} was answered with HTTP ${status}`;
  const isRejected = status >= 400 && status <= 499 && status !== 429;
  if (isRejected && complaint !== undefined) {
    const said = await read(maxRefusalBytes).then(JSON.parse).catch(() => undefined);
    throw new ServiceError("rejected", message + complaint(said), { status });
  }
  response.body?.cancel().catch(() => {});
  const code = isRejected ? "rejected" : status === 429 ? "throttled" : "unreachable";
  throw new ServiceError(code, message, { status });
}

/**
 * Reads the text of an answer to its end.
 *
 * @param tooLong Says what is wrong with an answer of more bytes.
 * @throws {ServiceError} `malformed`, when it is too long.
 */
export async function readText(
  response: Response,
  maxBytes: number,
  tooLong: string,
  signal: AbortSignal,
): Promise<string> {
  // An answer of a known length has that length: it is read in one piece, which costs less than half.
  if (isWithin(response.headers, maxBytes)) {
    const text = await response.text();
    if (text.length > maxBytes) throw new ServiceError("malformed", tooLong);
    return text;
  }
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  // A fetch of the application's own may not heed the signal.
  const stop = () => void reader.cancel().catch(() => {});
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      stop();
      throw new ServiceError("malformed", tooLong);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Whether an answer says that it is not longer than that. What is compressed only tells the length of that form. */
function isWithin(headers: Headers | undefined, maxBytes: number): boolean {
  // What an application's own fetch gives may be anything.
  const length = headers?.get("content-length");
  return typeof length === "string" && /^\d{1,9}$/.test(length) && Number(length) <= maxBytes &&
    !headers?.has("content-encoding");
}

/** The kind of a network fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  const inner = fieldOf(cause, "cause");
  const words = [fieldOf(cause, "code"), fieldOf(inner, "code"), fieldOf(cause, "name")];
  const word = words.find((text) => typeof text === "string");
  return typeof word === "string" && /^[A-Za-z_]{1,40}$/.test(word) ? word : "network fault";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    // The property is read as unknown, whatever the object is.
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
