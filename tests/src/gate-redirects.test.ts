import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { cookieTokens, type Decision, type HeaderChange, type Plugin } from "../../mod.ts";
import { madeOnce } from "../../src/http/made-once.ts";
import { answered, gateOf, page, provider, request } from "./_gates.ts";
import { serve } from "./_serve.ts";

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

/** Makes those forget a cookie who brought it. */
const forgetting: Plugin = {
  name: "forgetting",
  prepare(ctx) {
    if (ctx.request.headers.has("cookie")) void ctx.tokens.remove("session", { sameSite: "omit" });
  },
};

/** The names of the fields of an answer, in the order in which a server writes them. */
function namesOnTheWire(port: number, head: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => text += data.toString("latin1"));
    socket.on("close", () => resolve(text.split("\r\n").slice(1).map((line) => line.split(":")[0] ?? "")));
    socket.on("error", reject);
    socket.write(`GET / HTTP/1.1\r\nhost: shop.example\r\n${head}connection: close\r\n\r\n`);
  });
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
    const { gate } = gateOf([cookieTokens(), forgetting, provider(sentTo("https://queue.test/?t=forgets"))]);
    for (let visit = 0; visit < 2 * many; visit++) {
      const brings = visit % 3 === 0;
      const headers: Record<string, string> = brings ? { cookie: "session=1" } : {};
      const lines = answered(gate(request("/", { headers }), page)).headers.getSetCookie();
      assert.deepEqual(lines.map((line) => line.split(";")[0]), brings ? ["session="] : []);
    }
  });

  test("tells nobody by the order of fields whether others were sent there before", async () => {
    const { gate } = gateOf([cookieTokens(), forgetting, provider(sentTo("https://queue.test/?t=order"))]);
    const server = await serve(gate.wrap(page));
    try {
      for (const head of ["", "cookie: session=1\r\n"]) {
        const first = await namesOnTheWire(server.port, head);
        assert.equal(first.includes("set-cookie"), head !== "");
        for (let visit = 0; visit < many; visit++) {
          assert.deepEqual(await namesOnTheWire(server.port, head), first);
        }
      }
    } finally {
      await server.close();
    }
  });

  test("stays known, however many come there who get cookies of their own", () => {
    let visit = 0;
    const adding: Plugin = {
      name: "adding",
      headers: () => visit % 8 < 2 ? undefined : [["set-cookie", `own=${visit}`]],
    };
    const { gate } = gateOf([adding, provider(sentTo("https://queue.test/?t=own"))]);
    const platform = globalThis.Response;
    let made = 0;
    class Counted extends platform {
      constructor(...parts: ConstructorParameters<typeof Response>) {
        super(...parts);
        made++;
      }
      override clone(): Response {
        return Object.setPrototypeOf(super.clone(), Counted.prototype);
      }
    }
    try {
      globalThis.Response = Counted;
      for (visit = 0; visit < 4 * many; visit++) void answered(gate(request(), page));
    } finally {
      globalThis.Response = platform;
    }
    assert.ok(made < 8, `${made} responses were made`);
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
