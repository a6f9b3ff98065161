/** What is used of a browser, so that no types of the DOM are needed. */

/** The part of `fetch` that is wrapped. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Tells of something that happens. */
interface Source<Type extends string, Event> {
  addEventListener(type: Type, listener: (event: Event) => void): void;
  removeEventListener(type: Type, listener: (event: Event) => void): void;
}

/** What a browser has. A program has none of it. */
interface Browser extends Partial<Source<"pageshow" | "online", { readonly persisted?: boolean }>> {
  readonly location?: {
    readonly href: string;
    readonly hash: string;
    readonly pathname: string;
    assign(url: string): void;
    replace(url: string): void;
    reload(): void;
  };
  readonly sessionStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  readonly document?: Source<"visibilitychange", unknown> & {
    readonly baseURI: string;
    readonly hidden: boolean;
  };
}

// These names are a browser's; where there is none, they are absent, which the types say.
export const browser: Browser = globalThis as unknown as Browser;

/** The origin of an address; `undefined` for what is none. */
export function originOf(url: string, base?: string): string | undefined {
  try {
    return new URL(url, base).origin;
  } catch {
    return undefined;
  }
}
