import { strict as assert } from "node:assert";
import { test } from "node:test";
import { adminSecret, cookiesOf, open, page, withGateway } from "./_gateway.ts";
import { answering } from "./_wire.ts";

const shop =
  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nCache-Control: public, s-maxage=60\r\nContent-Length: 4\r\n\r\nshop";

test("the gateway lets somebody in with a pass, and nobody keeps a page that has one", async () => {
  await withGateway(answering(shop), { rate: 600, bypass: ["/open"] }, async ({ ask }, origin) => {
    const first = await ask(page("/"));
    assert.match(first, /^HTTP\/1\.1 200 OK\r\n[\s\S]*shop$/);
    assert.match(first, /^set-cookie: /im);
    assert.match(first, /^cache-control: .*private/im);
    assert.doesNotMatch(first, /public|s-maxage/);
    const open = await ask(page("/open", cookiesOf(first)));
    assert.match(open, /^HTTP\/1\.1 200 OK\r\n[\s\S]*shop$/);
    assert.doesNotMatch(open, /^set-cookie: /im);
    assert.match(open, /^Cache-Control: public, s-maxage=60\r$/m);
    assert.equal(origin.connections.length, 1);
  });
});

test("the gateway shows the waiting room to who has no place, and the origin hears nothing of it", async () => {
  await withGateway(
    answering(shop),
    { rate: 0, protect: ["/tickets"], bypass: ["/tickets/feed"] },
    async ({ ask }, origin) => {
      const waiting = await ask(page("/tickets/7"));
      assert.match(waiting, /^HTTP\/1\.1 503 /);
      assert.match(waiting, /^cache-control: .*no-store/im);
      assert.match(waiting, /<!doctype html>/i);
      const status = await ask(page("/.stanchion/main/status"));
      assert.match(status, /^HTTP\/1\.1 200 /);
      const live = await ask(
        "GET /tickets/live HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n",
      );
      assert.doesNotMatch(live, /^HTTP\/1\.1 101/);
      const post = await ask(
        "POST /tickets HTTP/1.1\r\nHost: shop.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
      );
      assert.match(post, /^HTTP\/1\.1 503 /);
      for (
        const spelling of [
          "/%74ickets",
          "/a/../tickets",
          "/TICKETS",
          "//tickets",
          "/tickets;a",
          "/./tickets",
          "//shop.example/tickets",
          "/\\shop.example/tickets",
        ]
      ) {
        assert.doesNotMatch(await ask(page(spelling)), /shop$/, spelling);
      }
      assert.equal(origin.connections.length, 0);
      for (const free of ["/", "/other", "/tickets/feed"]) assert.match(await ask(page(free)), /shop$/, free);
    },
  );
});

