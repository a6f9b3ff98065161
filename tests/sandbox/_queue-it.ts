import {
  createSandbox,
  DEMO_API_KEY,
  DEMO_CUSTOMER_ID,
  type QueueItOptions,
  type QueueItRoomOptions,
  type Sandbox,
  type SandboxOptions,
} from "../../sandbox/mod.ts";
import { type Json, NOON } from "./_helpers.ts";

export const TARGET = "https://shop.example.com/tickets?a=1&b=%20#top";
export const ADDRESS = "198.51.100.23";

/** What a browser got. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string;
  /** The value of `queueittoken` in the location. */
  readonly token: string | null;
}

/** A visitor with cookies of its own. */
export interface Browser {
  readonly cookies: Map<string, string>;
  open(path: string, headers?: Record<string, string>): Promise<Page>;
  /** Opens the queue page. */
  queue(query?: Record<string, string | undefined>, headers?: Record<string, string>): Promise<Page>;
}

/** A sandbox with a clock that the test moves. */
export interface QueueBench {
  readonly sandbox: Sandbox;
  pass(seconds: number): void;
  now(): number;
  browser(address?: string, keepsCookies?: boolean): Browser;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<{
    status: number;
    json: Json;
  }>;
}

export function queueBench(
  room: Partial<QueueItRoomOptions> = {},
  queueIt: Partial<QueueItOptions> = {},
  options: Partial<SandboxOptions> = {},
): QueueBench {
  const clock = { now: NOON };
  const sandbox = createSandbox({
    now: () => clock.now,
    queueIt: {
      rooms: [{ eventId: "gala", title: "The gala", domains: ["https://shop.example.com"], ...room }],
      ...queueIt,
    },
    ...options,
  });
  return {
    sandbox,
    pass(seconds): void {
      clock.now += seconds * 1000;
    },
    now: () => clock.now,
    browser(address, keepsCookies = true): Browser {
      const cookies = new Map<string, string>();
      const env = address === undefined ? undefined : { remoteAddr: { hostname: address } };
      const self: Browser = {
        cookies,
        async open(path, headers = {}): Promise<Page> {
          const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
          const request = new Request(`https://queue.test${path}`, {
            headers: { ...(cookie === "" ? {} : { cookie }), ...headers },
          });
          const response = await sandbox.fetch(request, env);
          for (const line of keepsCookies ? response.headers.getSetCookie() : []) {
            const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
            if (/max-age=0/i.test(line)) cookies.delete(name);
            else cookies.set(name, value);
          }
          const location = response.headers.get("location") ?? "";
          const token = /[?&]queueittoken=([^&#]*)/.exec(location)?.[1] ?? null;
          return {
            status: response.status,
            headers: response.headers,
            text: await response.text(),
            location,
            token,
          };
        },
        queue: (query, headers) => self.open(queuePath(query), headers),
      };
      return self;
    },
    async send(method, path, body, headers = {}) {
      const request = new Request(`https://queue.test${path}`, {
        method,
        headers: { "content-type": "application/json", "api-key": DEMO_API_KEY, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const response = await sandbox.fetch(request);
      return { status: response.status, json: await response.json().catch(() => undefined) };
    },
  };
}

/** The address to which a connector sends a visitor. */
export function queuePath(query: Record<string, string | undefined> = {}): string {
  const all = {
    c: DEMO_CUSTOMER_ID,
    e: "gala",
    ver: "javascript-5.0.1",
    cver: "7",
    man: "Gala",
    t: TARGET,
    ...query,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/?${new URLSearchParams(given)}`;
}

/** The fields of a token. */
export function fieldsOf(token: string | null): Record<string, string> {
  return Object.fromEntries(
    (token ?? "").split("~").map((part) => {
      const [name = "", value = ""] = part.split("_");
      return [name, value];
    }),
  );
}
