import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createAddressCheck,
  createSessionCookies,
  type SessionCookieOptions,
} from "../../../plugins/queue-it/protocol/session-cookie.ts";
import {
  isDigits,
  isHash,
  isLetters,
  sealedText,
  splitLeniently,
} from "../../../plugins/queue-it/protocol/session-fields.ts";
import { createSigner, type Signer } from "../../../src/crypto/signer.ts";
import { cookieOf, now, sealed, secret, sign } from "./_helpers.ts";

const defaults: Omit<SessionCookieOptions, "signer"> = {
  memoSize: 16,
  maxFixedMinutes: 100,
  queueIdPattern: /^[\w-]+$/,
  seal: "off",
  writesEmptyQueueId: true,
};

/** A signer that counts what it is asked. */
function counting(): { readonly signer: Signer; readonly asked: { signed: number; verified: number } } {
  const real = createSigner([secret]);
  const asked = { signed: 0, verified: 0 };
  const signer: Signer = {
    sign: (text) => (asked.signed++, real.sign(text)),
    verifies: (text, hash) => (asked.verified++, real.verifies(text, hash)),
  };
  return { signer, asked };
}

function sessionsOf(options: Partial<SessionCookieOptions> = {}): ReturnType<typeof createSessionCookies> {
  return createSessionCookies({ ...defaults, signer: createSigner([secret]), ...options });
}

test("splitLeniently() reads fields in any order, and notes what a strict reader would not take", () => {
  const table: [
    value: string,
    fields: Readonly<Record<string, string>>,
    isPlain: boolean,
    isOrdered: boolean,
  ][] = [
    ["", {}, false, false],
    ["EventId=a", { roomId: "a" }, true, true],
    ["EventId=a&Hash=h", { roomId: "a", hash: "h" }, true, true],
    ["Hash=h&EventId=a", { roomId: "a", hash: "h" }, true, false],
    [
      "EventId=a&QueueId=b&FixedValidityMins=1&RedirectType=c&IssueTime=2&Hip=d&Seal=e&Hash=f",
      {
        roomId: "a",
        queueId: "b",
        fixed: "1",
        redirectType: "c",
        issued: "2",
        hashedAddress: "d",
        seal: "e",
        hash: "f",
      },
      true,
      true,
    ],
    ["EventId=a&EventId=b", { roomId: "b" }, false, false],
    ["EventId=&Hash=", { roomId: "", hash: "" }, true, true],
    ["EventId", { roomId: "" }, false, true],
    ["EventId=a=b", { roomId: "a" }, false, true],
    ["EventId=a=", { roomId: "a" }, false, true],
    ["EventId==a", { roomId: "" }, false, true],
    ["=a", {}, true, false],
    ["eventid=a", {}, true, false],
    ["x=1&EventId=a", { roomId: "a" }, true, false],
    ["x=1&y=1", {}, true, false],
    ["x=1&x=2", {}, false, false],
    ["EventId=a&", { roomId: "a" }, false, false],
  ];
  for (const [value, fields, isPlain, isOrdered] of table) {
    const { isPlain: plain, isOrdered: ordered, ...all } = splitLeniently(value);
    const stated = Object.fromEntries(Object.entries(all).filter(([, text]) => text !== undefined));
    assert.deepEqual([stated, plain, ordered], [fields, isPlain, isOrdered], value);
  }
});

test("isDigits(), isLetters() and isHash() take what they are named for, to the last character", () => {
  const digits: [string, number, boolean][] = [
    ["", 4, false],
    ["0", 4, true],
    ["9999", 4, true],
    ["10000", 4, false],
    ["/1", 4, false],
    ["1:", 4, false],
    ["1 ", 4, false],
    ["-1", 4, false],
    ["1.", 4, false],
  ];
  for (const [text, most, expected] of digits) assert.equal(isDigits(text, most), expected, text);
  for (const text of ["", "a", "z", "A", "Z", "queue", "Idle"]) assert.ok(isLetters(text), text);
  for (const text of ["1", "a1", "`a", "a{", "@", "[", "a b", "\u00e9", "a\u0161"]) {
    assert.ok(!isLetters(text), text);
  }
  const hash = "0123456789abcdefABCDEF".repeat(3).slice(0, 64);
  assert.ok(isHash(hash));
  for (
    const text of [
      "",
      hash.slice(1),
      `${hash}0`,
      `g${hash.slice(1)}`,
      `${hash.slice(1)}g`,
      `${hash.slice(1)}\n`,
    ]
  ) {
    assert.ok(!isHash(text), text);
  }
});

