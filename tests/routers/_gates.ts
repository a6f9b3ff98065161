/** Gates in front of one route each, by every kind of rule that protects a page. Nobody has a proof, so all are refused. */

import { cookieTokens, createGate, failClosed, type Gate, type Plugin, staticFiles } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueIt, queueItEvent } from "../../plugins/queue-it/mod.ts";
import { triggers } from "../../plugins/triggers.ts";
import { integration, secret } from "../plugins/queue-it/_helpers.ts";
import { conditionOf, type Route } from "./_routes.ts";

/** A gate whose rule names one route. */
export interface Guard {
  readonly name: string;
  readonly gate: Gate;
  /** Whether it decides without a promise. */
  readonly isSync: boolean;
}

const nowMs = Date.parse("2030-01-15T12:00:00Z");
const publicHosts = ["shop.example.com"];

/** Makes the gates of a route. */
export function guardsOf(route: Route): readonly Guard[] {
  const rule = { name: route.name, any: [conditionOf(route)] };
  const common = { customerId: "ticketania", secretKeys: [secret] };
  const event = queueItEvent({ ...common, eventId: "event1", queueDomain: "ticketania.queue-it.net" });
  const configured = (profile: "v3" | "v5") =>
    queueIt({ ...common, profile, integrationConfig: configurationOf(route), onConfiguration() {} });
  return [
    guard("triggers", true, [triggers([rule]), refusal]),
    guard("triggers, queueItEvent", true, [triggers([rule]), event]),
    guard("queueIt, v5", true, [configured("v5")]),
    guard("queueIt, v3", true, [configured("v3")]),
    // The service compares by itself, and the gate can only ask for the plainest spellings, which are in lower case.
    ...(isPlainest(route) ? [guard("crowdhandler, full", false, [crowdOf(route, "full")])] : []),
    guard("crowdhandler, hybrid", false, [crowdOf(route, "hybrid")]),
  ];
}

function isPlainest({ rule }: Route): boolean {
  const text = "equals" in rule ? rule.equals : rule.contains;
  return !/[A-Z]/.test(decodeURI(text));
}

/** Makes gates that protect everything but what needs no protection, which no page of the route may pass for. */
export function exemptingGuardsOf(): readonly Guard[] {
  const common = { customerId: "ticketania", secretKeys: [secret] };
  const event = queueItEvent({ ...common, eventId: "event1", queueDomain: "ticketania.queue-it.net" });
  const part = { ValidatorType: "UrlValidator", UrlPart: "PagePath", IsNegative: false, IsIgnoreCase: true };
  const either = ["/x", "/x.css", "/.", "/x/"].map((ValueToCompare) => ({
    ...part,
    Operator: "Equals",
    ValueToCompare,
  }));
  const all = { ...part, Operator: "Contains", ValueToCompare: "*" };
  const integrationConfig = {
    Version: 1,
    Integrations: [
      integration({ ActionType: "Ignore", Triggers: [{ LogicalOperator: "Or", TriggerParts: either }] }),
      integration({ Triggers: [{ LogicalOperator: "And", TriggerParts: [all] }] }),
    ],
  };
  return [
    guard("staticFiles, paths", true, [staticFiles({ paths: ["/x"], extensions: [] }), event]),
    guard("staticFiles, roots", true, [staticFiles({ roots: ["/x"], extensions: ["css"] }), event]),
    guard("Ignore", true, [queueIt({ ...common, integrationConfig, onConfiguration() {} })]),
  ];
}

/** Asks a gate, and tells whether it keeps a request from the application. */
export function refuses({ gate }: Guard, request: Request): boolean | Promise<boolean> {
  let isServed = false;
  const answer = gate(request, () => {
    isServed = true;
    return page;
  });
  return answer instanceof Promise ? answer.then(() => !isServed) : !isServed;
}

const page = new Response();
const headers = new Headers({ host: "shop.example.com", "user-agent": "tests" });

/** As much of a request as a gate looks at: `new Request` would tidy the URL up, as some servers do not. */
export function requestFor(url: string): Request {
  return { url, method: "GET", headers, body: null } as Request;
}

const refusal: Plugin = {
  name: "refusal",
  final: "decide",
  decide: () => ({ action: "reject", reason: "refusal/all", status: 403 }),
};

function guard(name: string, isSync: boolean, plugins: readonly Plugin[]): Guard {
  const gate = createGate({
    publicHosts,
    plugins: [cookieTokens(), failClosed(), ...plugins],
    now: () => nowMs,
    onError(error) {
      throw error;
    },
  });
  return { name, gate, isSync };
}

function configurationOf({ rule }: Route): object {
  const part = {
    ValidatorType: "UrlValidator",
    UrlPart: rule.on === "path" ? "PagePath" : "PageUrl",
    Operator: "equals" in rule ? "Equals" : "Contains",
    ValueToCompare: "equals" in rule ? rule.equals : rule.contains,
    IsNegative: false,
    IsIgnoreCase: false,
  };
  const Triggers = [{ LogicalOperator: "And", TriggerParts: [part] }];
  return { Version: 1, Integrations: [integration({ Triggers })] };
}

/** CrowdHandler with a room for the route. Its service compares what it is told byte by byte, and lets nobody in. */
function crowdOf({ rule }: Route, mode: "full" | "hybrid"): Plugin {
  const urlPattern = "equals" in rule ? rule.equals : rule.contains;
  const room = {
    domain: "https://shop.example.com",
    slug: "hall",
    patternType: "contains",
    urlPattern,
    queueActivatesOn: "2029-12-01T09:00:00Z",
    timeout: 20,
  };
  const rooms = JSON.stringify({ result: [room] });
  const queued = JSON.stringify({
    result: { promoted: 0, token: "tok_new", slug: "hall", responseID: "r1" },
  });
  const open = JSON.stringify({ result: { promoted: 1, token: "tok_new" } });

  function answer(called: string, { body }: RequestInit): string {
    if (called.includes("/rooms")) return rooms;
    const page = new URL(called).searchParams.get("url") ??
      // The provider writes it.
      (JSON.parse(String(body)) as { readonly url: string }).url;
    const [told = ""] = page.split("#", 1);
    return decoded(told).includes(decoded(urlPattern)) ? queued : open;
  }

  return crowdhandler({
    publicKey: "public-key",
    mode,
    ...(mode === "hybrid" ? { privateKey: "private-key-private-key" } : {}),
    fetch: (url, init = {}) => Promise.resolve(new Response(answer(String(url), init))),
    visitor: () => ({ ip: "198.51.100.7" }),
    performance: { sample: 0 },
    warn() {},
  });
}

function decoded(url: string): string {
  try {
    return decodeURI(url.replaceAll("+", " "));
  } catch {
    return url;
  }
}
