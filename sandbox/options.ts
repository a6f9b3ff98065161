/**
 * The options of a sandbox.
 *
 * @module
 */
import type { QueueItOptions, ResolvedQueueIt } from "./queue-it/options.ts";

/** The public key of a sandbox that was given none: 64 characters, like a real one. */
export const DEMO_PUBLIC_KEY = "57a4c41057a4c41057a4c41057a4c41057a4c41057a4c41057a4c41057a4c410";

/** The private key of a sandbox that was given none. It protects nothing. */
export const DEMO_PRIVATE_KEY = "stanchion-sandbox-private-key-for-development-only";

/** How `urlPattern` is compared with the path and query of a URL. */
export type PatternType = "regex" | "contains" | "all";

/** One waiting room. */
export interface RoomOptions {
  /** Name of the room in addresses: letters, digits, `-` and `_`. */
  readonly slug: string;
  /** Protected host as `https://host[:port]`, or `https://*.host` for every subdomain. */
  readonly domain: string;
  /**
   * Title shown to visitors.
   * @default the slug
   */
  readonly title?: string;
  /**
   * How `urlPattern` is compared with path and query.
   * @default "all"
   */
  readonly patternType?: PatternType;
  /**
   * Regular expression source, or text to be contained.
   * @default null
   */
  readonly urlPattern?: string | null;
  /**
   * From when the room protects its URLs, ISO 8601 in whole seconds; before, everybody enters.
   * @default "2020-01-01T00:00:00Z"
   */
  readonly queueActivatesOn?: string;
  /**
   * From when visitors are let in, ISO 8601 in whole seconds; before, they gather in line.
   * @default the value of `queueActivatesOn`
   */
  readonly onsale?: string;
  /**
   * Lifetime of a session as told to integrations, in minutes.
   * @default 20
   */
  readonly timeout?: number;
  /**
   * How long a promoted visitor who does nothing keeps the place, in minutes.
   * @default the value of `timeout`
   */
  readonly sessionMinutes?: number;
  /**
   * How long a waiting visitor who stays away keeps the place in line, in minutes.
   * @default 60
   */
  readonly holdMinutes?: number;
  /**
   * How many promoted visitors may be on the site at once.
   * @default 100
   */
  readonly capacity?: number;
  /**
   * How many visitors are let in per minute, evenly spread; fractions are fine, 0 stops the line.
   * @default 60
   */
  readonly ratePerMinute?: number;
  /**
   * Simulated visitors: whoever joins a shorter line than this finds it filled up to this number.
   * @default 0
   */
  readonly crowd?: number;
  /**
   * Regular expression source of the pages that end a session; only handed on in the rooms feed.
   * @default null
   */
  readonly checkout?: string | null;
  /**
   * The organiser's note on the waiting page.
   * @default null
   */
  readonly message?: string | null;
  /**
   * Address of an image on the waiting page, https.
   * @default null
   */
  readonly logo?: string | null;
  /**
   * Codes that let a visitor skip the line.
   * @default []
   */
  readonly priorityCodes?: readonly string[];
}

/** What {@linkcode createSandbox} takes. */
export interface SandboxOptions {
  /**
   * Key that integrations send.
   * @default DEMO_PUBLIC_KEY
   */
  readonly publicKey?: string;
  /**
   * Key that signs promotions.
   * @default DEMO_PRIVATE_KEY
   */
  readonly privateKey?: string;
  /**
   * Waiting rooms.
   * @default one room called `demo` for `https://localhost:8080`
   */
  readonly rooms?: readonly RoomOptions[];
  /**
   * Origins besides the rooms' domains to which visitors may be returned. An origin given here wins over a
   * domain with the same host, so that `http://localhost:8080` also serves URLs that begin with https.
   * @default []
   */
  readonly returnOrigins?: readonly string[];
  /**
   * Where browsers find the waiting rooms, for the redirects of the lite validator.
   * @default the address of the API
   */
  readonly waitingRoomUrl?: string;
  /**
   * Addresses that are never let in.
   * @default []
   */
  readonly blockedIps?: readonly string[];
  /**
   * How many visitors are remembered; beyond, the one unseen for longest is dropped.
   * @default 100_000
   */
  readonly maxVisitors?: number;
  /**
   * How long an unused token stays valid, in minutes.
   * @default 720
   */
  readonly tokenMinutes?: number;
  /**
   * Clock, in Unix milliseconds.
   * @default Date.now
   */
  readonly now?: () => number;
  /**
   * Random numbers from 0 (included) to 1 (excluded).
   * @default numbers of `crypto.getRandomValues`
   */
  readonly random?: () => number;
  /**
   * Sends the configuration that is pushed to a connector.
   * @default the global `fetch`
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * The Queue-it side.
   * @default one room called `demo` for `https://localhost:8080`, with the keys `DEMO_…`
   */
  readonly queueIt?: QueueItOptions;
}

/** A room with every default filled in. */
export type Room = Required<RoomOptions>;

/** Options with every default filled in. */
export type ResolvedOptions =
  & Required<Omit<SandboxOptions, "rooms" | "queueIt">>
  & { readonly rooms: readonly Room[]; readonly queueIt: ResolvedQueueIt };
