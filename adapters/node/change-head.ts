import type { OutgoingHttpHeader, ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Passage } from "../../src/begun.ts";
import type { HeaderChange } from "../../src/decision.ts";

/** A response of Node's own servers. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Writes a head in one of the forms that Node knows. */
type WriteHead = (this: NodeResponse, status: number, ...rest: readonly unknown[]) => NodeResponse;

/**
 * Tells a passage of the head that the application writes, and puts the gate's changes into it, whichever way it is written: Node calls
 * `writeHead` of the response for each head that nobody wrote, by `end`, `write`, `flushHeaders` or a pipe. Informational heads, such as early
 * hints, go another way and are none. Where the connection closes before a head was written, the passage ends without one.
 */
export function changeHead(outgoing: NodeResponse, passage: Passage): void {
  const own = Object.getOwnPropertyDescriptor(outgoing, "writeHead");
  // The same under one type: the forms of both servers are handed on as they came.
  const writeHead = outgoing.writeHead as WriteHead;

  function changed(this: NodeResponse, status: number, ...rest: readonly unknown[]): NodeResponse {
    // What cannot be written is the application's mistake, and tells nothing of its page.
    if (outgoing.headersSent || !isStatus(status)) return writeHead.call(outgoing, status, ...rest);
    const given = rest.at(-1);
    const isGiven = typeof given === "object" && given !== null;
    if (isGiven) putAll(outgoing, given);
    if (own === undefined) Reflect.deleteProperty(outgoing, "writeHead");
    else Object.defineProperty(outgoing, "writeHead", own);
    for (const change of passage.finish(Number(status), () => headersIn(outgoing))) put(outgoing, change);
    return writeHead.call(outgoing, status, ...isGiven ? rest.slice(0, -1) : rest);
  }

  Object.defineProperty(outgoing, "writeHead", { value: changed, configurable: true, writable: true });
  outgoing.once("close", () => passage.left());
}

function isStatus(status: unknown): boolean {
  return Number(status) >= 100 && Number(status) <= 999;
}

/** Takes headers as Node does that are given with the status: they replace those that were set, and a list may name one several times. */
function putAll(outgoing: NodeResponse, given: object): void {
  // The forms that Node takes: an object, or a list of names and values in turns or in pairs.
  if (!Array.isArray(given)) {
    const headers = given as Readonly<Record<string, OutgoingHttpHeader>>;
    for (const name of Object.keys(headers)) {
      // What is missing is told to Node, which refuses it.
      outgoing.setHeader(name, headers[name] as string | readonly string[]);
    }
    return;
  }
  const flat = given.flat() as readonly string[];
  for (let at = 0; at < flat.length; at += 2) outgoing.removeHeader(flat[at] ?? "");
  for (let at = 0; at < flat.length; at += 2) outgoing.appendHeader(flat[at] ?? "", flat[at + 1] ?? "");
}

/** Puts one header of the gate into what was set. */
export function put(outgoing: NodeResponse, [name, value]: HeaderChange): void {
  const own = outgoing.getHeader(name);
  if (own === undefined || (name !== "set-cookie" && name !== "vary")) outgoing.setHeader(name, value);
  else if (name === "vary") outgoing.setHeader(name, `${own}, ${value}`);
  else outgoing.setHeader(name, [own, value].flat().map(String));
}

/** The headers that were set, those that `Headers` do not take left out. */
function headersIn(outgoing: NodeResponse): Headers {
  const headers = new Headers();
  for (const name of outgoing.getHeaderNames()) {
    const value = outgoing.getHeader(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      try {
        headers.append(name, String(one));
      } catch {
        // Node refuses it, or sends what no rule of ours is about.
      }
    }
  }
  return headers;
}
