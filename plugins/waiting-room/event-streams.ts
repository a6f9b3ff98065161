import type { Loop } from "../../src/async/loop.ts";
import type { RoomStatus } from "./machine/mod.ts";
import type { RoomNode } from "./node/mod.ts";
import { documentOf, textOf } from "./status-document.ts";

/** How streams are made. */
export interface EventStreamsOptions {
  /** How many may be open in this process. */
  readonly most: number;
  readonly loop: Loop;
  readonly random: () => number;
}

/** Streams of the status, the same for everybody, for pages that then need not ask. */
export interface EventStreams {
  /** Whether the owner wants any. */
  readonly isOn: boolean;
  /** Opens one; `undefined` where as many are open as may be. It ends when nobody reads it any more. */
  open(node: RoomNode): ReadableStream<Uint8Array> | undefined;
}

/** How long a page waits before it comes again, at least and at most, in milliseconds. */
const retryMs = [3000, 10_000] as const;
/**
 * How often the status is looked at, and after how long something is said though nothing changed, in milliseconds: some servers close
 * connections that are silent for ten seconds.
 */
const lookMs = 1000;
const silentMs = 8000;
/** How long a stream is open, at least: then the page opens another one, of a process that may be younger. Up to half is added. */
const openMs = 300_000;
/** Who took nothing for so long is gone, on platforms that do not say so, or is too slow. */
const staleMs = 60_000;

const encoder = new TextEncoder();

/** One stream. */
interface Stream {
  /** When it was written to last, by the loop's clock. */
  writtenAt: number;
  end(): void;
}

/**
 * Makes what opens streams. Each has a timer of its own, which runs while its reader wants to hear something: no reader waits for
 * another one, a slow one is told the latest, and nothing is left behind by one that has gone. Some platforms allow nothing else.
 */
export function createEventStreams({ most, loop, random }: EventStreamsOptions): EventStreams {
  const open = new Set<Stream>();
  const write = createWriter();

  /** `undefined` where the room cannot be reached: then nothing changes. */
  async function statusOf(node: RoomNode): Promise<Written | undefined> {
    try {
      return write(await node.status());
    } catch {
      return undefined;
    }
  }

  function hasRoom(): boolean {
    if (open.size < most) return true;
    const since = loop.now() - staleMs;
    for (const stream of open) if (stream.writtenAt < since) stream.end();
    return open.size < most;
  }

  function streamOf(node: RoomNode): ReadableStream<Uint8Array> {
    const endsAt = loop.now() + openMs * (1 + random() / 2);
    let [isOver, isCancelled, told] = [false, false, ""];
    let wake = () => {};
    const stream: Stream = {
      writtenAt: loop.now(),
      end() {
        isOver = true;
        open.delete(stream);
        wake();
      },
    };
    open.add(stream);

    const pause = () =>
      new Promise<void>((resolve) => {
        const cancel = loop.wait(resolve, lookMs);
        wake = () => {
          cancel();
          resolve();
        };
      });

    /** What there is to say: what changed, a sign of life, or nothing. */
    async function news(): Promise<string | undefined> {
      const written = await statusOf(node);
      if (written !== undefined && written.key !== told) {
        told = written.key;
        return `data: ${written.text}\n\n`;
      }
      return loop.now() - stream.writtenAt >= silentMs ? ":\n\n" : undefined;
    }

    return new ReadableStream<Uint8Array>({
      start(controller) {
        const [least, longest] = retryMs;
        const retry = Math.round(least + random() * (longest - least));
        controller.enqueue(encoder.encode(`retry: ${retry}\n\n`));
      },
      async pull(controller) {
        while (!isOver && loop.now() < endsAt) {
          if (told !== "") await pause();
          const text = isOver ? undefined : await news();
          if (text === undefined || isOver) {
            if (told === "") await pause();
            continue;
          }
          stream.writtenAt = loop.now();
          return controller.enqueue(encoder.encode(text));
        }
        // What was cancelled is closed already.
        if (!isCancelled) controller.close();
        stream.end();
      },
      cancel() {
        isCancelled = true;
        stream.end();
      },
    }, { highWaterMark: 0 });
  }

  return { isOn: most > 0, open: (node) => hasRoom() ? streamOf(node) : undefined };
}

/** What a status is for those who listen. */
interface Written {
  /** What tells it from others: all of it but the time. */
  readonly key: string;
  readonly text: string;
}

/** Writes a status once for all who listen. */
function createWriter(): (status: RoomStatus) => Written {
  const known = new WeakMap<RoomStatus, Written>();
  return (status) => {
    const found = known.get(status);
    if (found !== undefined) return found;
    const document = documentOf(status);
    const written = { key: textOf({ ...document, now: 0 }), text: textOf(document) };
    known.set(status, written);
    return written;
  };
}
