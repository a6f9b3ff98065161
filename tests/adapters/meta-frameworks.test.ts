import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextGate } from "../../adapters/next/mod.ts";
import { reactRouterGate } from "../../adapters/react-router/mod.ts";
import { type SvelteKitEvent, svelteKitGate } from "../../adapters/sveltekit/mod.ts";
import { type Decision, type Gate, type Plugin, problemAnswers, waitingRoomProblem } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { admitted, gateOf, page, provider, queued, rejected, untyped } from "../src/_gates.ts";

const site = "https://shop.example";
const ourCookie: Plugin = { name: "our-cookie", headers: () => [["set-cookie", "ours=1; Path=/"]] };
const room = () => waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 0, warn() {} });
const clean: Decision = { action: "redirect", reason: "test/clean", location: `${site}/tickets` };

/** A gate that tells by which URLs it decides. */
function watched(...plugins: readonly Plugin[]): { readonly gate: Gate; readonly seen: string[] } {
  const seen: string[] = [];
  const witness: Plugin = {
    name: "witness",
    prepare: ({ request, href }) => void seen.push(`${request.method} ${href}`),
  };
  return { gate: gateOf([witness, ourCookie, ...plugins]).gate, seen };
}

/** An application that was not to be reached. */
function never(): never {
  throw new Error("The application was called");
}

test("each refuses to be made of what is no gate, and says what it got", () => {
  const makes: readonly (readonly [name: string, make: (gate: Gate) => unknown])[] = [
    ["SvelteKit", (gate) => svelteKitGate(gate, { building: false })],
    ["Next.js", nextGate],
    ["React Router", reactRouterGate],
  ];
  for (const [name, make] of makes) {
    assert.throws(() => make(untyped({})), {
      name: "TypeError",
      message: `Cannot put gate before ${name}: it must be what createGate() made, received {}`,
    });
  }
});

test("each answers a call by HEAD that has to wait, whose answer has no body", async () => {
  const url = new URL(`${site}/tickets`);
  const answers = [
    svelteKitGate(gateOf([room()]).gate, { building: false })({
      event: {
        request: new Request(`${site}/tickets/__data.json`, { method: "HEAD" }),
        ...{ url, isDataRequest: true, isSubRequest: false },
      },
      resolve: never,
    }),
    reactRouterGate(gateOf([room()]).gate)(
      { request: new Request(`${site}/tickets.data`, { method: "HEAD" }), url },
      never,
    ),
  ];
  for (const answer of await Promise.all(answers)) {
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.has("retry-after"));
  }
});

