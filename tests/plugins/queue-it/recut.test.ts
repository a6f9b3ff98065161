import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "../../support/random-cases.ts";
import { cookieTokens, createGate, failClosed } from "../../../mod.ts";
import { graceCookies } from "../../../plugins/grace/cookie.ts";
import { isRoomId, waitingRoomOf } from "../../../plugins/queue-it/configuration/mod.ts";
import {
  cancelQueueSession,
  extendQueueSession,
  queueIt,
  queueItEvent,
  type QueueItSecrets,
} from "../../../plugins/queue-it/mod.ts";
import { type Connector, createConnector } from "../../../plugins/queue-it/validation/connector.ts";
import { readState } from "../../../plugins/queue-it/validation/session-state.ts";
import {
  anonymousSessions,
  choices,
  genuineAt,
  genuineCount,
  type Recut,
  recuts,
  sealedSessions,
  unansweredSessions,
  type Values,
  valuesOf,
  visitorAddress,
} from "../../support/recut.ts";
import { visitFor } from "./_reference.ts";
import {
  asDeployed,
  configOf,
  cookieHeader,
  cookieOf,
  customerId,
  guid,
  integration,
  now,
  nowMs,
  sealed,
  secret,
} from "./_helpers.ts";

function connectorOf(settings: Partial<QueueItSecrets> = {}): Connector {
  return createConnector({ customerId, secretKeys: [secret], memoSize: 0, ...settings });
}

/** Whether a visitor with this cookie has a session in a room, now or, for those who end it, at any time. */
function opens(connector: Connector, room: string, text: string, minutes?: number): boolean {
  const visit = { ...visitFor({ nowMs, clientIp: visitorAddress }), cookies: [text] };
  return isRoomId(room) && readState(connector, [waitingRoomOf(room)], visit, minutes).status === "genuine";
}

/**
 * The cuts that open a room, though the genuine cookie says something else. There is a room of each name that is cut.
 *
 * @param isTried Which queue ids are tried at all, where there are too many cuts.
 */
function moved(
  connector: Connector,
  cookie: string,
  minutes?: number,
  isTried: (queueId: string) => boolean = () => true,
): readonly Recut[] {
  const genuine = valuesOf(cookie);
  return [...recuts(cookie)].filter(({ values, text }) =>
    !isSame(values, genuine) && isTried(values[1] ?? "") && opens(connector, values[0] ?? "", text, minutes)
  );
}

/** A GUID, or none. */
function isGuid(queueId: string): boolean {
  return queueId === "" || /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(queueId);
}

function isSame(some: Values, others: Values): boolean {
  return some.every((value, at) => value === others[at]);
}

/** So many genuine sessions with a queue id, of every kind. */
function* genuineSessions(count: number): Generator<string> {
  // It has no divisor in common with any number of choices.
  for (let at = 0; at < count; at++) yield genuineAt((at * 7919 + 1) % genuineCount);
}

const example = cookieOf({
  QueueId: "7c1f7c3d-2d1b-4f5e-9a10-0b2d0f6ea921",
  IssueTime: now - 21 * 60,
});

test("recuts() finds what opens the room where nothing but the signature is asked for", () => {
  const found = moved(connectorOf(asDeployed), example, 20);
  const stretched = example.replace("ea921", "ea&FixedValidityMins=921");
  assert.ok(found.some(({ text }) => text === stretched));
  assert.ok(found.some(({ values: [room] }) => room === `event17c1f7c3d`));
  assert.equal(opens(connectorOf(), "event1", example, 20), false);
  assert.equal(opens(connectorOf(), "event1", stretched, 20), false);
});

for (const profile of ["v5", "v3"] as const) {
  for (const seal of ["write", "off"] as const) {
    test(`readState() accepts genuine sessions in no other way than they were signed, with ${profile} and the seal "${seal}"`, () => {
      const connector = connectorOf({ profile, seal });
      let opened = 0;
      for (const cookie of [...genuineSessions(8), ...unansweredSessions.slice(0, 3), example]) {
        if (opens(connector, valuesOf(cookie)[0] ?? "", cookie)) opened++;
        assert.deepEqual(moved(connector, cookie), [], cookie);
      }
      assert.ok(opened === 12);
    });
  }
}

