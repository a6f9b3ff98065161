/** Random configurations, requests, tokens and cookies, few and alike, so that they meet. */

import fc from "../../support/random-cases.ts";
import { cookieOf, guid, now, secret, sign, tokenOf } from "./_helpers.ts";

export const address = "82.192.173.38";
/** A queue id that has to be encoded. */
export const oddQueueId = "ü ?";
export const rooms = ["event1", "event2", "Event-3"] as const;

/** A case of the comparison. */
export interface Scenario {
  readonly integrations: readonly unknown[];
  readonly version: number;
  /** Path and query; the token is added to them. */
  readonly path: string;
  readonly token: string | undefined;
  /** The session cookies by room. */
  readonly sessions: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly clientIp: string;
  /** What the services say; `undefined` where they are not configured. */
  readonly allowed: boolean | "fails" | undefined;
  readonly enqueueToken: string | undefined;
  readonly directPass: DirectPassCase | undefined;
}

/** What the direct pass says. */
export interface DirectPassCase {
  readonly disabled: boolean;
  readonly timeoutMillis: number | undefined;
  readonly answer: "fails" | { readonly hasPassed: boolean; readonly queueitToken: string | undefined };
}

const some = <T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary });

const part = fc.record({
  ValidatorType: fc.constantFrom(
    "UrlValidator",
    "UrlValidator",
    "UrlValidator",
    "CookieValidator",
    "HttpHeaderValidator",
    "UserAgentValidator",
  ),
  Operator: fc.constantFrom("Contains", "Contains", "Equals", "ContainsAny", "EqualsAny"),
  ValueToCompare: fc.constantFrom("/event1", "/shop", "a=1", "bot", "*", "shop.test", "/event1/x"),
  ValuesToCompare: fc.array(fc.constantFrom("/event1", "/shop", "bot", "*", "shop.test"), { maxLength: 3 }),
  IsNegative: fc.constantFrom(false, false, false, true),
  IsIgnoreCase: fc.boolean(),
  UrlPart: fc.constantFrom("PageUrl", "PagePath", "HostName"),
  CookieName: fc.constant("c1"),
  HttpHeaderName: fc.constant("x-one"),
});

const trigger = fc.record({
  LogicalOperator: fc.constantFrom("And", "Or", "Or"),
  TriggerParts: fc.array(part, { minLength: 1, maxLength: 2 }),
});

const integration = fc.record({
  Name: fc.constantFrom<unknown>("a", "b (c)*", "ü!'", null, undefined),
  ActionType: fc.oneof(
    { weight: 12, arbitrary: fc.constant<unknown>("Queue") },
    { weight: 3, arbitrary: fc.constant<unknown>("Cancel") },
    { weight: 1, arbitrary: fc.constantFrom<unknown>("Ignore", "queue", null, undefined) },
  ),
  EventId: fc.constantFrom(...rooms, "event1"),
  InvolvedWaitingRoomIds: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>(null, undefined, []) },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(...rooms), { maxLength: 3 }) },
  ),
  CookieDomain: fc.constantFrom<unknown>("", null, undefined, ".shop.test"),
  IsCookieHttpOnly: fc.constantFrom<unknown>(true, false, null, undefined),
  IsCookieSecure: fc.constantFrom<unknown>(true, false, null, undefined),
  LayoutName: fc.constantFrom<unknown>("", null, "Christmas layout"),
  Culture: fc.constantFrom<unknown>("", null, "da-DK"),
  ExtendCookieValidity: fc.constantFrom<unknown>(true, true, false, null),
  CookieValidityMinute: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom<unknown>(20, 20, 5, 0.5, "20") },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(0, null) },
  ),
  QueueDomain: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom<unknown>("q.test", "q.test", "q.test/", "q.test/base") },
    { weight: 1, arbitrary: fc.constant<unknown>("") },
  ),
  QueuePathPrefix: fc.constantFrom<unknown>(null, undefined, "", "pre", "/pre/", "//x"),
  RedirectLogic: fc.constantFrom<unknown>(
    "AllowTParameter",
    "EventTargetUrl",
    "ForcedTargetUrl",
    "other",
    null,
  ),
  ForcedTargetUrl: fc.constantFrom<unknown>("https://shop.test/forced?x=(1)", "", null),
  VerifyQueueIdEnabled: fc.constantFrom<unknown>(true, false, false, false, false, null),
  QueueIdUsageLimit: fc.constantFrom<unknown>(3, null),
  IsNormalizationEnabled: fc.constantFrom<unknown>(true, false, null),
  Triggers: fc.array(trigger, { minLength: 1, maxLength: 2 }),
});

const queueId = fc.constantFrom(guid, "q-1", oddQueueId);