describe("svelteKitGate()", () => {
  const event = (path: string, init?: RequestInit, more: Partial<SvelteKitEvent> = {}): SvelteKitEvent => ({
    request: new Request(site + path, init),
    url: new URL(site + path),
    isDataRequest: false,
    isSubRequest: false,
    ...more,
  });
  const data = () =>
    event("/tickets/__data.json?day=2", {}, { url: new URL(`${site}/tickets?day=2`), isDataRequest: true });

  test("lets a page through with the gate's cookie, and decides about data by the page", async () => {
    const { gate, seen } = watched();
    const handle = svelteKitGate(gate, { building: false });
    for (const each of [event("/tickets?day=2"), data()]) {
      const answer = await handle({ event: each, resolve: page });
      assert.equal(await answer.text(), "page");
      assert.deepEqual(answer.headers.getSetCookie(), ["ours=1; Path=/"]);
    }
    assert.deepEqual(seen, [`GET ${site}/tickets?day=2`, `GET ${site}/tickets?day=2`]);
  });

  test("answers refused data, enhanced forms and remote functions with a redirect of SvelteKit, and keeps the cookie", async () => {
    const form = { method: "POST", headers: { "x-sveltekit-action": "true", referer: `${site}/tickets` } };
    const calls = [
      data(),
      event("/tickets?/buy", form),
      event("/_app/remote/1/buy", { method: "POST" }, { isRemoteRequest: true }),
    ];
    for (const plugins of [[provider(queued)], [provider(queued), problemAnswers()]]) {
      const handle = svelteKitGate(watched(...plugins).gate, { building: false });
      for (const each of calls) {
        const answer = await handle({ event: each, resolve: never });
        assert.equal(answer.status, 200);
        assert.deepEqual(await answer.json(), {
          type: "redirect",
          status: 303,
          location: "https://wait.example/room",
        });
        assert.deepEqual(answer.headers.getSetCookie(), ["ours=1; Path=/"]);
        assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
      }
    }
  });

  test("leads by an address that is no route to the page of a room of our own, and from there to the page", async () => {
    const handle = svelteKitGate(gateOf([room()]).gate, { building: false });
    const answer = await handle({ event: data(), resolve: never });
    const { location } = await answer.json();
    assert.equal(location, "/.stanchion-open/tickets?day=2");
    const opened = await handle({ event: event(location), resolve: never });
    assert.equal(opened.status, 302);
    assert.equal(opened.headers.get("location"), "/tickets?day=2");
  });

  test("leads by an address below the base to the address of the room there, and from there to the page", async () => {
    const own = { path: "/shop/.stanchion", match: { path: "/shop/tickets" }, admitPerMinute: 0, warn() {} };
    const handle = svelteKitGate(gateOf([waitingRoom(own)]).gate, { building: false, base: "/shop" });
    const headers = { "x-sveltekit-action": "true", referer: `${site}/shop/about` };
    const form = event("/shop/tickets?/buy", { method: "POST", headers });
    const { location } = await (await handle({ event: form, resolve: never })).json();
    const opened = await handle({ event: event(location), resolve: never });
    const waiting = "/shop/.stanchion/main/wait?page=%2Fshop%2Fabout";
    assert.equal(opened.headers.get("location"), waiting);
    assert.equal((await handle({ event: event(waiting), resolve: never })).status, 503);
  });

  const detours: readonly (readonly [path: string, location: string])[] = [
    ["/.stanchion-open//evil.example/x", "/evil.example/x"],
    ["/.stanchion-open/\\evil.example", "/evil.example"],
    ["/.stanchion-open///", "/"],
  ];
  for (const [path, location] of detours) {
    test(`leads from ${path} nowhere but to the site itself`, async () => {
      const handle = svelteKitGate(gateOf([room()]).gate, { building: false });
      const answer = await handle({ event: event(path), resolve: never });
      assert.equal(answer.headers.get("location"), location);
    });
  }

  test("decides about a remote form that is sent to any page by its function as well", async () => {
    const refusing = { match: { path: "/_app/remote" }, admitPerMinute: 0, warn() {} };
    const handle = svelteKitGate(gateOf([waitingRoom(refusing)]).gate, { building: false });
    const sent = (method: string, path: string) => handle({ event: event(path, { method }), resolve: page });
    for (
      const path of [
        "/about?/remote=1a/order",
        "/about?%2Fremote=1a%2Forder",
        "/about?x=1&/remote=1a/order/%5B1%5D&/remote=none",
        "/about?/remote=1a/order/1/../../../../../open",
        "/about?/remote=1a/order/1%2F..%2F..%2F..%2F..%2Fopen",
        "/about?/remote=1a/order%3Fx",
      ]
    ) {
      const answer = await sent("POST", path);
      assert.equal(answer.status, 503, path);
      assert.match(await answer.text(), /<html/, path);
    }
    for (const [method, path] of [["POST", "/about?/buy"], ["GET", "/about?/remote=1a/order"]] as const) {
      assert.equal(await (await sent(method, path)).text(), "page");
    }
  });

  test("decides about the page of a remote form as well, and leads who waits back to it", async () => {
    const sent = { method: "POST", headers: { cookie: "a=b" } };
    const { gate, seen } = watched();
    const handle = svelteKitGate(gate, { building: false, base: "/shop", appDir: "own/app" });
    const answer = await handle({ event: event("/shop/about?/remote=1a/order", sent), resolve: page });
    assert.equal(await answer.text(), "page");
    assert.deepEqual(seen, [
      `POST ${site}/shop/own/app/remote/1a/order`,
      `POST ${site}/shop/about?/remote=1a/order`,
    ]);
    const only: Plugin = {
      name: "only",
      decide: ({ returnPage }) => ({ ...queued, location: `https://wait.example/?t=${returnPage}` }),
    };
    const refusing = svelteKitGate(gateOf([only]).gate, { building: false });
    const refused = await refusing({ event: event("/about?/remote=1a/order", sent), resolve: never });
    assert.equal(refused.headers.get("location"), `https://wait.example/?t=${site}/about`);
  });

  test("gives who sends a remote form one place where the function and the page are behind one room", async () => {
    const one = waitingRoom({ capacity: 1, warn() {} });
    const handle = svelteKitGate(gateOf([one]).gate, { building: false });
    const sent = { method: "POST", headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } };
    const answer = await handle({ event: event("/about?/remote=1a/order", sent), resolve: page });
    assert.equal(await answer.text(), "page");
    assert.equal(answer.headers.getSetCookie().length, 1);
    assert.equal((await one.rooms[0].status()).sessions, 1);
  });

  test("asks the gate neither during a build nor for requests of the server itself", async () => {
    const { gate, seen } = watched(provider(rejected));
    const each = event("/tickets");
    assert.equal(
      await (await svelteKitGate(gate, { building: true })({ event: each, resolve: page })).text(),
      "page",
    );
    const inner = { event: { ...each, isSubRequest: true }, resolve: page };
    assert.equal(await (await svelteKitGate(gate, { building: false })(inner)).text(), "page");
    assert.deepEqual(seen, []);
  });

  test("hands on what is turned down, and wants to be told whether it builds", async () => {
    const { gate } = gateOf([provider(rejected)]);
    const handle = svelteKitGate(gate, { building: false });
    assert.equal((await handle({ event: data(), resolve: never })).status, 403);
    assert.throws(() => svelteKitGate(gate, untyped({})), TypeError);
    assert.throws(() => svelteKitGate(gate, { building: false, base: "/shop/" }), RangeError);
    assert.throws(() => svelteKitGate(gate, { building: false, appDir: "/_app" }), RangeError);
  });
});

