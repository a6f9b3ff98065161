/** Writes the snapshots of rooms behind the answers: one at a time, and not too often. */

import { withDeadline } from "../../../src/async/deadline.ts";
import { platformLoop } from "../../../src/async/loop.ts";
import { schedule } from "../../../src/async/schedule.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";

/** How long the last snapshot may take to be written, in milliseconds. */
const closeMs = 5000;
/** After how long a write that does not end is told, in milliseconds. */
const slowMs = 10_000;
/** How much longer than it takes to write a room down the next time is waited for: a twentieth of the processor. */
const rest = 20;
/** What it means to the owner. */
const meaning = "a restart loses what happened since the last one";

/** How it is written. */
export interface WriterOptions {
  /** Keeps the text of a room. */
  readonly keep: (room: string, text: string) => unknown;
  /** How long after a change, in milliseconds. */
  readonly everyMs: number;
  readonly warn: (message: string) => void;
}

/** Writes rooms that have changed. */
export interface Writer {
  /** Says that a room has changed, so that it is written soon. */
  changed(room: string, text: () => string): void;
  /** How many writes failed. */
  readonly failures: number;
  /** Whether the last one did, or does not end. */
  readonly isFailing: boolean;
  /** Writes what has changed, and ends. */
  close(): Promise<void>;
}

/** Makes a writer. Two writes are never under way, so that none overtakes the other. */
export function createWriter({ keep, everyMs, warn }: WriterOptions): Writer {
  const changed = new Map<string, () => string>();
  let failures = 0;
  let isFailing = false;
  let writing: Promise<void> | undefined;
  let cancel: (() => void) | undefined;
  let isClosed = false;

  function soon(ms: number): void {
    if (changed.size === 0 || cancel !== undefined || writing !== undefined || isClosed) return;
    cancel = schedule(() => {
      cancel = undefined;
      void write();
    }, ms);
  }

  async function write(): Promise<void> {
    const since = platformLoop.now();
    const due = [...changed].map(([room, text]) => [room, text, text()] as const);
    const tookMs = platformLoop.now() - since;
    changed.clear();
    writing = (async () => {
      for (const [room, text, written] of due) await writeOne(room, text, written);
    })();
    await writing;
    writing = undefined;
    soon(Math.max(everyMs, rest * tookMs));
  }

  async function writeOne(room: string, text: () => string, written: string): Promise<void> {
    const calm = schedule(() => {
      isFailing = true;
      warn(`memory store: the storage of the snapshot does not answer: ${meaning}`);
    }, slowMs);
    try {
      await keep(room, written);
      isFailing = false;
    } catch (cause) {
      failures++;
      isFailing = true;
      // It is tried again, unless the room changes first and is written for that.
      if (!changed.has(room)) changed.set(room, text);
      warn(`memory store: the snapshot cannot be written (${kindOf(cause)}): ${meaning}`);
    } finally {
      calm();
    }
  }

  return {
    changed(room, text) {
      changed.set(room, text);
      soon(everyMs);
    },
    get failures() {
      return failures;
    },
    get isFailing() {
      return isFailing;
    },
    async close() {
      cancel?.();
      cancel = undefined;
      isClosed = true;
      const last = (async () => {
        await writing;
        if (changed.size > 0) await write();
      })();
      await withDeadline(last, closeMs, "The storage of the snapshot").catch((cause) => {
        warn(`memory store: the last snapshot was not written (${kindOf(cause)})`);
      });
    },
  };
}
