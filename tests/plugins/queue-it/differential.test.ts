import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { cookieTokens, createGate, type Decision, type GateError, type Plugin } from "../../../mod.ts";
import { queueIt } from "../../../plugins/queue-it/mod.ts";
import { takeToken } from "../../../plugins/queue-it/protocol/token-in-url.ts";
import { factsOf, requestFacts } from "../../../src/triggers/facts.ts";
import { compileIntegrations } from "../../../src/triggers/integrations.ts";
import { runs, seed } from "../../src/triggers/_requests.ts";
import { address, oddQueueId as odd, type Scenario, scenario } from "./_arbitrary.ts";
import {
  asDeployed,
  configOf,
  cookieHeader,
  cookieName,
  cookieOf,
  customerId,
  guid,
  integration,
  now,
  nowMs,
  secret,
  sign,
  tokenOf,
} from "./_helpers.ts";

/**
 * Where we differ on purpose. The comparison takes these into account; what else differs is a fault.
 *
 * - SE-01: cookies of rooms with capital letters are signed as they are written. Compared without their hashes.
 * - SE-04: there is no valid token without a redirect type.
 * - SE-05: a time has ten digits; and of odd cookies that are signed, and of tokens with odd fields, there are none.
 * - SE-06: the rejected token is encoded in error pages. Compared with the encoded one.
 * - SE-16: there is no token without a queue id in a cookie that says "undefined".
 * - SE-17: queue ids in lists are encoded; compared so. Those with `_` and `~` are left out; there are none.
 * - SE-18: `debug` is compared exactly. There is no other spelling.
 * - SE-23: the debug cookie is shortened. It is compared by its beginning.
 * - 14.1: several cookies of one name are one, the last.
 * - A page that any form of its URL protects is protected. Where the reference, which knows one form, finds something else,
 *   it is only looked at that ours protects.
 */

// deno-lint-ignore no-explicit-any
type Anything = any;

const reference = await load();
if (reference === undefined) console.log("skipped: @queue-it/connector-javascript is not installed");
const skip = reference === undefined;

/** What a visit comes to, as far as a browser sees it. */
interface Seen {
  readonly status: "failed" | "passed" | "redirected" | "cleaned";
  readonly location: string | undefined;
  readonly isAjax: boolean;
  readonly cookies: Readonly<Record<string, unknown>>;
}

test("queueIt() does what the reference connector does", { skip }, async () => {
  const start = seed();
  const count = runs(20_000);
  const words = new Map<string, number>();
  let stricter = 0;
  await withFrozenClock(() =>
    fc.assert(
      fc.asyncProperty(scenario, async (one) => {
        if (!isReadAlike(one)) return void stricter++;
        const [expected, actual] = [await askReference(one), await askUs(one, words)];
        assert.deepEqual(actual, expected);
      }),
      { numRuns: count, seed: start },
    )
  );
  console.log(
    `Compared with the reference: ${count} with seed ${start}: ${
      [...words].map((entry) => entry.join(" ")).join(", ")
    }; stricter: ${stricter}`,
  );
  assert.ok(stricter < count / 10);
  for (
    const word of [
      "accepted",
      "queued",
      "hash",
      "eventid",
      "timestamp",
      "ip",
      "sessionstate",
      "qidlimit",
      "cancelled",
      "diagnostics",
      "clean-url",
      "no-match",
      "failed",
    ]
  ) {
    assert.ok(words.has(word), `"${word}" never came up`);
  }
});

const lowerCase = configOf(integration({ ExtendCookieValidity: true, InvolvedWaitingRoomIds: ["event2"] }));

test(
  "queueIt() accepts the sessions that the reference connector writes, and the other way round",
  { skip },
  async () => {
    const fields = fc.record({
      e: fc.constantFrom("event1", "event2"),
      q: fc.constantFrom(guid, "q-1", "ü", undefined),
      cv: fc.constantFrom(undefined, 3, 1440),
      rt: fc.constantFrom("queue", "Idle", ""),
      hip: fc.constantFrom(undefined, sign(address)),
    });
    await withFrozenClock(() =>
      fc.assert(
        fc.asyncProperty(fields, async (token) => {
          const arriving = { ...visitor, integrations: lowerCase.Integrations, token: tokenOf(token) };
          for (const [writer, reader] of [[askUs, askReference], [askReference, askUs]] as const) {
            const { cookies } = await writer(arriving);
            const room = token.e;
            const value = (cookies[cookieName(room)] as { readonly value: string }).value;
            const { status, location } = await reader({
              ...arriving,
              token: undefined,
              sessions: { [room]: value },
            });
            assert.equal(status, "passed", `${value} ${location}`);
          }
        }),
        { numRuns: 500, seed: seed() },
      )
    );
  },
);

