import type { Context } from "../../src/context.ts";

/** What the service is told about a visitor instead of what the request says; `""` tells it nothing. */
export interface VisitorFacts {
  /** The visitor's address. It is mandatory for the service, which detects fraud by it. */
  readonly ip?: string | undefined;
  /** The user agent. */
  readonly agent?: string | undefined;
  /** The preferred languages. */
  readonly lang?: string | undefined;
}

/** How the cookie that carries the token is called and written. */
export interface CrowdhandlerCookie {
  /**
   * The cookie's name.
   *
   * @default {"crowdhandler"}
   */
  readonly name?: string;
  /**
   * Further cookies in which a token is looked for, such as those of other integrations.
   *
   * @default {["ch-id"]}
   */
  readonly alsoRead?: readonly string[];
  /**
   * How long the cookie is kept, in seconds; `0` for the browser's session.
   *
   * @default {0}
   */
  readonly maxAgeSeconds?: number;
  /**
   * The `Domain`, for a site whose hosts share one waiting room; `""` for the host alone.
   *
   * @default {that of whoever keeps tokens, such as `cookieTokens()`}
   */
  readonly domain?: string;
  /**
   * Whether the cookie is sent over encrypted connections only.
   *
   * @default {that of whoever keeps tokens, such as `cookieTokens()`}
   */
  readonly secure?: boolean;
  /**
   * Whether the cookie is hidden from scripts.
   *
   * @default {in full mode that of whoever keeps tokens; `false` in hybrid mode, where a script may read it}
   */
  readonly httpOnly?: boolean;
  /**
   * The `SameSite`. `Strict` is not offered: visitors who come by a link would lose their place.
   *
   * @default {that of whoever keeps tokens, such as `cookieTokens()`}
   */
  readonly sameSite?: "Lax" | "None";
}

/** How the rooms feed is kept. */
export interface CrowdhandlerRooms {
  /**
   * How long a feed is used before it is fetched again, in milliseconds.
   *
   * @default {60_000}
   */
  readonly ttlMs?: number;
  /**
   * How long the last good feed is used beyond that, in milliseconds, while no new one can be had.
   *
   * @default {600_000}
   */
  readonly maxStaleMs?: number;
}

/** How the performance of pages is recorded. */
export interface CrowdhandlerPerformance {
  /**
   * The share of pages that is recorded: 0 none, 1 all.
   *
   * @default {0.2}
   */
  readonly sample?: number;
  /**
   * The name under which the HTTP status is sent.
   *
   * @default {"both"}
   */
  readonly dialect?: "both" | "code" | "httpCode";
  /**
   * How long a record may take, in milliseconds.
   *
   * @default {1500}
   */
  readonly timeoutMs?: number;
}

/** The options of {@linkcode crowdhandler}. */
export interface CrowdhandlerOptions {
  /** The account's public key. */
  readonly publicKey: string;
  /** The account's private key, which hybrid mode needs. */
  readonly privateKey?: string;
  /**
   * `full` asks the API on each page. `hybrid` validates promoted visitors locally and asks only when needed.
   *
   * @default {"full"}
   */
  readonly mode?: "full" | "hybrid";
  /**
   * The API's address without `/v1`.
   *
   * @default {"https://api.crowdhandler.com"}
   */
  readonly apiUrl?: string;
  /**
   * How the key is sent: in a header of its own, or as the user name of HTTP Basic.
   *
   * @default {"x-api-key"}
   */
  readonly auth?: "x-api-key" | "basic";
  /**
   * The time limit of one exchange with the API, body included, in milliseconds.
   *
   * @default {2000}
   */
  readonly timeoutMs?: number;
  /**
   * The slug of the room for visitors who cannot be checked.
   *
   * @default {none: the service's safety-net room}
   */
  readonly fallbackSlug?: string;
  /**
   * The address of the waiting rooms: `https://your.host/ch` for white label.
   *
   * @default {"https://wait.crowdhandler.com"}
   */
  readonly waitingRoomUrl?: string;
  /** The cookie that carries the token. */
  readonly cookie?: CrowdhandlerCookie;
  /**
   * The hosts of the site. They belong to the gate: give them to `createGate()`, for all providers at once. Given here they
   * are the gate's all the same.
   *
   * @default {those of the gate; without any, every host is accepted, with one warning}
   */
  readonly publicHosts?: readonly string[];
  /**
   * When a visitor who arrives with a token in the URL is redirected to the clean URL. Hybrid mode needs the
   * parameters for its check, so there it is not `"first"`.
   *
   * @default {"first" in full mode, "after-check" in hybrid mode}
   */
  readonly cleanUrl?: "first" | "after-check" | "never";
  /**
   * Tells visitors who refuse cookies so, instead of sending them in circles. Clean URLs then carry `ch-fresh=1`.
   *
   * @default {false}
   */
  readonly loopGuard?: boolean;
  /** How the rooms feed is kept (hybrid, lite and checkout). */
  readonly rooms?: CrowdhandlerRooms;
  /**
   * Sends visitors without a token of the last 12 hours to the service's own validator instead of calling the API.
   * Clean URLs then carry `ch-fresh=1`, so that nobody is sent twice.
   *
   * @default {false}
   */
  readonly lite?: boolean;
  /**
   * Ends a visitor's session on the rooms' checkout pages.
   *
   * @default {false}
   */
  readonly checkout?: boolean;
  /** How the performance of pages is recorded. */
  readonly performance?: CrowdhandlerPerformance;
  /**
   * Tells the service something else about the visitor than the request does. What it throws is a failure, so take
   * care that no visitor can make it throw.
   *
   * @default {none}
   */
  readonly visitor?: (ctx: Context) => VisitorFacts;
  /**
   * Custom parameters of the check, such as `captcha`. They never replace `url`, `ip`, `agent` and `lang`, in no spelling of these
   * names, and `code` only where the visitor brings none. What is empty, `null`, `undefined` or no finite number is left out. Limit
   * the length of what comes from visitors: a visitor with a token is checked by a URL, and lists and objects are left out of it.
   * What it throws is a failure, so take care that no visitor can make it throw.
   *
   * @default {none}
   */
  readonly parameters?: (ctx: Context) => Readonly<Record<string, unknown>>;
  /**
   * Makes the calls. In full mode they are nearly all that a decision costs; on Node, a function over `node:http` may
   * cost less than `fetch`.
   *
   * @default {the platform's fetch}
   */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * The lottery of the performance record: a number from 0 up to, but without, 1.
   *
   * @default {Math.random}
   */
  readonly random?: () => number;
  /**
   * Is told of what the owner should mend, of each thing once.
   *
   * @default {console.warn}
   */
  readonly warn?: (message: string) => void;
}