test("the gateway answers 502 with a page for people and a line for programs", async () => {
  await withGateway(() => {}, { rate: 600 }, async ({ ask, askAdmin }, origin) => {
    await origin.close();
    const people = await ask(page("/"));
    assert.match(people, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
    assert.match(people, /^content-security-policy: default-src 'none'/im);
    assert.match(people, /<h1>The site cannot be reached<\/h1>/);
    assert.match(people, /^set-cookie: /im);
    assert.match(people, /http-equiv="refresh"[\s\S]*This page tries again by itself/);
    // What was posted is not sent twice, and nothing is promised.
    const posted = await ask(page("/", "Content-Length: 0\r\n").replace("GET", "POST"));
    assert.match(posted, /<h1>The site cannot be reached<\/h1>/);
    assert.doesNotMatch(posted, /http-equiv="refresh"|tries again/);
    const programs = await ask("GET /?a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.doesNotMatch(programs, /<h1>/);
    const metrics = await askAdmin("/metrics");
    assert.match(metrics, /^stanchion_gateway_origin_failures_total\{fault="unreachable"\} [1-9]/m);
    assert.match(metrics, /^stanchion_gateway_origin_failures_total\{fault="timeout"\} 0/m);
    assert.match(metrics, /^stanchion_decisions_total/m);
  });
});

test("the gateway shows health and metrics at the second port, the board to who has the secret, and none at the first", async () => {
  await withGateway(answering(shop), { rate: 600 }, async ({ ask, askAdmin }) => {
    for (const path of ["/healthz", "/readyz"]) {
      assert.match(await askAdmin(path), /^HTTP\/1\.1 200 [\s\S]*ok\n/);
    }
    assert.match(await askAdmin("/board"), /^HTTP\/1\.1 401 /);
    assert.match(await askAdmin("/board/rooms"), /^HTTP\/1\.1 401 /);
    assert.match(
      await askAdmin("/board/rooms", `Authorization: Bearer ${adminSecret}\r\n`),
      /^HTTP\/1\.1 200 [\s\S]*"main"/,
    );
    for (const path of ["/healthz", "/metrics", "/board"]) assert.match(await ask(page(path)), /shop$/, path);
  });
  await withGateway(answering(shop), {}, async ({ askAdmin }) => {
    assert.match(await askAdmin("/board"), /^HTTP\/1\.1 404 /);
  }, {});
});

test("the gateway takes a new configuration, keeps places over it, and keeps the last good one", async () => {
  await withGateway(answering(shop), { rate: 600 }, async (gateway, origin) => {
    const config = { to: `http://127.0.0.1:${origin.port}`, host: "127.0.0.1", port: 0, adminPort: 0 };
    const inside = cookiesOf(await gateway.ask(page("/")));
    gateway.reload({ ...config, rate: 0 });
    assert.match(await gateway.ask(page("/", inside)), /shop$/);
    assert.match(await gateway.ask(page("/")), /^HTTP\/1\.1 503 /);
    assert.throws(() => gateway.reload({ ...config, rate: 60, publicHosts: ["a/b"] }), /publicHosts/);
    assert.match(await gateway.ask(page("/")), /^HTTP\/1\.1 503 /);
    gateway.reload({ ...config, to: "http://127.0.0.1:1", rate: 0, mode: "off" });
    assert.match(gateway.logged.join("\n"), /Only a new process takes what was changed of to\./);
    assert.match(await gateway.ask(page("/")), /shop$/);
  });
});

test("the gateway is not ready while it stops, ends what is under way, and takes nobody new", async () => {
  await withGateway(() => {}, { rate: 600 }, async (gateway, origin) => {
    const client = await open(gateway.address, page("/"));
    const { until, socket } = await origin.next();
    await until("\r\n\r\n");
    const stopped = gateway.stop(50);
    assert.match(await gateway.askAdmin("/readyz"), /^HTTP\/1\.1 503 [\s\S]*It is stopping\./);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await assert.rejects(open(gateway.address, page("/")));
    socket.write(shop);
    await client.closed;
    assert.match(client.got(), /shop$/);
    await stopped;
  });
});

test("The gateway keeps the data of a page from whoever has to wait for the page, and leads back to the page", async () => {
  await withGateway(answering(shop), { protect: ["/tickets"], rate: 0 }, async ({ ask }, origin) => {
    const call = "Sec-Fetch-Dest: empty\r\nSec-Fetch-Mode: cors\r\nReferer: http://shop.example/\r\n";
    // The first two are told so in the words of their routers; Next's opens the page itself.
    const table: readonly (readonly [path: string, told: RegExp])[] = [
      ["/tickets.data?_routes=a", /^x-remix-redirect: \/tickets\r$/m],
      ["/tickets/__data.json", /"location":"\/\.stanchion-open\/tickets"/],
      ["/_next/data/b/tickets.json", /^HTTP\/1\.1 503 [^]*"waitingRoom":"http:\/\/shop\.example\/tickets"/],
    ];
    for (const [path, told] of table) {
      const answer = await ask(
        `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\n${call}Connection: close\r\n\r\n`,
      );
      assert.match(answer, told, path);
    }
    assert.equal(origin.connections.length, 0);
  });
});
