import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { cookieTokens, createGate, failClosed, type Plugin } from "../../mod.ts";
import { serve } from "../src/_serve.ts";

const connections = 50;
const each = 20;

test("a thousand visitors on kept connections get their own cookies and nobody else's", async () => {
  /** Gives every visitor a token of their name, some at once and some later. */
  const naming: Plugin = {
    name: "naming",
    decide(ctx) {
      const visitor = ctx.url.searchParams.get("visitor") ?? "";
      const write = () => {
        const known = ctx.tokens.read("token");
        assert.ok(known === undefined || known === `of-${visitor}`, `${visitor} brought ${String(known)}`);
        void ctx.tokens.write("token", `of-${visitor}`);
        return { action: "admit", reason: "naming/named" } as const;
      };
      const wait = Number(visitor.slice(-1)) % 3;
      return wait === 0 ? write() : new Promise((resolve) => setTimeout(() => resolve(write()), wait));
    },
  };
  const gate = createGate({ plugins: [cookieTokens(), failClosed(), naming] });
  const kept = new Response("page").headers;
  const server = await serve(
    gate.wrap((request: Request, ..._platform: unknown[]) =>
      new Response(new URL(request.url).searchParams.get("visitor"), { headers: kept })
    ),
  );
  try {
    await Promise.all(Array.from({ length: connections }, (_, at) => talk(server.port, at)));
    assert.equal(gate.errors, 0);
  } finally {
    await server.close();
  }
});

/** Sends the requests of many visitors over one connection, and looks at all answers. */
function talk(port: number, connection: number): Promise<void> {
  const visitors = Array.from({ length: each }, (_, at) => `v${connection}x${at}`);
  return new Promise((resolve, reject) => {
    let text = "";
    let at = 0;
    const socket = connect(port, "127.0.0.1", ask);
    function ask(): void {
      const visitor = visitors[at];
      const cookie = at % 2 === 0 ? "" : `Cookie: token=of-${visitor}\r\n`;
      text = "";
      socket.write(`GET /?visitor=${visitor} HTTP/1.1\r\nHost: shop.example\r\n${cookie}\r\n`);
    }
    socket.setEncoding("latin1").on("error", reject).on("data", (more) => {
      text += more;
      const visitor = visitors[at];
      const [, head = "", body = ""] = /^(.*?)\r\n\r\n(.+)$/s.exec(text) ?? [];
      if (!body.includes(`${visitor}`)) return;
      try {
        const cookies = [...head.matchAll(/^set-cookie: ([^;\r]*)/gim)].map(([, pair]) => pair);
        assert.deepEqual(cookies, [`token=of-${visitor}`]);
        assert.match(head, /^cache-control: private\r?$/im);
        if (++at < each) return ask();
        socket.destroy();
        resolve();
      } catch (error) {
        socket.destroy();
        reject(error);
      }
    });
  });
}
