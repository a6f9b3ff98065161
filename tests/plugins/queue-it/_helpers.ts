import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  clientIp,
  cookieTokens,
  createGate,
  type Decision,
  failOpen,
  type Gate,
  type GateError,
  type Plugin,
} from "../../../mod.ts";
import {
  queueIt,
  queueItEvent,
  type QueueItEventOptions,
  type QueueItOptions,
} from "../../../plugins/queue-it/mod.ts";

export const secret = "4e1db821-a825-49da-acd0-5d376f2068db4e1db821-a825-49da-acd0-5d376f20";
export const customerId = "ticketania";
/** Monday, 14 November 2023, 22:13:20 UTC. */
export const nowMs = 1_700_000_000_000;
export const now = 1_700_000_000;
export const guid = "944c1f44-60dd-4e37-aabc-f3e4bb1c8895";
export const cookieName = (room = "event1") => `QueueITAccepted-SDFrts345E-V3_${room}`;

/** HMAC, written down anew. */
export function sign(text: string, key: string = secret): string {
  return bytesToHex(hmac(sha256, utf8ToBytes(key), utf8ToBytes(text)));
}

/** A token as the service makes it. */
export function tokenOf(
  fields: Readonly<Record<string, string | number | undefined>> = {},
  key: string = secret,
): string {
  const all = { e: "event1", q: guid, ts: now + 180, ce: "true", rt: "queue", ...fields };
  const text = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}_${value}`).join("~");
  return `${text}~h_${sign(text, key)}`;
}

/** Sessions exactly as the deployed connectors read and write them: of any queue id, and without a seal. */
export const asDeployed = { queueIdPattern: /[\s\S]*/, seal: "off" } as const;

/** What a session cookie is made of. */
export interface CookieFields {
  readonly EventId?: string;
  readonly QueueId?: string;
  readonly FixedValidityMins?: string | number;
  readonly RedirectType?: string;
  readonly IssueTime?: string | number;
  readonly Hip?: string;
}

/** A session cookie as the connectors write it. A field that is undefined is left out. */
export function cookieOf(fields: CookieFields = {}, key: string = secret): string {
  const all: Readonly<Record<string, string | number | undefined>> = {
    EventId: "event1",
    QueueId: guid,
    FixedValidityMins: undefined,
    RedirectType: "queue",
    IssueTime: now - 60,
    Hip: undefined,
    ...fields,
  };
  const parts = Object.entries(all).filter(([, value]) => value !== undefined);
  const hash = sign(parts.map(([, value]) => value).join(""), key);
  return [...parts, ["Hash", hash]].map(([name, value]) => `${name}=${value}`).join("&");
}

/** The names of the fields that are signed, in their order. */
export const signedFields = [
  "EventId",
  "QueueId",
  "FixedValidityMins",
  "RedirectType",
  "IssueTime",
  "Hip",
] as const;

/** The same cookie with the seal that we give it. */
export function sealed(cookie: string, key: string = secret): string {
  const fields = new Map(cookie.split("&").map((part) => part.split("=") as [string, string]));
  const text = signedFields.map((name) => fields.get(name) ?? "").map((value) => `|${value.length}:${value}`);
  return cookie.replace("&Hash=", `&Seal=${sign(`stanchion/seal/1${text.join("")}`, key)}&Hash=`);
}

/** A `Cookie` header with sessions. */
export function cookieHeader(cookies: Readonly<Record<string, string>>): string {
  return Object.entries(cookies).map(([room, value]) => `${cookieName(room)}=${encodeURIComponent(value)}`)
    .join("; ");
}

/** An integration for `/event1`. */
export function integration(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    Name: "event1action",
    ActionType: "Queue",
    EventId: "event1",
    CookieDomain: "",
    IsCookieHttpOnly: false,
    IsCookieSecure: false,
    LayoutName: "",
    Culture: "",
    ExtendCookieValidity: false,
    CookieValidityMinute: 20,
    QueueDomain: "ticketania.queue-it.net",
    RedirectLogic: "AllowTParameter",
    ForcedTargetUrl: "",
    Triggers: [trigger("/event1")],
    ...changes,
  };
}

/** A trigger for a part of the URL. */
export function trigger(contains: string, changes: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    LogicalOperator: "And",
    TriggerParts: [{
      ValidatorType: "UrlValidator",
      UrlPart: "PageUrl",
      Operator: "Contains",
      ValueToCompare: contains,
      IsNegative: false,
      IsIgnoreCase: true,
      ...changes,
    }],
  };
}

/** A configuration. */
export function configOf(
  ...integrations: readonly unknown[]
): { Version: number; Integrations: readonly unknown[] } {
  return { Version: 3, Integrations: integrations };
}

/** What came of one visit. */
export interface Visit {
  readonly response: Response;
  readonly decision: Decision | undefined;
  readonly served: boolean;
  readonly faults: readonly GateError[];
  /** The `Set-Cookie` headers. */
  readonly cookies: readonly string[];
}

/** How a visitor comes. */
export interface Visitor {
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly body?: string;
  readonly address?: string;
}

/** A gate with a provider, and visitors for it. */
export interface Bench {
  readonly gate: Gate;
  visit(path: string, visitor?: Visitor): Promise<Visit>;
}

/** A gate whose provider is a Queue-it one. */
export function benchOf(
  provider: Plugin,
  plugins: readonly Plugin[] = [cookieTokens()],
  clock: () => number = () => nowMs,
): Bench {
  const faults: GateError[] = [];
  let decision: Decision | undefined;
  const witness: Plugin = {
    name: "witness",
    settled(_ctx, outcome) {
      decision = outcome.decision;
    },
  };
  const policies = plugins.some((plugin) => plugin.recover !== undefined) ? [] : [failOpen()];
  const gate = createGate({
    plugins: [clientIp(), ...plugins, ...policies, provider, witness],
    now: clock,
    onError: (error) => faults.push(error),
  });
  return {
    gate,
    async visit(path, { cookie, headers = {}, method = "GET", body, address = "82.192.173.38" } = {}) {
      let served = false;
      faults.length = 0;
      const request = new Request(path.startsWith("http") ? path : `https://shop.test${path}`, {
        method,
        headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
        ...(body === undefined ? {} : { body }),
      });
      const handler = gate.wrap((_request: Request, _info: unknown) => {
        served = true;
        return new Response("page");
      });
      // The shape in which Deno hands over the address of the connection.
      const response = await handler(request, { remoteAddr: { hostname: address } });
      await gate.idle();
      // `settled` runs in a microtask behind the response.
      await Promise.resolve();
      return { response, decision, served, faults: [...faults], cookies: response.headers.getSetCookie() };
    },
  };
}

/** A gate with `queueIt()`. */
export function configured(
  config: QueueItOptions["integrationConfig"] = configOf(integration()),
  options: Partial<QueueItOptions> = {},
  plugins?: readonly Plugin[],
): Bench {
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: config,
    onConfiguration: () => {},
    ...options,
  });
  return benchOf(provider, plugins);
}

/** A gate with `queueItEvent()`. */
export function evented(options: Partial<QueueItEventOptions> = {}, plugins?: readonly Plugin[]): Bench {
  const provider = queueItEvent({
    customerId,
    secretKeys: [secret],
    eventId: "event1",
    queueDomain: "ticketania.queue-it.net",
    extendValidity: false,
    ...options,
  });
  return benchOf(provider, plugins);
}
