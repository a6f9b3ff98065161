import { withDeadline } from "../../../src/async/deadline.ts";
import { GateError } from "../../../src/errors.ts";
import type { Fetch } from "../../../src/http/fetch-service.ts";
import type { Claims } from "./claims.ts";
import type { RoomMessage } from "./message.ts";
import { createTurns } from "./turns.ts";

/** How many wait to be sent at most: a receiver that is gone must not fill the memory. */
const most = 200;
/** How often a store is asked whose an event is before it is told unasked: twice told is known by its id, never told is not. */
const mostAsked = 3;
const firstAgainMs = 5000;
const lastAgainMs = 120_000;
/** How much longer than a receiver may take somebody may be silent who sends, in milliseconds: the store is asked as well. */
const silentMs = 20_000;
/** Nobody waits longer for a receiver, in seconds. */
const mostAgain = 86_400;

/** A message that is to be sent. */
export interface Delivery {
  readonly message: RoomMessage;
  /** The id and those of the same event in the store, and what finds out whose it is; absent for what each process tells. */
  readonly claim?: { readonly claims: Claims; readonly id: string; readonly rivals: readonly string[] };
}

/** What sends messages. */
export interface Deliveries {
  add(delivery: Delivery): void;
  /** Sends what is due, one after the other. Never rejected. */
  send(): Promise<void>;
  readonly counts: { sent: number; failed: number; retries: number };
  /** How many wait to be sent by this process. */
  readonly waiting: number;
}

/** How messages are sent. */
export interface Sending {
  readonly url: string;
  readonly headersOf: (id: string, seconds: number, body: string) => Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly timeoutMs: number;
  readonly keepMs: number;
  readonly onError: (error: GateError) => void;
  /** Whether it may go on. */
  readonly isOpen: () => boolean;
}

interface Pending extends Delivery {
  readonly body: string;
  /** When it was seen, or taken over. */
  seenAt: number;
  /** How often the store did not say whose it is. */
  asked: number;
  state: "new" | "mine" | "other's" | "over";
}

/**
 * Makes what sends. Messages go in their order, and one that the receiver does not take now holds up those behind it: it is tried again after 5
 * seconds, then after twice as long each time, up to two minutes. What another process sends is looked at once more when its time is over.
 */
export function createDeliveries(sending: Sending): Deliveries {
  const { url, now, keepMs, onError } = sending;
  // Many a service has its secret in the path.
  const { host } = new URL(url);
  const receiver = `the receiver of webhooks at ${host}`;
  const pending = new Set<Pending>();
  const counts = { sent: 0, failed: 0, retries: 0 };
  const patience = createPatience(sending);
  const turns = createTurns(now, sending.timeoutMs + silentMs);
  /** What is waited for. */
  let posting: { readonly each: Pending } | undefined;

  function giveUp(each: Pending, code: GateError["code"], why: string): void {
    pending.delete(each);
    counts.failed++;
    const { event, id } = each.message;
    onError(new GateError(code, `Event "${event}" was not told, id ${id}: ${why}`));
  }

  /** Sends one; whether the next one may be sent. */
  async function deliver(each: Pending): Promise<boolean> {
    const own = posting = { each };
    const received = await post(sending, each.message.id, each.body);
    if (posting !== own) return false;
    posting = undefined;
    return await ended(each, received);
  }

  async function ended(each: Pending, { status, why, againMs }: Received): Promise<boolean> {
    const mayGoOn = !mayTryAgain(status);
    if (status >= 200 && status <= 299) {
      counts.sent++;
      pending.delete(each);
    } else if (mayGoOn) giveUp(each, "rejected", `${receiver} ${why}`);
    else counts.retries++;
    if (mayGoOn) patience.ended();
    else if (patience.failed(againMs) - each.seenAt > keepMs || againMs > keepMs) {
      giveUp(each, "unreachable", `${receiver} ${why}${lastWords(againMs, keepMs)}`);
    }
    if (!pending.has(each)) await each.claim?.claims.ended(each.claim.id).catch(() => {});
    return mayGoOn;
  }

  async function sendAll(isLast: () => boolean): Promise<void> {
    let isHeldUp = false;
    for (const each of pending) {
      if (!sending.isOpen() || !isLast()) return;
      // What happened after something that may be sent later is not told before it.
      if (isHeldUp && each.claim !== undefined) continue;
      turns.heard();
      const found = await look(each, sending);
      isHeldUp ||= found === undefined;
      if (found === "over") pending.delete(each);
      if (found !== "mine") continue;
      if (!patience.isDue() || !(await deliver(each))) return;
    }
  }

  /** A call that the platform ended has failed. */
  function lost(): void {
    if (posting !== undefined) void ended(posting.each, { status: 0, why: "was not waited for", againMs: 0 });
    posting = undefined;
  }

  return {
    add(delivery) {
      const [oldest] = pending;
      if (pending.size >= most && oldest !== undefined) {
        if (oldest.state === "other's") pending.delete(oldest);
        else giveUp(oldest, "overloaded", `${most} wait to be sent to ${host}`);
      }
      pending.add(pendingOf(delivery, now()));
    },
    send: () => turns.join(sendAll, lost),
    counts,
    get waiting() {
      return [...pending].filter(({ state }) => state !== "other's").length;
    },
  };
}

