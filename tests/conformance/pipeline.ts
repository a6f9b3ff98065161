/** What a gate does behind a platform's own server. */

import assert from "node:assert/strict";
import { jar, open, send, type Sent } from "./_http.ts";
import { type Check, eventually, seenBy, unique, waitUpTo, type World } from "./_world.ts";

/** Requests that are admitted, each of which must be answered as if there were no gate. */
const admitted: readonly Sent[] = [
  { path: "/page" },
  { path: "/page?a=1&b=%20x&c=%E4" },
  { path: "/caf%C3%A9/%2F/x" },
  { method: "HEAD", path: "/page" },
  { method: "OPTIONS", path: "/page" },
  { method: "POST", path: "/echo", headers: { "content-type": "text/plain", "x-test": "t" }, body: "hello" },
  { method: "PUT", path: "/echo", chunks: ["one", "two"] },
  { method: "DELETE", path: "/status/204" },
  { path: "/status/304", headers: { "if-none-match": '"1"' } },
  { method: "HEAD", path: "/status/404" },
  { path: "/status/404" },
  { path: "/status/500" },
  { path: "/status/201" },
  { path: "/cookies" },
  { path: "/moved" },
  { path: "/html" },
  { path: "/big" },
  { path: "/empty" },
  { path: "/later" },
  { path: "/boom" },
  { path: "/boom-later" },
];

/** What of an answer the application and its platform are responsible for; `undefined` when the connection broke. */
async function essence(world: World, sent: Sent): Promise<unknown> {
  const answer = await send(world.port, sent).catch(() => undefined);
  if (answer === undefined) return undefined;
  const headers = [...answer.headers].filter(([name]) => name !== "date");
  return { status: answer.status, headers, text: answer.text };
}

