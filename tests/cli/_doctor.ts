/** Runs the doctor against a sandbox within the test. */

import type { Network } from "../../cli/host.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../../sandbox/mod.ts";
import { type Ran, stanchion } from "./_run.ts";

/** The page that is asked about. */
export const page = "https://shop.example.com/tickets";
/** Where the sandbox is said to be. */
export const apiUrl = "https://sandbox.test";
/** The visitor's address. */
export const address = ["--address", "198.51.100.7"];

/** A report of the doctor, as far as tests look at it. */
export interface Told {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly topic: string;
    readonly level: string;
    readonly code: string;
    readonly message: string;
    readonly advice: string | null;
  }[];
  readonly calls: readonly {
    readonly what: string;
    readonly status: number | null;
    readonly fault: string | null;
  }[];
  readonly clock: { readonly aheadSeconds: number } | null;
  // What else there is differs.
  readonly [name: string]: unknown;
}

/** What the doctor left behind. */
export interface Examined extends Ran {
  readonly told: Told;
  /** Each check by its topic, level and code. */
  readonly found: readonly string[];
  /** The requests that were made, without queries. */
  readonly asked: readonly string[];
}

/** A doctor with a sandbox, and what may be otherwise. */
export interface Surgery {
  readonly sandbox: Sandbox;
  readonly examine: (
    args: readonly string[],
    more?: {
      readonly env?: Readonly<Record<string, string>>;
      readonly files?: Readonly<Record<string, string>>;
      readonly network?: Partial<Network>;
      readonly now?: () => number;
    },
  ) => Promise<Examined>;
}

/** Makes a sandbox with rooms for the page, and a doctor that reaches it without a socket. */
export function surgery(options: SandboxOptions = {}): Surgery {
  const sandbox = createSandbox({
    rooms: [{
      slug: "hall",
      domain: "https://shop.example.com",
      patternType: "contains",
      urlPattern: "/tickets",
    }],
    queueIt: {
      queueDomain: "queue.test",
      rooms: [{ eventId: "gala", domains: ["https://shop.example.com"], path: "/tickets" }],
    },
    ...options,
  });
  return {
    sandbox,
    async examine(args, { env = {}, files = {}, network = {}, now = Date.now } = {}) {
      const asked: string[] = [];
      const whole: Network = {
        async fetch(url, init) {
          asked.push(`${init.method ?? "GET"} ${url.replace(/\?.*/, "")}`);
          const request = new Request(url.replace("https://queue.test", apiUrl), init);
          const answer = await sandbox.fetch(request);
          const headers = new Headers(answer.headers);
          if (!headers.has("date")) headers.set("date", new Date().toUTCString());
          return new Response(answer.body, { status: answer.status, headers });
        },
        lookup: () => Promise.resolve(["203.0.113.5", "2001:db8::5"]),
        connect: () =>
          Promise.resolve({ connectMs: 3, tls: { ms: 4, protocol: "TLSv1.3", validUntil: "2031-01-01" } }),
        ...network,
      };
      const ran = await stanchion(["doctor", ...args, "--json"], files, env, { network: whole, now });
      const told = ran.out === "" ? { ok: false, checks: [], calls: [], clock: null } : JSON.parse(ran.out);
      const found = told.checks.map((check: Told["checks"][number]) =>
        `${check.topic} ${check.level} ${check.code}`
      );
      return { ...ran, told, found, asked };
    },
  };
}
