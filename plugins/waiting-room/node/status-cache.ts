import { withDeadline } from "../../../src/async/deadline.ts";
import { type Loop, platformLoop } from "../../../src/async/loop.ts";
import { kindOf } from "../../../src/pipeline/kind-of.ts";
import { readStatus, type RoomStatus } from "../machine/mod.ts";

/** How long what is kept is good, in milliseconds. */
const goodMs = 1000;

/** What keeps answers for a while, for all that run near by: `caches.default` on Workers, or a cache of `caches.open()`. */
export interface StatusCache {
  /**
   * Finds what was put under a URL.
   *
   * @param url The URL, of a host that there is not.
   * @returns The answer, or `undefined` where there is none any more.
   */
  match(url: string): Promise<Response | undefined>;
  /**
   * Keeps an answer, as long as its `Cache-Control` says.
   *
   * @param url The URL.
   * @param response The answer.
   */
  put(url: string, response: Response): Promise<unknown>;
}

/** A status, and the time of the room when it was kept, where that was known. */
export interface KeptStatus {
  readonly status: RoomStatus;
  readonly time: number | undefined;
  /** How long ago that was, in milliseconds. */
  readonly ageMs: number;
}

/** Keeps the status of one room. */
export interface StatusKeeper {
  /** Finds a status that was kept at most a second ago. It never fails. */
  read(): Promise<KeptStatus | undefined>;
  /** Keeps a status. It never fails, and does not wait for a cache that is silent. */
  write(kept: Omit<KeptStatus, "ageMs">): Promise<void>;
}

/** How a status is kept. */
export interface StatusKeeperOptions {
  readonly cache: StatusCache;
  /** The room's key in the store. */
  readonly key: string;
  /** How long the cache may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The wall clock, in Unix milliseconds. */
  readonly now: () => number;
  /** Is told once when the cache fails. */
  readonly warn: (message: string) => void;
  readonly loop?: Loop;
}

/**
 * Makes what keeps the status of a room. It only spares calls of the store: where it fails, the store is asked.
 *
 * That an answer is young is not left to the cache alone, for those count in whole seconds, or keep one for longer.
 */
export function createStatusKeeper(options: StatusKeeperOptions): StatusKeeper {
  const { cache, key, timeoutMs, now, warn, loop = platformLoop } = options;
  const url = `https://stanchion.invalid/${encodeURIComponent(key)}/status`;

  async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await withDeadline(call(), timeoutMs, `The cache, ${doing},`, undefined, loop);
    } catch (cause) {
      warn(
        `waiting-room: the cache failed (${kindOf(cause)}), so the store is asked for the status each time`,
      );
      return undefined;
    }
  }

  return {
    read: () =>
      attempt("asked for the status", async () => {
        const found = await cache.match(url);
        return found === undefined ? undefined : keptOf(await found.text(), now());
      }),
    async write({ status, time }) {
      const text = JSON.stringify({ at: now(), time, status });
      const headers = { "content-type": "application/json", "cache-control": "public, max-age=1" };
      await attempt(
        "given the status",
        async () => void await cache.put(url, new Response(text, { headers })),
      );
    },
  };
}

/** What was kept, unless it is older than a second, or something else. */
function keptOf(text: string, now: number): KeptStatus | undefined {
  const { at, time, status } = JSON.parse(text) as Partial<KeptStatus> & { readonly at?: unknown };
  // Processes that are near each other have clocks that are, too; one that is not knows by this that it cannot tell.
  if (typeof at !== "number" || Math.abs(now - at) > goodMs) return undefined;
  const read = readStatus(status);
  if (read === undefined) return undefined;
  return { status: read, time: typeof time === "number" ? time : undefined, ageMs: Math.max(0, now - at) };
}
