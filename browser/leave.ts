import { browser } from "./browser.ts";
import { keepRoute } from "./route.ts";

/** Leaves the page, once for all that have to. Their promises stay pending, so that the page shows no error. */
export function leaver(page: () => string | undefined, navigate: (url: string) => void) {
  const pending = new Set<(reason: unknown) => void>();
  browser.addEventListener?.("pageshow", ({ persisted }) => {
    if (!persisted) return;
    for (const reject of pending) {
      reject(new DOMException("The visitor came back from the waiting room", "AbortError"));
    }
    pending.clear();
  });

  return (room: string, signal: AbortSignal | null | undefined): Promise<never> =>
    new Promise((_, reject) => {
      const abort = () => reject(signal?.reason);
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      const isFirst = pending.size === 0;
      pending.add(reject);
      if (!isFirst) return;
      keepRoute(new URL(page() ?? room));
      navigate(room);
    });
}
