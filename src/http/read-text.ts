import { startDeadline } from "../async/deadline.ts";
import { platformLoop } from "../async/loop.ts";

/** How a text is read. */
export interface TextLimits {
  /** How long it may be, in bytes. */
  readonly maxBytes: number;
  /** How long it may take, in milliseconds; left out for as long as it takes. */
  readonly timeoutMs?: number;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
  /** Whether what is not UTF-8 breaks the reading. Otherwise it is replaced by U+FFFD. */
  readonly isStrict?: boolean;
}

/** What was read: a text without a byte-order mark and without a character cut in two, and how the reading ended. */
export type TextRead =
  | { readonly end: "whole" | "long" | "late"; readonly text: string }
  /** The connection broke, somebody else reads, or what came is no text. */
  | { readonly end: "broken"; readonly text: string; readonly cause: unknown };

/** After how many pieces timers get a turn. A stream that a program makes may have the next piece at once, and never come to an end. */
const piecesInTurn = 256;

/**
 * Reads a stream as UTF-8: to its end, to the limit of bytes, or until its time is over. Never throws, never rejects. What
 * is left of the stream is cancelled, for which nobody waits.
 */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  { maxBytes, timeoutMs, signal, isStrict = false }: TextLimits,
): Promise<TextRead> {
  if (body === null) return { end: "whole", text: "" };
  let stop = () => {};
  const late = new Promise<"late">((resolve) => stop = () => resolve("late"));
  const cancel = timeoutMs === undefined ? undefined : startDeadline(timeoutMs, stop);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let text = "";

  // One race for all pieces: a sender can make as many of them as there are bytes.
  async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<"whole" | "long"> {
    const decoder = new TextDecoder("utf-8", { fatal: isStrict });
    for (let room = maxBytes, pieces = 1;; pieces++) {
      if (pieces % piecesInTurn === 0) await new Promise<void>((resolve) => platformLoop.turn(resolve));
      const { done, value } = await reader.read();
      if (done) {
        text += decoder.decode();
        return "whole";
      }
      room -= value.byteLength;
      // A text that is wanted whole or not at all need not be one up to the limit.
      if (room < 0 && isStrict) return "long";
      text += decoder.decode(room < 0 ? value.subarray(0, room) : value, { stream: true });
      if (room < 0) return "long";
    }
  }

  try {
    reader = body.getReader();
    const end = await Promise.race([late, readAll(reader)]);
    return { end, text };
  } catch (cause) {
    return { end: "broken", text, cause };
  } finally {
    cancel?.();
    signal?.removeEventListener("abort", stop);
    reader?.cancel().catch(() => {});
  }
}

/**
 * Reads the text of an answer, within limits. One that tells its length has that length: it is read in one piece, which costs
 * less than half, and ends with the signal of its request.
 */
export async function readAnswerText(
  response: Response,
  limits: Pick<TextLimits, "maxBytes" | "signal">,
): Promise<TextRead> {
  const { maxBytes } = limits;
  if (!isWithin(response.headers, maxBytes)) return await readText(response.body ?? null, limits);
  try {
    const text = await response.text();
    return text.length > maxBytes ? { end: "long", text: "" } : { end: "whole", text };
  } catch (cause) {
    return { end: "broken", text: "", cause };
  }
}

/** Whether an answer says that it is not longer than that. What is compressed only tells the length of that form. */
function isWithin(headers: Headers | undefined, maxBytes: number): boolean {
  // What an application's own fetch gives may be anything.
  const length = headers?.get("content-length");
  return typeof length === "string" && /^\d{1,9}$/.test(length) && Number(length) <= maxBytes &&
    !headers?.has("content-encoding");
}
