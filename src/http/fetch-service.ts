import { withDeadline } from "../async/deadline.ts";
import { type FailureCode, ServiceError } from "../errors.ts";
import { readAnswerText } from "./read-text.ts";
import { complaintOf, fieldsOf } from "../../plugins/crowdhandler/_fields.ts";

/** An answer of the service, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How much of a refusal is read for the message. */
const maxRefusalBytes = 4096;

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

/** As much of `fetch` as is used, so that stand-ins need no more. */
type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Makes one call and reads its whole answer, headers and body, before the timeout. Redirects are not followed and
 * nothing is tried again.
 *
 * @throws {ServiceError} With the cause of the failure; any answer but a 2xx is one.
 */
export async function exchange(fetch: Fetch, call: Call): Promise<Answer> {
  const { what, timeoutMs } = call;
  const abort = new AbortController();
  try {
    return await withDeadline(send(fetch, call, abort.signal), timeoutMs, what, () => abort.abort());
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError("unreachable", `${what} failed: ${faultOf(cause)}`);
  }
}

async function send(fetch: Fetch, call: Call, signal: AbortSignal): Promise<Answer> {
  const { what, url, method, headers, body, maxBytes } = call;
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  if (body !== undefined) init.body = body;
  const response = await fetch(url, init);
  const { status } = response;
  if (status >= 200 && status <= 299) {
    return { status, headers: response.headers, body: await textOf(what, response, maxBytes, signal) };
  }
  const message = `${what} was answered with HTTP ${status}`;
  const code = codeOf(status);
  if (code === "rejected") {
    const said = await textOf(what, response, maxRefusalBytes, signal).then(JSON.parse).catch(() =>
      undefined
    );
    throw new ServiceError(code, message + complaintOf(said), { status });
  }
  response.body?.cancel().catch(() => {});
  throw new ServiceError(code, message, { status });
}

/** The failure that a status other than those of success is. */
function codeOf(status: number): FailureCode {
  if (status === 429) return "throttled";
  return status >= 400 && status <= 499 ? "rejected" : "unreachable";
}

async function textOf(
  what: string,
  response: Response,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  // A fetch of the application's own may not heed the signal.
  const read = await readAnswerText(response, { maxBytes, signal });
  if (read.end === "broken") throw read.cause;
  if (read.end === "long") {
    throw new ServiceError("malformed", `${what} was answered with more than ${maxBytes} bytes`);
  }
  return read.text;
}

/** The kind of a network fault. Its message is left out: platforms put the whole URL there, token included. */
function faultOf(cause: unknown): string {
  const { code, name, cause: inner } = fieldsOf(cause);
  const word = [code, fieldsOf(inner)["code"], name].find((text) => typeof text === "string");
  return typeof word === "string" && /^[A-Za-z_]{1,40}$/.test(word) ? word : "network fault";
}
