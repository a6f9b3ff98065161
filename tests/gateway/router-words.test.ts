import { strict as assert } from "node:assert";
import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { answerOnSocket } from "../../gateway/proxy/upgrade.ts";
import { beginInWords } from "../../gateway/router-words.ts";
import { createGate, failClosed, type Plugin } from "../../mod.ts";
import { cookiesOf, page, withGateway } from "./_gateway.ts";
import { answering } from "./_wire.ts";

const shop =
  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Router: of the shop\r\nContent-Length: 4\r\n\r\nshop";
const script = "Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n";
const protect = ["/tickets", "/_app/remote", "/feed.data"];

function call(method: string, target: string, headers = script): string {
  const length = method === "POST" ? "Content-Length: 0\r\n" : "";
  return `${method} ${target} HTTP/1.1\r\nHost: shop.example\r\nReferer: http://shop.example/basket?a=1\r\n${length}${headers}Connection: close\r\n\r\n`;
}

/** The opening of a WebSocket. */
function opening(target: string): string {
  const key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
  return call("GET", target, `User-Agent: Mozilla/5.0\r\n${key}Upgrade: websocket\r\n`)
    .replace("Connection: close", "Connection: Upgrade");
}

/** What a router asks, and what leads it away from where it is: to the page that is protected, or whence a form came. */
const table: readonly (readonly [what: string, call: string, answer: RegExp])[] = [
  [
    "data of React Router",
    call("GET", "/tickets.data?day=2&_routes=routes%2Ftickets"),
    /^HTTP\/1\.1 204 [\s\S]*x-remix-redirect: \/tickets\?day=2\r\n/,
  ],
  [
    "an action of React Router",
    call("POST", "/tickets.data"),
    /^HTTP\/1\.1 204 [\s\S]*x-remix-redirect: \/\.stanchion\/main\/wait\?page=%2Fbasket%3Fa%3D1\r\n/,
  ],
  [
    "data of React Router, for a browser that says nothing of its requests",
    call("GET", "/tickets.data", "User-Agent: Mozilla/5.0\r\n"),
    /^HTTP\/1\.1 204 [\s\S]*x-remix-reload-document: true\r\n/,
  ],
  [
    "data of SvelteKit",
    call("GET", "/tickets/__data.json?day=2&x-sveltekit-invalidated=01"),
    /^HTTP\/1\.1 200 [\s\S]*\{"type":"redirect","status":303,"location":"\/\.stanchion-open\/tickets\?day=2"\}/,
  ],
  [
    "an enhanced form of SvelteKit",
    call("POST", "/tickets?/buy", `${script}x-sveltekit-action: true\r\n`),
    /^HTTP\/1\.1 200 [\s\S]*"location":"\/\.stanchion-open\/\.stanchion\/main\/wait\?page=%2Fbasket%3Fa%3D1"/,
  ],
  [
    "a remote function of SvelteKit",
    call("POST", "/_app/remote/abc/buy"),
    /^HTTP\/1\.1 200 [\s\S]*"location":"\/\.stanchion-open\/\.stanchion\/main\/wait\?page=%2Fbasket%3Fa%3D1"/,
  ],
  [
    "a server action of Next",
    call("POST", "/tickets", `${script}Next-Action: abc\r\n`),
    /^HTTP\/1\.1 200 [\s\S]*x-action-redirect: http:\/\/shop\.example\/\.stanchion\/main\/wait\?page=%2Fbasket%3Fa%3D1;push\r\n/,
  ],
];

test("a router in the browser is told in its own words to leave for the room", async () => {
  await withGateway(answering(shop), { rate: 0, protect }, async ({ ask }, origin) => {
    for (const [what, request, answer] of table) {
      const told = await ask(request);
      assert.match(told, answer, what);
      assert.match(told, /^cache-control: .*no-store/im, what);
    }
    assert.equal(origin.connections.length, 0);
  });
});

test("who is inside gets what the application says to its router", async () => {
  await withGateway(answering(shop), { rate: 600, protect }, async ({ ask }) => {
    const cookie = cookiesOf(await ask(page("/tickets")));
    for (const [what, request] of table) {
      const told = await ask(request.replace("Connection", `${cookie}Connection`));
      assert.match(told, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html\r\nX-Router: of the shop\r\n/, what);
    }
  });
});

test("programs, browsers that open a page, and who may not come back are told what others are told", async () => {
  await withGateway(answering(shop), { rate: 0, protect }, async ({ ask }) => {
    const programs = [
      call("GET", "/feed.data", "User-Agent: curl/8\r\n"),
      call("HEAD", "/feed.data"),
      call("OPTIONS", "/feed.data"),
      opening("/feed.data"),
      opening("/tickets/__data.json"),
      call("GET", "/tickets?a=.data"),
      call("PUT", "/tickets", `${script}Next-Action: abc\r\n`),
    ];
    for (const request of programs) assert.match(await ask(request), /^HTTP\/1\.1 503 /, request);
    assert.match(await ask(page("/tickets.data")), /^HTTP\/1\.1 503 [\s\S]*<!doctype html>/i);
  });
});

