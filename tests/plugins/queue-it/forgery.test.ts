import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueItCommon } from "../../../plugins/queue-it/mod.ts";
import { type Connector, createConnector } from "../../../plugins/queue-it/validation/connector.ts";
import type { Visit } from "../../../plugins/queue-it/validation/visit.ts";
import { queueAction } from "../../../plugins/queue-it/configuration/action.ts";
import { waitingRoomOf } from "../../../plugins/queue-it/configuration/settings.ts";
import { checkToken } from "../../../plugins/queue-it/validation/check-token.ts";
import { readState, type SessionStatus } from "../../../plugins/queue-it/validation/session-state.ts";
import { parseToken } from "../../../plugins/queue-it/protocol/token.ts";
import { growth } from "../../support/growth.ts";
import { visitFor } from "./_reference.ts";
import { cookieOf, customerId, guid, now, nowMs, sealed, secret, sign, tokenOf } from "./_helpers.ts";

const address = "82.192.173.38";
const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function connectorOf(settings: Partial<QueueItCommon> = {}): Connector {
  return createConnector({ customerId, secretKeys: [secret], ...settings });
}

function visitWith(...cookies: readonly string[]): Visit {
  return { ...visitFor({ nowMs, clientIp: address }), cookies };
}

function statusOf(cookie: string, connector: Connector = connectorOf(), minutes: number = 20): SessionStatus {
  return readState(connector, [waitingRoomOf("event1")], visitWith(cookie), minutes).status;
}

function faultOf(text: string, connector: Connector = connectorOf()): string | undefined {
  const action = queueAction(connector, { roomId: "event1", queueDomain: "q.test", validityMinutes: 20 });
  return checkToken(connector, action, visitWith(), parseToken(text)).fault;
}

/** A text with each of its characters changed, in turn and in several ways, left out, or doubled. */
function* mutations(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    const code = text.charCodeAt(at);
    for (const other of [code ^ 1, code ^ 32, 48, 97, 0x100 + code]) {
      if (other !== code) yield before + String.fromCharCode(other) + after;
    }
    yield before + after;
    yield before + text[at] + text[at] + after;
  }
}

const bound = { Hip: sign(address), FixedValidityMins: 7 };

for (const [what, cookie] of [["a plain", cookieOf()], ["a bound and fixed", cookieOf(bound)]] as const) {
  test(`readState() refuses ${what} session of which any character was changed`, () => {
    const connector = connectorOf();
    assert.equal(statusOf(cookie, connector), "genuine");
    let count = 0;
    for (const changed of mutations(cookie)) {
      count++;
      assert.notEqual(statusOf(changed, connector), "genuine", changed);
      // Neither may it be remembered as one.
      assert.notEqual(statusOf(changed, connector), "genuine", changed);
    }
    assert.ok(count > 500);
  });
}

for (
  const [what, token] of [["a plain", tokenOf()], [
    "a bound and fixed",
    tokenOf({ hip: sign(address), cv: 7 }),
  ]] as const
) {
  test(`checkToken() refuses ${what} token of which any character was changed`, () => {
    const connector = connectorOf();
    assert.equal(faultOf(token, connector), undefined);
    for (const changed of mutations(token)) assert.notEqual(faultOf(changed, connector), undefined, changed);
  });
}

test("checkToken() refuses a token whose fields were moved or taken from another one", () => {
  const token = tokenOf({ cv: 7 });
  const hash = token.slice(token.indexOf("~h_"));
  const signed = token.slice(0, token.indexOf("~h_"));
  for (
    const changed of [
      hash.slice(1) + "~" + signed,
      `${signed}~cv_9${hash}`,
      `${signed}${hash}~cv_9`,
      `${signed.split("~").toReversed().join("~")}${hash}`,
      `${signed.replace("~cv_", "cv_")}${hash}`,
      `${signed}${hash}${hash}x`,
      tokenOf({ e: "event2" }).slice(0, -64) + hash.slice(-64),
    ]
  ) assert.equal(faultOf(changed), "hash", changed);
});

