import { withDeadline } from "../src/async/deadline.ts";
import { complain } from "../src/pipeline/report-error.ts";
import { ServiceError } from "../src/errors.ts";
import { orderOf } from "./mode-switch/options.ts";
import { failureOf, type Order, readOrder, textOf } from "./mode-switch/record.ts";
import type { ModeState, ModeStorage, ModeSwitch, ModeSwitchOptions } from "./mode-switch/mode-switch.ts";
import { schedule as later } from "../src/async/refresher.ts";

const what = "The storage of the mode";
/** How much later than the timer a request sees to the reading, where timers do not run between requests. */
const lateMs = 1000;
/** A call to the storage that was never answered is thought of no more after this long. */
const lostMs = 60_000;
/** For how long after a change a storage may still give what was there before. */
const settleMs = 120_000;

/** Makes a switch from checked options. */
export function followMode(options: ModeSwitchOptions): ModeSwitch {
  const { initial = "enforce", storage, key = "stanchion/mode", pollMs = 5000, timeoutMs = 2000 } = options;
  const { now = Date.now, schedule = later, onChange = () => {}, onError = complain(now) } = options;
  const none: Order = { mode: initial };
  let order = none;
  /** Counts the changes made here, so that what was read before one does not undo it. */
  let changes = 0;
  /** The change that the storage has. */
  let savedChange = 0;
  let lastRead: { readonly text: string; readonly atMs: number } | undefined;
  /** What a change made here replaced: a storage that takes its time may give it once more. */
  let replaced: { readonly text: string; readonly atMs: number } | undefined;
  let saving: Promise<void> = Promise.resolve();
  let turning: Promise<void> | undefined;
  let turningSince = 0;
  /** When the reading began that was not answered yet. */
  let readingSince: number | undefined;
  let dueAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let closed = false;

  function state(): ModeState {
    expire();
    const { mode, untilMs, by } = order;
    return {
      mode,
      initial,
      ...(untilMs === undefined ? {} : { untilMs }),
      ...(by === undefined ? {} : { by }),
      saved: storage === undefined || savedChange === changes,
      ...(lastRead === undefined ? {} : { readAgeMs: Math.max(0, now() - lastRead.atMs) }),
    };
  }

  /** Follows an order. One that is over when it comes is none. */
  function follow(next: Order): void {
    const before = textOf(order);
    order = isOver(next) ? none : next;
    if (textOf(order) !== before) quietly(() => onChange(state()));
  }

  function isOver({ untilMs }: Order): boolean {
    return untilMs !== undefined && now() >= untilMs;
  }

  function expire(): void {
    if (!isOver(order)) return;
    // What could not be written in its time need not be any more.
    savedChange = changes;
    follow(none);
  }

  function report(error: unknown): void {
    quietly(() => onError(failureOf(error)));
  }

  async function read({ getItem }: Calls): Promise<void> {
    const change = changes;
    const since = readingSince = now();
    const answer = getItem();
    const answered = () => {
      if (readingSince === since) readingSince = undefined;
    };
    answer.then(answered, answered);
    const found = await withDeadline(answer, timeoutMs, what);
    if (change !== changes || closed) return;
    const next = readOrder(found, none);
    if (next === undefined) throw new ServiceError("malformed", "What the storage of the mode holds is none");
    const text = textOf(next);
    lastRead = { text, atMs: now() };
    const isOld = text === replaced?.text && Math.abs(now() - replaced.atMs) < settleMs;
    if (!isOld) follow(next);
  }

  /** Writes the last change, one writing after the other. */
  function save({ setItem }: Calls): Promise<void> {
    return saving = saving.then(async () => {
      if (savedChange === changes) return;
      const change = changes;
      const { untilMs } = order;
      const ttl = untilMs === undefined ? {} : { ttl: Math.max(1, Math.ceil((untilMs - now()) / 1000)) };
      await withDeadline(setItem(textOf(order), ttl), timeoutMs, what);
      if (change === changes) savedChange = change;
    }).catch(report);
  }

  /** One turn with the storage: what is still to be written goes first, so that nothing older undoes it. */
  function turn(calls: Calls): Promise<void> {
    const done = (savedChange === changes ? read(calls).catch(report) : save(calls)).then(() => {
      if (turning === done) turning = undefined;
      plan(calls);
    });
    turningSince = now();
    return turning = done;
  }

  /** The next turn: by a timer, or by a request where timers do not run between requests. */
  function plan(calls: Calls): void {
    cancel?.();
    cancel = undefined;
    dueAt = now() + pollMs;
    if (closed) return;
    try {
      cancel = schedule(() => void begin(calls), pollMs);
    } catch {
      // Workers set no timers outside of requests.
    }
  }

  function begin(calls: Calls): Promise<void> | undefined {
    if (closed) return undefined;
    if (turning !== undefined && !isLost(turningSince)) return turning;
    if (readingSince === undefined || isLost(readingSince)) return turn(calls);
    // A turn that was given up left its reading behind: one at a time.
    plan(calls);
    return undefined;
  }

  /** Platforms end what a request began, and it is never heard of again. */
  function isLost(since: number): boolean {
    return Math.abs(now() - since) >= lostMs;
  }

  const calls = storage && callsOf(storage, key);

  return {
    mode() {
      expire();
      // A clock that is set back must not end the reading.
      const isDue = now() >= dueAt + lateMs || now() < dueAt - pollMs;
      if (isDue && calls !== undefined) void begin(calls);
      return order.mode;
    },

    set(mode, options = {}) {
      const next = orderOf(mode, options, now());
      if (lastRead !== undefined) replaced = { text: lastRead.text, atMs: now() };
      changes++;
      follow(next);
      return calls === undefined ? Promise.resolve(state()) : save(calls).then(state);
    },

    state,

    poll() {
      if (calls === undefined) return undefined;
      return turning ?? (now() >= dueAt || now() < dueAt - pollMs ? begin(calls) : undefined);
    },

    close() {
      closed = true;
      cancel?.();
      cancel = undefined;
    },
  };
}

/** The calls of a storage. They are promises whatever it does. */
interface Calls {
  getItem(): Promise<unknown>;
  setItem(text: string, options: { readonly ttl?: number }): Promise<unknown>;
}

function callsOf(storage: ModeStorage, key: string): Calls {
  return {
    getItem: async () => await storage.getItem(key),
    setItem: async (text, options) => await storage.setItem(key, text, options),
  };
}

/** Calls somebody who must not disturb, whatever they throw, now or later. */
function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // The same.
  }
}
