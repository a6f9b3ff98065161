import { type FailureCode, GateError, ServiceError } from "../errors.ts";
import { platformLoop } from "./loop.ts";

/**
 * Up to how many calls without an end count as an outage where the service answers nobody, however few it was seen to answer
 * before. Of more it cannot be told whether they are the reason.
 */
const fewCalls = 128;
/** How many times the time of a call the calls under way take, by what a service was seen to do, when they may be too many. */
const burst = 2;
/** Which share the newest answer has in the pace. */
const newest = 1 / 8;
/** For how many times the time of a call a service that is behind may answer nobody, and at most, in milliseconds. */
const patience = 10;
const longestPatienceMs = 60_000;
/** How many services are watched: those of a pipeline are few, and a name that varies must not fill the memory. */
const maxServices = 256;

/** What is going on with one service. All times are in milliseconds. */
interface Traffic {
  /** The calls under way, the oldest first. */
  readonly underWay: Set<Begun>;
  /** How many calls were begun so far. */
  begun: number;
  /** How many calls had been begun when it last answered, and when that was. */
  answeredAfter: number;
  answeredAt: number;
  /** How long it took from one answer to the next while it had something to do; 0 while it answered nobody yet. */
  paceMs: number;
  /** What holds while it is behind: while it was seen to be slow because of the crowd. */
  behind: Behind | undefined;
  /** Whether it was seen to be silent when nothing but itself can be the reason. Its next answer ends that. */
  isSilent: boolean;
}

interface Behind {
  /** How many calls may be under way. It grows with each prompt answer. */
  limit: number;
  limitedAt: number;
  /** When a call was not made for the last time, or when it fell behind. */
  refusedAt: number;
  /** For how long it may answer nobody before that is its own fault. */
  readonly patienceMs: number;
}

interface Begun {
  /** Which call it is, from 1 on. */
  readonly place: number;
  readonly at: number;
  readonly timeoutMs: number;
}

/** A call that is under way. */
export interface Passage {
  /** Says that it was answered, well or badly: whoever answers is there. */
  answered(): void;
  /**
   * Whether others, and not the service, are to blame for a failure.
   *
   * A service that answers somebody is there: a call without an answer is the crowd's fault where others were answered since it
   * began, where the service is behind because of them, and where far more calls are under way than it was ever seen to answer in
   * such a time. So is a connection that breaks, or an answer that says "down", while others are answered.
   */
  isOthersFault(code: FailureCode): boolean;
  /** Says that it is over. */
  end(): void;
}

/** The calls of services as they are seen from here. */
export interface Watch {
  /**
   * Whether a call must not be made now, because its service is behind: asked all the same, it would work for those alone who
   * have long gone, and answer nobody any more.
   */
  refuses(service: string, timeoutMs: number): boolean;
  /** Begins a call. */
  enter(service: string, timeoutMs: number): Passage;
}

/** Watches the calls of services. */
export function watchTraffic(now: () => number = () => platformLoop.now()): Watch {
  const services = new Map<string, Traffic>();

  function trafficOf(service: string): Traffic {
    const known = services.get(service);
    if (known !== undefined) return known;
    if (services.size >= maxServices) forgetOne(services);
    const traffic: Traffic = {
      underWay: new Set(),
      begun: 0,
      answeredAfter: 0,
      answeredAt: Number.NEGATIVE_INFINITY,
      paceMs: 0,
      behind: undefined,
      isSilent: false,
    };
    services.set(service, traffic);
    return traffic;
  }

  return {
    refuses(service, timeoutMs) {
      const traffic = services.get(service);
      if (traffic?.behind === undefined) return false;
      const { behind, underWay, answeredAt } = traffic;
      const at = now();
      // While it answers nobody, one call at a time is enough to learn when it does.
      if (at - answeredAt > timeoutMs) behind.limit = 1;
      if (oldestOf(traffic, at) === undefined || underWay.size < behind.limit) return false;
      behind.refusedAt = at;
      return true;
    },
    enter: (service, timeoutMs) => enter(trafficOf(service), timeoutMs, now),
  };
}