test("checkToken() accepts a hash in capital letters only where case does not matter", () => {
  const shouted = tokenOf().replace(/[0-9a-f]{64}$/, (hash) => hash.toUpperCase());
  assert.equal(faultOf(shouted), "hash");
  assert.equal(faultOf(shouted, connectorOf({ caseInsensitiveRoomId: true })), undefined);
  assert.equal(faultOf(tokenOf({ e: "EVENT1" })), "eventid");
  assert.equal(faultOf(tokenOf({ e: "EVENT1" }), connectorOf({ caseInsensitiveRoomId: true })), undefined);
});

const names = ["EventId", "QueueId", "FixedValidityMins", "RedirectType", "IssueTime", "Hip"] as const;

/** All cookies with the same hash: the signed text is cut into fields at other places. */
function* recut(cookie: string): Generator<string> {
  const fields = new Map(cookie.split("&").map((part) => part.split("=") as [string, string]));
  const text = names.map((name) => fields.get(name) ?? "").join("");
  const cuts = names.slice(0, -1).reduce<number[]>(
    (all, name) => [...all, (all.at(-1) ?? 0) + (fields.get(name) ?? "").length],
    [],
  );
  const write = (places: readonly number[]) => {
    const values = names.map((_, at) => text.slice(places[at - 1] ?? 0, places[at] ?? text.length));
    const parts = names.flatMap((name, at) =>
      values[at] === "" && name !== "EventId" ? [] : [`${name}=${values[at]}`]
    );
    return [...parts, `Hash=${fields.get("Hash")}`].join("&");
  };
  for (let one = 0; one < cuts.length; one++) {
    for (let place = 0; place <= text.length; place++) {
      const moved = cuts.with(one, place);
      if (moved.every((cut, at) => cut >= (moved[at - 1] ?? 0))) yield write(moved);
      for (let two = one + 1; two < cuts.length; two++) {
        for (let other = place; other <= text.length; other++) {
          const both = moved.with(two, other);
          if (both.every((cut, at) => cut >= (both[at - 1] ?? 0))) yield write(both);
        }
      }
    }
  }
}

const sessions = [
  cookieOf(),
  cookieOf({ FixedValidityMins: 3 }),
  cookieOf({ FixedValidityMins: 3, Hip: sign(address) }),
  cookieOf({ RedirectType: "", FixedValidityMins: 17 }),
];

test("readState() accepts no session with moved field boundaries where queue ids have a pattern", () => {
  const connector = connectorOf({ queueIdPattern: guidPattern, memoSize: 0 });
  for (const cookie of sessions) {
    assert.equal(statusOf(cookie, connector), "genuine");
    const accepted = new Set<string>();
    for (const changed of recut(cookie)) {
      const { status, cookie: read } = readState(
        connector,
        [waitingRoomOf("event1")],
        visitWith(changed),
        20,
      );
      if (status === "genuine") {
        accepted.add(JSON.stringify([read?.queueId, read?.fixedMinutes, read?.redirectType, read?.issuedAt]));
      }
    }
    // Without a type, digits of the validity could be digits of the time, if that were not of the present.
    assert.ok(accepted.size <= 1, [...accepted].join());
  }
});

test("readState() accepts no session with moved field boundaries where a seal is required", () => {
  const connector = connectorOf({ seal: "require", memoSize: 0 });
  for (const fixedMinutes of [0, 3]) {
    for (const hashedAddress of ["", sign(address)]) {
      const session = {
        roomId: "event1",
        queueId: "queue-id-1",
        fixedMinutes,
        redirectType: "queue",
        hashedAddress,
      };
      const cookie = connector.sessions.write(session, now - 60);
      assert.equal(statusOf(cookie, connector), "genuine");
      const seal = /&Seal=[0-9a-f]{64}/.exec(cookie)?.[0] ?? "";
      for (const changed of recut(cookie.replace(seal, ""))) {
        const sealed = changed.replace("&Hash=", `${seal}&Hash=`);
        if (sealed !== cookie) assert.notEqual(statusOf(sealed, connector), "genuine", sealed);
      }
      assert.notEqual(statusOf(cookie.replace(seal, ""), connector), "genuine");
      for (const changed of mutations(cookie)) {
        assert.notEqual(statusOf(changed, connector), "genuine", changed);
      }
    }
  }
});