test("queueIt() accepts a session of a room with capital letters, which is signed as it is written (SE-01)", {
  skip,
}, async () => {
  const integrations = [integration({ EventId: "Event-3" })];
  const sessions = { "Event-3": cookieOf({ EventId: "Event-3" }) };
  await withFrozenClock(async () => {
    assert.equal((await askUs({ ...visitor, integrations, sessions })).status, "passed");
    assert.equal((await askReference({ ...visitor, integrations, sessions })).status, "passed");
  });
});

const visitor: Scenario = {
  integrations: [],
  version: 3,
  path: "/event1",
  token: undefined,
  sessions: {},
  headers: {},
  clientIp: address,
  allowed: undefined,
  enqueueToken: undefined,
  directPass: undefined,
};

/** Whether all forms of a visit's URL together say what the URL as it is written says. */
function isReadAlike(one: Scenario): boolean {
  const { integrations } = one;
  const protects = (at: number) => (integrations[at] as { ActionType?: unknown }).ActionType === "Queue";
  const matcher = compileIntegrations({ Integrations: integrations }, { protects });
  const { url } = takeToken(urlOf(one));
  const { source } = requestFacts(new Request(url, { headers: one.headers }), { url });
  const exact = matcher.match(
    factsOf({ url, header: (name) => source.header(name), cookie: (name) => source.cookie(name) }),
    "",
  );
  const strict = matcher.match(factsOf(source), "");
  const [found, wanted] = [strict, exact].map((each) =>
    typeof each === "object" ? each.integration : undefined
  );
  if (found === wanted) return true;
  assert.ok(found !== undefined && protects(found));
  return false;
}

function urlOf({ path, token }: Scenario): string {
  const query = token === undefined
    ? ""
    : `${path.includes("?") ? "&" : "?"}queueittoken=${encodeURIComponent(token)}`;
  return new URL(`https://shop.test${path}`).href + query;
}

