/** Proofs of promotion, genuine ones and such as only look so, and who can tell them apart without the gate's code. */

import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { graceCookies as createGraceCookies, markOf } from "../../plugins/grace/cookie.ts";
import {
  hash,
  hybridCookie,
  other,
  privateKey,
  requested,
  room,
  signature,
  start,
  token,
  validParts,
} from "../plugins/crowdhandler/_helpers.ts";
import {
  cookieName,
  cookieOf,
  guid,
  now,
  nowMs,
  sealed,
  secret,
  sign,
  signedFields,
  tokenOf,
} from "../plugins/queue-it/_helpers.ts";

/** The secret before the one in use: whatever it signed still counts. */
export const olderSecret = "b0a1".repeat(18);
/** The address of all visitors, unless headers are trusted. */
export const address = "82.192.173.38";
/** How long sessions last, in minutes, where they do not say it. */
export const validityMinutes = 20;
export { guid, now, nowMs, privateKey, requested, room, secret, start, token };

/** Session cookies of Queue-it: some of them open the door. */
export const queueItSessions: readonly string[] = [
  cookieOf(),
  cookieOf({ FixedValidityMins: 3 }),
  cookieOf({ Hip: sign(address) }),
  cookieOf({}, olderSecret),
  sealed(cookieOf({ QueueId: undefined, RedirectType: "" })),
  // From here on none does.
  cookieOf({ IssueTime: now - 60 * 21 }),
  cookieOf({ IssueTime: now + 3600 }),
  cookieOf({ FixedValidityMins: 3, IssueTime: now - 240 }),
  cookieOf({ EventId: "event3" }),
  cookieOf({ QueueId: undefined, RedirectType: "" }),
  cookieOf({ Hip: sign("82.192.173.39") }),
  cookieOf({}, "another secret"),
];

/** Tokens of Queue-it, likewise. */
export const queueItTokens: readonly string[] = [
  tokenOf(),
  tokenOf({ cv: 10, rt: "safetynet" }),
  tokenOf({ hip: sign(address) }),
  tokenOf({}, olderSecret),
  tokenOf({ rt: "debug" }),
  tokenOf({ ts: now - 1 }),
  tokenOf({ e: "event3" }),
  tokenOf({ hip: sign("82.192.173.39") }),
  tokenOf({}, "another secret"),
  tokenOf({ ts: undefined }),
];

/** Sessions of CrowdHandler's hybrid mode, likewise. */
export const hybridSessions: readonly string[] = [
  hybridCookie(),
  hybridCookie(validParts(other)),
  hybridCookie(validParts(token, start - 30 * 60_000)),
  hybridCookie({ ...validParts(), token: other }),
  hybridCookie({ ...validParts(), sig: hash("something else") }),
  hybridCookie({ ...validParts(), touched: "0" }),
].map((header) => decodeURIComponent(header.slice(header.indexOf("=") + 1)));

/** The query of a genuine fresh link. */
export const freshLink = `ch-id=${token}&ch-id-signature=${signature()}&ch-requested=${
  encodeURIComponent(requested)
}`;
/** The same of a time that is too long ago. */
export const staleLink = `ch-id=${token}&ch-id-signature=${
  signature(token, "2030-01-15T11:30:00Z")
}&ch-requested=2030-01-15T11:30:00Z`;
/** A token that the service says is promoted. */
export const promotedToken = "tok_promotedByTheService";

/** The secret of the cookies that keep places through outages. */
export const graceSecret = "a secret for the places of visitors";
/** The name of such a cookie. */
export const graceName = "__Host-stanchion-grace";
/** Such cookies. The first one is genuine, and the only one. */
export const graceCookies: readonly string[] = [
  graceOf(start - 60_000),
  graceOf(start - 15 * 60_000),
  graceOf(start + 120_000),
  graceOf(start - 60_000, "another shop"),
  graceOf(start - 60_000, "shop", "another secret of 16 characters"),
];

function graceOf(at: number, scope = "shop", key = graceSecret): string {
  return createGraceCookies([key]).write({ scope, address: "" }, markOf(room.slug), at);
}

/** The name of the cookie of a session of Queue-it. */
export const sessionName: string = cookieName("event1");

function hmac(key: string, text: string): string {
  return createHmac("sha256", key).update(Buffer.from(text, "utf8")).digest("hex");
}

function sha(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The value of the last cookie of a name. */
export function cookieIn(header: string | null, name: string): string | undefined {
  return cookiesIn(header, name).at(-1);
}

/** The values of the last four cookies of a name, read by splitting: browsers have them for several scopes. */
export function cookiesIn(header: string | null, name: string): readonly string[] {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return equals !== -1 && trim(pair.slice(0, equals)) === name ? [trim(pair.slice(equals + 1))] : [];
  });
  return values.slice(-4).map((value) =>
    decoded(value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value)
  );
}

