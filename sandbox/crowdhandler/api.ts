/**
 * The public API: `/v1/requests`, `/v1/responses`, `/v1/rooms` and the lite validator.
 *
 * @module
 */
import { Hono } from "hono";
import type { Context } from "hono";
import { cors } from "hono/cors";
import * as v from "valibot";
import { normalizeIp } from "../normalize-ip.ts";
import { parseReturnUrl, withParameters } from "../return-url.ts";
import { parseUrl } from "../parse-url.ts";
import type { Bindings } from "../call.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RecordedResponse } from "../state.ts";
import type { Answer, Checker } from "./check.ts";
import type { LiveRoom } from "./rooms.ts";

type Env = { Bindings: Bindings };

const RESERVED = ["ch-code", "ch-fresh", "ch-id", "ch-id-signature", "ch-public-key", "ch-requested"];

const text = v.optional(v.string("must be a string"));
const RequestSchema = v.pipe(
  v.object({
    url: text,
    slug: text,
    ip: v.pipe(
      v.string("is required"),
      v.check((value) => normalizeIp(value) !== undefined, "must be an IP address"),
    ),
    agent: v.pipe(v.string("is required"), v.nonEmpty("is required")),
    lang: text,
    code: text,
  }, "is required"),
  v.forward(
    v.partialCheck(
      [["url"], ["slug"]],
      (it) => it.slug !== undefined || isHttps(it.url),
      "must be an absolute https URL",
    ),
    ["url"],
  ),
);

const number = v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.finite("must be a number"));
const status = v.pipe(number, v.integer("must be an HTTP status"), v.minValue(100), v.maxValue(599));
const ResponseSchema = v.object({
  code: v.optional(status),
  httpCode: v.optional(status),
  time: v.optional(v.pipe(number, v.minValue(0, "must not be negative"))),
  sampleRate: v.optional(v.pipe(number, v.minValue(1, "must be at least 1"))),
});

/**
 * Creates the API.
 *
 * @param options The sandbox's options.
 * @param service The check, the rooms by precedence, and where performance reports go.
 * @returns A Hono app.
 */