test("the address by which SvelteKit opens a page leads to pages of the site alone", async () => {
  await withGateway(answering(shop), { rate: 0, protect }, async ({ ask }) => {
    const leadsTo = async (target: string) =>
      /^location: (.*)\r$/im.exec(await ask(page(`/.stanchion-open${target}`)))?.[1];
    assert.equal(await leadsTo("/tickets?day=2"), "/tickets?day=2");
    assert.equal(await leadsTo("/"), "/");
    for (
      const away of ["//evil.example/a", "/\\evil.example/a", "/\\/evil.example/a", "/.//evil.example/a"]
    ) {
      assert.equal(await leadsTo(away), "/evil.example/a", away);
    }
    for (const other of ["", "er/tickets", "/tickets/__data.json", "/../tickets/a"]) {
      assert.equal(await leadsTo(other), undefined, other);
    }
    // What only looks like it is the site's.
    assert.match(await ask(page("/a?b=/.stanchion-open/c")), /shop$/);
    assert.match(await ask(page("/.stanchion-opener/c")), /shop$/);
  });
});

test("a remote form that is sent to a page that is free needs what its function needs", async () => {
  await withGateway(answering(shop), { rate: 0, protect }, async ({ ask, askAdmin }, origin) => {
    for (const name of ["/remote", "%2Fremote", "/%72emote"]) {
      for (const target of [`/?${name}=abc%2Fbuy`, `/free?a&${name}=abc/buy%2F%2E%2E`]) {
        assert.match(await ask(call("POST", target, "")), /^HTTP\/1\.1 503 /, target);
      }
    }
    assert.equal(origin.connections.length, 0);
    assert.match(await ask(call("POST", "/?remote=abc", "")), /shop$/);
    assert.match(await ask(call("GET", "/?/remote=abc", "")), /shop$/);
    await askAdmin("/metrics");
  });
});

test("who is inside sends a remote form once, and keeps the place", async () => {
  await withGateway(answering(shop), { rate: 600, protect }, async ({ ask }, origin) => {
    const cookie = cookiesOf(await ask(page("/tickets")));
    const told = await ask(call("POST", "/free?/remote=abc%2Fbuy", cookie));
    assert.match(told, /^HTTP\/1\.1 200 OK\r\n[\s\S]*shop$/);
    assert.equal((await origin.connections.at(-1))?.got().match(/POST /g)?.length, 1);
  });
});

const form = "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n";

test("who sends a remote form without a place takes one, where one room is in front of function and page", async () => {
  await withGateway(answering(shop), { capacity: 1 }, async ({ ask }) => {
    const told = await ask(call("POST", "/free?/remote=abc%2Fbuy", form));
    assert.match(told, /^HTTP\/1\.1 200 OK\r\n[\s\S]*shop$/);
    assert.equal(told.match(/^set-cookie:/gim)?.length, 1);
    assert.match(
      await ask(call("POST", "/free?/remote=abc%2Fbuy", cookiesOf(told))),
      /^HTTP\/1\.1 200 OK\r\n/,
    );
  });
});

test("who sends a remote form takes a place in both rooms where function and page have one each", async () => {
  const rooms = [
    { name: "orders", rate: 600, protect: ["/_app/remote"] },
    { name: "shop", rate: 600, protect: ["/tickets"] },
  ];
  const config = { rate: undefined, rooms };
  await withGateway(answering(shop), config, async ({ ask }) => {
    const told = await ask(call("POST", "/tickets?/remote=abc%2Fbuy", form));
    assert.match(told, /^HTTP\/1\.1 200 OK\r\n[\s\S]*shop$/);
    assert.deepEqual([...told.matchAll(/^set-cookie: ([^=]*)/gim)].map(([, name]) => name), [
      "stanchion-orders",
      "stanchion-shop",
    ]);
    assert.deepEqual([...told.matchAll(/^cache-control: (.*)\r$/gim)].map(([, said]) => said), ["private"]);
  });
});

test("no router is led to another site, however its target is spelled", async () => {
  await withGateway(answering(shop), { rate: 0 }, async ({ ask }) => {
    for (const target of ["/.//evil.example/a.data", "http://shop.example//evil.example/a.data"]) {
      assert.match(await ask(call("GET", target)), /^x-remix-redirect: \/evil\.example\/a\r$/im, target);
    }
  });
});

test("a router is led to the page where a service takes off its data's address what it told there", async () => {
  const provider: Plugin = {
    name: "service",
    final: "decide",
    decide: ({ href }) => ({
      action: "redirect",
      reason: "service/clean-url",
      location: href.replace("&t=1", ""),
    }),
  };
  const gate = createGate({ plugins: [failClosed(), provider], onError: () => {} });
  const incoming = new IncomingMessage(new Socket());
  Object.assign(incoming, {
    method: "GET",
    url: "/tickets.data?day=2&t=1",
    headers: { host: "shop.example", "sec-fetch-dest": "empty" },
    rawHeaders: ["Host", "shop.example", "Sec-Fetch-Dest", "empty"],
  });
  const { answer } = await beginInWords(gate, incoming, incoming);
  assert.equal(answer?.headers.get("x-remix-redirect"), "http://shop.example/tickets?day=2");
});

test("an answer without a body on the socket of an upgrade has no length", async () => {
  for (const [status, length] of [[204, null], [403, "0"]] as const) {
    let head = "";
    const socket = new PassThrough().on(
      "data",
      (bytes: Uint8Array) => head += new TextDecoder().decode(bytes),
    );
    const isOver = once(socket, "end");
    await answerOnSocket(socket, new Response(null, { status }));
    await isOver;
    assert.equal(/^content-length: (.*)\r$/im.exec(head)?.[1] ?? null, length, head);
  }
});