function sessionsOf({ sessions }: Scenario): Readonly<Record<string, string>> {
  // A cookie that is empty is none, for both.
  return Object.fromEntries(
    Object.entries(sessions).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}

async function askUs(one: Scenario, words?: Map<string, number>): Promise<Seen> {
  const faults: GateError[] = [];
  let decision: Decision | undefined;
  const { directPass, enqueueToken, allowed } = one;
  const provider = queueIt({
    customerId,
    secretKeys: [secret],
    ...asDeployed,
    sdkName: "SDK",
    apiKey: "api-key",
    integrationConfig: { Version: one.version, Integrations: one.integrations },
    onConfiguration() {},
    ...(enqueueToken === undefined ? {} : { enqueueToken: () => enqueueToken }),
    ...(allowed === undefined ? {} : {
      verifyAction: () => allowed === "fails" ? Promise.reject(new Error("down")) : Promise.resolve(allowed),
    }),
    ...(directPass === undefined ? {} : {
      directPass: {
        disabled: directPass.disabled,
        timeoutMs: directPass.timeoutMillis,
        proxyKey: "proxy",
        attempt: () =>
          directPass.answer === "fails"
            ? Promise.reject(new Error("down"))
            : Promise.resolve(directPass.answer),
      },
    }),
  });
  const around: Plugin = {
    name: "around",
    supplies: { address: () => one.clientIp },
    recover: () => ({ action: "admit", reason: "around/open" }),
    settled: (_ctx, outcome) => void (decision = outcome.decision),
  };
  const gate = createGate({
    plugins: [around, cookieTokens({ maxBytes: 65_536 }), provider],
    now: () => nowMs,
    onError: (error) => faults.push(error),
  });
  const response = await gate.wrap(() => new Response("page"))(
    new Request(urlOf(one), { headers: { ...one.headers, cookie: cookieHeader(sessionsOf(one)) } }),
  );
  await Promise.resolve();
  const header = response.headers.get("x-queueit-redirect");
  const location = header === null ? response.headers.get("location") : decodeURIComponent(header);
  const word = faults.length > 0 ? "failed" : decision?.reason.slice("queue-it/".length) ?? "";
  words?.set(word, (words.get(word) ?? 0) + 1);
  return {
    status: faults.length > 0
      ? "failed"
      : location === null
      ? "passed"
      : word === "clean-url"
      ? "cleaned"
      : "redirected",
    location: location ?? undefined,
    isAjax: header !== null,
    cookies: Object.fromEntries(response.headers.getSetCookie().map(readSetCookie)),
  };
}

function readSetCookie(line: string): [string, unknown] {
  const [pair = "", ...attributes] = line.split("; ");
  const name = pair.slice(0, pair.indexOf("="));
  const value = decodeURIComponent(pair.slice(name.length + 1));
  const expires = Date.parse(attributes.find((text) => text.startsWith("Expires="))?.slice(8) ?? "") / 1000;
  const domain = attributes.find((text) => text.startsWith("Domain="))?.slice(7) ?? "";
  const [httpOnly, secure] = [attributes.includes("HttpOnly"), attributes.includes("Secure")];
  assert.ok(attributes.includes("Path=/"));
  return [name, comparable(name, { value, expires, domain, httpOnly, secure })];
}

/** What is compared of a cookie. */
function comparable(
  name: string,
  cookie: { readonly value: string; readonly [name: string]: unknown },
): unknown {
  if (/[A-Z]/.test(name.slice(cookieName("").length))) {
    return { ...cookie, value: cookie.value.replace(/&Hash=.*/, "") };
  }
  return name === "queueitdebug"
    ? { ...cookie, value: cookie.value.replace(/^SdkVersion=[^|]*/, "").slice(0, 300) }
    : cookie;
}

async function askReference(one: Scenario): Promise<Seen> {
  assert.ok(reference !== undefined);
  const url = urlOf(one);
  const sessions = sessionsOf(one);
  const cookies = new Map<string, unknown>();
  const { allowed, directPass, enqueueToken } = one;
  const request = {
    getUserAgent: () => one.headers["user-agent"] ?? "",
    getHeader: (name: string) => one.headers[name.toLowerCase()] ?? "",
    getAbsoluteUri: () => url,
    getUserHostAddress: () => one.clientIp,
    getCookieValue: (name: string) => sessions[name.slice(cookieName("").length)],
    getRequestBodyAsString: () => "",
  };
  const context = {
    getHttpRequest: () => request,
    getHttpResponse: () => ({
      setCookie(
        name: string,
        value: string,
        domain: string | null,
        expires: number,
        httpOnly: unknown,
        secure: unknown,
      ) {
        const flags = { httpOnly: Boolean(httpOnly), secure: Boolean(secure) };
        cookies.delete(name);
        const host = (domain ?? "").replace(/^\./, (dot) => dot);
        cookies.set(name, comparable(name, { value, expires, domain: host, ...flags }));
      },
    }),
    getCryptoProvider: () => ({
      getSha256Hash: (key: string, text: string) => createHmac("sha256", key).update(text).digest("hex"),
    }),
    getEnqueueTokenProvider: () =>
      enqueueToken === undefined ? null : { getEnqueueToken: () => enqueueToken },
    getNormalizationProvider: () => new reference.DefaultNormalizationProvider(),
    getVerifyActionService: () =>
      allowed === undefined ? null : {
        verify: () => allowed === "fails" ? Promise.reject(new Error("down")) : Promise.resolve(allowed),
      },
    getDirectActionProvider: () =>
      directPass === undefined ? null : {
        getSettings: () => ({
          disabled: directPass.disabled,
          proxyKey: "proxy",
          directPass: { timeoutMillis: directPass.timeoutMillis },
        }),
        tryDirectPass: () =>
          directPass.answer === "fails"
            ? Promise.reject(new Error("down"))
            : Promise.resolve(directPass.answer),
      },
  };
  const pure = new URL(`https://shop.test${one.path}`).href;
  const config = JSON.stringify({ Version: one.version, Integrations: one.integrations });
  const seen = (status: Seen["status"], location?: string, isAjax = false): Seen => {
    return { status, location, isAjax, cookies: Object.fromEntries(cookies) };
  };
  let result: Anything;
  try {
    result = await reference.KnownUser.validateRequestByIntegrationConfig(
      pure,
      one.token ?? "",
      config,
      customerId,
      secret,
      context,
      "api-key",
    );
  } catch {
    return seen("failed");
  }
  if (result.doRedirect()) return seen("redirected", spelled(result.redirectUrl, one), isScript(one));
  if (url !== pure && result.actionType === "Queue") return seen("cleaned", pure);
  return seen("passed");
}

/** What the host does with a script's request, also on results that do not say that it is one. */
function isScript({ headers }: Scenario): boolean {
  return Boolean(headers["x-queueit-ajaxpageurl"]);
}

/** The reference's URL with our name and the rejected token encoded, as a header spells it. */
function spelled(url: string, { token }: Scenario): string {
  const raw = `&queueittoken=${token}&ts=${now}`;
  const encoded = `&queueittoken=${encode(token ?? "")}&ts=${now}`;
  return url.replace(/([?&]ver=)[^&]*/, "$1SDK").replace(raw, () => encoded)
    .replaceAll(`~${odd}`, `~${encode(odd)}`);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

/** The reference reads the clock itself, several times for one answer. */
async function withFrozenClock(work: () => void | Promise<void>): Promise<void> {
  const { Date: RealDate } = globalThis;
  class FrozenDate extends RealDate {
    constructor(...args: Anything[]) {
      // @ts-expect-error: all the ways in which dates are made
      super(...(args.length === 0 ? [nowMs] : args));
    }
    static override now(): number {
      return nowMs;
    }
  }
  globalThis.Date = FrozenDate as DateConstructor;
  try {
    await work();
  } finally {
    globalThis.Date = RealDate;
  }
}

async function load(): Promise<Anything> {
  // A name in a variable, so that type checks do not look for it.
  const name = "@queue-it/connector-javascript";
  try {
    const main = await import(name);
    return main.KnownUser === undefined ? main.default : main;
  } catch {
    return undefined;
  }
}
