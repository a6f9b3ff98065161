import type { Context } from "../../src/context.ts";
import type { ConfigurationReport, Profile } from "./configuration/mod.ts";
import type { ConfigurationError, IntegrationSource } from "./sources/integration-source.ts";
import type { DirectPass, EnqueueToken, VerifyAction } from "./services.ts";

/** What {@linkcode queueIt}, {@linkcode queueItEvent} and the helpers for applications share. */
export interface QueueItSecrets {
  /** The customer's id. */
  readonly customerId: string;
  /** The customer's secret keys: the first signs, all verify, so that keys can be rotated. */
  readonly secretKeys: readonly string[];
  /**
   * Which deployed connectors are followed where they differ: those of version 5, with several rooms for one
   * integration, or those of version 3.
   *
   * @default {"v5"}
   */
  readonly profile?: Profile;
  /** How this software calls itself in URLs, `ver`. @default {"stanchion-0.1.0"} */
  readonly sdkName?: string;
  /** The longest session that a token may demand, in minutes. @default {1440} */
  readonly maxFixedValidityMinutes?: number;
  /** How far the clocks of the servers that issue sessions may be ahead, in seconds. @default {60} */
  readonly clockSkewSeconds?: number;
  /**
   * What the whole of a queue id looks like. Between the values that the protocol signs nothing stands, so that a visitor
   * could write a session anew with characters moved from one to the next: the length of this tells where they belong. Ids of
   * another kind than the service's need a pattern, of one length if possible, best together with `seal: "require"`. A session
   * without a queue id is accepted if it is sealed, if the pattern takes the empty text, or if a direct pass that
   * failed began it. The flags `g`, `m` and `y` have no effect.
   *
   * @default {a GUID: 8-4-4-4-12 hexadecimal digits}
   */
  readonly queueIdPattern?: RegExp;
  /**
   * Whether session cookies get a seal of ours over all fields and their lengths, which other connectors ignore, and which
   * leaves nothing to be moved. `write` accepts sessions without one as well. `require` accepts no others: choose it once all
   * servers that write sessions have had `write` for as long as sessions last. `off` neither writes nor reads it.
   *
   * @default {"write"}
   */
  readonly seal?: "off" | "write" | "require";
}

/** The edge platform on which this runs. */
export interface EdgePlatform {
  /** Its name, such as `cloudflare`. */
  readonly name: string;
  /** The version of your integration with it. */
  readonly version: string;
}