test("createSessionCookies() with a seal writes cookies that readers without one accept, and the other way round", () => {
  const session = {
    roomId: "event1",
    queueId: guid,
    fixedMinutes: 0,
    redirectType: "queue",
    hashedAddress: "",
  };
  const [plain, writing, requiring] = (["off", "write", "require"] as const).map((seal) =>
    connectorOf({ seal })
  );
  assert.ok(plain && writing && requiring);
  const sealed = writing.sessions.write(session, now);
  const bare = plain.sessions.write(session, now);
  assert.match(sealed, /&Seal=[0-9a-f]{64}&Hash=[0-9a-f]{64}$/);
  assert.equal(statusOf(sealed, plain), "genuine");
  assert.equal(statusOf(sealed, requiring), "genuine");
  assert.equal(statusOf(bare, writing), "genuine");
  assert.equal(statusOf(bare, requiring), "malformed");
  assert.equal(statusOf(sealed.replace(/Seal=./, "Seal=x"), writing), "malformed");
});

/** What connectors write when nobody answered for a visitor. */
const unanswered = { QueueId: undefined, FixedValidityMins: 3, RedirectType: "timeout" } as const;

const hash = (fields: string) => sign(fields);
for (
  const [what, cookie] of [
    ["a name that occurs twice", cookieOf() + `&QueueId=${guid}`],
    ["an unknown name that occurs twice", cookieOf() + "&x=1&x=2"],
    ["a part without an equals sign", cookieOf() + "&x"],
    ["two equals signs", cookieOf() + "=x"],
    ["a time in the future", cookieOf({ IssueTime: now + 61 })],
    ["a time that is no number", cookieOf({ IssueTime: `${now}x` })],
    ["a time of too many digits", cookieOf({ IssueTime: `0${now}` })],
    ["a time of too few digits", cookieOf({ IssueTime: "999999999" })],
    ["no queue id", cookieOf({ QueueId: undefined })],
    ["an empty queue id", cookieOf({ QueueId: "" })],
    ["a queue id that is no GUID", cookieOf({ QueueId: "queue-id-1" })],
    ["a queue id that is no GUID, and a seal", sealed(cookieOf({ QueueId: "queue-id-1" }))],
    ["more than a GUID as queue id", cookieOf({ QueueId: `${guid}0` })],
    ["less than a GUID as queue id", cookieOf({ QueueId: guid.slice(0, -1) })],
    ["a GUID in a line of its own as queue id", cookieOf({ QueueId: `${guid}\n` })],
    ["no queue id and an address", cookieOf({ ...unanswered, Hip: sign(address) })],
    ["no queue id and a longer validity", cookieOf({ ...unanswered, FixedValidityMins: 13 })],
    ["a seal of other fields", cookieOf().replace("&Hash", `&Seal=${sign("another text")}&Hash`)],
    [
      "a negative time",
      `EventId=event1&QueueId=q&RedirectType=queue&IssueTime=-5&Hash=${hash("event1qqueue-5")}`,
    ],
    ["a fixed validity that is no number", cookieOf({ FixedValidityMins: "5m" })],
    ["a fixed validity beyond the longest", cookieOf({ FixedValidityMins: 1441 })],
    ["a fixed validity of too many digits", cookieOf({ FixedValidityMins: "00005" })],
    ["an empty fixed validity", cookieOf({ FixedValidityMins: "" })],
    ["a type that is no word", cookieOf({ RedirectType: "queue2" })],
    ["an address that is no hash", cookieOf({ Hip: "ab" })],
    ["an empty address", cookieOf({ Hip: "" })],
  ] as const
) {
  test(`readState() refuses a signed session with ${what}`, () => {
    // Without a client address, so that the shape is all that is wrong; time does not matter to a cancel.
    const visit = { ...visitWith(cookie), address: () => "" };
    const { status } = readState(connectorOf(), [waitingRoomOf("event1")], visit);
    assert.equal(status, "malformed");
  });
}

