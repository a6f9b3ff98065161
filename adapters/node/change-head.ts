import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Passage } from "../../src/begun.ts";
import type { HeaderChange } from "../../src/decision.ts";
import { withPrivacy } from "../../src/pipeline/answer.ts";
import { onceClosed, type Turned } from "../turn.ts";

/** A response of Node's own servers. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** Writes a head in one of the forms that Node knows. */
type WriteHead = (this: NodeResponse, status: number, ...rest: readonly unknown[]) => NodeResponse;

/** A header as it is given with a status: its value may be a list. What is none is told to Node, which refuses it. */
type GivenHeader = readonly [name: string, value: string | readonly string[]];

/**
 * Tells a passage of the head that the application writes, and puts the gate's changes into it, whichever way it is written: Node calls
 * `writeHead` of the response for each head that nobody wrote, by `end`, `write`, `flushHeaders` or a pipe. Informational heads, such as early
 * hints, go another way and are none. A head that Node refuses leaves nothing behind, and the one after it gets the same changes. Where the
 * connection closes before a head was written, the passage ends without one.
 */
export function changeHead(outgoing: NodeResponse, passage: Passage): void {
  // The same under one type: the forms of both servers are handed on as they came.
  const response = outgoing as { writeHead: WriteHead };
  const { writeHead } = response;
  /** What the gate said of a head that was refused. */
  let said: readonly HeaderChange[] | undefined;

  function changed(this: NodeResponse, status: number, ...rest: readonly unknown[]): NodeResponse {
    // What cannot be written is the application's mistake, and tells nothing of its page.
    if (outgoing.headersSent || !isStatus(status)) return writeHead.call(outgoing, status, ...rest);
    const { reason, headers, isList } = partsOf(rest);
    const undo: (() => void)[] = [];
    try {
      undo.push(keep(outgoing, headers));
      putAll(outgoing, headers, isList || writesAll(outgoing));
      const page = () => headersIn(outgoing);
      const changes = said ? withPrivacy({ headers: page() }, said) : passage.finish(Number(status), page);
      said = changes;
      undo.push(keep(outgoing, changes));
      for (const change of changes) put(outgoing, change);
      // To delete a property makes engines slow with all others of the object.
      response.writeHead = writeHead;
      return writeHead.call(outgoing, status, ...reason);
    } catch (error) {
      if (!outgoing.headersSent) {
        for (const back of undo.reverse()) back();
        response.writeHead = changed;
      }
      throw error;
    }
  }

  response.writeHead = changed;
  onceClosed(outgoing as Turned, () => passage.left());
}

function isStatus(status: unknown): boolean {
  return Number(status) >= 100 && Number(status) <= 999;
}

/** Reads what follows a status as Node does: a reason that is a text, and the headers, which may stand in its place, with nothing behind. */
function partsOf([first, second]: readonly unknown[]): {
  readonly reason: readonly string[];
  readonly headers: readonly GivenHeader[];
  readonly isList: boolean;
} {
  const isReason = typeof first === "string";
  const given = isReason ? second : second ?? first;
  const headers = typeof given === "object" && given !== null ? listOf(given) : [];
  return { reason: isReason ? [first] : [], headers, isList: Array.isArray(given) };
}

/** Whether Node writes all headers of an object, whatever their spelling: HTTP/1 does where none was set, as one line after the other. */
function writesAll(outgoing: NodeResponse): boolean {
  return !("stream" in outgoing) && outgoing.getHeaderNames().length === 0;
}

/** The forms that Node takes: an object, or a list of names and values in turns or in pairs. */
function listOf(given: object): readonly GivenHeader[] {
  if (!Array.isArray(given)) return Object.entries(given);
  if (Array.isArray(given[0])) return given as readonly GivenHeader[];
  return given.flatMap((name, at) => at % 2 === 0 ? [[name, given[at + 1]] as const] : []);
}

/**
 * Takes headers as Node does that are given with the status: they replace those that were set. Where `addsUp` one may come several times; otherwise the
 * last counts, which an object has in another spelling.
 */
function putAll(outgoing: NodeResponse, headers: readonly GivenHeader[], addsUp: boolean): void {
  const seen = new Set<string>();
  for (const [name, value] of headers) {
    // Node adds to the very list that it was given, which may be one that the application keeps.
    const own = Array.isArray(value) ? value.slice() : value;
    const key = String(name).toLowerCase();
    // What was set before is replaced and not removed first: HTTP/2 never removes a date. Its types know a text only, and it takes both.
    if (addsUp && seen.has(key)) outgoing.appendHeader(name, own as string);
    else outgoing.setHeader(name, own);
    seen.add(key);
  }
}

/** Keeps what is set under some names, and gives what puts it back. */
function keep(outgoing: NodeResponse, headers: readonly (readonly [string, ...unknown[]])[]): () => void {
  const former = headers.map(([name]) => [name, outgoing.getHeader(name)] as const);
  return () =>
    removing(outgoing, () => {
      for (const [name, value] of former) {
        if (value === undefined) outgoing.removeHeader(name);
        else outgoing.setHeader(name, value);
      }
    });
}

/** What Node takes note of where a header is removed: that the server is to write none of its own. */
const notes = ["sendDate", "_removedConnection", "_removedContLen", "_removedTE"] as const;

/** Removes headers as if nobody had ever set them: a date, and how the answer is framed, are the server's then. */
export function removing(outgoing: NodeResponse, remove: () => void): void {
  // Not every runtime and protocol has all of them, and only the first is documented.
  const noted = outgoing as { [note in typeof notes[number]]?: boolean };
  const before = notes.map((note) => noted[note]);
  remove();
  for (const [at, note] of notes.entries()) if (before[at] !== undefined) noted[note] = before[at];
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
