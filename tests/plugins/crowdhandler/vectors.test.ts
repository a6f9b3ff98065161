import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { after, before, test } from "node:test";
import { clientIp } from "../../../plugins/client-ip.ts";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import {
  crowdhandler,
  type CrowdhandlerOptions,
  crowdhandlerVisit,
} from "../../../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen } from "../../../plugins/failure-policy/failure-policy.ts";
import { staticFiles } from "../../../plugins/static-files.ts";
import { readCookie } from "../../../src/http/cookies.ts";
import type { Decision } from "../../../src/decision.ts";
import { canonicalUrl } from "../../../src/url/readings.ts";
import { createGate } from "../../../src/gate.ts";
import type { Plugin } from "../../../src/plugin.ts";
import { resolveCookie } from "../../../src/cookie-options.ts";
import { cookieStore } from "../../../src/tokens/cookie-store.ts";
import { type MockApi, type RecordedCall, type Script, startMockApi } from "../../support/mock-api.ts";

interface VectorOptions extends Omit<CrowdhandlerOptions, "publicKey" | "cookie"> {
  readonly trustOnFail?: boolean;
  readonly trustedProxies?: number;
  readonly exclude?: { readonly extensions?: string[]; readonly pathPattern?: string };
  readonly cookie?: { readonly name?: string; readonly maxAge?: number };
}

interface Vector {
  readonly id: string;
  readonly title: string;
  readonly now?: string;
  readonly random?: number;
  readonly keys?: { readonly publicKey: string; readonly privateKey?: string };
  readonly options?: VectorOptions;
  readonly overrides?: Readonly<
    Record<"overrideIP" | "overrideLang" | "overrideUserAgent" | "overrideCookie", string>
  >;
  readonly presetSetCookie?: readonly string[];
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly cookies?: Readonly<Record<string, string>> | string;
    readonly remoteAddress?: string;
  };
  readonly api?: Readonly<Record<"rooms" | "requests" | "responses", Script>> & { readonly fault?: string };
  readonly performance?: {
    readonly advanceMs?: number;
    readonly status?: number;
    readonly ms?: number;
    readonly responseId?: string;
    readonly waitMs?: number;
  };
  readonly expected: {
    readonly action: string;
    readonly status?: number;
    readonly location?: string;
    readonly room?: Readonly<Record<string, string>>;
    readonly setCookie?: readonly ExpectedCookie[];
    readonly apiCalls?: readonly ExpectedCall[];
    readonly unhandledRejections?: number;
  };
}

interface ExpectedCookie {
  readonly name: string;
  readonly value?: string;
  readonly token?: string;
  readonly signatures?: readonly { gen: string; sig: string }[];
  readonly touched?: number;
}

