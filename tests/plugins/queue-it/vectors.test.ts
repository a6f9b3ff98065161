import assert from "node:assert/strict";
import { after, test } from "node:test";
import { waitingRoomOf } from "../../../plugins/queue-it/configuration/settings.ts";
import type { Visit } from "../../../plugins/queue-it/validation/visit.ts";
import { enc } from "../../../plugins/queue-it/protocol/encode.ts";
import { extendSession } from "../../../plugins/queue-it/application-sessions.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import {
  isExtendable,
  type QueueIds,
  readState,
  type SessionStatus,
} from "../../../plugins/queue-it/validation/session-state.ts";
import { isValidity } from "../../../plugins/queue-it/configuration/check-settings.ts";
import { parseToken } from "../../../plugins/queue-it/protocol/token.ts";
import { createQueueToken, queueTokens } from "../../../plugins/queue-it/queue-tokens.ts";
import { type Case, connectorOf, readCases, run, runPython, visitFor } from "./_reference.ts";

/** Recorded answers from which ours differ, and the requirement of the specification because of which they do. */
const deliberate: Readonly<Record<string, string>> = {
  "cookie.state/0009": "SE-05: issued in the future",
  "cookie.state/0051": "SE-05: two equals signs",
  "cancel.local/0004": "SE-05: a time of one digit",
  "full.cancel/0003": "SE-05: a time of one digit",
  "legacy37.cancel/0003": "SE-05: a time of one digit",
  "token.validate/0068": "SE-06: the rejected token is encoded",
  "token.validate/0080": "16: the HMAC is built in and cannot be missing",
  "cookie.extend/0023": "SE-02: an expired session is not renewed",
  "queue.args/0013": "SE-08: a validity that is no number",
  "full.args/0013": "SE-25: an integration that is no integration is skipped",
  "full.queue/0030": "7.4: the misspelt redirect logic is understood",
  "diagnostics/0009": "How to read it: an empty secret fails at construction",
  "diagnostics/0013": "SE-18: `debug` is compared exactly",
  "diagnostics/0029": "SE-17: the customer id is no label of a host name",
  "legacy37.queue/0015": "SE-22: an undecodable page of a script is no fault, in either profile",
  // The Python connector is not one of the profiles: these are its own ways.
  "python.full/0014": "5.1: a missing operator is And",
  "python.queue/0004": "6.2: cv_0 is no fixed validity",
  "python.queue/0005": "6.2: cv_7x is 7",
  "python.queue/0012": "SE-16: a token without q has no queue id",
  "python.queue/0031": "9.4: a cookie needs no queue id",
  "python.queue/0033": "7.5: an empty header makes no script",
  "python.store/0004": "9.2: the redirect type is written in lower case",
};

/** Areas of the trigger engine, which has tests of its own. */
const elsewhere = new Set([
  "trigger.compare",
  "trigger.match",
  "trigger.url",
  "trigger.urlParts",
  "normalize",
]);

const counts = new Map<string, { passed: number; differing: number }>();
for (const one of readCases()) {
  if (elsewhere.has(one.area)) continue;
  const count = counts.get(one.area) ?? { passed: 0, differing: 0 };
  counts.set(one.area, count);
  const reason = deliberate[one.id];
  if (reason === undefined) {
    test(`the recorded case ${one.id} comes out the same`, async () => {
      await check(one);
      count.passed++;
    });
  } else {
    test(`the recorded case ${one.id} differs (${reason})`, async () => {
      await assert.rejects(async () => await check(one), assert.AssertionError);
      count.differing++;
    });
  }
}

after(() => {
  const lines = [...counts].map(([area, { passed, differing }]) =>
    `${area} ${passed}${differing === 0 ? "" : ` (+${differing} deliberately different)`}`
  );
  console.log(`Recorded Queue-it cases: ${lines.join(", ")}`);
});

