import * as v from "valibot";
import { normalizeIp } from "./_ip.ts";
import { parseUrl } from "./_url.ts";
import { DEMO_PRIVATE_KEY, DEMO_PUBLIC_KEY, type ResolvedOptions, type Room } from "./options.ts";

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
  const { rooms, ...rest } = result.output;
  const seen = new Set<string>();
  for (const { slug } of rooms) {
    if (seen.has(slug)) {
      throw new RangeError(`${subject}: "rooms" must have distinct slugs, received "${slug}" twice`);
    }
    seen.add(slug);
  }
  return { ...rest, rooms: rooms.map(complete) };
}

function complete(room: v.InferOutput<typeof RoomSchema>): Room {
  return {
    ...room,
    title: room.title ?? room.slug,
    onsale: room.onsale ?? room.queueActivatesOn,
    sessionMinutes: room.sessionMinutes ?? room.timeout,
  };
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

const text = v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty"));
const minutes = v.pipe(
  v.number("must be a number of minutes"),
  v.gtValue(0, "must be more than 0 minutes"),
  v.finite("must be finite"),
);
const count = v.pipe(
  v.number("must be a non-negative integer"),
  v.safeInteger("must be a non-negative integer"),
  v.minValue(0, "must be a non-negative integer"),
);
const instant = v.pipe(
  v.string("must be an ISO 8601 time such as 2030-01-15T12:00:00Z"),
  v.check(
    (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value)),
    "must be an ISO 8601 time such as 2030-01-15T12:00:00Z",
  ),
);
const pattern = v.pipe(
  v.string("must be a string or null"),
  v.check(isRegExp, "must be the source of a regular expression"),
);
const ip = v.pipe(
  v.string("must be an IP address"),
  v.check((value) => normalizeIp(value) !== undefined, "must be an IP address"),
);
const fn = v.custom<() => number>((value) => typeof value === "function", "must be a function");

const RoomSchema = v.pipe(
  v.strictObject({
    slug: v.pipe(
      v.string("must be a string"),
      v.regex(/^[A-Za-z0-9][\w-]{0,63}$/, "must be 1 to 64 letters, digits, - or _"),
      v.check((value) => !["v1", "sandbox"].includes(value), "must not be a reserved path"),
    ),
    domain: v.pipe(
      v.string("must be a string"),
      v.check(
        isDomain,
        "must be https:// and a host, as in https://shop.example.com or https://*.example.com",
      ),
    ),
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
    ratePerMinute: v.optional(
      v.pipe(v.number("must be a number"), v.minValue(0, "must not be negative"), v.finite("must be finite")),
      60,
    ),
    crowd: v.optional(v.pipe(count, v.maxValue(10_000, "must be at most 10000")), 0),
    checkout: v.optional(v.nullable(pattern), null),
    message: v.optional(v.nullable(v.string("must be a string or null")), null),
    logo: v.optional(
      v.nullable(v.pipe(v.string("must be a string or null"), v.check(isHttps, "must be an https URL"))),
      null,
    ),
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
  returnOrigins: v.optional(
    v.array(
      v.pipe(
        v.string("must be a string"),
        v.check(isOrigin, "must be an origin such as http://localhost:8080"),
      ),
      "must be a list of origins",
    ),
    [],
  ),
  waitingRoomUrl: v.optional(
    v.pipe(
      v.string("must be a string"),
      v.check((s) => s === "" || isHttp(s), "must be an http or https URL"),
    ),
    "",
  ),
  blockedIps: v.optional(v.array(ip, "must be a list of IP addresses"), []),
  maxVisitors: v.optional(v.pipe(count, v.minValue(1, "must be at least 1")), 100_000),
  tokenMinutes: v.optional(minutes, 720),
  now: v.optional(fn, () => Date.now),
  random: v.optional(fn, () => cryptoRandom),
});

function cryptoRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

function isDomain(value: string): boolean {
  const url = parseUrl(value.replace("://*.", "://"));
  return url?.protocol === "https:" && url.pathname === "/" && /^https:\/\/(\*\.)?[^/?#@*]+$/i.test(value);
}

function isOrigin(value: string): boolean {
  return isHttp(value) && parseUrl(value)?.origin === value.toLowerCase();
}

function isHttp(value: string): boolean {
  return /^https?:$/.test(parseUrl(value)?.protocol ?? "");
}

function isHttps(value: string): boolean {
  return parseUrl(value)?.protocol === "https:";
}
