import assert from "node:assert/strict";
import { test } from "node:test";
import { cancelQueueSession, extendQueueSession } from "../../../plugins/queue-it/mod.ts";
import {
  asDeployed,
  cookieHeader,
  cookieName,
  cookieOf,
  customerId,
  guid,
  now,
  nowMs,
  sealed,
  secret,
  sign,
} from "./_helpers.ts";

const base = { customerId, secretKeys: [secret], now: () => nowMs };
const cancelling = { ...base, eventIds: ["event1", "event2"], queueDomain: "ticketania.queue-it.net" };
const extending = { ...base, eventId: "event1", validityMinutes: 20 };

function requestOf(
  cookies: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return new Request("https://shop.test/done?x=1", {
    headers: { cookie: cookieHeader(cookies), ...headers },
  });
}

test("cancelQueueSession() forgets the sessions and sends the visitor to the waiting room, however old they are", () => {
  const response = cancelQueueSession(
    requestOf({ event1: cookieOf({ IssueTime: 1_000_000_000 }) }),
    cancelling,
  );
  assert.equal(response?.status, 302);
  assert.equal(
    response?.headers.get("location"),
    `https://ticketania.queue-it.net/cancel/multiple/ticketania?wrl=event1~${guid}_event2&r=https%3A%2F%2Fshop.test%2Fdone%3Fx%3D1`,
  );
  assert.equal(response?.headers.get("cache-control"), "no-cache, no-store, must-revalidate, max-age=0");
  const [line, ...others] = response?.headers.getSetCookie() ?? [];
  assert.match(line ?? "", new RegExp(`^${cookieName()}=; Path=/; .*Max-Age=0$`));
  assert.deepEqual(others, []);
});

test("cancelQueueSession() answers a script with a header", () => {
  const page = { "x-queueit-ajaxpageurl": "https%3A%2F%2Fshop.test%2Fpage" };
  const response = cancelQueueSession(requestOf({ event1: cookieOf() }, page), cancelling);
  assert.equal(response?.status, 200);
  assert.match(
    decodeURIComponent(response?.headers.get("x-queueit-redirect") ?? ""),
    /&r=https%3A%2F%2Fshop\.test%2Fpage$/,
  );
  // A script of another origin may read it.
  assert.equal(response?.headers.get("access-control-expose-headers"), "x-queueit-redirect");
});

test("cancelQueueSession() does nothing for a visitor without a genuine session", () => {
  for (
    const cookies of [{} as Record<string, string>, { event1: "nonsense" }, { event1: cookieOf({}, "wrong") }]
  ) {
    assert.equal(cancelQueueSession(requestOf(cookies), cancelling), undefined);
  }
  const bound = requestOf({ event1: cookieOf({ Hip: sign("1.2.3.4") }) });
  assert.equal(cancelQueueSession(bound, { ...cancelling, address: "1.2.3.5" }), undefined);
  assert.equal(cancelQueueSession(bound, { ...cancelling, address: "1.2.3.4" })?.status, 302);
});

test("cancelQueueSession() leaves queue ids out of the list with which it could be read in another way", () => {
  const response = cancelQueueSession(requestOf({ event1: cookieOf({ QueueId: "a_b~c" }) }), {
    ...cancelling,
    ...asDeployed,
  });
  assert.match(response?.headers.get("location") ?? "", /\?wrl=event1_event2&r=/);
});

test("extendQueueSession() writes a valid session anew, with all that it says", () => {
  const fields = { FixedValidityMins: 5, Hip: sign("1.2.3.4"), RedirectType: "idle" };
  const headers = extendQueueSession(requestOf({ event1: cookieOf(fields) }), {
    ...extending,
    cookieDomain: "shop.test",
  });
  const value = encodeURIComponent(sealed(cookieOf({ ...fields, IssueTime: now })));
  assert.equal(headers.length, 1);
  assert.equal(headers[0]?.[0], "set-cookie");
  assert.ok(headers[0]?.[1].startsWith(`${cookieName()}=${value}; `));
  assert.match(headers[0]?.[1] ?? "", /Domain=shop\.test/);
});

test("extendQueueSession() leaves a session alone that is not valid", () => {
  for (
    const cookie of [
      cookieOf({ IssueTime: 1_000_000_000 }),
      "nonsense",
      cookieOf({}, "wrong"),
      `${cookieOf()}&QueueId=x`,
    ]
  ) {
    assert.deepEqual(extendQueueSession(requestOf({ event1: cookie }), extending), []);
  }
  assert.deepEqual(extendQueueSession(requestOf({ event2: cookieOf() }), extending), []);
});

for (
  const [what, call, kind, message] of [
    [
      "no room",
      () => cancelQueueSession(requestOf({}), { ...cancelling, eventIds: [] }),
      TypeError,
      /"eventIds"/,
    ],
    [
      "a room that a list cannot hold",
      () => cancelQueueSession(requestOf({}), { ...cancelling, eventIds: ["a_b"] }),
      RangeError,
      /"eventIds"/,
    ],
    [
      "a domain with a scheme",
      () => cancelQueueSession(requestOf({}), { ...cancelling, queueDomain: "https://q.test" }),
      RangeError,
      /"queueDomain"/,
    ],
    [
      "an empty secret",
      () => cancelQueueSession(requestOf({}), { ...cancelling, secretKeys: [""] }),
      TypeError,
      /"secretKeys"/,
    ],
    [
      "a validity of nothing",
      () => extendQueueSession(requestOf({}), { ...extending, validityMinutes: 0 }),
      RangeError,
      /"validityMinutes"/,
    ],
    [
      "a validity that is no number",
      () => extendQueueSession(requestOf({}), { ...extending, validityMinutes: Number.NaN }),
      RangeError,
      /"validityMinutes"/,
    ],
    [
      "a room that cannot be",
      () => extendQueueSession(requestOf({}), { ...extending, eventId: "a=b" }),
      RangeError,
      /"eventId"/,
    ],
  ] as const
) {
  test(`cancelQueueSession() and extendQueueSession() refuse ${what}`, () => {
    assert.throws(call, (error) => error instanceof kind && message.test(error.message));
  });
}