interface ExpectedCall {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

const file = new URL("../../vectors/crowdhandler.json", import.meta.url);
const { meta, cases } = JSON.parse(readFileSync(file, "utf8")) as {
  readonly meta: {
    readonly count: number;
    readonly defaults: { now: string; random: number; keys: { publicKey: string }; publicHosts: string[] };
  };
  readonly cases: readonly Vector[];
};
const { defaults } = meta;
/** The recorded cases have a longer list than `staticFiles()`, which leaves out what may be the data of a page. */
const vendorsExtensions =
  ("css gif ico jpg jpeg js json mov mp4 mpeg mpg png svg ttf otf eot woff woff2 webp avif map mjs webmanifest " +
    "csv txt xml pdf ogg ogv wmv avi").split(" ");
const actions: Readonly<Record<Decision["action"], string>> = {
  bypass: "allow",
  admit: "allow",
  queue: "redirect",
  redirect: "clean-redirect",
  reject: "reject",
  respond: "respond",
};

/**
 * Cases whose URL every `Request` normalises before a handler sees it: `/a/../b` is `/b`, and `'` in a query is
 * `%27`. What is expected is normalised in the same way.
 */
const normalised: ReadonlySet<string> = new Set([
  "url/path-dots-clean",
  "url/path-dots-queued",
  "url/path-quote-queued",
]);

/** Cases in which the service is asked about the canonical spelling of a page, which is the one that the application sees. */
const canonical: ReadonlySet<string> = new Set(["hybrid/rooms-encoded-path"]);

/** Cases of edition 1 in which an owner who trusts also trusts after HTTP 429: that has to be said by its name. */
const throttledIsTrusted: ReadonlySet<string> = new Set([
  "fault/http-429-trust-true",
  "hybrid/api-429-trust-true",
]);

/**
 * Cases of edition 1 that are superseded, and what happens instead. Status 6 with `promoted` 0 was a failure, so that a crowd
 * opened a gate whose owner trusts. It is a plain refusal: the answer names the room, and its token is kept.
 */
const statusSix: Partial<Vector["expected"]> = {
  action: "redirect",
  status: 302,
  room: {
    base: "https://wait.crowdhandler.com/queen-victoria-hall",
    url: "https://shop.example.com/tickets",
    "ch-id": "tok_7pDi5dRB2nUi",
    "ch-public-key": defaults.keys.publicKey,
  },
  setCookie: [{ name: "crowdhandler", token: "tok_7pDi5dRB2nUi", signatures: [] }],
};
const superseded: Readonly<Record<string, Partial<Vector["expected"]>>> = {
  "hybrid/api-status6-trust-true": statusSix,
  "hybrid/api-status6-trust-slug": statusSix,
};

/** Cases with a reset connection, on which Deno's own fetch sends a request again; other platforms do not. */
const resent: ReadonlySet<string> = new Set("Deno" in globalThis ? ["fault/reset"] : []);

let api: MockApi;
let refusedUrl = "";
let rejections = 0;
const ran = new Map<string, number>();
const count = () => rejections++;

before(async () => {
  process.on("unhandledRejection", count);
  api = await startMockApi();
  refusedUrl = await closedPort();
});

after(async () => {
  await api.close();
  process.off("unhandledRejection", count);
  const total = [...ran.values()].reduce((sum, number) => sum + number, 0);
  const groups = [...ran].map(([group, number]) => `${group} ${number}`).join(", ");
  console.log(`crowdhandler vectors: ${total} of ${meta.count} cases ran (${groups})`);
});

// Many cases wait for a fault, so some run side by side: few enough that none is late for the others' sake.
for (const group of new Set(cases.map(groupOf))) {
  test(`crowdhandler() behaves as recorded: ${group}`, async () => {
    const faults: string[] = [];
    const waiting = cases.filter((vector) => groupOf(vector) === group);
    async function work(): Promise<void> {
      for (let vector = waiting.shift(); vector !== undefined; vector = waiting.shift()) {
        try {
          await run(vector);
          ran.set(group, (ran.get(group) ?? 0) + 1);
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          faults.push(`${vector.id} (${vector.title}): ${text}`);
        }
      }
    }
    await Promise.all(Array.from({ length: 6 }, work));
    assert.deepEqual(faults, []);
    assert.equal(rejections, 0, "no promise may be rejected without a handler");
  });
}

test("crowdhandler() is driven through every recorded case", () => {
  assert.equal([...ran.values()].reduce((sum, number) => sum + number, 0), meta.count);
});

/**
 * A reset gets a server of its own: on a connection that was kept open, some clients take it for the end of that
 * connection and send the call once more.
 */
async function run(vector: Vector): Promise<void> {
  if (!JSON.stringify(vector.api ?? {}).includes('"reset"')) return await runOn(api, vector);
  const own = await startMockApi();
  try {
    await runOn(own, vector);
  } finally {
    await own.close();
  }
}

function isAboutTime({ api }: Vector): boolean {
  return /"fault":"(?:timeout|stall-body)"/.test(JSON.stringify(api ?? {}));
}

async function runOn(api: MockApi, vector: Vector): Promise<void> {
  const { options = {}, request, performance = {}, overrides, presetSetCookie = [] } = vector;
  const expected = { ...vector.expected, ...superseded[vector.id] };
  const keys = vector.keys ?? defaults.keys;
  const { trustOnFail = true, trustedProxies, exclude, cookie, ...rest } = options;
  const scripted = api.open({
    requests: vector.api?.requests,
    responses: vector.api?.responses,
    rooms: vector.api?.rooms,
  });
  let now = Date.parse(vector.now ?? defaults.now);
  let decision: Decision | undefined;
  let served = false;

  const pattern = exclude?.pathPattern === undefined ? undefined : new RegExp(exclude.pathPattern);
  const plugins: Plugin[] = [
    staticFiles({
      extensions: exclude?.extensions ?? vendorsExtensions,
      ...(pattern === undefined ? {} : { test: (ctx) => pattern.test(ctx.path) }),
    }),
    clientIp({ warn: () => {}, ...(trustedProxies === undefined ? {} : { trustedProxies }) }),
    overrides?.overrideCookie === undefined ? cookieTokens() : givenCookies(overrides.overrideCookie),
    // On a machine that is busy with something else a late answer counts as overload.
    trustOnFail
      ? failOpen({ overloaded: "admit", ...(throttledIsTrusted.has(vector.id) && { throttled: "admit" }) })
      : failClosed(),
  ];
  plugins.push(
    crowdhandler({
      publicHosts: defaults.publicHosts,
      ...rest,
      // The recorded limits count where a case is about them. On a busy machine, another answer may take longer.
      ...(isAboutTime(vector)
        ? {}
        : { timeoutMs: 20_000, performance: { ...rest.performance, timeoutMs: 20_000 } }),
      ...keys,
      ...(cookie === undefined ? {} : {
        cookie: {
          ...(cookie.name === undefined ? {} : { name: cookie.name }),
          maxAgeSeconds: cookie.maxAge ?? 0,
        },
      }),
      ...(overrides === undefined ? {} : {
        visitor: () => ({
          ip: overrides.overrideIP,
          lang: overrides.overrideLang,
          agent: overrides.overrideUserAgent,
        }),
      }),
      apiUrl: vector.api?.fault === "refused" ? refusedUrl : scripted.url,
      random: () => vector.random ?? defaults.random,
      warn: () => {},
    }),
    observer((seen) => decision = seen, performance.responseId, performance.ms),
  );
  const gate = createGate({ plugins, now: () => now, onError: () => {} });
  const handler = gate.wrap((_request: Request, _info?: unknown) => {
    served = true;
    now += performance.advanceMs ?? 0;
    const headers = new Headers();
    for (const line of presetSetCookie) headers.append("set-cookie", line);
    return new Response("page", { status: performance.status ?? 200, headers });
  });

  const headers = new Headers(request.headers);
  if (request.cookies !== undefined) headers.set("cookie", onTheWire(cookieHeader(request.cookies)));
  const response = await handler(
    new Request(request.url, { method: request.method, headers }),
    { remoteAddr: { hostname: request.remoteAddress ?? "127.0.0.1" } },
  );
  await gate.idle();

  assert.equal(decision === undefined ? "allow" : actions[decision.action], expected.action, "action");
  assert.equal(served, expected.action === "allow", "the application runs only for those who may enter");
  if (expected.status !== undefined) assert.equal(response.status, expected.status, "status");
  const location = response.headers.get("location") ?? "";
  const normal = normalised.has(vector.id) ? (url: string) => new URL(url).href : ascii;
  if (expected.location !== undefined) assert.equal(ascii(location), normal(expected.location), "location");
  if (expected.room !== undefined) {
    assert.deepEqual(roomOf(location, ascii), comparableRoom(expected.room, normal), "room");
  }
  if (expected.action !== "allow") {
    assert.match(response.headers.get("cache-control") ?? "", /no-store/, "no-store");
  }
  if (expected.setCookie !== undefined) {
    const lines = response.headers.getSetCookie();
    assert.equal(lines.length, expected.setCookie.length, `Set-Cookie: ${lines.join(" | ")}`);
    expected.setCookie.forEach((wanted, index) => compareCookie(lines[index] ?? "", wanted, vector));
  }
  if (expected.apiCalls !== undefined) {
    assert.deepEqual(
      scripted.calls.slice(0, resent.has(vector.id) ? 1 : undefined).map((call) =>
        comparableCall(call, ascii)
      ),
      expected.apiCalls.map((call) =>
        comparableCall(call, canonical.has(vector.id) ? (url) => canonicalUrl(normal(url)) : normal)
      ),
      "API calls",
    );
  }
  for (const call of scripted.calls) assert.equal(call.headers["x-api-key"], keys.publicKey, "x-api-key");
}

/** Cookies, of which those are read that the application was given in another way. */
function givenCookies(header: string): Plugin {
  const open = cookieStore(resolveCookie("given cookies", {}));
  return {
    name: "given-cookies",
    supplies: {
      tokens(ctx) {
        const store = open(ctx);
        return {
          read: (name) => readCookie(header, name),
          write: (name, value, options) => store.write(name, value, options),
          remove: (name, options) => store.remove(name, options),
          headers: () => store.headers(),
        };
      },
    },
  };
}

function observer(
  tell: (decision: Decision) => void,
  responseId: string | undefined,
  timeMs: number | undefined,
): Plugin {
  return {
    name: "observer",
    headers(ctx) {
      const visit = ctx.get(crowdhandlerVisit);
      if (visit !== undefined && (responseId !== undefined || timeMs !== undefined)) {
        ctx.set(crowdhandlerVisit, {
          ...visit,
          responseId: responseId ?? visit.responseId,
          ...(timeMs === undefined ? {} : { timeMs }),
        });
      }
      return undefined;
    },
    settled: (_ctx, outcome) => tell(outcome.decision),
  };
}

function groupOf({ id }: Vector): string {
  return id.split("/")[0] ?? "";
}

function cookieHeader(cookies: Readonly<Record<string, string>> | string): string {
  return typeof cookies === "string"
    ? cookies
    : Object.entries(cookies).map((pair) => pair.join("=")).join("; ");
}

/** Servers hand over the bytes of a header one by one. */
function onTheWire(header: string): string {
  return Buffer.from(header, "utf8").toString("latin1");
}

function ascii(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => encodeURIComponent(part));
}

