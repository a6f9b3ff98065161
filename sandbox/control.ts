/**
 * The sandbox's own endpoints under `/sandbox`: look at it, and steer it, over HTTP.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { normalizeIp } from "./normalize-ip.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Bindings } from "./call.ts";
import { createQueueItControl } from "./queue-it/control.ts";
import type { NotedDecision } from "./decisions.ts";
import { ENDPOINTS, type Fault, FOOLING } from "./faults.ts";

type Env = { Bindings: Bindings };

const count = v.pipe(
  v.number("must be a number"),
  v.safeInteger("must be an integer"),
  v.minValue(0, "must not be negative"),
);

const RoomChangeSchema = v.strictObject({
  capacity: v.optional(count),
  ratePerMinute: v.optional(
    v.pipe(v.number("must be a number"), v.finite("must be finite"), v.minValue(0, "must not be negative")),
  ),
  crowd: v.optional(v.pipe(count, v.maxValue(10_000, "must be at most 10000"))),
  status: v.optional(v.nullable(v.picklist([0, 1, 2, 3, 4, 5, 6], "must be 0 to 6, or null"))),
  message: v.optional(v.nullable(v.string("must be a string or null"))),
});
const PromoteSchema = v.strictObject({ token: v.optional(v.string("must be a string")) });
const BlockSchema = v.strictObject({ status: v.optional(v.picklist([3, 4], "must be 3 or 4"), 4) });

/**
 * Creates the control endpoints.
 *
 * @param sandbox What they control.
 * @returns A Hono app.
 */
export function createControl(sandbox: Sandbox): Hono<Env> {
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    // A page of another origin cannot send JSON without asking first, and it is never told that it may.
    const type = c.req.header("content-type") ?? "";
    // curl calls what it sends a form, unless told otherwise.
    const isWrong = c.req.method === "POST"
      ? !/^application\/json\b/i.test(type)
      : /^application\/x-www-form-urlencoded\b/i.test(type);
    if (isWrong) {
      return c.json({ error: "Send JSON, with content-type: application/json" }, 415);
    }
    if (c.env.bodyError !== undefined) return c.json({ error: c.env.bodyError }, 400);
    await next();
  });

  app.get("/state", (c) => c.json(sandbox.state));
  // Where the fault "redirect" leads: a client that follows it is fooled, and a test can see that.
  app.get("/moved", (c) => c.json(FOOLING));

  app.route("/faults", createFaultControl(sandbox));

  app.post("/promote", (c) => {
    const body = v.safeParse(PromoteSchema, c.env.body ?? {});
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    return c.json({ promoted: sandbox.promote(body.output.token) });
  });

  app.post("/decisions", (c) =>
    answered(c, () => {
      // It is looked at there.
      sandbox.noteDecision(c.env.body as NotedDecision);
      return c.body(null, 204);
    }));

  app.post("/rooms/:slug", (c) => {
    const slug = c.req.param("slug");
    if (!sandbox.state.rooms.some((room) => room.slug === slug)) {
      return c.json({ error: "There is no such room" }, 404);
    }
    const body = v.safeParse(RoomChangeSchema, c.env.body);
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    return c.json(sandbox.updateRoom(slug, body.output));
  });

  app.put("/blocked-ips/:ip", (c) => {
    const ip = c.req.param("ip");
    if (normalizeIp(ip) === undefined) return c.json({ error: "This is not an IP address" }, 400);
    const body = v.safeParse(BlockSchema, c.env.body ?? {});
    if (!body.success) return c.json(wrong(body.issues[0]), 400);
    sandbox.blockIp(ip, body.output.status);
    return c.json(sandbox.state.blockedIps);
  });
  app.delete("/blocked-ips/:ip", (c) => {
    sandbox.unblockIp(c.req.param("ip"));
    return c.json(sandbox.state.blockedIps);
  });

  app.route("/queue-it", createQueueItControl(sandbox.queueIt));

  app.all("*", (c) => c.json({ error: "There is no such endpoint" }, 404));
  return app;
}

function createFaultControl(sandbox: Sandbox): Hono<Env> {
  const app = new Hono<Env>();
  app.put("/:endpoint", (c) => {
    const endpoint = ENDPOINTS.find((each) => each === c.req.param("endpoint"));
    if (endpoint === undefined) {
      return c.json({ error: `Endpoint must be one of ${ENDPOINTS.join(", ")}` }, 404);
    }
    return answered(c, () => {
      // `set` checks the shape, and says what is wrong with it.
      sandbox.faults.set(endpoint, c.env.body as Fault);
      return c.json(sandbox.state.faults);
    });
  });
  app.delete("/:endpoint?", (c) => {
    const name = c.req.param("endpoint");
    const endpoint = ENDPOINTS.find((each) => each === name);
    if (name !== undefined && endpoint === undefined) {
      return c.json({ error: "There is no such endpoint" }, 404);
    }
    sandbox.faults.clear(endpoint);
    return c.json(sandbox.state.faults);
  });
  return app;
}

/** What a member of the sandbox refuses is the caller's mistake. */
function answered(c: Context<Env>, work: () => Response): Response {
  try {
    return work();
  } catch (error) {
    return c.json({ error: error instanceof Error ? error.message : String(error) }, 400);
  }
}

function wrong(issue: v.BaseIssue<unknown>): { error: string } {
  return { error: `"${v.getDotPath(issue) ?? "body"}" is wrong. ${issue.message}` };
}
