/** The gates of the conformance suite: one for each first segment of a path. */

import {
  bodyTrigger,
  clientIp,
  type ContextKey,
  contextKey,
  cookieTokens,
  createGate,
  type Decision,
  failClosed,
  failOpen,
  type Gate,
  type GateError,
  type Outcome,
  type Plugin,
  requestBody,
  staticFiles,
} from "../../mod.ts";
import { storageTokens } from "../../plugins/storage-tokens/mod.ts";
import { crowdhandler, type CrowdhandlerOptions } from "../../plugins/crowdhandler/mod.ts";
import {
  type IntegrationSource,
  integrationSource,
  pulledSource,
  pushEndpoint,
  queueIt,
} from "../../plugins/queue-it/mod.ts";
import { pause } from "./_pages.ts";

/** What the application under test is told. Plain data: it comes through the environment or a binding. */
export interface Settings {
  /** Where the sandbox listens. */
  readonly sandboxUrl: string;
  /** Where another server listens, whose answers the application hands on. */
  readonly originUrl: string;
  readonly publicKey: string;
  readonly privateKey: string;
  /** The account with Queue-it. */
  readonly queueIt: {
    readonly customerId: string;
    readonly secretKey: string;
    readonly apiKey: string;
    /** The integration configuration. */
    readonly config: string;
  };
}

/** The gates. */
export interface Gates {
  /** The gate of a name; `id` tells those apart of which each check has one of its own. */
  find(name: string, id: string): Gate | undefined;
  /** Pulls the configuration of the gate that pulls its own. */
  refresh(): Promise<void>;
}

/** What was seen at the gates. */
export interface Log {
  /** The faults that were reported. */
  readonly faults: { readonly gate: string; readonly code: string; readonly message: string }[];
  /** How requests ended. */
  readonly outcomes: {
    readonly path: string;
    readonly reason: string;
    readonly failure: string | undefined;
    readonly status: number | undefined;
    readonly served: boolean;
    readonly enforced: boolean;
  }[];
  /** What `settled` hooks finished. */
  readonly settled: string[];
}

const admitted: Decision = { action: "admit", reason: "test/admitted" };
const queued: Decision = { action: "queue", reason: "test/queued", location: "https://wait.example/room" };