test("sealedText() moves no character from one field to the next without changing", () => {
  const empty = splitLeniently("");
  assert.equal(
    sealedText({ ...empty, roomId: "ab", queueId: "c", issued: "12", seal: "s", hash: "h" }),
    "stanchion/seal/1|2:ab|1:c|0:|0:|2:12|0:",
  );
  assert.notEqual(
    sealedText({ ...empty, roomId: "a", queueId: "bc" }),
    sealedText({ ...empty, roomId: "ab", queueId: "c" }),
  );
});

test("createSessionCookies() reads what it wrote, from memory as well as anew", () => {
  const hash = sign("198.51.100.7");
  const base = {
    roomId: "event1",
    queueId: "q-1",
    fixedMinutes: 0,
    redirectType: "queue",
    hashedAddress: "",
  };
  const changes: Partial<typeof base>[] = [
    {},
    { queueId: "" },
    { queueId: "a&b" },
    { queueId: "a=b" },
    { queueId: "a b" },
    { fixedMinutes: 5 },
    { fixedMinutes: 100 },
    { fixedMinutes: 101 },
    { redirectType: "" },
    { redirectType: "Idle" },
    { redirectType: "a1" },
    { hashedAddress: hash },
    { hashedAddress: "x" },
  ];
  for (const seal of ["off", "write", "require"] as const) {
    for (const writesEmptyQueueId of [true, false]) {
      for (const change of changes) {
        const session = { ...base, ...change };
        const options = { seal, writesEmptyQueueId, queueIdPattern: /^[\w-]*$/ };
        const writer = sessionsOf(options);
        const value = writer.write(session, now);
        const expected = {
          ...session,
          queueId: /^[\w-]+$/.test(session.queueId) ? session.queueId : "",
          fixedMinutes: Math.min(session.fixedMinutes, 100),
          isFixed: session.fixedMinutes !== 0,
          redirectType: session.redirectType === "a1" ? "" : session.redirectType.toLowerCase(),
          hashedAddress: session.hashedAddress === hash ? hash : "",
          issuedAt: now,
          isSigned: true,
          isWellFormed: true,
          renewal: undefined,
        };
        assert.deepEqual(writer.read(value), expected, value);
        assert.deepEqual(sessionsOf(options).read(value), expected, value);
        assert.equal(value.includes("QueueId="), writesEmptyQueueId || expected.queueId !== "", value);
        assert.equal(value.includes("Seal="), seal !== "off", value);
      }
    }
  }
});

test("createSessionCookies() takes a negative validity for none that it may remember", () => {
  const sessions = sessionsOf();
  const value = sessions.write(
    { roomId: "event1", queueId: "q", fixedMinutes: -1, redirectType: "", hashedAddress: "" },
    now,
  );
  assert.equal(sessions.read(value).isWellFormed, false);
});

test("createSessionCookies() tells well-formed cookies from those whose fields may have been moved", () => {
  const hash = sign("198.51.100.7");
  const table: [fields: Parameters<typeof cookieOf>[0], isWellFormed: boolean][] = [
    [{}, true],
    [{ QueueId: undefined }, false],
    [{ QueueId: "" }, false],
    [{ QueueId: undefined, FixedValidityMins: 3, RedirectType: "timeout" }, true],
    [{ QueueId: "", FixedValidityMins: 3, RedirectType: "timeout" }, true],
    [{ QueueId: "", FixedValidityMins: 13, RedirectType: "timeout" }, false],
    [{ QueueId: "", FixedValidityMins: 3, RedirectType: "queue" }, false],
    [{ QueueId: "", FixedValidityMins: 3, RedirectType: "timeout", Hip: hash }, false],
    [{ QueueId: "a b" }, false],
    [{ FixedValidityMins: 0 }, true],
    [{ FixedValidityMins: 100 }, true],
    [{ FixedValidityMins: 101 }, false],
    [{ FixedValidityMins: "" }, false],
    [{ FixedValidityMins: "1x" }, false],
    [{ RedirectType: "" }, true],
    [{ RedirectType: undefined }, true],
    [{ RedirectType: "a1" }, false],
    [{ IssueTime: "" }, false],
    [{ IssueTime: undefined }, false],
    [{ IssueTime: "9999999999" }, true],
    [{ IssueTime: "999999999" }, false],
    [{ IssueTime: "99999999999" }, false],
    [{ Hip: hash }, true],
    [{ Hip: "" }, false],
    [{ Hip: hash.slice(1) }, false],
    [{ Hip: `g${hash.slice(1)}` }, false],
  ];
  for (const [fields, isWellFormed] of table) {
    const cookie = sessionsOf().read(cookieOf(fields));
    assert.deepEqual([cookie.isSigned, cookie.isWellFormed], [true, isWellFormed], JSON.stringify(fields));
  }
  const fixed = sessionsOf().read(cookieOf({ FixedValidityMins: "" }));
  assert.deepEqual([fixed.isFixed, fixed.fixedMinutes], [false, 0]);
  const over = sessionsOf().read(cookieOf({ FixedValidityMins: "0" }));
  assert.deepEqual([over.isFixed, over.fixedMinutes], [true, 0]);
  const bare = sessionsOf().read(`IssueTime=1&Hash=${sign("1")}`);
  const { roomId, queueId, redirectType, hashedAddress } = bare;
  assert.deepEqual([roomId, queueId, redirectType, hashedAddress], ["", "", "", ""]);
  assert.equal(sessionsOf().read("EventId=event1").isSigned, false);
  // A pattern that takes the empty text takes sessions without a queue id.
  assert.ok(sessionsOf({ queueIdPattern: /^[\w-]*$/ }).read(cookieOf({ QueueId: undefined })).isWellFormed);
});

