/**
 * Isolation: thousands of visitors take turns on kept connections, while the service answers late, out of order, or
 * not at all. Whatever a visitor gets speaks of that visitor alone.
 */

import { connect } from "node:net";
import { cookieTokens, createGate, failClosed, type Gate, type Plugin } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { queueIt } from "../../plugins/queue-it/mod.ts";
import { privateKey, publicKey, room } from "../plugins/crowdhandler/_helpers.ts";
import {
  configOf,
  cookieName,
  cookieOf,
  customerId,
  integration,
  secret,
  trigger,
} from "../plugins/queue-it/_helpers.ts";
import { serve } from "../src/_serve.ts";
import { type Budget, type Part, seedOf } from "./_part.ts";
import { randomOf } from "./_tools.ts";

const visitorCount = 5000;
const connections = 64;

/** What a visitor brings along. */
interface Visitor {
  readonly id: string;
  readonly isPromoted: boolean;
  /** Whether a request of the visitor is under way: a browser's cookies change between its requests only. */
  isBusy: boolean;
  readonly jar: Map<string, string>;
}

interface Tally {
  readonly crossed: string[];
  requests: number;
  served: number;
  queued: number;
}

export const part: Part = {
  name: "isolation",
  describe: "visitors by the thousands on kept connections: no cookie, token or decision crosses",
  runtimes: ["node", "deno", "bun"],
  leastMs: 4000,
  async run(budget) {
    const random = randomOf(seedOf(budget, "isolation"));
    const tally: Tally = { crossed: [], requests: 0, served: 0, queued: 0 };
    const gates = gatesOf(random, tally);
    const visitors = Array.from({ length: visitorCount }, (_, at) => visitorOf(at));
    const server = await serve((request: Request, ...platform: unknown[]) => {
      const gate = gates[new URL(request.url).pathname.split("/")[1] ?? ""] ?? gates["full"];
      const id = new URL(request.url).searchParams.get("visitor");
      return gate?.(
        request,
        (_ctx, { facts }) => new Response(`page of visitor=${id}, known by ${facts?.visitor ?? "nothing"}.`),
        ...platform,
      );
    });
    const end = performance.now() + Math.max(budget.ms * 0.85, 3000);
    try {
      await Promise.all(
        Array.from({ length: connections }, () => talk(server.port, visitors, random, end, tally)),
      );
    } finally {
      await server.close();
    }
    for (const gate of Object.values(gates)) await gate.idle();
    for (const what of tally.crossed.slice(0, 5)) budget.fail(what);
    report(budget, tally);
  },
};

function report(budget: Budget, { crossed, requests, served, queued }: Tally): void {
  budget.report({ name: "visitors", value: visitorCount, unit: "visitors", held: true });
  budget.report({
    name: "requests on kept connections",
    value: requests,
    unit: "requests",
    target: "at least 2 per visitor",
    held: requests >= 2 * visitorCount || budget.ms < 10_000,
  });
  // Every second visitor may enter; a service that fails now and then keeps few of them outside.
  budget.report({
    name: "pages served",
    value: served,
    unit: "requests",
    target: "more than a third",
    held: served > requests / 3,
  });
  budget.report({ name: "visitors sent to wait", value: queued, unit: "requests", held: true });
  budget.report({
    name: "what spoke of another visitor, or let one in who must wait",
    value: crossed.length,
    unit: "answers",
    target: "none",
    held: crossed.length === 0,
  });
}

function visitorOf(at: number): Visitor {
  const id = `${at}`;
  const jar = new Map<string, string>();
  const isPromoted = at % 2 === 0;
  if (isPromoted) {
    const session = cookieOf({ QueueId: guidOf(id), IssueTime: Math.floor(Date.now() / 1000) - 60 });
    jar.set(cookieName(), encodeURIComponent(session));
  }
  return { id, isPromoted, isBusy: false, jar };
}

function tokenOf(id: string): string {
  return `tok0000${id.padStart(8, "0")}`;
}

function guidOf(id: string): string {
  return `944c1f44-60dd-4e37-aabc-${id.padStart(12, "0")}`;
}