/** Makes the gates. Nothing is asked, drawn or timed here: Workers forbid that outside of requests. */
export function createGates(settings: Settings, log: Log): Gates {
  const { sandboxUrl, publicKey, privateKey } = settings;

  function gateOf(name: string, ...plugins: readonly Plugin[]): Gate {
    const watch: Plugin = {
      name: "watch",
      settled: (ctx, outcome) => void log.outcomes.push(entryOf(ctx.url, outcome)),
    };
    return createGate({
      plugins: [watch, ...plugins],
      onError: ({ code, message }: GateError) => void log.faults.push({ gate: name, code, message }),
      ...(name === "mode"
        ? { mode: (request) => new URL(request.url).searchParams.get("mode") as "off" }
        : {}),
    });
  }

  function service(options: Partial<CrowdhandlerOptions> = {}): Plugin {
    return crowdhandler({
      publicKey,
      privateKey,
      apiUrl: sandboxUrl,
      waitingRoomUrl: sandboxUrl,
      publicHosts: ["shop.example.com"],
      // Whatever else the machine does, only the check of timeouts shall run into one.
      timeoutMs: 10_000,
      performance: { sample: 1, timeoutMs: 10_000 },
      ...options,
    });
  }

  const hybrid = (rooms: CrowdhandlerOptions["rooms"] = {}) => service({ mode: "hybrid", rooms });
  function queue(integrationConfig: string | IntegrationSource): Plugin {
    const { customerId, secretKey } = settings.queueIt;
    return queueIt({
      customerId,
      secretKeys: [secretKey],
      integrationConfig,
      url: (ctx) => ctx.request.url.replace(/^http:/, "https:"),
    });
  }

  const { config, secretKey, customerId, apiKey } = settings.queueIt;
  const source = integrationSource();
  const url = `${sandboxUrl}/status/integrationconfig/secure/${customerId}`;
  // On workerd this comes to nothing until it is asked to refresh within a request.
  const pulled = pulledSource({ customerId, apiKey, url, timeoutMs: 10_000, attempts: 1, warn() {} });
  const items = new Map<string, string>();
  const storage = {
    getItem: async (key: string) => (await pause(1), items.get(key) ?? null),
    setItem: async (key: string, value: string) => (await pause(1), void items.set(key, value)),
    removeItem: async (key: string) => (await pause(1), void items.delete(key)),
  };

  const stamp: Plugin = {
    name: "stamp",
    decide: () => admitted,
    headers: (ctx) => [
      ["set-cookie", `stamp=${ctx.url.search.slice(1) || "yes"}; Path=/`],
      ["x-gate", "yes"],
      ["vary", "x-stamp"],
    ],
  };

  const gates: Readonly<Record<string, Gate>> = {
    stamped: gateOf("stamped", failOpen(), stamp),
    twice: gateOf("twice", failOpen(), stamp, secondStamp),
    looking: gateOf("looking", failOpen(), looks),
    gated: gateOf("gated", failClosed(), provider(() => admitted)),
    later: gateOf("later", failClosed(), provider(() => pause(5).then(() => admitted))),
    cookie: gateOf("cookie", visitorCookie, failClosed(), provider(() => admitted)),
    scripted: gateOf("scripted", visitorCookie, failClosed(), scripted),
    open: gateOf("open", failOpen(), scripted),
    static: gateOf(
      "static",
      staticFiles({ paths: ["/static/public"] }),
      visitorCookie,
      failClosed(),
      provider(() => queued),
    ),
    body: gateOf(
      "body",
      requestBody({ maxBytes: 1024, timeoutMs: 10_000 }),
      looksAtBody,
      bodyTrigger({ contains: "action=checkout" }),
      failClosed(),
      provider(() => queued),
    ),
    upload: gateOf(
      "upload",
      requestBody({ maxBytes: 1024, timeoutMs: 10_000 }),
      looksAtBody,
      failClosed(),
      provider(() => admitted),
    ),
    mode: gateOf("mode", visitorCookie, failClosed(), provider(() => queued)),
    address: gateOf("address", clientIp(), tellsAddress, failClosed(), provider(() => admitted)),
    proxied: gateOf(
      "proxied",
      clientIp({ trustedProxies: 1 }),
      tellsAddress,
      failClosed(),
      provider(() => admitted),
    ),
    waiting: gateOf("waiting", waits(log), failClosed(), provider(() => admitted)),
    settling: gateOf("settling", slowlySettled(log, sandboxUrl), failClosed(), provider(() => admitted)),
    full: gateOf("full", staticFiles(), cookieTokens(), failOpen(), service()),
    "full-closed": gateOf("full-closed", cookieTokens(), failClosed(), service()),
    impatient: gateOf("impatient", cookieTokens(), failOpen(), service({ timeoutMs: 250 })),
    "full-stored": gateOf(
      "full-stored",
      storageTokens({ storage, timeoutMs: 10_000 }),
      failClosed(),
      service(),
    ),
    hybrid: gateOf("hybrid", cookieTokens(), failClosed(), hybrid()),
    "queue-it": gateOf("queue-it", staticFiles(), cookieTokens(), failClosed(), queue(config)),
    "queue-it-stored": gateOf(
      "queue-it-stored",
      storageTokens({ storage, timeoutMs: 10_000 }),
      failClosed(),
      queue(config),
    ),
    "queue-it-none": gateOf(
      "queue-it-none",
      cookieTokens(),
      failClosed(),
      queue('{"Version":1,"Integrations":[]}'),
    ),
    "queue-it-pushed": gateOf(
      "queue-it-pushed",
      cookieTokens(),
      failClosed(),
      pushEndpoint({ secretKeys: [secretKey], source }),
      queue(source),
    ),
    "queue-it-pulled": gateOf("queue-it-pulled", cookieTokens(), failClosed(), queue(pulled)),
    "cookie-tokens": gateOf("cookie-tokens", cookieTokens(), failClosed(), steps),
    "storage-tokens": gateOf(
      "storage-tokens",
      storageTokens({ storage, timeoutMs: 10_000 }),
      failClosed(),
      steps,
    ),
  };
  const own = new Map<string, Gate>();

  /** Gates of which each check has one of its own, because it matters what they know already. */
  const fresh: Readonly<Record<string, (name: string) => Gate>> = {
    cold: (name) => gateOf(name, cookieTokens(), failClosed(), hybrid()),
    stale: (name) => gateOf(name, cookieTokens(), failClosed(), hybrid({ ttlMs: 0, maxStaleMs: 3_600_000 })),
  };

  return {
    find(name, id) {
      const make = fresh[name];
      if (make === undefined) return gates[name];
      const key = `${name}/${id}`;
      const gate = own.get(key) ?? make(key);
      own.set(key, gate);
      return gate;
    },
    refresh: () => pulled.refresh(),
  };
}

