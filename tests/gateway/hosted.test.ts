import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { GatewayConfig } from "../../gateway/config.ts";
import { readConfig } from "../../gateway/read-config.ts";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { cookiesOf, page as plainPage, type WholeGateway, withGateway } from "./_gateway.ts";
import { answering, type Origin } from "./_wire.ts";

const shop = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nshop";
const domain = "https://shop.example";

/** A service that stands in for both, over HTTP, and a gateway before a shop. */
async function withService(
  provider: "crowdhandler" | "queue-it",
  run: (gateway: WholeGateway, sandbox: Sandbox, origin: Origin, url: string) => Promise<void>,
  more: Partial<GatewayConfig> = {},
): Promise<void> {
  const sandbox = createSandbox({
    rooms: [{ slug: "hall", domain, patternType: "contains", urlPattern: "/tickets", capacity: 0 }],
    queueIt: {
      queueDomain: "queue.test",
      rooms: [{ eventId: "hall", domains: [domain], path: "/tickets", capacity: 0 }],
    },
  });
  const service = await serveSandbox(sandbox);
  const { publicKey, queueIt: { customerId, secretKey, apiKey } } = sandbox;
  const { url } = service;
  const of = provider === "crowdhandler"
    ? { publicKey, apiUrl: url, waitingRoomUrl: `${url}/` }
    : { customerId, apiUrl: url };
  const config: Partial<GatewayConfig> = {
    ...{ provider, publicHosts: ["shop.example"], rate: undefined },
    ...of,
    ...more,
  };
  try {
    await withGateway(
      answering(shop),
      config,
      (gateway, origin) => run(gateway, sandbox, origin, url),
      provider === "crowdhandler" ? {} : { secretKey, apiKey },
    );
  } finally {
    await service.close();
  }
}

/** A page as somebody asks for it whom the service can tell from a program. */
const page = (path: string, headers = "") => plainPage(path, `User-Agent: tests\r\n${headers}`);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const locationOf = (answer: string) => new URL(/^location: (\S+)/im.exec(answer)?.[1] ?? "");
const pathIn = ({ pathname, search }: URL) => pathname + search;

test("The gateway sends a visitor to CrowdHandler's room, and lets in who comes back from it", async () => {
  await withService("crowdhandler", async ({ ask }, sandbox, origin, url) => {
    assert.match(await ask(page("/")), /shop$/);
    const queued = await ask(page("/tickets?seat=7"));
    const room = locationOf(queued);
    assert.deepEqual([statusOf(queued), room.origin + room.pathname], [302, `${url}/hall`]);
    assert.equal(room.searchParams.get("url"), `${domain}/tickets?seat=7`);
    assert.equal(origin.connections.length, 1, "the site sees nobody who waits");
    assert.equal(statusOf(await ask(page("/tickets", cookiesOf(queued)))), 302);

    sandbox.promote(room.searchParams.get("ch-id") ?? "");
    // As the room's page leads back, with the token in the URL and without the cookie.
    const back = await ask(page(`/tickets?seat=7&ch-id=${room.searchParams.get("ch-id")}`));
    assert.deepEqual([statusOf(back), locationOf(back).href], [302, `${domain}/tickets?seat=7`]);
    assert.match(await ask(page("/tickets?seat=7", cookiesOf(back))), /shop$/);
  });
});

for (const [publicHost, isSecure] of [["shop.example", true], ["http://shop.example", false]] as const) {
  test(`The gateway gives visitors of ${publicHost} a cookie that a browser keeps there`, async () => {
    await withService("crowdhandler", async ({ ask }) => {
      const [cookie = ""] = /^set-cookie: .*/im.exec(await ask(page("/tickets"))) ?? [];
      assert.match(cookie, /crowdhandler=/);
      assert.equal(/; Secure/i.test(cookie), isSecure, cookie);
    }, { publicHosts: [publicHost] });
  });
}

