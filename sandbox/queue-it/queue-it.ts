/**
 * The Queue-it side of a sandbox.
 *
 * @module
 */
import { Hono } from "hono";
import type { SandboxEndpoint } from "../faults.ts";
import type { ResolvedOptions } from "../options.ts";
import { pageHeaders } from "../page/respond.ts";
import { createQueueItApi } from "./api.ts";
import { createDesk, type IssueOptions } from "./desk.ts";
import { createIntegrationConfig } from "./integration-config.ts";
import { createNoticePages } from "./notice-pages.ts";
import { pushConfig, pushTarget } from "./push.ts";
import { createQueuePage } from "./queue-page.ts";
import type { QueueItEnv } from "./respond.ts";
import type { PushReport, QueueItRoomChange, QueueItRoomState, QueueItState } from "./state.ts";

/** The Queue-it side of a running sandbox. */
export interface QueueItSandbox {
  /** The account that it plays. */
  readonly customerId: string;
  /** The key with which connectors check tokens. */
  readonly secretKey: string;
  /** The key for the secured endpoints. */
  readonly apiKey: string;
  /** What the Queue-it side knows right now. */
  readonly state: QueueItState;
  /**
   * The text of the integration configuration.
   *
   * @param host Host of the queue, where neither the configuration nor `queueDomain` says.
   * @returns The text.
   */
  integrationConfig(host?: string): string;
  /**
   * Replaces the integration configuration.
   *
   * @param config An object, which gets the next `Version` unless it brings a higher one; or a text, which is served as
   * it is, whatever it is.
   * @returns The version; `null` for a text.
   */
  setIntegrationConfig(config: Readonly<Record<string, unknown>> | string): number | null;
  /**
   * Pushes the integration configuration to a connector.
   *
   * @param url Where, `connectorUrl` when left out: an address of this machine, or of the origin of `connectorUrl` or one
   * of `returnOrigins`. Over HTTP nobody can give one.
   * @param host As for `integrationConfig`.
   * @returns What the connector answered.
   * @throws {RangeError} If the address is not an accepted one.
   */
  push(url?: string, host?: string): Promise<PushReport>;
  /**
   * Issues a token that no visitor has waited for: for tests, and with the type `debug` for diagnostics.
   *
   * @param eventId The room.
   * @param options What the token says.
   * @returns The value of `queueittoken`.
   * @throws {RangeError} If there is no such room.
   */
  issueToken(eventId: string, options?: IssueOptions): string;
  /**
   * Changes a room.
   *
   * @param eventId The room.
   * @param change What to change.
   * @returns The room as it now stands.
   * @throws {RangeError} If there is no such room.
   */
  updateRoom(eventId: string, change: QueueItRoomChange): QueueItRoomState;
}

/** The Queue-it side with its routes. @internal */
export interface QueueItSide {
  readonly sandbox: QueueItSandbox;
  /** Which of Queue-it's endpoints an address belongs to. */
  endpointOf(url: URL): SandboxEndpoint | undefined;
  fetch(request: Request, bindings: QueueItEnv["Bindings"]): Response | Promise<Response>;
  promote(queueId?: string): number;
}

const MAX_PUSHES = 20;
const MAX_USES_SHOWN = 100;

/**
 * Creates the Queue-it side.
 *
 * @param options The sandbox's options.
 * @param signal Ends pushes early.
 * @returns The side.
 * @internal
 */
export function createQueueIt(options: ResolvedOptions, signal: AbortSignal): QueueItSide {
  const { now, queueIt, returnOrigins } = options;
  const { customerId, secretKey, apiKey, connectorUrl } = queueIt;
  const desk = createDesk(options);
  const config = createIntegrationConfig(queueIt);
  const pushes: PushReport[] = [];
  const prefixes = [...new Set(queueIt.rooms.map((room) => room.pathPrefix).filter((each) => each !== ""))];
  const origins = [...returnOrigins, ...(connectorUrl === "" ? [] : [new URL(connectorUrl).origin])];
  const tools = { fetch: options.fetch, now, hmac: desk.signer.hmac, origins, signal };

  function room(eventId: string, doing: string): NonNullable<ReturnType<typeof desk.room>> {
    const found = desk.room(eventId);
    if (found === undefined) throw new RangeError(`Cannot ${doing}: there is no event "${eventId}"`);
    return found;
  }

  const sandbox: QueueItSandbox = {
    customerId,
    secretKey,
    apiKey,
    get state(): QueueItState {
      return {
        customerId,
        rooms: desk.rooms.map((each) => each.state(now())),
        visitors: desk.visitors,
        integrationConfigVersion: config.version,
        uses: Object.fromEntries([...desk.uses].slice(-MAX_USES_SHOWN)),
        pushes: [...pushes],
      };
    },
    integrationConfig: (host = "") => config.text(host),
    setIntegrationConfig: config.set,
    async push(url = connectorUrl, host = ""): Promise<PushReport> {
      const report = await pushConfig(pushTarget(url, origins), config.text(host), tools);
      pushes.push(report);
      if (pushes.length > MAX_PUSHES) pushes.shift();
      return report;
    },
    issueToken: (eventId, pass = {}) => desk.issue(room(eventId, "issue token"), pass),
    updateRoom(eventId, change): QueueItRoomState {
      const found = room(eventId, "update room");
      found.change(change, now());
      return found.state(now());
    },
  };

  const pages = new Hono<QueueItEnv>({ strict: false });
  pages.use(pageHeaders);
  for (const prefix of prefixes) {
    pages.route(`/${prefix}`, createQueuePage(options, desk, prefix));
    pages.route(`/${prefix}`, createNoticePages(options, desk));
  }
  pages.route("/", createQueuePage(options, desk, ""));
  pages.route("/", createNoticePages(options, desk));
  const api = createQueueItApi(queueIt, { desk, config });

  function endpointOf({ pathname, searchParams }: URL): SandboxEndpoint | undefined {
    if (pathname.startsWith("/status/integrationconfig/")) return "integrationconfig";
    if (pathname.startsWith("/api/verifyaction/")) return "verify";
    if (pathname.startsWith("/api/directpass/")) return "directpass";
    const prefix = prefixes.find((each) => pathname === `/${each}` || pathname.startsWith(`/${each}/`));
    const path = prefix === undefined ? pathname : pathname.slice(prefix.length + 1);
    if (/^\/(error|cancel)\/./.test(path) || /^(\/[^/]+)?\/diagnostics\/connector\//.test(path)) {
      return "queue";
    }
    return /^\/?$/.test(path) && (searchParams.has("c") || searchParams.has("e")) ? "queue" : undefined;
  }

  return {
    sandbox,
    endpointOf,
    fetch: (request, bindings) =>
      endpointOf(new URL(request.url)) === "queue"
        ? pages.fetch(request, bindings)
        : api.fetch(request, bindings),
    promote: (queueId) => desk.rooms.reduce((sum, each) => sum + each.promote(now(), queueId), 0),
  };
}