test("cancelQueueSession() and extendQueueSession() write cookies for the host alone and for scripts, unless told otherwise", () => {
  const table: [options: Parameters<typeof extendQueueSession>[1] | object, attributes: string][] = [
    [{}, "Path=/"],
    [{ cookieDomain: "" }, "Path=/"],
    [{ cookieDomain: ".shop.test" }, "Domain=.shop.test; Path=/"],
    [{ cookieHttpOnly: true }, "Path=/; HttpOnly"],
    [{ cookieSecure: true }, "Path=/; Secure"],
    [{ cookieHttpOnly: false, cookieSecure: false }, "Path=/"],
  ];
  for (const [options, attributes] of table) {
    const request = requestOf({ event1: cookieOf() });
    const [header] = extendQueueSession(request, { ...extending, ...options });
    assert.equal(header?.[1].replace(/^[^;]+; /, "").replace(/; Expires=[^;]+/, ""), attributes);
    const response = cancelQueueSession(request, { ...cancelling, ...options });
    assert.equal(
      response?.headers.getSetCookie()[0]?.replace(/; Expires=.*/, ""),
      `${cookieName()}=; ${attributes}`,
    );
  }
});

test("extendQueueSession() does not wait for an address that nobody told", () => {
  const bound = requestOf({ event1: cookieOf({ Hip: sign("1.2.3.4") }) });
  assert.equal(extendQueueSession(bound, extending).length, 1);
  assert.equal(extendQueueSession(bound, { ...extending, address: "1.2.3.4" }).length, 1);
  assert.equal(extendQueueSession(bound, { ...extending, address: "1.2.3.5" }).length, 0);
});

test("cancelQueueSession() and extendQueueSession() say which option is wrong, and what it must be", () => {
  type Wrong = Readonly<Record<string, unknown>>;
  const table: [what: "cancelled" | "extended", options: Wrong, message: string][] = [
    [
      "cancelled",
      { eventIds: [] },
      '"eventIds" must be a list of ids of waiting rooms, not empty, received []',
    ],
    [
      "cancelled",
      { eventIds: "event1" },
      '"eventIds" must be a list of ids of waiting rooms, not empty, received "e',
    ],
    ["cancelled", { eventIds: ["a b"] }, '"eventIds" must be a list of ids'],
    ["cancelled", { eventIds: ["a~b"] }, '"eventIds" must be'],
    ["cancelled", { eventIds: ["a", "a~b"] }, '"eventIds" must be'],
    ["cancelled", { queueDomain: "" }, '"queueDomain" must be'],
    ["cancelled", { queueDomain: 1 }, '"queueDomain" must be'],
    ["cancelled", { queuePathPrefix: 1 }, '"queuePathPrefix" must be'],
    ["cancelled", { queuePathPrefix: "?" }, '"queuePathPrefix" must be a path without query'],
    ["cancelled", { targetUrl: 1 }, '"targetUrl" must be'],
    ["cancelled", { actionName: 1 }, '"actionName" must be'],
    ["cancelled", { cookieDomain: "a b" }, '"cookieDomain" must be a host name, received "a b"'],
    ["cancelled", { cookieDomain: 1 }, '"cookieDomain" must be'],
    ["extended", { cookieDomain: "a..b" }, '"cookieDomain" must be a host name, received "a..b"'],
    ["extended", { address: 1 }, '"address" must be'],
    ["extended", { cookieHttpOnly: 1 }, '"cookieHttpOnly" must be true or false, received 1'],
    ["extended", { cookieSecure: "no" }, '"cookieSecure" must be true or false, received "no"'],
    ["extended", { now: 1 }, '"now" must be a function, received 1'],
    ["extended", { eventId: 1 }, '"eventId" must be the id of a waiting room, received 1'],
    ["extended", { eventId: "" }, '"eventId" must be the id of a waiting room, received ""'],
    [
      "extended",
      { validityMinutes: "20" },
      '"validityMinutes" must be a number greater than 0, received "20"',
    ],
    ["extended", { validityMinutes: -1 }, '"validityMinutes" must be a number greater than 0, received -1'],
    ["extended", { eventIds: ["event1"] }, 'unknown option "eventIds"'],
    ["cancelled", { eventId: "event1" }, 'unknown option "eventId"'],
  ];
  for (const [what, wrong, message] of table) {
    const call = () =>
      what === "cancelled"
        ? cancelQueueSession(requestOf({}), { ...cancelling, ...wrong } as typeof cancelling)
        : extendQueueSession(requestOf({}), { ...extending, ...wrong } as typeof extending);
    assert.throws(call, (error: unknown) => {
      assert.ok(error instanceof TypeError || error instanceof RangeError);
      assert.ok(error.message.startsWith(`Cannot create ${what} session: ${message}`), error.message);
      return true;
    });
  }
});

test("cancelQueueSession() and extendQueueSession() find the session among several cookies of its name", () => {
  const twice = (value: string) =>
    new Request("https://shop.test/done?x=1", {
      headers: { cookie: `${cookieHeader({ event1: "nonsense" })}; ${cookieHeader({ event1: value })}` },
    });
  for (const [value, isFound] of [[cookieOf(), true], ["nonsense", false]] as const) {
    assert.equal(cancelQueueSession(twice(value), cancelling) !== undefined, isFound);
    assert.equal(extendQueueSession(twice(value), extending).length, isFound ? 1 : 0);
  }
});