test("The gateway keeps everybody out while CrowdHandler fails, and says so once", async () => {
  await withService("crowdhandler", async ({ ask, logged }, sandbox, origin) => {
    sandbox.faults.set("requests", { kind: "500" });
    for (let at = 0; at < 3; at++) assert.notEqual(statusOf(await ask(page("/tickets"))), 200);
    assert.equal(origin.connections.length, 0);
    assert.equal(logged.filter((line) => line.includes("HTTP 500")).length, 1, logged.join("\n"));
  });
});

test("The gateway sends a visitor to Queue-it's room, and lets in who comes back from it", async () => {
  await withService("queue-it", async ({ ask }, sandbox, origin) => {
    assert.match(await ask(page("/")), /shop$/);
    const queued = await ask(page("/tickets?seat=7"));
    const room = locationOf(queued);
    assert.deepEqual([statusOf(queued), room.host, room.searchParams.get("e")], [302, "queue.test", "hall"]);
    assert.equal(room.searchParams.get("t"), `${domain}/tickets?seat=7`);
    assert.equal(origin.connections.length, 1, "the site sees nobody who waits");

    const back = await ask(
      page(`/tickets?seat=7&queueittoken=${encodeURIComponent(sandbox.queueIt.issueToken("hall"))}`),
    );
    assert.deepEqual([statusOf(back), pathIn(locationOf(back))], [302, "/tickets?seat=7"]);
    assert.match(await ask(page("/tickets?seat=7", cookiesOf(back))), /shop$/);
    const forged = cookiesOf(back).replace(/Hash%3D..../i, "Hash%3D0000");
    assert.equal(statusOf(await ask(page("/tickets?seat=7", forged))), 302);
  });
});

test("The gateway keeps Queue-it's configuration through a change of its own while their endpoint is away", async () => {
  await withService("queue-it", async ({ ask, reload }, sandbox, origin, apiUrl) => {
    assert.equal(locationOf(await ask(page("/tickets"))).host, "queue.test");
    sandbox.faults.set("integrationconfig", { kind: "500" });
    const { customerId } = sandbox.queueIt;
    const to = `http://127.0.0.1:${origin.port}`;
    reload({
      to,
      provider: "queue-it",
      customerId,
      apiUrl,
      publicHosts: ["shop.example"],
      bypass: ["/free"],
    });
    assert.equal(locationOf(await ask(page("/tickets"))).host, "queue.test");
    assert.match(await ask(page("/about")), /shop$/);
  });
});

test("readConfig() takes what hosted services need, and refuses it for others", () => {
  const to = "http://a";
  const crowd = { to, provider: "crowdhandler", publicKey: "k" };
  assert.deepEqual(readConfig({ ...crowd, waitingRoomUrl: "https://shop.example/ch" }), {
    ...crowd,
    waitingRoomUrl: "https://shop.example/ch",
  });
  const wrong: readonly (readonly [given: object, said: RegExp])[] = [
    [{ ...crowd, apiUrl: "a.test" }, /"apiUrl" must be an address without user, .* received "a\.test"/],
    [{ ...crowd, apiUrl: "https://ann:hidden@a.test" }, /"apiUrl" must be (?!.*hidden)/],
    [
      { ...crowd, apiUrl: "https://a:99999" },
      /"apiUrl" must be an address with a host .* "https:\/\/a:99999"/,
    ],
    [{ ...crowd, rate: 60 }, /"rate" is for the waiting room, and "provider" is crowdhandler/],
    [{ ...crowd, customerId: "c" }, /"customerId" is for queue-it, and "provider" is crowdhandler/],
    [{ to, rate: 60, publicKey: "k" }, /"publicKey" is for crowdhandler, and "provider" is waiting-room/],
    [{ to, rate: 60, apiUrl: "http://a" }, /"apiUrl" is for crowdhandler and queue-it, and "provider" is/],
  ];
  for (const [given, said] of wrong) assert.throws(() => readConfig(given), said, JSON.stringify(given));
});