test("createSessionCookies() asks for a seal that fits, where it asks for one", () => {
  const sealed = sessionsOf({ seal: "write" }).write(
    { roomId: "event1", queueId: "q", fixedMinutes: 0, redirectType: "queue", hashedAddress: "" },
    now,
  );
  const forged = sealed.replace(/Seal=[^&]*/, `Seal=${"0".repeat(64)}`);
  const table: [value: string, off: boolean, write: boolean, require: boolean][] = [
    [sealed, true, true, true],
    [forged, true, false, false],
    [cookieOf(), true, true, false],
  ];
  for (const [value, ...expected] of table) {
    const said = (["off", "write", "require"] as const).map((seal) =>
      sessionsOf({ seal }).read(value).isWellFormed
    );
    assert.deepEqual(said, expected, value);
  }
});

test("createSessionCookies() remembers genuine cookies in their own spelling, and no others", () => {
  const again = (value: string, seal: SessionCookieOptions["seal"] = "off") => {
    const { signer, asked } = counting();
    const sessions = sessionsOf({ signer, seal });
    const first = sessions.read(value);
    const before = asked.verified;
    assert.deepEqual(sessions.read(value), first);
    return asked.verified - before;
  };
  const parts = cookieOf().split("&");
  assert.equal(again(cookieOf()), 0);
  assert.equal(again(cookieOf(), "write"), 0);
  assert.equal(again(sealed(cookieOf()), "write"), 0);
  assert.equal(again(sealed(cookieOf()), "require"), 0);
  assert.equal(again([...parts].reverse().join("&")), 1);
  assert.equal(again(`${cookieOf()}&x=1`), 1);
  assert.equal(again([...parts.slice(0, -1), "Seal=x", parts.at(-1)].join("&")), 1);
  assert.equal(again(cookieOf({}, "wrong")), 1);
  assert.equal(again(cookieOf({ RedirectType: "a1" })), 1);
});

test("createSessionCookies() signs a session that it prolongs once for a room and a second", () => {
  const { signer, asked } = counting();
  const sessions = sessionsOf({ signer });
  const cookie = sessions.read(cookieOf());
  const signed = (room: string, second: number) => {
    const before = asked.signed;
    const value = sessions.renew(cookie, room, second);
    assert.deepEqual([sessionsOf().read(value).roomId, sessionsOf().read(value).issuedAt], [room, second]);
    return asked.signed - before;
  };
  assert.deepEqual(
    [signed("event1", now), signed("event1", now), signed("event2", now), signed("event2", now + 1)],
    [1, 0, 1, 1],
  );
});

test("createAddressCheck() hashes an address once, and takes no other for it", () => {
  const { signer, asked } = counting();
  const isAddress = createAddressCheck(signer, 4);
  const hash = sign("198.51.100.7");
  const table: [address: string, hash: string, expected: boolean, verified: number][] = [
    ["198.51.100.8", hash, false, 1],
    ["198.51.100.7", hash, true, 2],
    ["198.51.100.7", hash, true, 2],
    ["198.51.100.8", hash, false, 2],
    ["198.51.100.7", sign("198.51.100.8"), false, 3],
  ];
  for (const [address, signed, expected, verified] of table) {
    assert.equal(isAddress(address, signed), expected);
    assert.equal(asked.verified, verified);
  }
});