const token = fc.record({
  e: fc.constantFrom<string | undefined>(
    "event1",
    "event1",
    "event2",
    "Event-3",
    "event-3",
    "other",
    undefined,
  ),
  q: fc.oneof(queueId, fc.constant(undefined)),
  ts: fc.constantFrom<number | string | undefined>(
    now + 180,
    now + 180,
    now + 180,
    now,
    now - 1,
    "soon",
    undefined,
  ),
  ce: fc.constantFrom("true", "false"),
  rt: fc.constantFrom<string | undefined>("queue", "queue", "safetynet", "Idle", "debug", ""),
  cv: fc.constantFrom<number | string | undefined>(undefined, undefined, 3, 0, 1440, "7x", "x"),
  hip: fc.constantFrom<string | undefined>(
    undefined,
    undefined,
    undefined,
    sign(address),
    sign("1.2.3.4"),
    "",
  ),
  key: fc.constantFrom(secret, secret, secret, secret, "wrong"),
}).map(({ key, ...fields }) => tokenOf(fields, key));

const anyToken = fc.oneof(
  { weight: 8, arbitrary: token },
  { weight: 2, arbitrary: fc.tuple(token, fc.nat(), fc.constantFrom("", "~", "_", "x", "0")).map(changed) },
  { weight: 1, arbitrary: fc.constantFrom("bad", " ", "e_event1", "rt_debug", "~~", "a b&c=%d#é'(*)!") },
);

const session = fc.record({
  EventId: fc.constant(""),
  QueueId: fc.oneof({ weight: 6, arbitrary: queueId }, {
    weight: 1,
    arbitrary: fc.constantFrom("", undefined),
  }),
  FixedValidityMins: fc.constantFrom<number | undefined>(undefined, undefined, undefined, 3, 0, 1440),
  RedirectType: fc.constantFrom<string | undefined>("queue", "idle", "", undefined),
  IssueTime: fc.constantFrom(now, now - 60, now - 60, now - 1200, now - 1201, 1_000_000_000, now + 60),
  Hip: fc.constantFrom<string | undefined>(undefined, undefined, undefined, sign(address), sign("1.2.3.4")),
  key: fc.constantFrom(secret, secret, secret, secret, "wrong"),
  room: fc.constantFrom("same", "same", "same", "same", "same", "upper", "event9"),
});

const sessionOf = (room: string) =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: session.map(({ key, room: whose, ...fields }) =>
        cookieOf({
          ...fields,
          EventId: whose === "same" ? room : whose === "upper" ? room.toUpperCase() : whose,
        }, key)
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constant(cookieOf({ EventId: room })),
        fc.nat(),
        fc.constantFrom("", "&", "=", "x", "0"),
      ).map(changed),
    },
    { weight: 1, arbitrary: fc.constantFrom("x", "", "Hash=", "EventId=event1&Hash=00", "&&==") },
  );

function changed([text, place, by]: readonly [string, number, string]): string {
  const at = place % text.length;
  return text.slice(0, at) + by + text.slice(at + 1);
}

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  integrations: fc.array(integration, { minLength: 1, maxLength: 4 }),
  version: fc.constantFrom(3, 77, -1),
  path: fc.constantFrom(
    "/event1",
    "/event1?a=1",
    "/event1/x?a=1&b=%20",
    "/EVENT1",
    "/shop?a=1&&b",
    "/",
    "//shop/../event1",
    "/event1?e=%C3%BC(*)!'",
  ),
  token: some(5, anyToken),
  sessions: fc.record(Object.fromEntries(rooms.map((room) => [room, some(4, sessionOf(room))]))),
  headers: fc.record({
    "user-agent": fc.constantFrom("Mozilla", "bot"),
    "x-one": fc.constantFrom("bot", "/shop", ""),
    "x-queueit-ajaxpageurl": fc.constantFrom(
      "",
      "",
      "",
      "https%3A%2F%2Fshop.test%2Fp%3Fa%3D1",
      "https://shop.test/raw?x=1",
      "%zz",
      "a+b",
    ),
    via: fc.constantFrom("", "1.1 proxy"),
    referer: fc.constantFrom("", "https://r.test/"),
  }).map((headers) => Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ""))),
  clientIp: fc.constantFrom(address, address, address, ""),
  allowed: some(8, fc.constantFrom<boolean | "fails">(true, true, false, "fails")),
  enqueueToken: some(3, fc.constantFrom("", "eyJ0.e30.abc")),
  directPass: some(
    2,
    fc.record({
      disabled: fc.constantFrom(false, false, false, true),
      timeoutMillis: fc.constantFrom(undefined, 0, 100, 1500, 9000),
      answer: fc.oneof(
        fc.constant<"fails">("fails"),
        fc.record({ hasPassed: fc.boolean(), queueitToken: fc.oneof(token, fc.constant(undefined)) }),
      ),
    }),
  ),
});
