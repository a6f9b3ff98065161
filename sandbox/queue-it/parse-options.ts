import * as v from "valibot";
import { count, crowd, domain, httpUrl, instant, logo, minutes, note, rate, text } from "../schemas.ts";
import {
  DEMO_API_KEY,
  DEMO_CUSTOMER_ID,
  DEMO_SECRET_KEY,
  type QueueItRoom,
  type QueueItRoomPhase,
  type ResolvedQueueIt,
} from "./options.ts";

const PHASES = ["queue", "safetynet", "idle", "disabled", "afterevent", "before", "after"] as const;

/** A phase. */
export const phase: v.GenericSchema<QueueItRoomPhase> = v.picklist(
  PHASES,
  `must be ${PHASES.join(", ")}`,
);

const flag = v.optional(v.boolean("must be true or false"), false);
const maybeInstant = v.optional(v.nullable(instant), null);

const RESERVED: readonly string[] = ["api", "cancel", "diagnostics", "error", "sandbox", "status", "v1"];

const RoomSchema: v.GenericSchema<unknown, QueueItRoom> = v.pipe(
  v.strictObject({
    eventId: v.pipe(
      v.string("must be a string"),
      v.regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, "must be 1 to 64 letters, digits or -"),
    ),
    domains: v.pipe(
      v.array(domain, "must be a list of domains"),
      v.minLength(1, "must name at least one domain"),
    ),
    title: v.optional(text),
    path: v.optional(v.string("must be a string"), ""),
    targetUrl: v.optional(httpUrl),
    pathPrefix: v.optional(
      v.pipe(
        v.string("must be a string"),
        v.regex(/^([A-Za-z0-9-]+(\/[A-Za-z0-9-]+)*)?$/, "must be a path such as tickets/queue"),
        v.check(
          (path) => !RESERVED.includes(path.split("/", 1)[0] ?? ""),
          "must not begin with a reserved path",
        ),
      ),
      "",
    ),
    phase: v.optional(phase, "queue"),
    activeFrom: maybeInstant,
    opensAt: maybeInstant,
    activeUntil: maybeInstant,
    capacity: v.optional(count, 100),
    ratePerMinute: v.optional(rate, 60),
    crowd: v.optional(crowd, 0),
    sessionMinutes: v.optional(minutes, 20),
    holdMinutes: v.optional(minutes, 60),
    tokenSeconds: v.optional(v.pipe(count, v.minValue(1, "must be at least 1")), 240),
    fixedCookieMinutes: v.optional(
      v.nullable(v.pipe(count, v.minValue(1, "must be 1 to 9999"), v.maxValue(9999, "must be 1 to 9999"))),
      null,
    ),
    bindAddress: flag,
    requireEnqueueToken: flag,
    queueIdUsageLimit: v.optional(v.nullable(count), null),
    directPass: flag,
    message: v.optional(note, null),
    logo: v.optional(logo, null),
  }),
  v.transform((room): QueueItRoom => {
    const home = room.domains.find((each) => !each.includes("*")) ?? "";
    return { ...room, title: room.title ?? room.eventId, targetUrl: room.targetUrl ?? home };
  }),
);

/** The shape of the Queue-it part of the options. */
export const QueueItSchema: v.GenericSchema<unknown, ResolvedQueueIt> = v.pipe(
  v.strictObject({
    customerId: v.optional(
      v.pipe(
        v.string("must be a string"),
        v.regex(/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/, "must be a DNS label"),
        v.check((id) => id !== "multiple", "must not be a reserved word"),
      ),
      DEMO_CUSTOMER_ID,
    ),
    secretKey: v.optional(text, DEMO_SECRET_KEY),
    apiKey: v.optional(text, DEMO_API_KEY),
    rooms: v.optional(
      v.pipe(v.array(RoomSchema, "must be a list of rooms"), v.minLength(1, "must name at least one room")),
      [{ eventId: "demo", title: "Demo", domains: ["https://localhost:8080"] }],
    ),
    queueDomain: v.optional(
      v.pipe(
        v.string("must be a string"),
        v.check(isHost, "must be a host without a scheme, such as localhost:4000"),
      ),
    ),
    integrationConfig: v.optional(
      v.union([v.string(), v.record(v.string(), v.unknown())], "must be an object or a text"),
    ),
    connectorUrl: v.optional(v.union([v.literal(""), httpUrl], "must be an http or https URL"), ""),
  }),
  v.transform((options): ResolvedQueueIt => ({
    ...options,
    queueDomain: options.queueDomain,
    integrationConfig: options.integrationConfig,
  })),
);

function isHost(value: string): boolean {
  return /^[^\s/?#@\\]+$/.test(value) && URL.canParse(`https://${value}/`) && !value.includes("://");
}
