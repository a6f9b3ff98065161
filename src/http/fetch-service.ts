import { type FailureCode, ServiceError } from "../errors.ts";
import { readAnswerText } from "./read-text.ts";

/** An answer of a service, whole. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How much of a refusal is read for the message. */
const maxRefusalBytes = 4096;

/** One request to a service. */
export interface ServiceRequest {
  /** What is asked for, for messages: without tokens and parameters. */
  readonly what: string;
  readonly url: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  /** What a refusal says, for the message, with a colon before it. Left out, its body is not read. */
  readonly complaint?: (answer: unknown) => string;
}

/** As much of `fetch` as is used, so that stand-ins need no more. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Sends one request and reads its whole answer, headers and body. Redirects are not followed, for they would carry keys
 * elsewhere, and nothing is tried again.
 *
 * @throws {ServiceError} When the answer is not a 2xx, or too long. What the network throws passes.
 */
export async function fetchService(
  fetch: Fetch,
  request: ServiceRequest,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const { what, url, method, headers, body, maxBytes, complaint } = request;
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  if (body !== undefined) init.body = body;
  const response = await fetch(url, init);
  const { status } = response;
  if (status >= 200 && status <= 299) {
    return { status, headers: response.headers, body: await textOf(response, maxBytes, what, signal) };
  }
  const message = `${what} was answered with HTTP ${status}`;
  const code = failureCodeOf(status);
  if (code === "rejected" && complaint !== undefined) {
    const said = await textOf(response, maxRefusalBytes, what, signal).then(JSON.parse).catch(() =>
      undefined
    );
    throw new ServiceError(code, message + complaint(said), { status });
  }
  response.body?.cancel().catch(() => {});
  throw new ServiceError(code, message, { status });
}

/** The failure that a status is which is none of success. */
function failureCodeOf(status: number): FailureCode {
  if (status === 429) return "throttled";
  return status >= 400 && status <= 499 ? "rejected" : "unreachable";
}

async function textOf(
  response: Response,
  maxBytes: number,
  what: string,
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
