/** A shop whose tickets stand behind a full waiting room, as the README puts the gate before it. */

import {
  clientIp,
  cookieTokens,
  createGate,
  failOpen,
  type Gate,
  type GateError,
  type Plugin,
  staticFiles,
} from "../../mod.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../plugins/crowdhandler/mod.ts";
import { queueIt, type QueueItOptions } from "../../plugins/queue-it/mod.ts";
import { requestBody } from "../../plugins/request-body.ts";
import { createSandbox, DEMO_PRIVATE_KEY, DEMO_PUBLIC_KEY, type Sandbox } from "../../sandbox/mod.ts";
import { customerId, secret } from "../plugins/queue-it/_helpers.ts";
import { serve, type Served } from "../src/_serve.ts";

/** The shop, and what became of its visitors. */
export interface Shop {
  readonly server: Served;
  readonly gate: Gate;
  /** The paths of the pages that were served, as the application read them. */
  readonly served: string[];
  readonly faults: GateError[];
}

/** Opens a shop. */
export async function openShop(provider: Plugin, more: readonly Plugin[] = []): Promise<Shop> {
  const faults: GateError[] = [];
  const served: string[] = [];
  const gate = createGate({
    plugins: [staticFiles(), clientIp({ warn() {} }), cookieTokens(), ...more, failOpen(), provider],
    onError: (error) => void faults.push(error),
  });
  const server = await serve(gate.wrap((request: Request, ..._platform: unknown[]) => {
    served.push(URL.canParse(request.url) ? new URL(request.url).pathname : "(unreadable)");
    return new Response("page");
  }));
  return { server, gate, served, faults };
}

/** CrowdHandler's sandbox, in which `/tickets` is full. */
export function fullHall(): Sandbox {
  const domain = "https://shop.example.com";
  return createSandbox({
    rooms: [{ slug: "hall", domain, patternType: "regex", urlPattern: "^/tickets", capacity: 0 }],
  });
}

/** The provider in front of it. */
export function hallProvider(sandbox: Sandbox, options: Partial<CrowdhandlerOptions> = {}): Plugin {
  // From one address so many visitors would be blocked.
  let visitors = 0;
  return crowdhandler({
    publicKey: DEMO_PUBLIC_KEY,
    privateKey: DEMO_PRIVATE_KEY,
    publicHosts: ["shop.example.com"],
    apiUrl: "https://api.test",
    fetch: (url, init) => Promise.resolve(sandbox.fetch(new Request(url, init))),
    visitor: () => ({ ip: `198.51.${++visitors >> 8}.${visitors & 255}` }),
    warn() {},
    ...options,
  });
}

/** An integration configuration with all that triggers look at. */
export function integrations(): object {
  const part = (more: object) => ({ IsNegative: false, IsIgnoreCase: true, ...more });
  const queue = (name: string, EventId: string, parts: readonly object[]) => ({
    Name: name,
    ActionType: "Queue",
    EventId,
    CookieDomain: "",
    LayoutName: "",
    Culture: "",
    ExtendCookieValidity: true,
    CookieValidityMinute: 20,
    QueueDomain: "ticketania.queue-it.net",
    RedirectLogic: "AllowTParameter",
    ForcedTargetUrl: "",
    Triggers: [{ LogicalOperator: "And", TriggerParts: parts }],
  });
  const path = (ValueToCompare: string, Operator = "Contains") =>
    part({ ValidatorType: "UrlValidator", UrlPart: "PagePath", Operator, ValueToCompare });
  return {
    Version: 3,
    Integrations: [
      queue("tickets", "event1", [
        path("/tickets", "Equals"),
        part({
          ValidatorType: "UrlValidator",
          UrlPart: "HostName",
          Operator: "Equals",
          ValueToCompare: "shop.example.com",
          IsIgnoreCase: false,
        }),
      ]),
      queue("campaign", "event2", [
        part({
          ValidatorType: "CookieValidator",
          CookieName: "campaign",
          Operator: "Contains",
          ValueToCompare: "x",
        }),
      ]),
      queue("header", "event2", [
        part({
          ValidatorType: "HttpHeaderValidator",
          HttpHeaderName: "x-sale",
          Operator: "Contains",
          ValueToCompare: "*",
        }),
      ]),
      queue("body", "event2", [
        path("/buy"),
        part({ ValidatorType: "RequestBodyValidator", Operator: "Contains", ValueToCompare: "ticket" }),
      ]),
    ],
  };
}

/** The Queue-it provider with this configuration, behind a reader of bodies. */
export function queueProvider(options: Partial<QueueItOptions> = {}): readonly [Plugin, readonly Plugin[]] {
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    integrationConfig: integrations(),
    onConfiguration() {},
    ...options,
  });
  return [provider, [requestBody({ timeoutMs: 200 })]];
}