function enter(traffic: Traffic, timeoutMs: number, now: () => number): Passage {
  const begun: Begun = { place: ++traffic.begun, at: now(), timeoutMs };
  traffic.underWay.add(begun);

  function answered(): void {
    const at = now();
    const { behind, paceMs } = traffic;
    const tookMs = at - Math.max(begun.at, traffic.answeredAt);
    traffic.paceMs = paceMs === 0 ? tookMs : paceMs + (tookMs - paceMs) * newest;
    traffic.answeredAfter = traffic.begun;
    traffic.answeredAt = at;
    traffic.isSilent = false;
    if (behind === undefined) return;
    if (at - begun.at <= timeoutMs / 2) behind.limit++;
    if (at - behind.refusedAt > patience * timeoutMs) traffic.behind = undefined;
  }

  /** Limits the calls to what the service does in half of their time, and to ever less while that is too much. */
  function fallBehind(): void {
    const { behind, underWay, paceMs } = traffic;
    const at = now();
    if (behind === undefined) {
      const busyMs = 1.5 * underWay.size * paceMs;
      traffic.behind = {
        limit: Math.max(1, timeoutMs / 2 / paceMs),
        limitedAt: at,
        refusedAt: at,
        patienceMs: Math.min(Math.max(patience * timeoutMs, busyMs), longestPatienceMs),
      };
    } else if (at - behind.limitedAt > timeoutMs) {
      behind.limit = Math.max(1, behind.limit / 2);
      behind.limitedAt = at;
    }
  }

  function isCrowdsSilence(): boolean {
    const { answeredAfter, answeredAt, paceMs, behind, isSilent } = traffic;
    if (answeredAfter >= begun.place) {
      // The last calls before an outage have seen some answers as well, but not for long, and of a service that does many.
      if (answeredAt - begun.at >= timeoutMs / 2 || paceMs > timeoutMs / 4) fallBehind();
      return true;
    }
    if (behind !== undefined && now() - answeredAt < behind.patienceMs) return true;
    const tooMany = Math.max(fewCalls, burst * timeoutMs / paceMs);
    if (behind === undefined && !isSilent && answeredAfter > 0 && traffic.underWay.size > tooMany) {
      fallBehind();
      return true;
    }
    traffic.isSilent = true;
    traffic.behind = undefined;
    return false;
  }

  return {
    answered,
    isOthersFault(code) {
      if (code === "timeout") return isCrowdsSilence();
      const oldest = oldestOf(traffic, now());
      return code === "unreachable" && oldest !== undefined && traffic.answeredAfter >= oldest;
    },
    end: () => void traffic.underWay.delete(begun),
  };
}

/** The oldest call under way, by its place. Platforms may end a request without an end of its calls: those are left out. */
function oldestOf({ underWay }: Traffic, at: number): number | undefined {
  for (const begun of underWay) {
    if (at - begun.at <= 2 * begun.timeoutMs) return begun.place;
    underWay.delete(begun);
  }
  return undefined;
}

/** Forgets a service of which no call is under way, or else the one that was met first. */
function forgetOne(services: Map<string, Traffic>): void {
  const idle = [...services].find(([, { underWay }]) => underWay.size === 0);
  const [name] = idle ?? [...services][0] ?? [];
  if (name !== undefined) services.delete(name);
}

/** Codes of failures that are answers. */
const answers: ReadonlySet<FailureCode> = new Set(["rejected", "throttled", "unidentified", "malformed"]);

/**
 * Sees a call to its end.
 *
 * @throws {ServiceError} `overloaded` in place of `timeout` and `unreachable` when others are to blame, and whatever the call
 * throws.
 */
export async function pass<T>(passage: Passage, call: Promise<T>): Promise<T> {
  try {
    const answer = await call;
    passage.answered();
    return answer;
  } catch (cause) {
    if (!(cause instanceof GateError)) throw cause;
    if (answers.has(cause.code)) passage.answered();
    else if (passage.isOthersFault(cause.code)) {
      const status = cause instanceof ServiceError ? cause.status : undefined;
      const why = "while others were answered or too many were under way";
      throw new ServiceError("overloaded", `${cause.message}, ${why}`, { status, cause });
    }
    throw cause;
  } finally {
    passage.end();
  }
}