function roomOf(location: string, normal: (url: string) => string): Record<string, string> {
  const [base = "", query = ""] = location.split(/\?(.*)/s);
  return comparableRoom(
    { base: base.replace(/\/$/, ""), ...Object.fromEntries(new URLSearchParams(query)) },
    normal,
  );
}

function comparableRoom(
  room: Readonly<Record<string, string>>,
  normal: (url: string) => string,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["base", "url", "ch-id", "ch-public-key"]) {
    const value = room[name];
    if (value) found[name] = name === "base" ? ascii(value) : name === "url" ? normal(value) : value;
  }
  return found;
}

function comparableCall(
  { method, path, query, body }: ExpectedCall | RecordedCall,
  normal: (url: string) => string,
): unknown {
  const fields = { ...(method === "GET" ? query : body as Record<string, unknown>) };
  if (typeof fields["url"] === "string") fields["url"] = withoutReserved(normal(fields["url"]));
  if (fields["sampleRate"] === 1) delete fields["sampleRate"];
  return { method, path: path.replace(/\/$/, ""), fields };
}

function withoutReserved(url: string): string {
  const mark = url.indexOf("?");
  if (mark === -1) return url;
  const kept = url.slice(mark + 1).split("&").filter((pair) =>
    !/^ch-(?:code|fresh|id|id-signature|public-key|requested)(?:=|$)/i.test(pair)
  );
  return kept.join("&") === "" ? url.slice(0, mark) : `${url.slice(0, mark)}?${kept.join("&")}`;
}

