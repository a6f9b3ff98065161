import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { cookieTokens, type Decision, type HeaderChange, type Plugin } from "../../mod.ts";
import { madeOnce } from "../../src/http/made-once.ts";
import { answered, gateOf, page, provider, request } from "./_gates.ts";

const noStore = madeOnce<HeaderChange[]>([["cache-control", "no-cache, no-store"], ["pragma", "no-cache"]]);
/** More visits than it takes until a place is known to be one where many are sent to. */
const many = 64;

function sentTo(location: string, headers: readonly HeaderChange[] = noStore): Decision {
  return { action: "queue", reason: "test/no", location, headers };
}

/** What a redirect has to say, made without the gate. */
function expected(location: string, changes: readonly HeaderChange[]): unknown {
  const headers = new Headers({ location });
  for (const [name, value] of changes) {
    if (name === "set-cookie") headers.append(name, value);
    else headers.set(name, value);
  }
  return [...headers];
}

describe("a place where many visitors are sent to", () => {
  const place = fc.tuple(
    fc.constantFrom(
      "https://a.test/",
      "https://b.test/?t=",
      "https://longer.test/",
      `https://l.test/${"l".repeat(1100)}`,
    ),
    fc.nat(2),
  ).map(([start, end]) => `${start}${end}`);
  const cookies = fc.array(fc.constantFrom("a=1; Path=/", "a=2; Path=/", "b=1", ""), { maxLength: 3 });
  const visitor = fc.record({ location: place, cookies, isPlain: fc.boolean() });
  test("gives each of them their own cookies, and nobody else's", () => {
    fc.assert(
      fc.property(fc.array(visitor, { minLength: many, maxLength: 2 * many }), (visitors) => {
        let now = visitors[0];
        const adding: Plugin = {
          name: "adding",
          headers: () => now?.cookies.map((line): HeaderChange => ["set-cookie", line]),
        };
        const deciding = {
          ...provider(sentTo("/")),
          decide: () => sentTo(now?.location ?? "", now?.isPlain ? [["cache-control", "no-store"]] : noStore),
        };
        const { gate, faults } = gateOf([adding, deciding]);
        for (now of visitors) {
          const answer = answered(gate(request(), page));
          const said: HeaderChange[] = now.isPlain ? [["cache-control", "no-store"]] : [...noStore];
          const lines = now.cookies.map((line): HeaderChange => ["set-cookie", line]);
          assert.deepEqual([...answer.headers], expected(now.location, [...said, ...lines]));
          assert.equal(answer.status, 302);
          // What is done to one answer is not done to the next.
          answer.headers.append("set-cookie", "spoiled=1");
          answer.headers.set("x-spoiled", "1");
        }
        assert.deepEqual(faults, []);
      }),
      { numRuns: 20 },
    );
  });

  test("makes those forget a cookie who brought it, and no others", () => {
    const forgetting: Plugin = {
      name: "forgetting",
      prepare(ctx) {
        if (ctx.request.headers.has("cookie")) void ctx.tokens.remove("session", { sameSite: "omit" });
      },
    };
    const { gate } = gateOf([cookieTokens(), forgetting, provider(sentTo("https://queue.test/?t=forgets"))]);
    for (let visit = 0; visit < 2 * many; visit++) {
      const brings = visit % 3 === 0;
      const headers: Record<string, string> = brings ? { cookie: "session=1" } : {};
      const lines = answered(gate(request("/", { headers }), page)).headers.getSetCookie();
      assert.deepEqual(lines.map((line) => line.split(";")[0]), brings ? ["session="] : []);
    }
  });

  test("is left by a response of the class that the platform has by then", () => {
    const { gate } = gateOf([provider(sentTo("https://queue.test/?t=class"))]);
    const platform = globalThis.Response;
    try {
      for (const kind of [platform, class extends platform {}, platform]) {
        globalThis.Response = kind;
        for (let visit = 0; visit < many; visit++) {
          const answer = answered(gate(request(), page));
          assert.equal(Object.getPrototypeOf(answer), kind.prototype);
          assert.equal(answer.headers.get("location"), "https://queue.test/?t=class");
        }
      }
    } finally {
      globalThis.Response = platform;
    }
  });
});