/** Undoes the percent-encodings of a text one by one, whatever stands between them. */
export function unescaped(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** What a percent-encoded text says, or the text. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function trim(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/**
 * What a genuine session of Queue-it says; `undefined` for any other text.
 *
 * @param anyQueueId Whether the queue id may be any text, or absent, although there is no seal.
 */
export function readQueueItSession(
  value: string | undefined,
  from: string = address,
  anyQueueId: boolean = false,
): object | undefined {
  const parts = (value ?? "").split("&").map((part) => part.split("="));
  const fields = new Map(parts.map(([name = "", text = ""]) => [name, text]));
  if (fields.size !== parts.length || parts.some((part) => part.length !== 2)) return undefined;
  const [id = "", queueId = "", fixed = "", type = "", issued = "", hip = "", given] = [
    "EventId",
    "QueueId",
    "FixedValidityMins",
    "RedirectType",
    "IssueTime",
    "Hip",
    "Hash",
  ].map((name) => fields.get(name));
  const signed = id + queueId + fixed + type + issued + hip;
  if (![secret, olderSecret].some((key) => hmac(key, signed) === given)) return undefined;
  if (id.toLowerCase() !== "event1" || !/^[A-Za-z]*$/.test(type) || !/^[0-9]{10}$/.test(issued)) {
    return undefined;
  }
  if (fields.has("FixedValidityMins") && !(/^[0-9]{1,4}$/.test(fixed) && Number(fixed) <= 1440)) {
    return undefined;
  }
  const isSealed = [secret, olderSecret].some((key) => sealOf(fields, key) === fields.get("Seal"));
  const isUnanswered = queueId === "" && fixed === "3" && type === "timeout" && !fields.has("Hip");
  if (!anyQueueId && !isSealed && !isUnanswered && !guidForm.test(queueId)) return undefined;
  const minutes = fixed === "" ? validityMinutes : Number(fixed);
  if (Number(issued) + 60 * minutes < now || Number(issued) > now + 60) return undefined;
  if (hip !== "" && ![secret, olderSecret].some((key) => hmac(key, from) === hip)) return undefined;
  return { id: id.toLowerCase(), queueId, minutes, type, issued: Number(issued), hip };
}

const guidForm = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

function sealOf(fields: ReadonlyMap<string, string>, key: string): string {
  const values = signedFields.map((name) => fields.get(name) ?? "");
  return hmac(key, `stanchion/seal/1${values.map((value) => `|${value.length}:${value}`).join("")}`);
}

/** What a genuine token of Queue-it says; `undefined` for any other text. */
export function readQueueItToken(text: string, from: string = address): object | undefined {
  const fields = new Map<string, string>();
  for (const segment of text.split("~")) {
    const parts = segment.split("_");
    if (parts.length === 2) fields.set(parts[0] ?? "", parts[1] ?? "");
  }
  const given = fields.get("h") ?? "";
  const signed = text.replace(`~h_${given}`, () => "");
  if (![secret, olderSecret].some((key) => hmac(key, signed) === given)) return undefined;
  const [e, q = "", ts = "", cv = "", rt = "", hip = ""] = ["e", "q", "ts", "cv", "rt", "hip"].map((name) =>
    fields.get(name)
  );
  if (e !== "event1" || !(Number(ts) >= now)) return undefined;
  if (hip !== "" && ![secret, olderSecret].some((key) => hmac(key, from) === hip)) return undefined;
  return { e, q, ts: Number(ts), cv: Number(cv), rt, hip };
}

/** What a genuine session of CrowdHandler's says for the one room; `undefined` for any other text. */
export function readHybridSession(value: string | undefined, at: number = start): object | undefined {
  try {
    // Whatever it is: what does not fit throws.
    const { tokens } = JSON.parse(value ?? "") as { tokens: Record<string, unknown>[] };
    const last = tokens.at(-1) as {
      token: unknown;
      touched: unknown;
      touchedSig: unknown;
      signatures: { gen: string; sig: string }[];
    };
    const { touched } = last;
    if (!/^tok[\w-]{1,124}$/.test(String(last.token)) || typeof last.token !== "string") return undefined;
    if (typeof touched !== "number" || touched > at + 60_000) return undefined;
    if (Math.round((at - touched) / 6000) / 10 >= room.timeout) return undefined;
    if (last.touchedSig !== sha(sha(privateKey) + String(touched))) return undefined;
    const proof = last.signatures.find(({ gen, sig }) => isSigned(last.token as string, gen, sig));
    return proof === undefined ? undefined : { token: last.token, touched, gen: proof.gen };
  } catch {
    return undefined;
  }
}

/** The token of a cookie of CrowdHandler's, whether it proves anything or not. */
export function tokenIn(value: string | undefined): string | undefined {
  try {
    const { tokens } = JSON.parse(value ?? "") as { tokens: { token: string }[] };
    return tokens.at(-1)?.token;
  } catch {
    return value;
  }
}

/**
 * What a genuine fresh link says; `undefined` for any other query. The first parameter of a name counts.
 *
 * @param known The token of the visitor's cookie, which counts where the link has none.
 */
export function readFreshLink(query: string, known?: string, at: number = start): object | undefined {
  const found = new Map<string, string>();
  for (const pair of query.replace(/#.*$/s, "").split("&")) {
    const equals = pair.indexOf("=");
    const name = (equals === -1 ? pair : pair.slice(0, equals)).toLowerCase();
    const value = equals === -1 ? "" : decoded(pair.slice(equals + 1).replaceAll("+", " "));
    const counts = name !== "ch-id" || /^tok[\w-]{1,124}$/.test(value);
    if (counts && !found.has(name)) found.set(name, value);
  }
  const id = found.get("ch-id") ?? known ?? "";
  const sig = found.get("ch-id-signature") ?? "";
  const gen = found.get("ch-requested") ?? "";
  if (!isSigned(id, gen, sig)) return undefined;
  return Math.round((at - Date.parse(gen)) / 6000) / 10 < room.timeout ? { id, gen, sig } : undefined;
}

function isSigned(visitor: string, gen: string, sig: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(gen) &&
    sig === sha(sha(privateKey) + room.slug + room.queueActivatesOn + visitor + gen);
}
