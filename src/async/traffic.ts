import { type FailureCode, GateError, ServiceError } from "../errors.ts";
import { platformLoop } from "./loop.ts";

/**
 * Up to how many calls without an end count as an outage where the service answers nobody, however few it was seen to answer
 * before. Of more it cannot be told whether they are the reason.
 */
const fewCalls = 16;
/** How many times the time of a call the calls under way take, by what a service was seen to do, when they may be too many. */
const burst = 1.5;
/** Which share of the last answers may be late, and how many those are. */
const lateAtMost = 0.3;
const lastAnswers = 8;
/** After how long what was seen of a service counts half, in milliseconds. */
const halfLifeMs = 10_000;
/** For how many times the time of a call a service that is behind may answer nobody, and at most, in milliseconds. */
const patience = 10;
const longestPatienceMs = 60_000;
/** How many calls are made in the time of one while a service is silent. */
export const probes = 8;
/** How many services are watched: those of a pipeline are few, and a name that varies must not fill the memory. */
const maxServices = 256;

/** What is going on with one service. All times are in milliseconds. */
interface Traffic {
  /** The calls under way, the oldest first. */
  readonly underWay: Set<Begun>;
  /** How many calls were begun so far, and when the last one was. */
  begun: number;
  begunAt: number;
  /** How many calls had been begun when it last answered, and when that was. */
  answeredAfter: number;
  answeredAt: number;
  /** How many answers it gave of late, and how long it was busy with them. */
  answers: number;
  busyMs: number;
  /** How many answers it gave in all, and which share of the last ones took more than half of their time. */
  answered: number;
  lateShare: number;
  /** What holds while it is behind: while it was seen to be slow because of the crowd. */
  behind: Behind | undefined;
  /** Whether it was seen to be silent when nothing but itself can be the reason. Its next answer ends that. */
  isSilent: boolean;
  /** Who waits for its next answer. */
  readonly waiting: Set<() => void>;
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
  /** Says that it was answered: whoever answers is there. */
  answered(): void;
  /**
   * Whether others, and not the service, are to blame for a failure.
   *
   * A service that answers somebody is there: a call without an answer is the crowd's fault where others were answered since it
   * began, where the service is behind because of them, and where more calls are under way than it was ever seen to answer in such
   * a time. So is an answer that says "down", and a connection that breaks, for a service that has all it can do says so, too.
   *
   * @param isSaid Whether the service said anything, or hung up: one that cannot be reached at all is not busy.
   */
  isOthersFault(code: FailureCode, isSaid?: boolean): boolean;
  /** Says that it is over. */
  end(): void;
}

/** The calls of services as they are seen from here. */
export interface Watch {
  /**
   * Why a call must not be made now. A service that is behind would work for those alone who have long gone, and answer nobody any
   * more; to one that is silent a call now and then is enough to learn when that is over, whoever makes it.
   */
  refusal(service: string, timeoutMs: number): "behind" | "silent" | undefined;
  /** Calls back when a service answers the next time; returns what calls that off. */
  whenAnswered(service: string, done: () => void): () => void;
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
      begunAt: 0,
      answeredAfter: 0,
      answeredAt: Number.NEGATIVE_INFINITY,
      answers: 0,
      busyMs: 0,
      answered: 0,
      lateShare: 0,
      behind: undefined,
      isSilent: false,
      waiting: new Set(),
    };
    services.set(service, traffic);
    return traffic;
  }

  return {
    refusal(service, timeoutMs) {
      const traffic = services.get(service);
      if (traffic === undefined || (traffic.behind === undefined && !traffic.isSilent)) return undefined;
      const { behind, underWay, answeredAt } = traffic;
      const at = now();
      if (oldestOf(traffic, at) === undefined) return undefined;
      if (behind === undefined) return at - traffic.begunAt < timeoutMs / probes ? "silent" : undefined;
      // While it answers nobody, one call at a time is enough as well.
      if (at - answeredAt > timeoutMs) behind.limit = 1;
      if (underWay.size < behind.limit) return undefined;
      behind.refusedAt = at;
      return "behind";
    },
    whenAnswered(service, done) {
      const { waiting } = trafficOf(service);
      waiting.add(done);
      return () => void waiting.delete(done);
    },
    enter: (service, timeoutMs) => enter(trafficOf(service), timeoutMs, now),
  };
}