describe("nextGate()", () => {
  test("lets Next go on, and makes pages with a cookie ones that nobody stores", async () => {
    const answer = await nextGate(watched().gate)(new Request("http://localhost:3000/tickets"));
    assert.equal(answer.headers.get("x-middleware-next"), "1");
    assert.deepEqual(answer.headers.getSetCookie(), ["ours=1; Path=/"]);
    assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
    const plain = await nextGate(gateOf([]).gate)(new Request("http://localhost:3000/tickets"));
    assert.deepEqual([...plain.headers], [["x-middleware-next", "1"]]);
  });

  test("decides by the host that the visitor named, and turns down what is none", async () => {
    const { gate, seen } = watched();
    const proxy = nextGate(gate);
    const ask = (host: string) =>
      proxy(new Request("http://localhost:3000/tickets?a=1", { headers: { host } }));
    await ask("shop.example:8080");
    assert.deepEqual(seen.splice(0), ["GET http://shop.example:8080/tickets?a=1"]);
    for (const host of ["", "shop.example/x?", "a@b", "x\\y", "shop.example#", "shop.example:99999"]) {
      assert.equal((await ask(host)).status, 400, host);
    }
    assert.deepEqual(seen, []);
  });

  test("answers a refused server action in the words of the router, and all else as the gate does", async () => {
    const action = {
      method: "POST",
      headers: { "next-action": "1", referer: "http://localhost:3000/tickets" },
    };
    const hosted = await nextGate(watched(provider(queued)).gate)(
      new Request("http://localhost:3000/tickets", action),
    );
    assert.deepEqual([hosted.status, hosted.headers.get("x-action-redirect")], [
      200,
      "https://wait.example/room;push",
    ]);
    assert.deepEqual(hosted.headers.getSetCookie(), ["ours=1; Path=/"]);
    const own = await nextGate(gateOf([room()]).gate)(new Request("http://localhost:3000/tickets", action));
    assert.equal(own.headers.get("x-action-redirect"), "http://localhost:3000/tickets;push");
    const link = await nextGate(gateOf([provider(queued)]).gate)(
      new Request("http://localhost:3000/tickets"),
    );
    assert.deepEqual([link.status, link.headers.get("location")], [302, "https://wait.example/room"]);
  });
});

