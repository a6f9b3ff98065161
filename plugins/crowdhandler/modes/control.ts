import { withDeadline } from "../../../src/async/deadline.ts";
import { originOf } from "../../../src/url/origin.ts";
import type { ApiClient, CheckFacts } from "../api/client.ts";

/** For how long it counts what the service answered to the control, in milliseconds. */
const countsMs = 1000;

/** Tells a service that fails from one that fails for one visitor. */
export interface Control {
  /** Takes note of a check that the service took. */
  taken(url: string): void;
  /** How many checks the service took so far. */
  readonly count: number;
  /**
   * Whether the service takes a check that has nothing of a visitor. It is asked once a second, in one session and a time of its own:
   * nobody who waits for it has a hand in it.
   */
  isTaken(url: string, now: () => number): Promise<boolean>;
}

/** Makes the control of a service. */
export function createControl(client: ApiClient): Control {
  let count = 0;
  /** Where the last check was taken: the host of a page may be one that the service does not know. */
  let origin: string | undefined;
  let token: string | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asked: Promise<boolean> = Promise.resolve(false);

  async function ask(url: string): Promise<boolean> {
    const facts: CheckFacts = { ...nobody, url: `${origin ?? originOf(url)}/`, code: undefined };
    const { what, timeoutMs, make } = client.check(token, facts, {});
    const abort = new AbortController();
    try {
      const result = await withDeadline(make(abort.signal), timeoutMs, what, () => abort.abort());
      token = result.token ?? token;
      return true;
    } catch {
      token = undefined;
      return false;
    }
  }

  return {
    taken(url) {
      count++;
      origin = originOf(url);
    },
    get count() {
      return count;
    },
    isTaken(url, now) {
      const at = now();
      if (Math.abs(at - askedAt) >= countsMs) {
        askedAt = at;
        asked = ask(url);
      }
      return asked;
    },
  };
}

/** Facts that no visitor chose; the address is one of those that stand for examples. */
const nobody = { ip: "192.0.2.1", agent: "Stanchion", lang: "en" };