async function check(one: Case): Promise<void> {
  const { area, input, expected } = one;
  switch (area) {
    case "util.hmac":
      return assert.equal(createSigner([input.secretKey]).sign(input.text), expected.hex);
    case "util.encode":
      return assert.equal(enc(input.text), expected.encoded);
    case "util.waitingRoomIds":
      return assert.deepEqual(uniqueRooms(input), expected.ids);
    case "token.parse":
      return assert.deepEqual(paramsOf(input.token), expected.params);
    case "cookie.state":
    case "cookie.state.multi":
    case "interop.python-cookie":
    case "interop.v5-cookie-in-37":
      return checkState(one);
    case "cookie.store":
    case "python.store":
      return checkStore(one);
    case "cookie.extend":
    case "python.extend":
      return checkExtend(one);
    case "enqueuetoken.build":
      return await checkToken(input, expected);
    case "enqueuetoken.default":
      return await checkDefaultToken(input, expected);
    case "python.queue":
    case "python.cancel":
    case "python.full":
      return checkFlow(one, await runPython(one));
    default:
      return checkFlow(one, await run(one));
  }
}

function checkFlow({ expected }: Case, actual: { readonly message?: string }): void {
  const { errorKind: _, message, ...rest } = expected;
  const { message: said, ...outcome } = actual;
  assert.deepEqual(outcome, rest);
  // Only the messages of the reference's own errors are part of the protocol.
  if (message !== undefined && expected.outcome === "throws") assert.equal(said, message);
}

// deno-lint-ignore no-explicit-any
type Anything = any;

function uniqueRooms({ eventId, waitingRoomIds }: Anything): readonly string[] {
  return [...new Set([eventId, ...waitingRoomIds ?? []].filter(Boolean))];
}

function paramsOf(text: string | null | undefined): unknown {
  if (!text) return null;
  const token = parseToken(text);
  return {
    timeStamp: token.deadline,
    eventId: token.roomId ?? null,
    hashCode: token.hash ?? null,
    // `ce` is part of the reference's record, and of none of its decisions.
    extendableCookie: /(?:^|~)ce_true(?:~|$)/i.test(text),
    cookieValidityMinutes: token.fixedMinutes ?? null,
    queueITToken: token.text,
    queueITTokenWithoutHash: token.signed,
    queueId: token.queueId ?? null,
    redirectType: token.redirectType ?? null,
    hashedIp: token.hashedAddress ?? null,
  };
}

const states: Readonly<Record<SessionStatus, string>> = {
  absent: "NotFound",
  forged: "HashMismatch",
  "other-room": "WaitingRoomMismatch",
  expired: "Expired",
  "other-address": "IpBindingMismatch",
  malformed: "Error",
  genuine: "Valid",
};

function checkState({ input, expected, profile }: Case): void {
  const v3 = profile !== undefined;
  const ids: readonly string[] = input.waitingRoomIds ?? [input.waitingRoomId];
  const visit = { ...visitFor({ nowMs: 0, ...input }) };
  visit.cookies = ids.map((id) => input.cookies[waitingRoomOf(id).cookieName] ?? "");
  const actual = stateOf(input, visit, ids, input.validateTime ?? true, input.cookieValidityMinutes, v3);
  if (!v3) return assert.deepEqual(actual, expected);
  for (const [name, value] of Object.entries(expected)) {
    assert.deepEqual(actual[name as keyof typeof actual], value, name);
  }
}

