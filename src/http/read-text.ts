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

/**
 * Reads a stream as UTF-8: to its end, to the limit of bytes, or until its time is over. Never throws, never rejects. What
 * is left of the stream is cancelled, for which nobody waits.
 */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  limits: TextLimits,
): Promise<TextRead> {
  if (body === null) return { end: "whole", text: "" };
  let text = "";
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const deadline = deadlineOf(limits);
  try {
    reader = body.getReader();
    const decoder = new TextDecoder("utf-8", { fatal: limits.isStrict ?? false });
    for (let room = limits.maxBytes;;) {
      const next = await Promise.race([reader.read(), deadline.late]);
      if (next === "late") return { end: "late", text };
      if (next.done) return { end: "whole", text: text + decoder.decode() };
      const { value } = next;
      if (value.byteLength > room) {
        // Whoever wants the text only if it is whole does not care whether it would have been one.
        if (!limits.isStrict) text += decoder.decode(value.subarray(0, room), { stream: true });
        return { end: "long", text };
      }
      room -= value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    return { end: "broken", text, cause };
  } finally {
    deadline.end();
    reader?.cancel().catch(() => {});
  }
}

/**
 * Reads the text of an answer, within limits. One that tells its length has that length: it is read in one piece, which costs
 * less than half.
 */
export async function readAnswerText(response: Response, limits: TextLimits): Promise<TextRead> {
  if (limits.isStrict || !isWithin(response.headers, limits.maxBytes)) {
    return await readText(response.body ?? null, limits);
  }
  const deadline = deadlineOf(limits);
  try {
    const text = await Promise.race([response.text(), deadline.late.then(() => undefined)]);
    if (text === undefined) return { end: "late", text: "" };
    return text.length > limits.maxBytes ? { end: "long", text: "" } : { end: "whole", text };
  } catch (cause) {
    return { end: "broken", text: "", cause };
  } finally {
    deadline.end();
  }
}

/** Whether an answer says that it is not longer than that. What is compressed only tells the length of that form. */
function isWithin(headers: Headers | undefined, maxBytes: number): boolean {
  // What an application's own fetch gives may be anything.
  const length = headers?.get("content-length");
  return typeof length === "string" && /^\d{1,9}$/.test(length) && Number(length) <= maxBytes &&
    !headers?.has("content-encoding");
}

/** What happens when the time is over, and what takes that back. */
function deadlineOf(
  { timeoutMs, signal }: TextLimits,
): { readonly late: Promise<"late">; readonly end: () => void } {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const over = () => resolve("late");
  if (signal?.aborted) over();
  signal?.addEventListener("abort", over);
  const timer = timeoutMs === undefined ? undefined : setTimeout(over, timeoutMs);
  return {
    late,
    end() {
      signal?.removeEventListener("abort", over);
      clearTimeout(timer);
    },
  };
}