test("readState() accepts sealed sessions in no other way than they were signed, with a seal and without", () => {
  for (const seal of ["write", "require"] as const) {
    const connector = connectorOf({ seal });
    for (const cookie of [...sealedSessions, ...[...genuineSessions(2)].map((cookie) => sealed(cookie))]) {
      assert.ok(opens(connector, valuesOf(cookie)[0] ?? "", cookie), cookie);
      assert.deepEqual(moved(connector, cookie), [], cookie);
    }
  }
});

test("readState() accepts sessions of any fields in no other way than they were signed", () => {
  const hex = "0123456789abcdef";
  const digits = (count: number) =>
    fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: count });
  const word = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 6 });
  const fields = fc.record({
    EventId: word(`${hex}-xyz`).map((room) => `e${room}`),
    QueueId: fc.oneof(fc.uuid(), fc.constantFrom(...choices.QueueId)),
    FixedValidityMins: fc.option(digits(4), { nil: undefined }),
    RedirectType: word("abcdefxyz"),
    IssueTime: fc.integer({ min: now - 100_000, max: now + 60 }),
    Hip: fc.constantFrom(...choices.Hip),
  });
  const connector = connectorOf();
  fc.assert(
    fc.property(fields, fc.boolean(), (fields, isSealed) => {
      const cookie = isSealed ? sealed(cookieOf(fields)) : cookieOf(fields);
      assert.deepEqual(moved(connector, cookie), []);
    }),
    { numRuns: 10 },
  );
});

const rooms = [...choices.EventId];
const secrets = { customerId, secretKeys: [secret], memoSize: 0 } as const;

/** A trigger that every page meets. */
const anyPage = [{
  LogicalOperator: "And",
  TriggerParts: [{
    ValidatorType: "UrlValidator",
    UrlPart: "PageUrl",
    Operator: "Contains",
    ValueToCompare: "*",
  }],
}];

/** Who admits a visitor with a cookie to a room. */
const doors: Readonly<Record<string, (room: string, text: string) => boolean>> = {
  "queueIt() with v5": gateDoor((room) =>
    queueIt({
      ...secrets,
      onConfiguration() {},
      integrationConfig: configOf(integration({ EventId: room, Triggers: anyPage })),
    })
  ),
  "queueIt() with v3": gateDoor((room) =>
    queueIt({
      ...secrets,
      onConfiguration() {},
      profile: "v3",
      integrationConfig: configOf(integration({ EventId: room, Triggers: anyPage })),
    })
  ),
  "queueItEvent()": gateDoor((room) =>
    queueItEvent({ ...secrets, eventId: room, queueDomain: "q.test", validityMinutes: 20 })
  ),
  "extendQueueSession()": (room, text) => {
    const { memoSize: _, ...known } = secrets;
    const options = {
      ...known,
      eventId: room,
      validityMinutes: 20,
      address: visitorAddress,
      now: () => nowMs,
    };
    return extendQueueSession(requestWith(room, text), options).length > 0;
  },
  "cancelQueueSession()": (room, text) => {
    const { memoSize: _, ...known } = secrets;
    const options = {
      ...known,
      eventIds: [room],
      queueDomain: "q.test",
      address: visitorAddress,
      now: () => nowMs,
    };
    return cancelQueueSession(requestWith(room, text), options) !== undefined;
  },
};

for (const [name, opensDoor] of Object.entries(doors)) {
  test(`${name} accepts a session in no other way than it was signed`, () => {
    let opened = 0;
    const cookies = [...genuineSessions(6), ...unansweredSessions.slice(0, 2), example, sealed(cookieOf())];
    for (const cookie of cookies) {
      const genuine = valuesOf(cookie);
      if (opensDoor(genuine[0] ?? "", cookie)) opened++;
      for (const { values, text } of recuts(cookie)) {
        const [room = ""] = values;
        if (!rooms.some((known) => known === room) || isSame(values, genuine)) continue;
        assert.equal(opensDoor(room, text), false, text);
      }
    }
    assert.ok(opened > 2);
  });
}

