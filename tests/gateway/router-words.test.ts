import { strict as assert } from "node:assert";
import { test } from "node:test";
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
