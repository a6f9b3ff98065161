import type { Writable } from "node:stream";
import type { HeaderChange } from "../../src/decision.ts";
import { ofSomeCaches } from "../../src/pipeline/answer.ts";
import type { AnswerParts } from "../../src/pipeline/held-answer.ts";
import type { NodeRequest } from "./target.ts";
import { type NodeResponse, put, removing } from "./change-head.ts";
import { isGone } from "./is-gone.ts";
import { sendBody } from "../send-body.ts";
import { breakOff, type Turned } from "../turn.ts";
import { endWith, wholeOf } from "../whole-text.ts";

/** How the answer is framed, which Node knows best: trailers are none of `Response`, and refused where nothing is sent in chunks. */
const framing: readonly string[] = ["trailer", "transfer-encoding"];

/** What HTTP/2 has no place for, and refuses with all else (RFC 9113, section 8.2.2). A response that was fetched may have it. */
const ofConnection: readonly string[] = [
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
];

/** What tells of the content of an answer, and how it is framed (RFC 9110, sections 8 and 14.4). */
const ofContent: ReadonlySet<string> = new Set([
  ...framing,
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
]);
/** What caches heed: what somebody allowed of another answer would hand one visitor's refusal to all (RFC 9111, RFC 9213). */
const ofAllCaches = /^(?:cache-control|expires|pragma|age)$/;

/**
 * Sends an answer of the gate. Headers that were set before stay, such as those of CORS, but for what tells of another content, or lets caches keep it; where both have the
 * same one, the gate's counts. One that Node refuses is left out. A body that is there at once is sent with its length, any other as it comes;
 * one that breaks off, or cannot be read, breaks the connection.
 *
 * @returns A promise that is fulfilled once all of it was handed over, or the visitor has gone. It is never rejected.
 */
export async function sendAnswer(
  incoming: NodeRequest,
  outgoing: NodeResponse,
  answer: Response,
): Promise<void> {
  if (isLate(outgoing)) return leave(answer.body);
  const { body, status, statusText, headers } = answer;
  try {
    const isBodiless = body === null || isEmpty(incoming, status);
    writeHead(incoming, outgoing, { status, headers, hasBody: !isBodiless, reason: statusText });
    if (isBodiless) {
      outgoing.end();
      return leave(body);
    }
    // Both servers' responses are streams, of which this is the common form.
    await sendBody(outgoing as Writable, body.getReader());
  } catch {
    // The body is in somebody's hands, or Node refuses the head: nobody may wait for the rest.
    breakOff(outgoing as Turned);
    leave(body);
  }
}

/** The same of an answer of which all is known, at once. */
export function sendParts(
  incoming: NodeRequest,
  outgoing: NodeResponse,
  { status, list, content }: AnswerParts,
): void {
  if (isLate(outgoing)) return;
  try {
    const hasBody = !!content && !isEmpty(incoming, status);
    writeHead(incoming, outgoing, { status, headers: list, hasBody });
    if (!hasBody) outgoing.end();
    else endWith(outgoing, wholeOf(content));
  } catch {
    breakOff(outgoing as Turned);
  }
}

/** Whether somebody has answered, or the visitor has gone: nothing can be said any more, and the application is not called. */
function isLate(outgoing: NodeResponse): boolean {
  return outgoing.headersSent || isGone(outgoing);
}

function isEmpty({ method }: NodeRequest, status: number): boolean {
  return method === "HEAD" || status === 204 || status === 304;
}

/**
 * Sets all that the head consists of; what was set of another answer's status and content goes: the visitor would read the gate's by it. Of a body that is sent
 * Node knows the length: what an answer says of it may be that of another coding.
 */
function writeHead(
  { httpVersionMajor }: NodeRequest,
  outgoing: NodeResponse,
  { status, headers, hasBody, reason = "" }: {
    readonly status: number;
    readonly headers: Iterable<HeaderChange>;
    readonly hasBody: boolean;
    readonly reason?: string;
  },
): void {
  const others = outgoing.getHeaderNames()
    .filter((name) => ofContent.has(name) || ofAllCaches.test(name) || ofSomeCaches.test(name));
  if (others.length > 0) removing(outgoing, () => others.forEach((name) => outgoing.removeHeader(name)));
  for (const header of headers) {
    const name = header[0];
    const isOfServer = framing.includes(name) || (hasBody && name === "content-length");
    if (isOfServer || (httpVersionMajor >= 2 && ofConnection.includes(name))) continue;
    try {
      put(outgoing, header);
    } catch {
      // As where a page gets headers, what cannot be sent is left out.
    }
  }
  outgoing.statusCode = status;
  // HTTP/2 has no reason phrase. Without one, Node says its own.
  if (httpVersionMajor < 2) outgoing.statusMessage = reason;
}

function leave(body: ReadableStream | null): void {
  if (body?.locked === false) body.cancel().catch(() => {});
}
