import * as v from "valibot";
import {
  count,
  crowd,
  domain,
  fn,
  httpUrl,
  instant,
  ip,
  isRegExp,
  logo,
  minutes,
  note,
  origin,
  pattern,
  rate,
  text,
} from "./schemas.ts";
import { QueueItSchema } from "./queue-it/parse-options.ts";
import {
  DEMO_PRIVATE_KEY,
  DEMO_PUBLIC_KEY,
  type ResolvedOptions,
  type Room,
  type SandboxOptions,
} from "./options.ts";

/**
 * Checks options and fills in the defaults.
 *
 * @param input What the caller gave.
 * @param subject What could not be created, for the message.
 * @returns Complete options.
 * @throws {TypeError} If a value has the wrong shape.
 * @throws {RangeError} If a value is out of range.
 */
export function parseOptions(input: unknown, subject = "Cannot create sandbox"): ResolvedOptions {
  const result = v.safeParse(Options, input, { abortPipeEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = v.getDotPath(issue) ?? "options";
    const message = `${subject}: "${path}" ${describe(issue)}`;
    throw issue.kind === "schema" ? new TypeError(message) : new RangeError(message);
  }
  const { rooms, queueIt, ...rest } = result.output;
  const slug = repeated(rooms.map((room) => room.slug));
  if (slug !== undefined) {
    throw new RangeError(`${subject}: "rooms" must have distinct slugs, received "${slug}" twice`);
  }
  const eventId = repeated(queueIt.rooms.map((room) => room.eventId));
  if (eventId !== undefined) {
    throw new RangeError(
      `${subject}: "queueIt.rooms" must have distinct event ids, received "${eventId}" twice`,
    );
  }
  return { ...rest, rooms: rooms.map(complete), queueIt };
}

function complete(room: v.InferOutput<typeof RoomSchema>): Room {
  return {
    ...room,
    title: room.title ?? room.slug,
    onsale: room.onsale ?? room.queueActivatesOn,
    sessionMinutes: room.sessionMinutes ?? room.timeout,
  };
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function describe(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object") {
    if (issue.expected === "never") return "is not an option";
    if (issue.path !== undefined && issue.received === "undefined") return "is required";
    return `must be an object, received ${issue.received}`;
  }
  return `${issue.message}, received ${shown(issue)}`;
}

function shown(issue: v.BaseIssue<unknown>): string {
  const { input } = issue;
  return typeof input === "string" ? JSON.stringify(input.slice(0, 80)) : issue.received;
}

const RoomSchema = v.pipe(
  v.strictObject({
    slug: v.pipe(
      v.string("must be a string"),
      v.regex(/^[A-Za-z0-9][\w-]{0,63}$/, "must be 1 to 64 letters, digits, - or _"),
      v.check((value) => !["v1", "sandbox"].includes(value), "must not be a reserved path"),
    ),
    domain,
    title: v.optional(text),
    patternType: v.optional(
      v.picklist(["regex", "contains", "all"], "must be regex, contains or all"),
      "all",
    ),
    urlPattern: v.optional(v.nullable(v.string("must be a string or null")), null),
    queueActivatesOn: v.optional(instant, "2020-01-01T00:00:00Z"),
    onsale: v.optional(instant),
    timeout: v.optional(
      v.pipe(minutes, v.integer("must be a whole number of minutes")),
      20,
    ),
    sessionMinutes: v.optional(minutes),
    holdMinutes: v.optional(minutes, 60),
    capacity: v.optional(count, 100),
    ratePerMinute: v.optional(rate, 60),
    crowd: v.optional(crowd, 0),
    checkout: v.optional(v.nullable(pattern), null),
    message: v.optional(note, null),
    logo: v.optional(logo, null),
    priorityCodes: v.optional(v.array(text, "must be a list of strings"), []),
  }),
  v.forward(
    v.partialCheck(
      [["patternType"], ["urlPattern"]],
      (room) => room.patternType !== "regex" || (room.urlPattern !== null && isRegExp(room.urlPattern)),
      "must be the source of a regular expression",
    ),
    ["urlPattern"],
  ),
);

const Options = v.strictObject({
  publicKey: v.optional(text, DEMO_PUBLIC_KEY),
  privateKey: v.optional(text, DEMO_PRIVATE_KEY),
  rooms: v.optional(
    v.pipe(v.array(RoomSchema, "must be a list of rooms"), v.minLength(1, "must name at least one room")),
    [{ slug: "demo", title: "Demo", domain: "https://localhost:8080" }],
  ),
  returnOrigins: v.optional(v.array(origin, "must be a list of origins"), []),
  waitingRoomUrl: v.optional(v.union([v.literal(""), httpUrl], "must be an http or https URL"), ""),
  blockedIps: v.optional(v.array(ip, "must be a list of IP addresses"), []),
  maxVisitors: v.optional(v.pipe(count, v.minValue(1, "must be at least 1")), 100_000),
  tokenMinutes: v.optional(minutes, 720),
  now: v.optional(fn, () => Date.now),
  random: v.optional(fn, () => cryptoRandom),
  fetch: v.optional(
    v.custom<NonNullable<SandboxOptions["fetch"]>>(
      (value) => typeof value === "function",
      "must be a function",
    ),
    () => fetch,
  ),
  queueIt: v.optional(QueueItSchema, {}),
});

function cryptoRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
