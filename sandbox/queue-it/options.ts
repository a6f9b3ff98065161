/**
 * The options of the sandbox's Queue-it side.
 *
 * @module
 */

/** The customer id of a sandbox that was given none. */
export const DEMO_CUSTOMER_ID = "stanchiondemo";

/** The secret key of a sandbox that was given none: 72 characters, like a real one. It protects nothing. */
export const DEMO_SECRET_KEY = "stanchion-sandbox-secret-key-for-development-only-0000000000000000000000";

/** The API key of a sandbox that was given none. It protects nothing. */
export const DEMO_API_KEY = "stanchion-sandbox-api-key-for-development-only";

/**
 * What a room does with visitors. `queue`: they line up. `safetynet`: they line up only when more come than may enter.
 * `idle`, `disabled`, `afterevent`: everybody passes, with a token of that type. `before`, `after`: nobody enters, and
 * a page says why.
 */
export type QueueItRoomPhase =
  | "queue"
  | "safetynet"
  | "idle"
  | "disabled"
  | "afterevent"
  | "before"
  | "after";

/** One waiting room, which Queue-it also calls an event. */
export interface QueueItRoomOptions {
  /** Id of the room: letters, digits and `-`. */
  readonly eventId: string;
  /** Hosts to which visitors may be returned, as `https://host[:port]`, or `https://*.host` for every subdomain. */
  readonly domains: readonly string[];
  /**
   * Title shown to visitors.
   * @default the event id
   */
  readonly title?: string;
  /**
   * Text that the path of protected URLs contains; only used for the integration configuration made from the rooms.
   * @default "" (all of them)
   */
  readonly path?: string;
  /**
   * Where visitors go who arrive without a target.
   * @default the first of the domains that is a plain host
   */
  readonly targetUrl?: string;
  /**
   * Path under which the room is found, as in `tickets/queue`.
   * @default ""
   */
  readonly pathPrefix?: string;
  /**
   * What the room does with visitors between `activeFrom` and `activeUntil`.
   * @default "queue"
   */
  readonly phase?: QueueItRoomPhase;
  /**
   * When the room begins, ISO 8601 in whole seconds; earlier visitors are told so and get no place.
   * @default null
   */
  readonly activeFrom?: string | null;
  /**
   * From when visitors are let in, ISO 8601 in whole seconds; before, they gather in line.
   * @default null
   */
  readonly opensAt?: string | null;
  /**
   * When the room ends, ISO 8601 in whole seconds.
   * @default null
   */
  readonly activeUntil?: string | null;
  /**
   * How many visitors may be on the site at once.
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
   * How long a visitor who was let in and does not return here counts as being on the site, in minutes.
   * @default 20
   */
  readonly sessionMinutes?: number;
  /**
   * How long a waiting visitor who stays away keeps the place in line, in minutes.
   * @default 60
   */
  readonly holdMinutes?: number;
  /**
   * How long a token may take from here to the site, in seconds.
   * @default 240
   */
  readonly tokenSeconds?: number;
  /**
   * A session of this many minutes, whatever the connector's configuration says; without it tokens are extendable.
   * @default null
   */
  readonly fixedCookieMinutes?: number | null;
  /**
   * Whether tokens are bound to the visitor's address, where the platform tells it.
   * @default false
   */
  readonly bindAddress?: boolean;
  /**
   * Whether newcomers need an enqueue token.
   * @default false
   */
  readonly requireEnqueueToken?: boolean;
  /**
   * How often a queue id may be used, for calls of the verify endpoint that do not say; null for any number.
   * @default null
   */
  readonly queueIdUsageLimit?: number | null;
  /**
   * Whether the direct-pass endpoint lets visitors in while nobody waits.
   * @default false
   */
  readonly directPass?: boolean;
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
}

/** What the Queue-it side of a sandbox takes. */
export interface QueueItOptions {
  /**
   * Customer id, a DNS label.
   * @default DEMO_CUSTOMER_ID
   */
  readonly customerId?: string;
  /**
   * Key that signs tokens, checks enqueue tokens and signs pushed configurations.
   * @default DEMO_SECRET_KEY
   */
  readonly secretKey?: string;
  /**
   * Key that the integration configuration, verify and direct-pass endpoints ask for.
   * @default DEMO_API_KEY
   */
  readonly apiKey?: string;
  /**
   * Waiting rooms.
   * @default one room called `demo` for `https://localhost:8080`
   */
  readonly rooms?: readonly QueueItRoomOptions[];
  /**
   * Host of the queue, as it stands in the integration configuration made from the rooms.
   * @default the host by which the sandbox was asked, otherwise `localhost:4000`
   */
  readonly queueDomain?: string;
  /**
   * Integration configuration, or the text to serve in its place.
   * @default one that sends the URLs of each room's domains and path to that room
   */
  readonly integrationConfig?: Readonly<Record<string, unknown>> | string;
  /**
   * Where the configuration is pushed to; over HTTP, nowhere else.
   * @default ""
   */
  readonly connectorUrl?: string;
}

/** A room with every default filled in. */
export type QueueItRoom = Required<QueueItRoomOptions>;

/** Options with every default filled in. */
export type ResolvedQueueIt =
  & Required<Omit<QueueItOptions, "rooms" | "queueDomain" | "integrationConfig">>
  & {
    readonly rooms: readonly QueueItRoom[];
    readonly queueDomain: string | undefined;
    readonly integrationConfig: Readonly<Record<string, unknown>> | string | undefined;
  };