/** The options of {@linkcode queueIt} and {@linkcode queueItEvent} alike. */
export interface QueueItCommon extends QueueItSecrets {
  /** The API key, handed to `verifyAction`. */
  readonly apiKey?: string;
  /** Asks whether a queue id may be used once more, where an integration limits that. */
  readonly verifyAction?: VerifyAction;
  /** Lets visitors pass without waiting while the room is idle. */
  readonly directPass?: DirectPass;
  /** How long `verifyAction` and `enqueueToken` may take, in milliseconds; later is a failure. @default {2000} */
  readonly serviceTimeoutMs?: number;
  /** Makes the token with which a visitor may enter the queue, such as {@linkcode queueTokens}. */
  readonly enqueueToken?: EnqueueToken;
  /**
   * The URL as the browser sees it, where a proxy changes it.
   *
   * @default {ctx.returnUrl}
   */
  readonly url?: (ctx: Context) => string;
  /**
   * Whether a visitor who arrives with a token in the URL, and is let in, is redirected to the URL without it. That is done for
   * GET and HEAD: of other methods a redirect would lose the body, so the application answers at once.
   *
   * @default {true}
   */
  readonly cleanUrl?: boolean;
  /**
   * Whether a token is also accepted in the header `x-queueittoken`, when there is none in the URL.
   *
   * @default {false}
   */
  readonly tokenHeader?: boolean;
  /**
   * The hosts, as `host` or `host:port`, to whose pages a script may have its visitor returned.
   *
   * @default {any}
   */
  readonly ajaxHosts?: readonly string[];
  /**
   * Whether the ids of waiting rooms in tokens, and the digits of their hashes, are compared regardless of case, as
   * the connectors in Python, PHP and Java do.
   *
   * @default {false}
   */
  readonly caseInsensitiveRoomId?: boolean;
  /** Whether a verified debug token lets its visitor in. @default {true} */
  readonly debugTokensPass?: boolean;
  /**
   * The edge platform, which is told to Queue-it as `kupver` in URLs, and to anybody in the header
   * `x-queueit-connector`.
   *
   * @default {none}
   */
  readonly platform?: EdgePlatform;
  /** How many verified sessions are remembered, so that repeat visitors cost no hash. @default {10000} */
  readonly memoSize?: number;
  /** Is told once of each thing that the owner should know. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

/** What became of a configuration. */
export type ConfigurationEvent =
  | {
    readonly accepted: true;
    readonly version: number;
    /** What is wrong or suspicious in it. */
    readonly reports: readonly ConfigurationReport[];
  }
  | { readonly accepted: false; readonly error: ConfigurationError };

/** The options of {@linkcode queueIt}. */
export interface QueueItOptions extends QueueItCommon {
  /**
   * The integration configuration: its text, what the text says, or a source of it, such as {@linkcode pulledSource}.
   */
  readonly integrationConfig: string | object | IntegrationSource;
  /**
   * Whether the `HostName` of triggers is the host alone, as for the connectors in Python, PHP and Java, or the
   * authority with user info and port.
   *
   * @default {false}
   */
  readonly hostNameWithoutPort?: boolean;
  /** What an integration without an `ActionType` does. @default {"ignore"} */
  readonly missingActionType?: "ignore" | "queue";
  /**
   * Is told of each configuration: that it is in use, with what is suspicious in it, or why it is not.
   *
   * @default {console.warn for what is wrong or suspicious}
   */
  readonly onConfiguration?: (event: ConfigurationEvent) => void;
}

/** The options of {@linkcode queueItEvent}. */
export interface QueueItEventOptions extends QueueItCommon {
  /** The waiting room. */
  readonly eventId: string;
  /** The waiting room's host, without scheme, such as `example.queue-it.net`. */
  readonly queueDomain: string;
  /** Further waiting rooms whose sessions and tokens are accepted (version 5). @default {none} */
  readonly allowedEventIds?: readonly string[];
  /** The beginning of the path of the waiting room's pages (version 5). @default {""} */
  readonly queuePathPrefix?: string;
  /** How long a session lasts, in minutes. @default {20} */
  readonly validityMinutes?: number;
  /** Whether each visit prolongs it. @default {true} */
  readonly extendValidity?: boolean;
  /** The `Domain` of the session cookie; `""` for the host alone. @default {""} */
  readonly cookieDomain?: string;
  /** Whether the session cookie is hidden from scripts. @default {false} */
  readonly cookieHttpOnly?: boolean;
  /** Whether the session cookie is sent over encrypted connections only. @default {false} */
  readonly cookieSecure?: boolean;
  /** The language of the waiting room, such as `en-US`. @default {the room's own} */
  readonly culture?: string;
  /** The layout of the waiting room. @default {the room's own} */
  readonly layoutName?: string;
  /** The version of these settings, for statistics. @default {-1} */
  readonly version?: number;
  /** The name of these settings, for statistics. @default {"unspecified"} */
  readonly actionName?: string;
  /** Where a visitor comes back to; `""` for the room's own choice. @default {the page that was asked for} */
  readonly targetUrl?: string;
  /** Whether each queue id may be used a limited number of times, which `verifyAction` tells. @default {false} */
  readonly verifyQueueId?: boolean;
  /** How many times that is. @default {null: what the service knows} */
  readonly queueIdUsageLimit?: number | null;
}