export function createApi(
  options: ResolvedOptions,
  service: { checker: Checker; rooms: readonly LiveRoom[]; onReport: (report: RecordedResponse) => void },
): Hono<Env> {
  const { checker, rooms } = service;
  const app = new Hono<Env>();

  app.get("/redirect/requests/:token?", (c) => redirect(c));
  app.use(cors({ origin: "*", allowHeaders: ["x-api-key", "content-type", "authorization"], maxAge: 600 }));
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    if (!isAuthorised(c, options.publicKey)) return c.json({ error: "Invalid API key" }, 401);
    if (c.env.bodyError !== undefined) return c.json({ error: c.env.bodyError }, 400);
    await next();
  });

  app.post("/requests", (c) => answer(c, c.env.body));
  app.get("/requests", (c) => answer(c, c.req.query()));
  app.get("/requests/:token", (c) => answer(c, c.req.query(), c.req.param("token")));

  app.put("/responses/:id", (c) => {
    const responseID = c.req.param("id");
    const issued = checker.issued(responseID);
    if (issued === undefined) return c.json({ error: "Unknown responseID" }, 404);
    const parsed = v.safeParse(ResponseSchema, c.env.body ?? {});
    if (!parsed.success) return c.json(wrong(parsed.issues[0]), 400);
    const { code, httpCode, time, sampleRate } = parsed.output;
    const report = {
      responseID,
      ...issued,
      code: code ?? httpCode ?? 200,
      ...(time === undefined ? {} : { time }),
      ...(sampleRate === undefined ? {} : { sampleRate }),
    };
    service.onReport(report);
    return c.json({ result: report });
  });

  app.get("/rooms", (c) => {
    c.header("x-datestamp", String(Math.floor(options.now() / 1000)));
    return c.json({ result: rooms.map((room) => feedEntry(room)) });
  });

  app.all("*", (c) => c.json({ error: "There is no such resource" }, 404));

  function answer(c: Context<Env>, input: unknown, token?: string): Response {
    const parsed = v.safeParse(RequestSchema, withoutEmpty(input));
    if (!parsed.success) return c.json(wrong(parsed.issues[0]), 400);
    const { url = "", slug, ip, code } = parsed.output;
    const target = slug === undefined ? new URL(url) : rooms.find((room) => room.options.slug === slug);
    if (target === undefined) {
      return c.json({ error: 'The parameter "slug" names no room', parameter: "slug" }, 400);
    }
    return c.json({ result: checker.check({ target, token, ip: normalizeIp(ip), code }).result });
  }

  function redirect(c: Context<Env>): Response {
    c.header("cache-control", "no-store, no-cache, must-revalidate, max-age=0");
    c.header("referrer-policy", "no-referrer");
    if (c.req.query("ch-public-key") !== options.publicKey) return c.json({ error: "Invalid API key" }, 401);
    const given = c.req.query("url");
    const domains = rooms.map((room) => room.options.domain);
    const target = parseReturnUrl(given, domains, options.returnOrigins);
    if (target === undefined || given === undefined) {
      return c.json(
        { error: 'The parameter "url" must be a URL on a registered domain', parameter: "url" },
        400,
      );
    }
    const code = c.req.query("ch-code") || undefined;
    const ip = normalizeIp(c.req.query("ip") ?? "");
    const result = checker.check({ target: new URL(given), token: c.req.param("token"), ip, code });
    return c.redirect(
      result.result.promoted === 1
        ? backTo(target, result, { code, fresh: true })
        : toRoom(given, result, code),
      302,
    );
  }

  function toRoom(url: string, { room, token }: Answer, code: string | undefined): string {
    const base = options.waitingRoomUrl.replace(/\/$/, "");
    const query = new URLSearchParams({ url, "ch-code": code ?? "", "ch-id": token ?? "" });
    query.set("ch-public-key", options.publicKey);
    return `${base}/${room?.options.slug ?? ""}?${query}`;
  }

  return app;
}

/** The address by which a promoted visitor returns, with the fresh link's parameters. @internal */
export function backTo(
  url: URL,
  { token, pass }: Answer,
  { code, fresh = false }: { readonly code?: string | undefined; readonly fresh?: boolean } = {},
): string {
  return withParameters(url, {
    "ch-id": token,
    "ch-id-signature": pass?.signature,
    "ch-requested": pass?.requested,
    "ch-code": code,
    "ch-fresh": fresh ? "1" : undefined,
  }, RESERVED);
}

function feedEntry({ options }: LiveRoom): Record<string, unknown> {
  const { domain, slug, title, patternType, urlPattern, queueActivatesOn, timeout, checkout } = options;
  return {
    domain,
    slug,
    title,
    patternType,
    urlPattern,
    queueActivatesOn,
    timeout,
    checkout,
    safetyMode: false,
    ttl: 60,
  };
}

function isAuthorised(c: Context, publicKey: string): boolean {
  const [scheme = "", credentials = ""] = (c.req.header("authorization") ?? "").split(" ");
  const user = scheme.toLowerCase() === "basic" ? decodeBase64(credentials).split(":", 1)[0] : undefined;
  return (c.req.header("x-api-key") ?? user) === publicKey;
}

function decodeBase64(value: string): string {
  try {
    return atob(value);
  } catch {
    return "";
  }
}

/** Absent, empty and null fields are all the same: not given. */
function withoutEmpty(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return input;
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== "" && value !== null),
  );
}

function wrong(issue: v.BaseIssue<unknown>): { error: string; parameter: string } {
  const parameter = v.getDotPath(issue) ?? "body";
  const missing = issue.received === "undefined" && parameter !== "url";
  return { error: `The parameter "${parameter}" ${missing ? "is required" : issue.message}`, parameter };
}

function isHttps(value: string | undefined): boolean {
  return value !== undefined && parseUrl(value)?.protocol === "https:";
}
