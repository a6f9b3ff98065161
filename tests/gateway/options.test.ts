import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { settings } from "../../cli/serve/options.ts";
import { readConfig } from "../../gateway/read-config.ts";
import { allSecrets, built } from "./_built.ts";

/** Addresses of the site, with what listens beside it, and whether that is the gateway itself. */
const sites: readonly (readonly [to: string, listens: object, isItself: boolean])[] = [
  ["http://localhost:8080", {}, true],
  ["http://[::1]:8080", {}, true],
  ["http://0.0.0.0:8080", {}, true],
  ["http://localhost", { port: 80 }, true],
  ["https://localhost", { port: 443 }, true],
  ["http://10.0.0.5:8080", { host: "10.0.0.5" }, true],
  ["http://localhost:8081", {}, true],
  ["http://localhost:3000", {}, false],
  ["http://site:8080", {}, false],
  ["http://10.0.0.9:8080", {}, false],
  ["http://127.0.0.1:8080", { host: "10.0.0.5" }, false],
  ["http://10.0.0.5:8081", {}, false],
];

test("readConfig() refuses a site that is the gateway itself", () => {
  for (const [to, listens, isItself] of sites) {
    const read = () => readConfig({ to, rate: 1, ...listens });
    if (isItself) assert.throws(read, /^ConfigError: "to" must be where the site is/, to);
    else assert.equal(read().to, to);
  }
  assert.doesNotThrow(() =>
    readConfig({ to: "http://a", rate: 1, host: "10.0.0.5", port: 80, adminPort: 80 })
  );
});

test("readConfig() says of a misspelled member which one was meant, or all that there are", () => {
  const said = (config: object, message: RegExp) =>
    assert.throws(() => readConfig({ to: "http://a", rate: 1, ...config }), message);
  said({ publicHost: ["a"] }, /^ConfigError: "publicHost" is no option: did you mean "publicHosts"\?$/);
  said(
    { rate: undefined, rooms: [{ name: "a", rat: 1 }] },
    /"rooms\.0\.rat" is no option: did you mean "rooms\.0\.rate"\?$/,
  );
  said({ adminSecret: "hidden" }, /"adminSecret" is no option: the options are to, host, .*drainSeconds$/);
});

test("readConfig() refuses a room that nobody comes to", () => {
  const rooms = [{ name: "all", rate: 1 }, { name: "late", rate: 1, protect: ["/late"] }];
  assert.throws(
    () => readConfig({ to: "http://a", rooms }),
    /"rooms\.1" \(late\) must come before "rooms\.0"/,
  );
  assert.doesNotThrow(() => readConfig({ to: "http://a", rooms: rooms.toReversed() }));
});

/** A value for each member of the configuration that somebody may give beside the address of the site. */
const values: Readonly<Record<string, unknown>> = {
  host: "127.0.0.1",
  port: 8080,
  adminHost: "127.0.0.1",
  adminPort: 8081,
  rate: 120,
  capacity: 200,
  sessionMinutes: 10,
  opensAt: "2030-01-01T00:00:00Z",
  protect: ["/tickets"],
  bypass: ["/about"],
  assets: ["/assets"],
  store: "redis://127.0.0.1:6379",
  prefix: "shop",
  onFailure: "open",
  mode: "report",
  publicHosts: ["shop.example.com", "www.shop.example.com"],
  trustedProxies: 1,
  forwardedHost: true,
  originHost: "visitor",
  keepHeaders: ["x-request-id"],
  healthPath: "/health",
  publicKey: "a-public-key",
  // Nobody listens there, and nothing is asked for that has to be there.
  apiUrl: "http://127.0.0.1:1",
  waitingRoomUrl: "https://wait.example.com/",
  customerId: "customer",
  maxConnections: 100,
  maxOriginConnections: 100,
  answerSeconds: 30,
  tunnelMinutes: 5,
  drainSeconds: 5,
};
/** What cannot be given without another one. */
const partners: Readonly<Record<string, readonly string[]>> = { forwardedHost: ["trustedProxies"] };
const usual = [
  "host",
  "port",
  "adminHost",
  "adminPort",
  "bypass",
  "assets",
  "onFailure",
  "mode",
  "publicHosts",
];
const proxy = ["trustedProxies", "forwardedHost", "originHost", "keepHeaders", "healthPath"];
const limits = ["maxConnections", "maxOriginConnections", "answerSeconds", "tunnelMinutes", "drainSeconds"];
const room = ["rate", "capacity", "sessionMinutes", "opensAt", "protect", "store", "prefix"];

/** What each provider needs, and what one may give besides. */
const providers = {
  "waiting-room": { needed: ["rate"], more: room },
  "crowdhandler": { needed: ["publicKey"], more: ["publicKey", "apiUrl", "waitingRoomUrl"] },
  "queue-it": { needed: ["customerId", "apiUrl"], more: ["customerId", "apiUrl"] },
} as const;

/** Makes a gate as the gateway does, and lets somebody through it. */
async function tries(given: unknown): Promise<number> {
  const { gate, close } = built(readConfig(given), allSecrets);
  try {
    const headers = { host: "shop.example.com", accept: "text/html", "sec-fetch-mode": "navigate" };
    const request = new Request("http://shop.example.com/about", { headers });
    return (await gate(request, () => new Response("page"))).status;
  } finally {
    close();
  }
}

test("there is a value here for each option of stanchion serve", () => {
  const members = Object.values(settings).map(([member]) => member);
  assert.deepEqual(
    Object.keys(values).sort(),
    members.filter((name) => !["to", "provider"].includes(name)).sort(),
  );
});

for (const [provider, { needed, more }] of Object.entries(providers)) {
  describe(`the gateway with ${provider}`, () => {
    const all = [...new Set([...usual, ...proxy, ...limits, ...more])];
    const valuesOf = (names: readonly string[]) => ({
      to: "http://127.0.0.1:1",
      provider,
      // A path that bypasses asks no service.
      bypass: ["/about"],
      ...Object.fromEntries([...needed, ...names].map((name) => [name, values[name]])),
    });

    for (const name of all) {
      test(`takes ${name}`, async () => {
        assert.equal(await tries(valuesOf([...partners[name] ?? [], name])), 200);
      });
    }

    test("takes all of them together", async () => {
      assert.equal(await tries(valuesOf(all)), 200);
    });
  });
}

test("the gateway takes each configuration that its page shows", async () => {
  const page = readFileSync(new URL("../../docs/gateway.md", import.meta.url), "utf8");
  const shown = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => JSON.parse(text));
  assert.ok(shown.length > 0);
  for (const { $schema: _schema, ...config } of shown) {
    if ("to" in config) assert.ok(await tries({ ...config, bypass: ["/about"] }) < 500);
  }
});