function stateOf(
  input: Anything,
  visit: Visit,
  ids: readonly string[],
  timed: boolean,
  minutes: unknown,
  v3: boolean,
) {
  const queueIds: QueueIds = new Map();
  const connector = connectorOf(input, v3, []);
  const state = readState(
    connector,
    ids.map(waitingRoomOf),
    visit,
    timed ? Number(minutes) : undefined,
    input.actionType === "Cancel" ? queueIds : undefined,
  );
  const { status, cookie, room } = state;
  if (status === "genuine" && cookie?.queueId && room) queueIds.set(room, cookie.queueId);
  const pairs = [...queueIds].map(([{ id }, queueId]) => [id, queueId]);
  return {
    validationResult: states[status],
    isFound: status !== "absent",
    isValid: status === "genuine",
    isBoundToAnotherIp: status === "other-address",
    isStateExtendable: isExtendable(state),
    waitingRoomId: room?.id,
    queueId: cookie?.queueId ?? "",
    fixedCookieValidityMinutes: cookie?.isFixed ? cookie.fixedMinutes : null,
    redirectType: cookie?.redirectType ?? "",
    hashedIp: cookie === undefined ? null : cookie.hashedAddress,
    waitingRoomQueueIdPairs: cookie === undefined ? null : pairs,
  };
}

function checkStore({ input, expected, area }: Case): void {
  const connector = connectorOf(input, area === "python.store", []);
  const now = Math.floor(input.nowMs / 1000);
  const value = connector.sessions.write({
    roomId: input.eventId,
    queueId: input.queueId ?? "",
    fixedMinutes: input.fixedCookieValidityMinutes ?? input.fixed ?? 0,
    redirectType: input.redirectType,
    hashedAddress: input.hashedIp ?? "",
  }, now);
  const [cookie] = expected.setCookies;
  assert.equal(waitingRoomOf(input.eventId).cookieName, cookie.name);
  assert.equal(value, cookie.value);
  assert.equal(now + 86_400, cookie.expiration);
  if (expected.readBack === undefined) return;
  // A connector of its own, which has to verify what it reads.
  const visit = visitFor({ ...input, clientIp: input.readBackClientIp });
  visit.cookies = [value];
  assert.deepEqual(stateOf(input, visit, [input.eventId], true, 10, false), expected.readBack);
}

function checkExtend({ input, expected }: Case): void {
  const { eventId, cookieValidityMinute, secretKey } = input;
  const fault = !eventId
    ? "eventId can not be null or empty."
    : !secretKey
    ? "secretKey can not be null or empty."
    : !isValidity(cookieValidityMinute)
    ? "cookieValidityMinute should be integer greater than 0."
    : undefined;
  if (fault !== undefined) return assert.equal(fault, expected.message);
  const visit = visitFor(input);
  const room = waitingRoomOf(eventId);
  visit.cookies = [input.request.cookies[room.cookieName] ?? ""];
  extendSession(connectorOf(input, false, []), room, Number(cookieValidityMinute), visit);
  assert.deepEqual(
    visit.changes.map(({ room, value }) => ({ name: room.cookieName, value })),
    expected.setCookies.map(({ name, value }: Anything) => ({ name, value })),
  );
}

async function checkToken(input: Anything, expected: Anything): Promise<void> {
  const token = await createQueueToken({
    customerId: input.customerId,
    secretKey: input.secretKey,
    roomId: input.eventId,
    issuedAtMs: input.issuedMs,
    validityMs: input.validityMs,
    identifier: input.tokenIdentifier,
    ip: input.ip,
    xForwardedFor: input.xff,
    payload: input.payload,
  });
  assert.equal(headerOf(token), expected.headerJson);
  assert.equal(token, expected.token);
}

async function checkDefaultToken(input: Anything, expected: Anything): Promise<void> {
  const enqueueToken = queueTokens({
    customerId: input.customerId,
    secretKey: input.secretKey,
    validityMs: input.validityMs,
    withKey: input.withKey,
    now: () => input.issuedMs,
  });
  const token = await enqueueToken({
    roomId: input.waitingRoomId,
    ip: input.ip,
    xForwardedFor: input.xff ?? "",
  });
  assert.ok(typeof token === "string");
  const { ti, ...header } = JSON.parse(headerOf(token));
  assert.match(ti, /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  assert.equal(JSON.stringify(header), expected.headerJsonWithoutTi);
}

function headerOf(token: string): string {
  const text = atob((token.split(".")[0] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}
