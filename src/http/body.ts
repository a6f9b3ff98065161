import type { BodyText } from "../context.ts";
import type { BodyLimits } from "../plugin.ts";
import { namesOtherCharset } from "./charset.ts";
import { readText } from "./read-text.ts";

/** The limits unless others are set. */
export const defaultLimits: BodyLimits = { maxBytes: 65_536, timeoutMs: 2000 };

const noBody: BodyText = { text: "", complete: true };
const unreadable: BodyText = { text: "", complete: false };

/**
 * Reads the beginning of a body and leaves all of it to the application. Never throws, never rejects.
 *
 * @returns A value at once where there is nothing to wait for.
 */
export function readBody(request: Request, limits: BodyLimits): BodyText | Promise<BodyText> {
  if (request.bodyUsed) return unreadable;
  if (request.body === null) return noBody;
  if (!isPlainUtf8(request.headers)) return unreadable;
  let branch: ReadableStream<Uint8Array> | null;
  try {
    branch = request.clone().body;
  } catch {
    // Somebody is reading it already: what it says cannot be known any more.
    return unreadable;
  }
  return branch === null ? noBody : readStart(branch, limits);
}

/**
 * Without buffering the rest: once the branch is cancelled, the other one takes from the source only what the
 * application asks for. The cancellation is done when both branches are, so nobody waits for it.
 */
async function readStart(branch: ReadableStream<Uint8Array>, limits: BodyLimits): Promise<BodyText> {
  const { end, text } = await readText(branch, limits);
  return { text, complete: end === "whole" && !wide.test(text) };
}

/**
 * How a JSON text begins in UTF-16 or UTF-32, with or without a mark: its first two characters are ASCII, hence the NULs
 * (RFC 4627, section 3). Parsers go by that, whatever the headers say.
 */
const wide =
  /^(?:\uFFFD\uFFFD)?(?:[^\0\uFFFD]\0[^\0\uFFFD]\0|[^\0\uFFFD]\0{3}|\0[^\0\uFFFD]\0[^\0\uFFFD]|\0{3}[^\0\uFFFD]\0{3})|^\uFFFD\uFFFD\0\0|^\0\0\uFFFD\uFFFD/;

/** Compressed bodies and other encodings are no text here, but may be to the application. */
function isPlainUtf8(headers: Headers): boolean {
  const coding = headers.get("content-encoding");
  if (coding !== null && !/^(?:identity)?$/i.test(coding.trim())) return false;
  return !namesOtherCharset(headers.get("content-type") ?? "");
}