function pendingOf(delivery: Delivery, seenAt: number): Pending {
  return { ...delivery, body: JSON.stringify(delivery.message), seenAt, asked: 0, state: "new" };
}

/** Why an event is given up whose receiver may be asked again. */
function lastWords(againMs: number, keepMs: number): string {
  const minutes = `${Math.round(keepMs / 60_000)} minutes`;
  if (againMs <= keepMs) return `, for ${minutes}`;
  return ` and wants to be asked again after ${againMs / 1000} seconds; an event is kept for ${minutes}`;
}

/**
 * Finds out whose a message is, as far as that is not known: this process's, another's, or nobody's any more; `undefined` where the store does
 * not say.
 */
async function look(each: Pending, { now, keepMs }: Sending): Promise<Pending["state"] | undefined> {
  const { claim, state } = each;
  if (state === "mine" || claim === undefined) return each.state = "mine";
  try {
    const { claims } = claim;
    if (state === "new") each.state = await claims.mine(claim) ? "mine" : "other's";
    else if (now() - each.seenAt > keepMs + 60_000) {
      each.state = await claims.orphaned(claim) ? "mine" : "over";
      // Its own time begins.
      each.seenAt = now();
    }
  } catch {
    if (++each.asked >= mostAsked) each.state = "mine";
    // Until then nobody sends it.
    else return undefined;
  }
  return each.state;
}

/** How long a receiver is left alone that takes nothing. */
function createPatience({ now, keepMs }: Sending) {
  let failures = 0;
  let againAt = 0;
  return {
    /** A clock that was put back holds up nothing for longer than it may. */
    isDue: () => now() >= againAt || againAt - now() > keepMs,
    ended(): void {
      failures = againAt = 0;
    },
    /** Tells when it is asked again. */
    failed(wantedMs: number): number {
      const usualMs = Math.min(firstAgainMs * 2 ** Math.min(failures++, 10), lastAgainMs);
      return againAt = now() + Math.max(usualMs, Math.min(wantedMs, keepMs));
    },
  };
}

/** What the receiver, or the network, made of a message; a status of 0 is none. */
interface Received {
  readonly status: number;
  readonly why: string;
  readonly againMs: number;
}

async function post(
  { url, headersOf, fetch, now, timeoutMs }: Sending,
  id: string,
  body: string,
): Promise<Received> {
  // Of each try its own: a receiver takes none that is some minutes old.
  const signature = headersOf(id, Math.floor(now() / 1000), body);
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { "content-type": "application/json", "user-agent": "stanchion", ...signature };
  // What is signed for one receiver is sent to no other.
  const init: RequestInit = { method: "POST", headers, body, signal, redirect: "manual" };
  try {
    const response = await withDeadline(fetch(url, init), timeoutMs, "webhook");
    response.body?.cancel().catch(() => {});
    const { status } = response;
    const isElsewhere = status >= 300 && status <= 399;
    const why = isElsewhere
      ? `answers with status ${status}, which leads elsewhere: give its own address`
      : `answers with status ${status}`;
    return { status, why, againMs: againMsOf(response.headers, now()) };
  } catch (error) {
    const why = signal.aborted
      ? `did not answer within ${timeoutMs} ms`
      : `cannot be reached${codeOf(error)}`;
    return { status: 0, why, againMs: 0 };
  }
}

/** After how long the receiver wants to be asked again, in milliseconds; 0 where it does not say (RFC 9110, section 10.2.3). */
function againMsOf(headers: Headers, nowMs: number): number {
  const told = headers.get("retry-after") ?? "";
  if (/^\d+$/.test(told)) return 1000 * Math.min(Number(told), mostAgain);
  // `Date.parse` takes all kinds of texts for dates.
  const at = /^[A-Z][a-z]{2,8}, .*GMT$/.test(told) ? Date.parse(told) : Number.NaN;
  return Number.isNaN(at) ? 0 : 1000 * Math.min(Math.max(0, Math.ceil((at - nowMs) / 1000)), mostAgain);
}

/** The word of the platform for what failed, such as `ECONNREFUSED`. Its sentences may hold the address, and so what nobody else may see. */
function codeOf(error: unknown): string {
  for (const each of [error instanceof Error ? error.cause : undefined, error]) {
    const code = each instanceof Error && "code" in each ? String(each.code) : "";
    if (/^[A-Za-z]\w{2,40}$/.test(code)) return ` (${code})`;
  }
  return "";
}

/** Whether the same message may be taken later. */
function mayTryAgain(status: number): boolean {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}
