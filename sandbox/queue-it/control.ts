/**
 * The Queue-it side's part of the control endpoints, under `/sandbox/queue-it`.
 *
 * @module
 */
import { Hono } from "hono";
import * as v from "valibot";
import type { Bindings } from "../call.ts";
import { count, crowd, note, rate } from "../schemas.ts";
import { phase } from "./parse-options.ts";
import type { QueueItSandbox } from "./queue-it.ts";

const RoomChangeSchema = v.strictObject({
  capacity: v.optional(count),
  ratePerMinute: v.optional(rate),
  crowd: v.optional(crowd),
  phase: v.optional(phase),
  message: v.optional(note),
});
const ConfigSchema = v.union(
  [v.string(), v.record(v.string(), v.unknown())],
  "must be an object or a text",
);
/** No address: the sandbox calls only those that it was started with. */
const PushSchema = v.strictObject({});
const TokenSchema = v.strictObject({
  eventId: v.string("is required"),
  queueId: v.optional(
    v.pipe(v.string("must be a string"), v.regex(/^[^_~]{1,200}$/, "must not contain _ or ~")),
  ),
  redirectType: v.optional(v.pipe(v.string("must be a string"), v.regex(/^[A-Za-z]+$/, "must be letters"))),
  expiresInSeconds: v.optional(v.pipe(v.number("must be a number"), v.integer("must be an integer"))),
  fixedCookieMinutes: v.optional(v.nullable(count)),
  address: v.optional(v.string("must be a string")),
});

/**
 * Creates the control endpoints.
 *
 * @param queueIt What they control.
 * @returns A Hono app.
 */
export function createQueueItControl(queueIt: QueueItSandbox): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();

  app.get("/integrationconfig", (c) => {
    return c.body(queueIt.integrationConfig(new URL(c.req.url).host), 200, {
      "content-type": "application/json",
    });
  });
  app.put("/integrationconfig", (c) => {
    const body = v.safeParse(ConfigSchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    return c.json({ version: queueIt.setIntegrationConfig(body.output) });
  });

  app.post("/push", async (c) => {
    const body = v.safeParse(PushSchema, c.env.body ?? {});
    if (!body.success) {
      return c.json({ error: "Send {}: pushes go to connectorUrl, with which the sandbox was started" }, 400);
    }
    try {
      return c.json(await queueIt.push(undefined, new URL(c.req.url).host));
    } catch (error) {
      return c.json({ error: error instanceof Error ? error.message : String(error) }, 400);
    }
  });

  app.post("/tokens", (c) => {
    const body = v.safeParse(TokenSchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    const { eventId, ...options } = body.output;
    if (!knows(eventId)) return c.json({ error: "There is no such room" }, 404);
    return c.json({ queueittoken: queueIt.issueToken(eventId, options) });
  });

  app.post("/rooms/:eventId", (c) => {
    const eventId = c.req.param("eventId");
    if (!knows(eventId)) return c.json({ error: "There is no such room" }, 404);
    const body = v.safeParse(RoomChangeSchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    return c.json(queueIt.updateRoom(eventId, body.output));
  });

  function knows(eventId: string): boolean {
    return queueIt.state.rooms.some((room) => room.eventId === eventId);
  }

  return app;
}

function wrong(issue: v.BaseIssue<unknown>): { error: string } {
  return { error: `"${v.getDotPath(issue) ?? "body"}" is wrong. ${issue.message}` };
}
