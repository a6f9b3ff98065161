import type { BodyText } from "../context.ts";
import type { BodyLimits } from "../plugin.ts";
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
  return { text, complete: end === "whole" };
}

/** Compressed bodies and other encodings are no text here, but may be to the application. */
function isPlainUtf8(headers: Headers): boolean {
  const coding = headers.get("content-encoding");
  if (coding !== null && !/^(?:identity)?$/i.test(coding.trim())) return false;
  const charsets = headers.get("content-type")?.matchAll(/charset\s*=\s*["']?([^\s"';,]*)/gi) ?? [];
  return [...charsets].every(([, charset]) => /^(?:utf-?8|us-ascii)?$/i.test(charset ?? ""));
}
