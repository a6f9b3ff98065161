import { type Schedule, schedule } from "../src/async/schedule.ts";
import type { OperatedRoom } from "../plugins/waiting-room/mod.ts";

/** By this name changes of the gateway stand in the log of a room. */
export const author = "gateway: the site does not answer";

/** How often it is looked, in milliseconds: while the site is down, and while all is well. */
const downMs = 2000;
const upMs = 5000;
/** So many looks in a row must fail, or succeed, before it counts. */
const looks = 2;
/** So often another gateway must have seen the site up before it resumes what one that may be gone has paused. */
const othersLooks = 6;

/** What the watch is made of. */
export interface OriginWatchOptions {
  /** Asks the site whether it is there. Rejected or `false` where it is not. */
  readonly probe: () => Promise<boolean>;
  /** The rooms that are paused while it is not. */
  readonly rooms: () => readonly OperatedRoom[];
  /** Is told what happens, in whole sentences. */
  readonly log: (message: string) => void;
  readonly schedule?: Schedule;
}

/** Knows whether the site is there. */
export interface OriginWatch {
  readonly isUp: boolean;
  /** Takes note that a request found no answer: it is looked at once. A visitor alone can bring about no more than that. */
  readonly suspect: () => void;
  readonly close: () => void;
}

/**
 * Watches the site, and pauses the rooms while it is away: whoever comes in meanwhile would find an error. It goes by looks of its own and never
 * by what visitors meet, which they could bring about.
 *
 * Several gateways may share a room. Each pauses it once when it sees the site go, and any of them resumes what stands in the log as a gateway's:
 * the one that paused as soon as the site is back, others half a minute later, for the one that paused may be gone. A room that somebody changed
 * meanwhile is theirs, and stays as it is.
 */
export function watchOrigin(options: OriginWatchOptions): OriginWatch {
  const { probe, rooms, log, schedule: later = schedule } = options;
  const paused = new Set<string>();
  /** The rooms that are seen to since the site went. A store that fails may take several tries, and another configuration may add rooms. */
  const done = new Set<string>();
  let isUp = true;
  let same = 0;
  let isLooking = false;
  let isClosed = false;
  let cancel = later(look, upMs);

  function look(): void {
    if (isLooking || isClosed) return;
    isLooking = true;
    void probe().catch(() => false).then(seen).catch(() => {}).finally(() => {
      isLooking = false;
      cancel();
      if (!isClosed) cancel = later(look, isUp && same === 0 ? upMs : downMs);
    });
  }

  async function seen(isThere: boolean): Promise<void> {
    if (isThere === isUp) same = 0;
    else if (++same === looks) {
      isUp = isThere;
      same = 0;
      log(
        isUp
          ? "The site answers again."
          : "The site does not answer. Its rooms are paused until it does; whoever waits keeps the place.",
      );
      done.clear();
    }
    if (isUp) return void await Promise.allSettled(rooms().map(resume));
    await Promise.allSettled(rooms().filter(({ name }) => !done.has(name)).map(pause));
  }

  async function pause(room: OperatedRoom): Promise<void> {
    const { mode, revision } = await room.status();
    if (mode === "open") {
      const { is } = await room.change({ mode: "paused" }, { by: author, revision });
      if (is === "changed") paused.add(room.name);
    }
    done.add(room.name);
  }

  /** How often each room was seen paused by another gateway while the site was there. */
  const waited = new Map<string, number>();

  async function resume(room: OperatedRoom): Promise<void> {
    const isOwn = paused.has(room.name);
    // What is known is looked at first, so that nobody asks the store while all is well.
    if (!isOwn && room.last?.mode !== "paused") return void waited.delete(room.name);
    const { mode, revision } = await room.status();
    const last = (await room.records()).findLast((record) => record.revision === revision);
    if (mode !== "paused" || last?.by !== author) {
      paused.delete(room.name);
      return void waited.delete(room.name);
    }
    const count = (waited.get(room.name) ?? 0) + 1;
    waited.set(room.name, count);
    if (!isOwn && count < othersLooks) return;
    const { is } = await room.change({ mode: "open" }, { by: author, revision });
    if (is !== "changed") return;
    paused.delete(room.name);
    waited.delete(room.name);
    log(`The room "${room.name}" goes on.`);
  }

  return {
    get isUp() {
      return isUp;
    },
    suspect: look,
    close() {
      isClosed = true;
      cancel();
    },
  };
}
