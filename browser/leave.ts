import { browser } from "./browser.ts";
import { keepRoute } from "./route.ts";

/** Under what a tab keeps how often it left for a room lately. */
const leftKey = "stanchion-left";
/** How often a tab leaves for the same room within a minute, before calls get the refusal. */
const mostLeaves = 3;
const recentMs = 60_000;
/** How long a browser may need to leave, in milliseconds. Then the visitor has called it off. */
const leavingMs = 30_000;

/** Leaves the page; `undefined` where that would lead in a circle. */
export type Leave = (room: string, signal: AbortSignal | null | undefined) => Promise<never> | undefined;

/** Makes what leaves the page, once for all that have to. Their promises stay pending, so that the page shows no error. */
export function leaver(
  page: () => string | undefined,
  navigate: (url: string) => void,
  now: () => number = Date.now,
): Leave {
  const pending = new Set<(reason: unknown) => void>();
  let leftAt = 0;
  browser.addEventListener?.("pageshow", ({ persisted }) => {
    if (!persisted) return;
    for (const reject of pending) {
      reject(new DOMException("The visitor came back from the waiting room", "AbortError"));
    }
    pending.clear();
  });

  return (room, signal) => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const isLeaving = pending.size > 0 && Math.abs(now() - leftAt) < leavingMs;
    if (!isLeaving && !mayLeave(room, now())) return undefined;
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      pending.add(reject);
      if (isLeaving) return;
      leftAt = now();
      keepRoute(new URL(page() ?? room));
      navigate(room);
    });
  };
}

/** Whether a tab may leave for a room once more, which is noted. A page that no room protects would be opened again and again. */
function mayLeave(room: string, now: number): boolean {
  // Programs leave nothing.
  if (!browser.location) return true;
  const place = room.replace(/[?#].*/s, "");
  try {
    // Where it is forbidden, to ask for it throws.
    const { sessionStorage } = browser;
    // What is not of our making has no such parts.
    const [count, since, last] = (sessionStorage?.getItem(leftKey) ?? "").split(" ");
    const times = last === place && Math.abs(now - Number(since)) < recentMs ? Number(count) || 0 : 0;
    if (times >= mostLeaves) {
      console.warn(`${place} is no waiting room: does one protect it, and are cookies kept?`);
      return false;
    }
    sessionStorage?.setItem(leftKey, `${times + 1} ${times ? since : now} ${place}`);
  } catch {
    // A page without storage cannot know.
  }
  return true;
}