function enter(traffic: Traffic, timeoutMs: number, now: () => number): Passage {
  const begun: Begun = { place: ++traffic.begun, at: now(), timeoutMs };
  traffic.begunAt = begun.at;
  oldestOf(traffic, begun.at);
  traffic.underWay.add(begun);

  function answered(): void {
    const at = now();
    const { behind, answeredAt } = traffic;
    const isLate = at - begun.at > timeoutMs / 2;
    // Many answers come together: what counts is how long it was busy with all of them.
    const kept = 0.5 ** (Math.max(0, at - Math.max(answeredAt, 0)) / halfLifeMs);
    traffic.answers = traffic.answers * kept + 1;
    traffic.busyMs = traffic.busyMs * kept + at - Math.max(begun.at, answeredAt);
    traffic.lateShare += ((isLate ? 1 : 0) - traffic.lateShare) / Math.min(++traffic.answered, lastAnswers);
    traffic.answeredAfter = traffic.begun;
    traffic.answeredAt = at;
    traffic.isSilent = false;
    for (const tell of [...traffic.waiting]) tell();
    traffic.waiting.clear();
    if (behind === undefined) return;
    if (!isLate) behind.limit++;
    if (at - behind.refusedAt > patience * timeoutMs) traffic.behind = undefined;
  }

  function isPatient(): boolean {
    const { behind, answeredAt } = traffic;
    return behind !== undefined && now() - answeredAt < behind.patienceMs;
  }

  function isCrowdsSilence(): boolean {
    const { answeredAfter, lateShare, behind, isSilent } = traffic;
    if (answeredAfter >= begun.place) {
      // One call without an answer among many that are prompt says nothing of the others.
      if (lateShare > lateAtMost) fallBehind(traffic, timeoutMs, now());
      return true;
    }
    if (isPatient()) return true;
    if (behind === undefined && !isSilent && isCrowded(traffic, timeoutMs)) {
      fallBehind(traffic, timeoutMs, now());
      return true;
    }
    traffic.isSilent = true;
    traffic.behind = undefined;
    return false;
  }

  return {
    answered,
    isOthersFault(code, isSaid = true) {
      if (code === "timeout") return isCrowdsSilence();
      if (code !== "unreachable" || !isSaid) return false;
      const oldest = oldestOf(traffic, now());
      return (oldest !== undefined && traffic.answeredAfter >= oldest) || isPatient() ||
        (!traffic.isSilent && isCrowded(traffic, timeoutMs));
    },
    end: () => void traffic.underWay.delete(begun),
  };
}

/** Limits the calls to what the service does in half of their time, and to ever less while that is too much. */
function fallBehind(traffic: Traffic, timeoutMs: number, at: number): void {
  const { behind, underWay, answers, busyMs } = traffic;
  if (behind === undefined) {
    const paceMs = busyMs / answers;
    traffic.behind = {
      limit: Math.max(1, timeoutMs / 2 / paceMs),
      limitedAt: at,
      refusedAt: at,
      patienceMs: Math.min(
        Math.max(patience * timeoutMs, 1.5 * underWay.size * paceMs),
        longestPatienceMs,
      ),
    };
  } else if (at - behind.limitedAt > timeoutMs) {
    behind.limit = Math.max(1, behind.limit / 2);
    behind.limitedAt = at;
  }
}

/** Whether more calls are under way than the service was seen to do in their time. */
function isCrowded({ underWay, answers, busyMs }: Traffic, timeoutMs: number): boolean {
  return answers > 0 && underWay.size > Math.max(fewCalls, burst * timeoutMs * answers / busyMs);
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

/** The failure of a call for which nobody was there at all. A service that is busy takes connections, or lets them wait. */
export class Absence extends ServiceError {}

/** Sees a call to its end. What stands before a service may refuse a call where the service itself is long gone. */
export async function pass<T>(passage: Passage, call: Promise<T>): Promise<T> {
  try {
    const answer = await call;
    passage.answered();
    return answer;
  } catch (cause) {
    if (!(cause instanceof GateError)) throw cause;
    if (cause.code === "throttled") passage.answered();
    else if (passage.isOthersFault(cause.code, !(cause instanceof Absence))) {
      const status = cause instanceof ServiceError ? cause.status : undefined;
      const why = "while others were answered or too many were under way";
      throw new ServiceError("overloaded", `${cause.message}, ${why}`, { status, cause });
    }
    throw cause;
  } finally {
    passage.end();
  }
}
