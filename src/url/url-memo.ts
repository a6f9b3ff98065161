import { detached } from "../crypto/detached.ts";

/** Remembers what was found out about URLs that are asked for again and again. */
export interface UrlMemo<T> {
  /** What is known of a URL. */
  get(url: string): T | undefined;
  /** Whether one that is not known is worth to be remembered. */
  takes(url: string): boolean;
  keep(url: string, value: T): void;
}

/** URLs are remembered in two halves: when the younger is full it becomes the older, and that one is forgotten. */
const half = 256;
/** Longer URLs are looked at each time. */
const maxLength = 1024;
/** One in so many unknown URLs is remembered: those asked for once are many, and hardly one of them gets in. */
const chance = 8;

/** Makes a memo. Visitors who ask for URLs that nobody else asks for make it forget, and nothing worse. */
export function createUrlMemo<T>(): UrlMemo<T> {
  let young = new Map<string, T>();
  let old = young;
  let unknown = 0;
  // In a crowd nearly all ask for one page: to compare a URL with the last costs less than to look for it.
  let lastUrl: string | undefined;
  let last: T | undefined;

  function keep(url: string, value: T): void {
    // It may have been cut out of something much longer, such as a URL with a token, all of which engines would keep.
    const own = detached(url);
    if (own !== url) return;
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(own, value);
  }

  return {
    get(url) {
      if (url === lastUrl) return last;
      if (url.length > maxLength) return undefined;
      const found = young.get(url);
      if (found !== undefined) {
        lastUrl = url;
        last = found;
        return found;
      }
      const kept = old.get(url);
      if (kept !== undefined) keep(url, kept);
      return kept;
    },
    takes: (url) => url.length <= maxLength && ++unknown % chance === 0,
    keep,
  };
}

/** Finds out something about URLs, once for those that are asked for again and again. It must follow from the URL alone. */
export function rememberingUrls<T>(find: (url: string) => T): (url: string) => T {
  const memo = createUrlMemo<T>();
  return (url) => {
    const known = memo.get(url);
    if (known !== undefined) return known;
    const found = find(url);
    if (memo.takes(url)) memo.keep(url, found);
    return found;
  };
}