for (
  const [what, cookie] of [
    ["unknown fields", cookieOf() + "&Extra=1&Other="],
    ["its fields in another order", cookieOf().split("&").toReversed().join("&")],
    ["no queue id and a seal", sealed(cookieOf({ QueueId: undefined }))],
    ["an empty queue id and a seal", sealed(cookieOf({ QueueId: "" }))],
    ["no queue id after a direct pass that failed", cookieOf(unanswered)],
    ["no type", cookieOf({ RedirectType: undefined })],
    ["a time that is a little ahead", cookieOf({ IssueTime: now + 60 })],
    ["the longest fixed validity", cookieOf({ FixedValidityMins: 1440 })],
    ["a room in other case", cookieOf({ EventId: "EVENT1" })],
  ] as const
) {
  test(`readState() accepts a signed session with ${what}`, () => {
    const connector = connectorOf();
    assert.equal(statusOf(cookie, connector), "genuine");
    assert.equal(statusOf(cookie, connector), "genuine");
  });
}

test("createSessionCookies() writes only what it reads", () => {
  const connector = connectorOf();
  for (const queueId of [guid, "", "a&b", "a=b", "&Hash=", "ü", " "]) {
    for (const fixedMinutes of [0, 1, 1440, 1441, 99_999, Number.POSITIVE_INFINITY]) {
      for (const redirectType of ["queue", "", "Queue", "a1", "a&b=c", "ä"]) {
        for (const hashedAddress of ["", sign(address), "short", "a&b"]) {
          const session = { roomId: "Event1", queueId, fixedMinutes, redirectType, hashedAddress };
          const value = connector.sessions.write(session, now);
          // Another connector, which remembers nothing.
          const state = readState(
            connectorOf({ memoSize: 0 }),
            [waitingRoomOf("Event1")],
            visitWith(value),
            20,
          );
          assert.equal(state.status, "genuine", value);
        }
      }
    }
  }
});

test("createSessionCookies() remembers no more than it is asked to, and forgets what is not asked for", () => {
  const connector = connectorOf({ memoSize: 4 });
  for (let visitor = 0; visitor < 100; visitor++) {
    const cookie = cookieOf({ QueueId: guid.replace(/^.{8}/, String(visitor).padStart(8, "0")) });
    assert.equal(statusOf(cookie, connector), "genuine");
    assert.equal(statusOf(cookieOf(), connector), "genuine");
  }
});

test("createSessionCookies() signs a room as it writes it, so that mixed case reads back", () => {
  const connector = connectorOf();
  const session = {
    roomId: "EvEnT1",
    queueId: guid,
    fixedMinutes: 0,
    redirectType: "queue",
    hashedAddress: "",
  };
  const value = connector.sessions.write(session, now);
  assert.ok(value.endsWith(`Hash=${sign(`EvEnT1${guid}queue${now}`)}`));
  assert.equal(readState(connectorOf(), [waitingRoomOf("EvEnT1")], visitWith(value), 20).status, "genuine");
});

for (const unit of ["a_", "a~", "_~", "~a_b", "&", "=", "&a=", "EventId=", "&Hip=a"]) {
  test(`readState() and parseToken() take their time in proportion to what a visitor sends, of ${unit}`, () => {
    const connector = connectorOf();
    const times = growth((size) => {
      const text = unit.repeat(size / unit.length);
      assert.notEqual(statusOf(text, connector), "genuine");
      assert.notEqual(faultOf(text, connector), undefined);
    });
    assert.ok(times < 24, `${times.toFixed(1)} times for 8 times the size`);
  });
}
