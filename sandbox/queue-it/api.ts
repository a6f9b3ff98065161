/**
 * The endpoints for connectors: integration configuration, verify, direct pass.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { Hono } from "hono";
import * as v from "valibot";
import { constantTimeEqual } from "../../src/crypto/constant-time.ts";
import type { Bindings } from "../call.ts";
import type { ResolvedQueueIt } from "./options.ts";
import type { Desk } from "./desk.ts";
import type { IntegrationConfig } from "./integration-config.ts";

type Env = { Bindings: Bindings };

const id = v.pipe(v.string("is required"), v.nonEmpty("is required"), v.maxLength(200, "is too long"));
const text = v.optional(v.nullable(v.string("must be a string")));
const VerifySchema = v.object({
  waitingRoomId: id,
  queueId: id,
  limit: v.optional(
    v.nullable(v.pipe(v.number("must be a number or null"), v.minValue(0, "must not be negative"))),
  ),
  url: text,
  ip: text,
  actionName: text,
  userAgent: text,
}, "is required");
const DirectPassSchema = v.object({
  waitingRoomId: id,
  url: text,
  ip: text,
  actionName: text,
  userAgent: text,
  referer: text,
  sdkVersion: text,
}, "is required");

/**
 * Creates the endpoints.
 *
 * @param options The Queue-it side's options.
 * @param service The service and the configuration.
 * @returns A Hono app.
 */
export function createQueueItApi(
  options: ResolvedQueueIt,
  service: { desk: Desk; config: IntegrationConfig },
): Hono<Env> {
  const { desk, config } = service;
  const app = new Hono<Env>({ strict: false });

  const guard: MiddlewareHandler<Env> = async (c, next): Promise<Response | undefined> => {
    c.header("cache-control", "no-store");
    const key = c.req.header("api-key");
    if (key === undefined) return c.json({ error: 'The header "api-key" is required' }, 401);
    if (!constantTimeEqual(key, options.apiKey) || c.req.param("customerId") !== options.customerId) {
      return c.json({ error: "This API key may not do that" }, 403);
    }
    if (c.env.bodyError !== undefined) return c.json({ error: c.env.bodyError }, 400);
    await next();
    return undefined;
  };

  app.get("/status/integrationconfig/secure/:customerId", guard, (c) => {
    return c.body(config.text(new URL(c.req.url).host), 200, { "content-type": "application/json" });
  });

  app.post("/api/verifyaction/:customerId", guard, (c) => {
    const body = v.safeParse(VerifySchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    const { waitingRoomId, queueId, limit } = body.output;
    const room = desk.room(waitingRoomId);
    if (room === undefined) return c.json({ error: "There is no such waiting room" }, 404);
    return c.json(desk.use(queueId, limit === undefined ? room.options.queueIdUsageLimit : limit));
  });

  app.post("/api/directpass/:customerId", guard, (c) => {
    const body = v.safeParse(DirectPassSchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    const room = desk.room(body.output.waitingRoomId);
    if (room === undefined) return c.json({ error: "There is no such waiting room" }, 404);
    const queueitToken = desk.passDirectly(room, body.output.ip ?? undefined);
    return c.json(queueitToken === undefined ? { hasPassed: false } : { hasPassed: true, queueitToken });
  });

  app.all("*", (c) => c.json({ error: "There is no such resource" }, 404));
  return app;
}

function wrong(issue: v.BaseIssue<unknown>): { error: string } {
  return { error: `"${v.getDotPath(issue) ?? "body"}" ${issue.message}` };
}