/** Three gates, whose services answer after a while, by the visitor that the page's address names. */
function gatesOf(random: () => number, tally: Tally): Readonly<Record<string, Gate>> {
  const shared = {
    publicKey,
    warn() {},
    apiUrl: "https://api.test",
    publicHosts: ["shop.example.com"],
    fetch,
  };

  async function fetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, searchParams } = new URL(url);
    await new Promise((resolve) => setTimeout(resolve, random() * 15));
    if (pathname.endsWith("/rooms")) {
      return Response.json({ result: [{ ...room, urlPattern: "/hybrid" }] });
    }
    if (!pathname.includes("/requests")) return Response.json({ result: {} });
    const page = init.method === "POST" ? JSON.parse(String(init.body)).url : searchParams.get("url");
    const id = new URL(String(page)).searchParams.get("visitor") ?? "";
    const sent = /\/requests\/(.+)$/.exec(pathname)?.[1];
    if (sent !== undefined && sent !== tokenOf(id)) {
      tally.crossed.push(`the service was asked about ${sent} for visitor ${id}`);
    }
    if (random() < 0.03) throw new TypeError("connection reset");
    const promoted = Number(id) % 2 === 0 ? 1 : 0;
    return Response.json({
      result: { status: promoted, promoted, token: tokenOf(id), slug: room.slug, responseID: `${id}r` },
    });
  }

  const plugins = (provider: Plugin): readonly Plugin[] => [
    cookieTokens({ secure: false }),
    failClosed(),
    provider,
  ];
  const quiet = { onError() {} };
  const queue = configOf(integration({ ExtendCookieValidity: true, Triggers: [trigger("/queue")] }));
  return {
    full: createGate({ plugins: [...plugins(crowdhandler(shared))] as never, ...quiet }),
    hybrid: createGate({
      plugins: [...plugins(crowdhandler({ ...shared, mode: "hybrid", privateKey }))] as never,
      ...quiet,
    }),
    queue: createGate({
      plugins: [
        ...plugins(queueIt({
          customerId,
          secretKeys: [secret],
          integrationConfig: queue,
          onConfiguration() {},
        })),
      ] as never,
      ...quiet,
    }),
  };
}

/** Sends requests of one visitor after the other over one connection, and looks at each answer. */
function talk(
  port: number,
  visitors: readonly Visitor[],
  random: () => number,
  end: number,
  tally: Tally,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", ask);
    const decoder = new TextDecoder("latin1");
    let text = "";
    let visitor: Visitor | undefined;
    let path = "";

    function ask(): void {
      if (performance.now() > end) {
        socket.destroy();
        return resolve();
      }
      do visitor = visitors[Math.floor(random() * visitors.length)]; while (visitor?.isBusy !== false);
      visitor.isBusy = true;
      path = ["full", "hybrid", "queue"][Math.floor(random() * 3)] ?? "full";
      const cookie = [...visitor.jar].map(([name, value]) => `${name}=${value}`).join("; ");
      text = "";
      socket.write(
        `GET /${path}?visitor=${visitor.id} HTTP/1.1\r\nHost: shop.example.com\r\nUser-Agent: visitor=${visitor.id}\r\n` +
          (cookie === "" ? "" : `Cookie: ${cookie}\r\n`) + "\r\n",
      );
    }

    socket.on("error", reject);
    socket.on(
      "close",
      () => performance.now() > end ? resolve() : reject(new Error("a connection was closed")),
    );
    socket.on("data", (more) => {
      text += decoder.decode(more, { stream: true });
      const split = text.indexOf("\r\n\r\n");
      if (split === -1 || visitor === undefined) return;
      const head = text.slice(0, split);
      const body = text.slice(split + 4);
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      if (length !== undefined ? body.length < Number(length) : !body.endsWith("0\r\n\r\n")) return;
      judge(visitor, path, head, body, tally);
      visitor.isBusy = false;
      ask();
    });
  });
}

function judge(visitor: Visitor, path: string, head: string, body: string, tally: Tally): void {
  const { id, jar, isPromoted } = visitor;
  tally.requests++;
  const all = unescaped(`${head}\n${body}`);
  const foreign = [
    ...[...all.matchAll(/visitor=(\d+)/g)].filter(([, other]) => other !== id),
    ...[...all.matchAll(/tok0000\d{8}/g)].filter(([other]) => other !== tokenOf(id)),
    ...[...all.matchAll(/944c1f44-60dd-4e37-aabc-\d{12}/g)].filter(([other]) => other !== guidOf(id)),
  ];
  if (foreign.length > 0) {
    tally.crossed.push(
      `visitor ${id} got something of another on /${path}: ${foreign.map(([text]) => text)}`,
    );
  }
  const status = Number(head.split(" ", 2)[1]);
  if (status === 200) tally.served++;
  else if (status === 302) tally.queued++;
  else tally.crossed.push(`visitor ${id} got ${status} on /${path}`);
  if (status === 200 && (!isPromoted || !body.includes(`page of visitor=${id},`))) {
    tally.crossed.push(`visitor ${id} was served on /${path}: ${body.slice(0, 80)}`);
  }
  for (const [, name = "", value = ""] of head.matchAll(/^set-cookie: ([^=;\r]+)=([^;\r]*)/gim)) {
    if (value === "") jar.delete(name);
    else jar.set(name, value);
  }
}

/** Undoes percent-encoding, also where it is applied twice. */
function unescaped(text: string): string {
  const once = (part: string) =>
    part.replace(/%[\da-f]{2}/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
  return once(once(text));
}