test("nextGate() names the host of a redirect that has none, which Next does not take", async () => {
  const proxy = nextGate(gateOf([waitingRoom({ admitPerMinute: 60, warn() {} })]).gate);
  const headers = { host: "shop.example", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const answer = await proxy(
    new Request("http://localhost:3000/.stanchion/main/wait?page=%2Fbasket%3Fa%3D1", { headers }),
  );
  assert.deepEqual([answer.status, answer.headers.get("location")], [
    303,
    "http://localhost:3000/basket?a=1",
  ]);
  assert.equal(answer.headers.getSetCookie().length, 1);
  assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
});

test("a router is led to no other site, and to none by what no header can hold", async () => {
  const everywhere = waitingRoom({ admitPerMinute: 0, warn() {} });
  const path = "/.//evil.example/tickets";
  const args = { request: new Request(`${site}${path}.data`), url: new URL(site + path) };
  const away = await reactRouterGate(gateOf([everywhere]).gate)(args, never);
  assert.equal(away.headers.get("location"), `${site}/evil.example/tickets`);
  const odd = (waitingRoom: string) =>
    provider({
      action: "respond",
      reason: "test/odd",
      response: new Response(JSON.stringify({ type: waitingRoomProblem, waitingRoom }), {
        status: 503,
        headers: { "content-type": "application/problem+json" },
      }),
    });
  for (
    const [told, location] of [["\u0000", null], ["https://wait.example/\u00fc\u4e00", "/%C3%BC%E4%B8%80"]]
  ) {
    const answer = await reactRouterGate(gateOf([odd(told ?? "")]).gate)(args, never);
    assert.equal(answer.headers.get("location"), location && `https://wait.example${location}`);
  }
});

describe("reactRouterGate()", () => {
  const args = (path: string, page = path, init?: RequestInit) => ({
    request: new Request(site + path, init),
    url: new URL(site + page),
  });

  test("decides about data by the page, and lets both through with the gate's cookie", async () => {
    const { gate, seen } = watched();
    for (const each of [args("/tickets"), args("/tickets.data?_routes=x", "/tickets")]) {
      const answer = await reactRouterGate(gate)(each, () => Promise.resolve(page()));
      assert.deepEqual(answer.headers.getSetCookie(), ["ours=1; Path=/"]);
    }
    assert.deepEqual(seen, [`GET ${site}/tickets`, `GET ${site}/tickets`]);
  });

  test("answers refused data with a redirect that opens the page anew", async () => {
    const cases: readonly (readonly [Plugin, string])[] = [
      [provider(queued), "https://wait.example/room"],
      [room(), `${site}/tickets`],
      [provider(clean), `${site}/tickets`],
    ];
    for (const [plugin, location] of cases) {
      const answer = await reactRouterGate(watched(plugin).gate)(args("/tickets.data", "/tickets"), never);
      assert.deepEqual([answer.status, answer.headers.get("location")], [302, location]);
      assert.equal(answer.headers.get("x-remix-reload-document"), "true");
      assert.ok(answer.headers.getSetCookie().includes("ours=1; Path=/"));
    }
  });

  test("asks the gate for nothing during a build, and tells it what its owner knows of the connection", async () => {
    const { gate, seen } = watched(provider(rejected));
    await reactRouterGate(gate, { building: true })(args("/tickets"), () => Promise.resolve(page()));
    assert.deepEqual(seen, []);
    const addresses: (string | undefined)[] = [];
    const reader: Plugin = { name: "reader", prepare: ({ address }) => void addresses.push(address) };
    const platformOf = () => ({ incoming: { socket: { remoteAddress: "192.0.2.7" } } });
    await reactRouterGate(gateOf([reader, provider(admitted)]).gate, { platformOf })(
      args("/tickets"),
      () => Promise.resolve(page()),
    );
    assert.deepEqual(addresses, ["192.0.2.7"]);
  });
});
