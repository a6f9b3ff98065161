import { type FailureCode, GateError, ServiceError } from "../errors.ts";
import { platformLoop } from "./loop.ts";

/** From how many calls on that are under way at the same time a service, or the way to it, may be slow because of them. */
const crowd = 32;

/** What is going on with one service. All times are in milliseconds. */
interface Traffic {
  underWay: number;
  /** When it last answered. */
  answeredAt: number;
  /** When more calls were under way than a crowd takes. */
  crowdedAt: number;
}

/** A call that is under way. */
export interface Passage {
  /** Says that it was answered, well or badly: whoever answers is there. */
  answered(): void;
  /**
   * Whether the crowd is to blame for a call without an answer: many were under way, and others were answered since this one
   * began. An outage answers nobody.
   */
  isCrowded(): boolean;
  /** Says that it is over. */
  end(): void;
}

/** Watches the calls of services, as long as some are under way. */
export function watchTraffic(now: () => number = () => platformLoop.now()): (service: string) => Passage {
  const services = new Map<string, Traffic>();
  return (service) => {
    const begunAt = now();
    const traffic = services.get(service) ??
      { underWay: 0, answeredAt: Number.NEGATIVE_INFINITY, crowdedAt: Number.NEGATIVE_INFINITY };
    services.set(service, traffic);
    traffic.underWay++;
    count();

    function count(): void {
      if (traffic.underWay > crowd) traffic.crowdedAt = now();
    }

    return {
      answered: () => void (traffic.answeredAt = now()),
      isCrowded: () => traffic.crowdedAt >= begunAt && traffic.answeredAt >= begunAt,
      end() {
        count();
        if (--traffic.underWay === 0) services.delete(service);
      },
    };
  };
}

/** Codes of failures that are answers. */
const answers: ReadonlySet<FailureCode> = new Set(["rejected", "throttled", "malformed"]);

/**
 * Sees a call to its end.
 *
 * @throws {ServiceError} `overloaded` in place of `timeout` when the crowd is to blame, and whatever the call throws.
 */
export async function pass<T>(passage: Passage, call: Promise<T>): Promise<T> {
  try {
    const answer = await call;
    passage.answered();
    return answer;
  } catch (cause) {
    if (!(cause instanceof GateError)) throw cause;
    if (answers.has(cause.code)) passage.answered();
    if (cause.code !== "timeout" || !passage.isCrowded()) throw cause;
    const why = "while many calls were under way and others were answered";
    throw new ServiceError("overloaded", `${cause.message}, ${why}`);
  } finally {
    passage.end();
  }
}
