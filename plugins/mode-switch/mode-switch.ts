/**
 * A switch for the gate's mode: turned at run time, for one process or, through a shared storage, for a fleet.
 *
 * @module
 */

import { checkRules } from "../../src/options/check.ts";
import { withDeadline } from "../../src/async/deadline.ts";
import { quietly } from "../../src/async/quietly.ts";
import { createRefresher } from "../../src/async/refresher.ts";
import { schedule as later } from "../../src/async/schedule.ts";
import { reportToConsole } from "../../src/pipeline/report-error.ts";
import {
  type ModeStorage,
  type ModeSwitch,
  type ModeSwitchOptions,
  recordOf,
  rules,
  subject,
} from "./options.ts";
import { failureOf, textOf } from "./record.ts";
import { createStanding, type Standing } from "./standing.ts";

/**
 * Makes a switch for the gate's mode, so that it can be turned without a deployment.
 *
 * With a storage, all processes that share it follow within `pollMs`. It is read in the background, never while a
 * request waits, and one reading at a time. Where it is slow, broken or holds something else, the mode stays and
 * `onError` is told; where it holds nothing, the initial mode is meant. Nothing here keeps a process alive.
 *
 * @param options The storage, and how it is read.
 * @returns The switch.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { modeSwitch } from "stanchion/mode-switch";
 * import { crowdhandler } from "stanchion/crowdhandler";
 *
 * const modes = modeSwitch({ onChange: ({ mode, by }) => console.log(`The gate's mode is ${mode}, by ${by}`) });
 * const gate = createGate({
 *   mode: modes.mode,
 *   plugins: [cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 *
 * await modes.set("off", { forMs: 15 * 60_000, by: "on-call" });
 * modes.mode(); // "off"
 * ```
 */
export function modeSwitch(options: ModeSwitchOptions = {}): ModeSwitch {
  checkRules(subject, options, rules);
  const { initial = "enforce", storage, key = "stanchion/mode", pollMs = 5000, timeoutMs = 2000 } = options;
  const { now = Date.now, schedule = later, onChange = () => {}, onError = reportToConsole(now) } = options;
  const standing = createStanding({ initial, isShared: storage !== undefined, now, onChange });
  const fleet = storage &&
    followStorage(standing, { storage, key, pollMs, timeoutMs, now, schedule, onError });

  return {
    mode() {
      const mode = standing.mode();
      fleet?.visited();
      return mode;
    },
    set(mode, options = {}) {
      standing.change(recordOf(mode, options, now()));
      return fleet === undefined ? Promise.resolve(standing.state()) : fleet.save().then(standing.state);
    },
    state: standing.state,
    poll: () => fleet?.poll(),
    close: () => fleet?.close(),
  };
}

const what = "The storage of the mode";
/** How much later than the timer a request sees to the reading, where timers do not run between requests. */
const lateMs = 1000;
/** A call to the storage that was never answered is thought of no more after this long. */
const lostMs = 60_000;

/** What keeps a switch and its storage together. */
interface Fleet {
  /** Is called by requests, which see to what timers do not. */
  visited(): void;
  /** Writes the last change. Never rejected. */
  save(): Promise<void>;
  poll(): Promise<void> | undefined;
  close(): void;
}

type FleetOptions =
  & Required<Pick<ModeSwitchOptions, "key" | "pollMs" | "timeoutMs" | "now" | "schedule" | "onError">>
  & { readonly storage: ModeStorage };

function followStorage(standing: Standing, options: FleetOptions): Fleet {
  const { storage, key, pollMs, timeoutMs, now, schedule, onError } = options;
  let saving: Promise<void> = Promise.resolve();
  /** When the reading began that was not answered yet. */
  let readingSince: number | undefined;
  let isClosed = false;
  const refresher = createRefresher<void>({
    lostMs,
    rest: () => ({ dueMs: pollMs, timerMs: pollMs }),
    now,
    schedule,
    wake: () => void begin(),
  });

  function report(error: unknown): void {
    quietly(() => onError(failureOf(error)));
  }

  async function read(): Promise<void> {
    const change = standing.changes();
    const since = readingSince = now();
    const answer = getItem(storage, key);
    const answered = () => {
      if (readingSince === since) readingSince = undefined;
    };
    answer.then(answered, answered);
    const found = await withDeadline(answer, timeoutMs, what);
    if (!isClosed) standing.follow(found, change);
  }

  /** One writing after the other. */
  function save(): Promise<void> {
    return saving = saving.then(async () => {
      const unsaved = standing.unsaved();
      if (unsaved === undefined) return;
      const { change, record } = unsaved;
      const { untilMs } = record;
      const ttl = untilMs === undefined ? {} : { ttl: Math.max(1, Math.ceil((untilMs - now()) / 1000)) };
      await withDeadline(setItem(storage, key, textOf(record), ttl), timeoutMs, what);
      standing.saved(change);
    }).catch(report);
  }

  /** One turn with the storage: what is still to be written goes first, so that nothing older undoes it. */
  async function turn(): Promise<void> {
    // A turn that was given up left its reading behind: one at a time.
    if (readingSince !== undefined && Math.abs(now() - readingSince) < lostMs) return;
    await (standing.unsaved() === undefined ? read().catch(report) : save());
  }

  function begin(): Promise<void> | undefined {
    return isClosed ? undefined : refresher.current(now()) ?? refresher.begin(turn);
  }

  return {
    visited() {
      if (refresher.isDue(now(), lateMs)) void begin();
    },
    save,
    poll: () => refresher.current(now()) ?? (refresher.isDue(now()) ? begin() : undefined),
    close() {
      isClosed = true;
      refresher.close();
    },
  };
}

/** The calls of a storage are promises whatever it does. */
async function getItem(storage: ModeStorage, key: string): Promise<unknown> {
  return await storage.getItem(key);
}

async function setItem(
  storage: ModeStorage,
  key: string,
  text: string,
  options: { readonly ttl?: number },
): Promise<void> {
  await storage.setItem(key, text, options);
}
