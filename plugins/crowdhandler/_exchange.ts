import { withDeadline } from "../../src/_deadline.ts";
import { ServiceError } from "../../src/errors.ts";

/** An answer of the service, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** One call of the service. */
export interface Call {
  /** What is called, for messages: without tokens and parameters. */
  readonly what: string;
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/**
 * Makes one call and reads its whole answer, headers and body, before the timeout. Redirects are not followed and
 * nothing is tried again.
 *
 * @throws {ServiceError} With the cause of the failure; any answer but a 2xx is one.
 */
export async function exchange(fetch: typeof globalThis.fetch, call: Call): Promise<Answer> {
  const { what, timeoutMs } = call;
  const abort = new AbortController();
  try {
    return await withDeadline(send(fetch, call, abort.signal), timeoutMs, what, () => abort.abort());
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError("unreachable", `${what} failed: ${faultOf(cause)}`);
  }
}

async function send(fetch: typeof globalThis.fetch, call: Call, signal: AbortSignal): Promise<Answer> {
  const { what, url, method, headers, body, maxBytes } = call;
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  if (body !== undefined) init.body = body;
  const response = await fetch(url, init);
  const { status } = response;
  if (status < 200 || status > 299) {
    response.body?.cancel().catch(() => {});
    throw refusalOf(what, status);
  }
  return { status, headers: response.headers, body: await readText(what, response, maxBytes) };
}

/** What a status outside 2xx means. */
function refusalOf(what: string, status: number): ServiceError {
  const code = status === 429 ? "throttled" : status >= 400 && status < 500 ? "rejected" : "unreachable";
  return new ServiceError(code, `${what} was answered with HTTP ${status}`, { status });
}

async function readText(what: string, response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > maxBytes) {
      reader.cancel().catch(() => {});
      throw new ServiceError("malformed", `${what} was answered with more than ${maxBytes} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The kind of a network fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "network fault";
  const inner = cause.cause;
  const code = "code" in cause
    ? cause.code
    : inner instanceof Error && "code" in inner
    ? inner.code
    : undefined;
  return typeof code === "string" && /^[A-Za-z_]{1,40}$/.test(code) ? code : cause.name;
}
