import type { BodyText } from "../context.ts";
import type { BodyLimits } from "../plugin.ts";

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
  return branch === null ? noBody : readStart(branch.getReader(), limits);
}

/**
 * Without buffering the rest: once the branch is cancelled, the other one takes from the source only what the
 * application asks for. The cancellation is done when both branches are, so nobody waits for it.
 */
async function readStart(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<BodyText> {
  const decoder = new TextDecoder();
  let text = "";
  let room = maxBytes;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
  });
  try {
    while (true) {
      const next = await Promise.race([reader.read(), late]);
      if (next === "late") break;
      if (next.done) return { text: text + decoder.decode(), complete: true };
      const chunk = next.value.subarray(0, room);
      text += decoder.decode(chunk, { stream: true });
      if (chunk.length < next.value.length) break;
      room -= chunk.length;
    }
  } catch {
    // The connection broke, or the stream holds something else than bytes: what came before is all there is.
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(ignore);
  }
  return { text, complete: false };
}

/** Compressed bodies and other encodings are no text here, but may be to the application. */
function isPlainUtf8(headers: Headers): boolean {
  const coding = headers.get("content-encoding");
  if (coding !== null && !/^(?:identity)?$/i.test(coding.trim())) return false;
  const charsets = headers.get("content-type")?.matchAll(/charset\s*=\s*["']?([^\s"';,]*)/gi) ?? [];
  return [...charsets].every(([, charset]) => /^(?:utf-?8|us-ascii)?$/i.test(charset ?? ""));
}

function ignore(): void {}