function entryOf({ pathname, search }: URL, outcome: Outcome): Log["outcomes"][number] {
  const { decision, failure, status, served, enforced } = outcome;
  return {
    path: pathname + search,
    reason: decision.reason,
    failure: failure?.code,
    status,
    served,
    enforced,
  };
}

const secondStamp: Plugin = {
  name: "second-stamp",
  headers: () => [["set-cookie", "stamp=2; Path=/second"]],
};

/** Looks at the answer and changes nothing. */
const looks: Plugin = {
  name: "looks",
  decide: () => admitted,
  headers(_ctx, response) {
    void response?.headers.get("x-app");
    void response?.statusText;
    return undefined;
  },
};

function provider(decide: NonNullable<Plugin["decide"]>): Plugin {
  return { name: "provider", decide };
}

const visitorCookie: Plugin = {
  name: "visitor-cookie",
  headers: () => [["set-cookie", "visitor=1; Path=/"]],
};

/** Decides as the query says. */
const scripted: Plugin = {
  name: "scripted",
  decide(ctx): Decision {
    switch (ctx.url.searchParams.get("do")) {
      case "queue":
        return queued;
      case "redirect":
        return { action: "redirect", reason: "scripted/clean", location: "/clean" };
      case "reject":
        return { action: "reject", reason: "scripted/no", status: 403 };
      case "respond":
        return {
          action: "respond",
          reason: "scripted/own",
          response: Response.json({ wait: true }, { status: 429 }),
        };
      case "throw":
        throw new Error("the provider's own fault");
      case "garbage":
        // What the types forbid and JavaScript allows.
        return "admit" as unknown as Decision;
      default:
        return admitted;
    }
  },
};

const seenBody: ContextKey<string> = contextKey("seen body");

const looksAtBody: Plugin = {
  name: "looks-at-body",
  async decide(ctx) {
    const body = await ctx.body();
    ctx.set(seenBody, `${body.text.length}${body.complete ? "" : "+"}`);
    return undefined;
  },
  headers: (ctx) => [["x-looked-at", ctx.get(seenBody) ?? ""]],
};

const tellsAddress: Plugin = {
  name: "tells-address",
  headers: (ctx) => [["x-peer", ctx.platform.peerAddress ?? ""], ["x-client", ctx.address ?? ""]],
};

/** Looks at the connection after a wait. */
function waits(log: Log): Plugin {
  return {
    name: "waits",
    prepare(ctx) {
      log.settled.push(`${ctx.url.pathname} begun`);
      return pause(300);
    },
    decide(ctx) {
      log.settled.push(`${ctx.url.pathname} from ${ctx.platform.peerAddress}`);
      return undefined;
    },
  };
}

/** Takes longer than the response. */
function slowlySettled(log: Log, sandboxUrl: string): Plugin {
  return {
    name: "slowly-settled",
    async settled(ctx) {
      const response = await fetch(`${sandboxUrl}/sandbox/state`);
      await response.body?.cancel();
      await pause(150);
      log.settled.push(ctx.url.pathname);
    },
  };
}

/** Does with the visitor's tokens what the query says. */
const steps: Plugin = {
  name: "steps",
  async decide({ tokens, url }) {
    const reads: (string | null)[] = [];
    // The suite writes the steps.
    const list = JSON.parse(url.searchParams.get("steps") ?? "[]") as [string, string, string?][];
    for (const [what, name, value = ""] of list) {
      if (what === "read") reads.push(await tokens.read(name) ?? null);
      else if (what === "write") await tokens.write(name, value, { secure: false });
      else await tokens.remove(name, { secure: false });
    }
    return { action: "respond", reason: "steps/done", response: Response.json(reads) };
  },
};
