/**
 * The integration configuration that connectors pull or are pushed.
 *
 * @module
 */
import type { QueueItRoom, ResolvedQueueIt } from "./options.ts";

/** The configuration, and its versions. */
export interface IntegrationConfig {
  /** `null` while it is a text that has none. */
  readonly version: number | null;
  /**
   * The text to serve.
   *
   * @param host Host of the queue, where the options do not say.
   */
  text(host: string): string;
  /**
   * Replaces the configuration: an object gets the next `Version` unless it brings a higher one, a text is served as it
   * is.
   */
  set(config: Readonly<Record<string, unknown>> | string): number | null;
}

const DEFAULT_HOST = "localhost:4000";

/**
 * Creates the store of the configuration.
 *
 * @param options The Queue-it side's options.
 * @returns The store.
 */
export function createIntegrationConfig(options: ResolvedQueueIt): IntegrationConfig {
  let current: Readonly<Record<string, unknown>> | string | undefined;
  let version: number | null = 1;
  let highest = 0;

  function set(config: Readonly<Record<string, unknown>> | string): number | null {
    current = config;
    if (typeof config === "string") return version = null;
    const { Version: given } = config;
    highest = Math.max(highest + 1, typeof given === "number" && Number.isSafeInteger(given) ? given : 0);
    return version = highest;
  }

  if (options.integrationConfig === undefined) highest = 1;
  else set(options.integrationConfig);

  return {
    get version(): number | null {
      return version;
    },
    text(host): string {
      if (typeof current === "string") return current;
      const made = current ?? fromRooms(options, options.queueDomain ?? (host === "" ? DEFAULT_HOST : host));
      return JSON.stringify({ ...made, Version: version });
    },
    set,
  };
}

/** A configuration by which the URLs of each room's domains and path lead to that room. */
function fromRooms(options: ResolvedQueueIt, queueDomain: string): Record<string, unknown> {
  return {
    Description: "Made from the rooms of the sandbox",
    CustomerId: options.customerId,
    Integrations: options.rooms.map((room) => ({
      Name: room.eventId,
      ActionType: "Queue",
      EventId: room.eventId,
      InvolvedWaitingRoomIds: null,
      CookieDomain: "",
      IsCookieHttpOnly: true,
      IsCookieSecure: false,
      LayoutName: "",
      Culture: "",
      ExtendCookieValidity: true,
      CookieValidityMinute: 20,
      QueueDomain: queueDomain,
      QueuePathPrefix: room.pathPrefix === "" ? null : room.pathPrefix,
      RedirectLogic: "AllowTParameter",
      ForcedTargetUrl: "",
      VerifyQueueIdEnabled: room.queueIdUsageLimit !== null,
      QueueIdUsageLimit: room.queueIdUsageLimit,
      IsNormalizationEnabled: false,
      Triggers: room.domains.map((domain) => ({
        LogicalOperator: "And",
        TriggerParts: [hostPart(domain), ...pathParts(room)],
      })),
    })),
  };
}

function hostPart(domain: string): Record<string, unknown> {
  const wild = domain.includes("://*.");
  const { host } = new URL(domain.replace("://*.", "://"));
  return part("HostName", wild ? "Contains" : "Equals", wild ? `.${host}` : host);
}

function pathParts(room: QueueItRoom): Record<string, unknown>[] {
  return room.path === "" ? [] : [part("PagePath", "Contains", room.path)];
}

function part(urlPart: string, operator: string, value: string): Record<string, unknown> {
  return {
    ValidatorType: "UrlValidator",
    UrlPart: urlPart,
    Operator: operator,
    ValueToCompare: value,
    ValuesToCompare: null,
    IsNegative: false,
    IsIgnoreCase: true,
    CookieName: null,
    HttpHeaderName: null,
  };
}