test("graceCookies() reads a cookie with its dots at other places as none", () => {
  const cookies = graceCookies(["a secret for the places of visitors"]);
  for (const room of ["", "0123456789abcdef"]) {
    const subject = { scope: "shop", address: "" };
    const genuine = cookies.write(subject, room, nowMs);
    const text = genuine.replaceAll(".", "");
    assert.notEqual(cookies.read(subject, genuine), undefined);
    for (let one = 0; one <= text.length; one++) {
      for (let two = one; two <= text.length; two++) {
        for (const three of [two, two + 16, text.length - 64, text.length]) {
          if (three < two) continue;
          const cut = [text.slice(0, one), text.slice(one, two), text.slice(two, three), text.slice(three)]
            .join(".");
          if (cut !== genuine) assert.equal(cookies.read(subject, cut), undefined, cut);
        }
      }
    }
  }
});

test("createSessionCookies() keeps a session without a queue id exactly where it can be cut in no other way", () => {
  for (const seal of ["write", "off"] as const) {
    const { sessions } = connectorOf({ seal });
    const count = { kept: 0, refused: 0 };
    // The part of torture tries all of them.
    for (const session of anonymousSessions.filter((_, at) => at % 7 === 0)) {
      const { roomId } = session;
      const isKept = sessions.keepsAnonymous(session, now);
      const cookie = sessions.write(session, now);
      assert.equal(opens(connectorOf({ seal }), roomId, cookie), isKept, cookie);
      // Without a seal there is one such session only, whatever else could be told apart.
      if (isKept || seal === "write") {
        assert.equal(isKept, moved(connectorOf({ seal }), cookie, undefined, isGuid).length === 0, cookie);
      }
      count[isKept ? "kept" : "refused"]++;
    }
    assert.ok(count.kept > 0 && count.refused > 20, JSON.stringify(count));
  }
});

test("readState() finds no room's id in that of another room and the queue id of its visitor", () => {
  const queueId = "7c1f7c3d-2d1b-4f5e-9a10-0b2d0f6ea923";
  for (const FixedValidityMins of [undefined, 3, 13]) {
    for (const isSealed of [false, true]) {
      const cookie = cookieOf({ QueueId: queueId, FixedValidityMins, RedirectType: "timeout" });
      assert.deepEqual(moved(connectorOf(), isSealed ? sealed(cookie) : cookie), [], cookie);
    }
  }
});

test("createSessionCookies() keeps sessions without a queue id where the pattern tells no room's id anyway", () => {
  const session = {
    roomId: "event1",
    queueId: "",
    fixedMinutes: 3,
    redirectType: "timeout",
    hashedAddress: "",
  };
  const table = [
    [/[\w-]+/, "event1", true],
    [/[0-9]{1,8}/, "sale20261128", true],
    [/[0-9]{8}/, "sale20261128", false],
    [/[0-9]{8}/, "sale2026", true],
    [/[0-9]{8}/, "20261128", false],
    [/^vip-[0-9]+$/, "x-vip-1", false],
    [/.*/, `event1-${guid}`, true],
  ] as const;
  for (const [queueIdPattern, roomId, isKept] of table) {
    const { sessions } = connectorOf({ queueIdPattern });
    assert.equal(sessions.keepsAnonymous({ ...session, roomId }, now), isKept, `${queueIdPattern} ${roomId}`);
  }
});

function gateDoor(
  provider: (room: string) => ReturnType<typeof queueIt>,
): (room: string, text: string) => boolean {
  const gates = new Map<string, (request: Request) => boolean>();
  for (const room of choices.EventId) {
    const gate = createGate({
      plugins: [
        { name: "known", supplies: { address: () => visitorAddress } },
        cookieTokens(),
        failClosed(),
        provider(room),
      ],
      now: () => nowMs,
    });
    gates.set(room, (request) => {
      let served = false;
      gate(request, () => (served = true, new Response("page")));
      return served;
    });
  }
  return (room, text) => gates.get(room)?.(requestWith(room, text)) ?? false;
}

function requestWith(room: string, text: string): Request {
  return new Request("https://shop.test/", { headers: { cookie: cookieHeader({ [room]: text }) } });
}