/** A text that is masked, as clients must. */
function frame(text: string): Uint8Array {
  return new Uint8Array([0x81, 0x80 | text.length, 0, 0, 0, 0, ...new TextEncoder().encode(text)]);
}

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** The checks. */
export const pipeline: readonly Check[] = [
  ...["gated", "later"].map((gate): Check => ({
    name: `gate.wrap() answers admitted requests exactly as the bare application does (${gate})`,
    async run(world) {
      for (const sent of admitted) {
        const bare = await essence(world, { ...sent, path: `/bare${sent.path}` });
        const gated = await essence(world, { ...sent, path: `/${gate}${sent.path}` });
        assert.deepEqual(gated, bare, `${sent.method ?? "GET"} ${sent.path}`);
      }
    },
  })),
  {
    name: "gate.wrap() takes no application error for a fault of its own",
    async run(world) {
      await send(world.port, { path: "/gated/boom" }).catch(() => {});
      await send(world.port, { path: "/later/boom-later" }).catch(() => {});
      const own = (await seenBy(world)).faults.filter(({ gate }) => gate === "gated" || gate === "later");
      assert.deepEqual(own, []);
    },
  },
  {
    name: "gate.wrap() puts its cookie beside the application's, whatever the method and status",
    async run({ port }) {
      const table: readonly [method: string, page: string, status: number, own: readonly string[]][] = [
        ["GET", "cookies", 200, ["a=1; Path=/", "b=2; Path=/"]],
        ["HEAD", "cookies", 200, ["a=1; Path=/", "b=2; Path=/"]],
        ["GET", "status/204", 204, []],
        ["GET", "status/304", 304, []],
        ["GET", "status/404", 404, []],
        ["POST", "page", 200, []],
      ];
      for (const [method, page, status, own] of table) {
        const answer = await send(port, { method, path: `/cookie/${page}` });
        assert.equal(answer.status, status, page);
        assert.deepEqual(answer.headers.getSetCookie(), [...own, "visitor=1; Path=/"], page);
        const said = answer.headers.get("cache-control") ?? "";
        assert.match(said, /private/, page);
        assert.doesNotMatch(said, /public/, page);
      }
    },
  },
  {
    name: "gate.wrap() answers who is not admitted, and lets nobody store the answer",
    async run({ port }) {
      const table: readonly [word: string, status: number, location: string | null, text: RegExp][] = [
        ["queue", 302, "https://wait.example/room", /^$/],
        ["redirect", 302, "/clean", /^$/],
        ["reject", 403, null, /refused/],
        ["respond", 429, null, /^\{"wait":true\}$/],
        ["throw", 503, null, /not available/],
        ["garbage", 503, null, /not available/],
      ];
      for (const [word, status, location, text] of table) {
        for (const method of ["GET", "HEAD", "POST"]) {
          const sent = method === "POST" ? { method, body: "x".repeat(100) } : { method };
          const answer = await send(port, { ...sent, path: `/scripted/page?do=${word}` });
          assert.deepEqual(
            [answer.status, answer.headers.get("location")],
            [status, location],
            `${method} ${word}`,
          );
          if (method === "HEAD") assert.equal(answer.text, "");
          else assert.match(answer.text, text, `${method} ${word}`);
          assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
          assert.deepEqual(answer.headers.getSetCookie(), ["visitor=1; Path=/"]);
        }
      }
    },
  },
  {
    name: "failOpen() lets in who comes while the provider fails",
    async run(world) {
      for (const word of ["throw", "garbage"]) {
        const path = `/open/page?do=${word}&${unique()}`;
        const answer = await send(world.port, { path });
        assert.equal(answer.status, 200);
        await eventually("the outcome is recorded", async () => {
          const found = (await seenBy(world)).outcomes.find((outcome) => outcome.path === path);
          return found?.reason === "failure-policy/admitted-internal" && found.failure === "internal" &&
            found.served;
        });
      }
    },
  },
  {
    name: "staticFiles() lets static files past the gate, and nothing that only looks like one",
    async run({ port }) {
      const table: readonly [path: string, passes: boolean][] = [
        ["/static/app.css", true],
        ["/static/public/page", true],
        ["/static/page", false],
        ["/static/public/../page", false],
        ["/static/public/%2e%2e/page", false],
        ["/static/page?x=.css", false],
      ];
      for (const [path, passes] of table) {
        const answer = await send(port, { path });
        assert.equal(answer.status, passes ? 200 : 302, path);
        assert.deepEqual(answer.headers.getSetCookie(), passes ? [] : ["visitor=1; Path=/"], path);
      }
    },
  },
  {
    name: "bodyTrigger() queues by what the body says, however it is sent",
    async run({ port }) {
      const table: readonly [sent: Omit<Sent, "path">, status: number][] = [
        [{ body: "action=checkout&id=1" }, 302],
        [{ chunks: ["action=", "checkout", "&id=1"] }, 302],
        [{ body: "action=look" }, 200],
        [{ chunks: ["action=", "look"] }, 200],
        [{ body: "action=look".padEnd(5000, "x") }, 302],
        [{}, 200],
      ];
      for (const [sent, status] of table) {
        const answer = await send(port, { method: "POST", path: "/body/upload", ...sent });
        assert.equal(answer.status, status, JSON.stringify(sent).slice(0, 60));
      }
    },
  },
  {
    name: "requestBody() leaves a big upload whole for the application",
    async run(world) {
      const body = new Uint8Array(3_000_000).map((_, at) => (at * 7) % 251);
      const chunks = Array.from({ length: 300 }, (_, at) => `chunk ${at};`.repeat(50));
      for (const sent of [{ body }, { chunks }, { body: "short" }]) {
        const bare = await send(world.port, { method: "POST", path: "/bare/upload", ...sent });
        const looked = await send(world.port, { method: "POST", path: "/upload/upload", ...sent });
        assert.deepEqual([looked.status, looked.text], [200, bare.text]);
        assert.equal(looked.headers.get("x-looked-at"), sent.body === "short" ? "5" : "1024+");
      }
      // The rest is held back: what arrives after an answer is refused by a reset, which can take the answer with it.
      for (const gate of ["bare", "upload"]) {
        const ignored = await send(world.port, {
          method: "POST",
          path: `/${gate}/ignored-upload`,
          headers: { "content-length": String(body.length) },
          body: body.subarray(0, 2000),
        });
        assert.equal(ignored.text, "not read", gate);
      }
    },
  },
  {
    name: "gate.wrap() hands a streaming body on as it is made",
    async run({ port }) {
      for (const gate of ["bare", "gated", "cookie"]) {
        const id = unique();
        const exchange = open(port, { path: `/${gate}/stream/${id}` });
        const begun = await exchange.until("one;");
        assert.ok(!begun.includes("two;"), gate);
        await send(port, { path: `/control/release/${id}` });
        assert.equal((await exchange.end()).text, "one;two;", gate);
      }
    },
  },
  {
    name: "gate.wrap() tells the application that the reader of a stream has gone, where the platform does",
    async run(world) {
      const told = async (gate: string, id: string, isExpected: boolean) => {
        const exchange = open(world.port, { path: `/${gate}/stream/${id}` });
        await exchange.until("one;");
        exchange.abort();
        // The next piece finds nobody there.
        await send(world.port, { path: `/control/release/${id}` });
        const isTold = async () => (await seenBy(world)).cancelled.includes(id);
        if (isExpected) await eventually(`${gate} is told`, isTold);
        else await waitUpTo(2000, isTold);
        return await isTold();
      };
      const bare = await told("bare", unique(), false);
      assert.equal(await told("cookie", unique(), bare), bare);
      assert.equal((await send(world.port, { path: "/gated/page" })).status, 200);
    },
  },
  {
    name: "gate.wrap() leaves a WebSocket upgrade intact",
    async run(world) {
      for (const gate of ["bare", "gated", "cookie"]) {
        const exchange = open(world.port, { path: `/${gate}/ws?${unique()}`, headers: upgrade });
        assert.match(await exchange.until("\r\n\r\n"), /^HTTP\/1\.1 101 /, gate);
        exchange.write(frame("hello"));
        await exchange.until("hello back");
        exchange.abort();
      }
      const own = (await seenBy(world)).faults.filter(({ gate }) => gate === "gated" || gate === "cookie");
      assert.deepEqual(own, []);
    },
  },
  {
    name: "gate.wrap() refuses a WebSocket to who must wait",
    async run({ port }) {
      const exchange = open(port, { path: "/scripted/ws?do=queue", headers: upgrade });
      assert.match(
        await exchange.until("\r\n\r\n"),
        /^HTTP\/1\.1 302 [\s\S]*location: https:\/\/wait\.example\/room/i,
      );
      exchange.abort();
    },
  },
  {
    name: "ctx.platform tells the peer's address, and clientIp() believes no header unless it is told to",
    async run({ port, runtime }) {
      // The edge writes this header, and replaces what a visitor sends.
      const edge: Readonly<Record<string, string>> = runtime === "workerd"
        ? { "cf-connecting-ip": "127.0.0.1" }
        : {};
      const headers = { ...edge, "x-forwarded-for": "192.0.2.1, 203.0.113.9" };
      const direct = await send(port, { path: "/address/page", headers });
      assert.match(direct.headers.get("x-peer") ?? "", /^(?:::ffff:)?127\.0\.0\.1$/);
      assert.equal(direct.headers.get("x-client"), "127.0.0.1");
      const proxied = await send(port, { path: "/proxied/page", headers });
      assert.equal(proxied.headers.get("x-client"), "203.0.113.9");
    },
  },
  {
    name: "ctx.platform tells the peer's address also after a wait during which the visitor hung up",
    // There, such a request ends with its visitor.
    not: ["workerd"],
    async run(world) {
      const path = `/waiting/${unique()}`;
      const exchange = open(world.port, { path });
      const has = async (word: string) =>
        (await seenBy(world)).settled.find((line) => line.startsWith(`${path} ${word}`));
      await eventually("the wait has begun", async () => await has("begun") !== undefined);
      exchange.abort();
      let told: string | undefined;
      await eventually("the wait is over", async () => {
        told = await has("from");
        return told !== undefined;
      });
      assert.match(told ?? "", / from (?:::ffff:)?127\.0\.0\.1$/);
    },
  },
  {
    name: "a settled hook outlives its response, and nobody waits for it",
    async run(world) {
      const path = `/settling/${unique()}`;
      const answer = await send(world.port, { path });
      assert.equal(answer.status, 200);
      await eventually(
        "the hook has run to its end",
        async () => (await seenBy(world)).settled.includes(path),
      );
    },
  },
  {
    name: "ctx.platform.waitUntil is what keeps workerd from ending a settled hook",
    not: ["deno", "bun", "node"],
    async run(world) {
      const path = `/forgetful/${unique()}`;
      assert.equal((await send(world.port, { path })).status, 200);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      assert.ok(!(await seenBy(world)).settled.includes(path));
    },
  },
  {
    name: "createGate() enforces, reports or does nothing, as its mode says for each request",
    async run(world) {
      const table: readonly [mode: string, status: number, cookies: number][] = [
        ["enforce", 302, 1],
        ["report", 200, 1],
        ["off", 200, 0],
        ["nonsense", 302, 1],
      ];
      for (const [mode, status, cookies] of table) {
        const path = `/mode/page?mode=${mode}&${unique()}`;
        const answer = await send(world.port, { path });
        assert.deepEqual([answer.status, answer.headers.getSetCookie().length], [status, cookies], mode);
        if (mode === "off") continue;
        await eventually("the outcome is recorded", async () => {
          const found = (await seenBy(world)).outcomes.find((outcome) => outcome.path === path);
          return found?.reason === "test/queued" && found.enforced === (mode !== "report");
        });
      }
    },
  },
  {
    name: "gate.wrap() keeps 60 requests at the same time apart",
    async run({ port }) {
      const answers = await Promise.all(Array.from({ length: 60 }, async (_, at) => {
        const body = `body ${at}`;
        const refused = at % 3 === 0;
        const { status, text } = refused
          ? await send(port, { path: `/scripted/later?do=reject&${at}` })
          : await send(port, { method: "POST", path: `/later/echo?${at}`, body });
        return refused ? status === 403 : JSON.parse(text).body === body && text.includes(`/echo?${at}`);
      }));
      assert.ok(answers.every((right) => right));
    },
  },
  {
    name: "cookieTokens() and storageTokens() keep tokens over HTTP, apart for each visitor",
    async run({ port }) {
      for (const gate of ["cookie-tokens", "storage-tokens"]) {
        const anna = jar();
        const bert = jar();
        const visit = async (who: typeof anna, ...steps: readonly (readonly string[])[]) => {
          const path = `/${gate}?steps=${encodeURIComponent(JSON.stringify(steps))}`;
          const answer = who.take(await send(port, { path, headers: { ...who.header() } }));
          assert.equal(answer.status, 200, gate);
          return JSON.parse(answer.text);
        };
        assert.deepEqual(await visit(anna, ["read", "t"]), [null]);
        const odd = 'a=b; c="d", {100%} \u00fc\u4f60\u{1f39f}';
        assert.deepEqual(await visit(anna, ["write", "t", odd], ["read", "t"]), [odd]);
        assert.deepEqual(await visit(bert, ["read", "t"], ["write", "t", "other"]), [null]);
        assert.deepEqual(await visit(anna, ["read", "t"], ["read", "u"]), [odd, null]);
        assert.deepEqual(await visit(bert, ["read", "t"]), ["other"]);
        assert.deepEqual(await visit(anna, ["remove", "t"], ["read", "t"]), [null]);
        assert.deepEqual(await visit(anna, ["read", "t"]), [null]);
        assert.deepEqual(await visit(bert, ["read", "t"]), ["other"]);
      }
    },
  },
  {
    name: "cookieTokens() takes whatever Cookie header a visitor sends for an absent token",
    async run({ port }) {
      const path = `/cookie-tokens?steps=${encodeURIComponent('[["read","t"]]')}`;
      for (
        const cookie of [
          "t=",
          "t",
          "=t",
          ";;;",
          "t=%E0%A4%A; x",
          `t=${"x".repeat(6000)}`,
          `${"a=1; ".repeat(1000)}b=2`,
        ]
      ) {
        const { status } = await send(port, { path, headers: { cookie } });
        assert.equal(status, 200, cookie.slice(0, 20));
      }
    },
  },
];