function compareCookie(line: string, wanted: ExpectedCookie, vector: Vector): void {
  const [pair = "", ...attributes] = line.split("; ");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, equals);
  const value = decodeURIComponent(pair.slice(equals + 1));
  assert.equal(name, wanted.name, "cookie name");
  if (wanted.value !== undefined) assert.equal(value, wanted.value, "cookie value");
  if (wanted.token !== undefined) compareSession(value, wanted, vector);
  if (vector.presetSetCookie?.includes(line)) return;
  assert.ok(attributes.includes("Path=/") && attributes.includes("Secure"), line);
  const { maxAge = 0 } = vector.options?.cookie ?? {};
  assert.equal(attributes.some((attribute) => attribute.startsWith("Max-Age=")), maxAge > 0, line);
}

function compareSession(value: string, wanted: ExpectedCookie, vector: Vector): void {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const entry = JSON.parse(value).tokens.at(-1);
  assert.equal(entry.token, wanted.token, "token");
  const sorted = (list: readonly { gen: string; sig: string }[]) =>
    list.map(({ gen, sig }) => `${gen} ${sig}`).sort();
  assert.deepEqual(sorted(entry.signatures), sorted(wanted.signatures ?? []), "signatures");
  if (wanted.touched !== undefined) assert.equal(entry.touched, wanted.touched, "touched");
  assert.equal(entry.touchedSig, hash(hash(vector.keys?.privateKey ?? "") + entry.touched), "touchedSig");
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return `http://127.0.0.1:${port}`;
}
