import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CrawlerDns,
  verifiedCrawlers,
  type VerifiedCrawlersOptions,
} from "../../plugins/verified-crawlers.ts";
import { gateOf, page, provider, queued, request, turn, untyped } from "../src/_gates.ts";
import { steadily } from "../support/steadily.ts";

const google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const own = "66.249.66.1";
const named = "crawl-66-249-66-1.googlebot.com";

/** A DNS in which every address has these names, and every name these addresses. */
function dnsOf(
  names: readonly string[] = [named],
  addresses: readonly string[] = [own],
  asked: string[] = [],
): CrawlerDns {
  return {
    reverse: (address) => Promise.resolve(names).finally(() => asked.push(address)),
    addresses: (name) => Promise.resolve(addresses).finally(() => asked.push(name)),
  };
}

/** The status of a visit, and by how many questions it was found. */
async function visitOf(
  options: VerifiedCrawlersOptions,
  { agent = google, address = own, method = "GET" } = {},
): Promise<number> {
  const { gate, faults } = gateOf([verifiedCrawlers(options), provider(queued)]);
  const asked = request("/", { method, headers: { "user-agent": agent } });
  const { status } = await gate(asked, page, { remoteAddr: { hostname: address } });
  assert.deepEqual(faults, []);
  return status;
}

describe("verifiedCrawlers()", () => {
  const table: readonly [
    what: string,
    dns: CrawlerDns,
    visitor: Parameters<typeof visitOf>[1],
    status: number,
  ][] = [
    ["a crawler whose address and name tell of each other", dnsOf(), {}, 200],
    ["one whose name ends with a dot, in capitals", dnsOf([named.toUpperCase() + "."]), {}, 200],
    ["one by HEAD", dnsOf(), { method: "HEAD" }, 200],
    ["one whose address is of the other kind", dnsOf([named], ["2001:4860:4801:0::1"]), {
      address: "2001:4860:4801::1",
    }, 200],
    ["one that sends a form", dnsOf(), { method: "POST" }, 302],
    ["a name in another domain", dnsOf(["crawl.googlebot.com.evil.example"]), {}, 302],
    ["a name that only ends like it", dnsOf(["evilgooglebot.com"]), {}, 302],
    [
      "what is no name, for a resolver that puts it into a URL",
      dnsOf(["x?name=evil.test&z=.googlebot.com"]),
      {},
      302,
    ],
    ["the domain itself", dnsOf(["googlebot.com"]), {}, 302],
    ["a name that leads to another address", dnsOf([named], ["203.0.113.9"]), {}, 302],
    ["a name that leads nowhere", dnsOf([named], []), {}, 302],
    ["an address without a name", dnsOf([]), {}, 302],
    ["a browser", dnsOf(), { agent: "Mozilla/5.0 Firefox/130.0" }, 302],
    ["a crawler of another engine at that address", dnsOf(), { agent: "bingbot/2.0" }, 302],
    ["a name of endless length", dnsOf(), { agent: google + "x".repeat(2000) }, 302],
    ["no address", dnsOf(), { address: "" }, 302],
    ["no address that is one", dnsOf(), { address: "66.249.66" }, 302],
  ];
  for (const [what, dns, visitor, status] of table) {
    test(`${status === 200 ? "lets in" : "treats as any visitor"}: ${what}`, async () => {
      assert.equal(await visitOf({ dns }, visitor), status);
    });
  }

  test("lets in by a range of addresses, at once and without a question", () => {
    const plugin = verifiedCrawlers({
      crawlers: [{ agent: /Mybot/g, ranges: ["192.0.2.0/24", "2001:db8::/32"] }],
    });
    const { gate } = gateOf([plugin, provider(queued)]);
    for (
      const [address, status] of [["192.0.2.7", 200], ["::ffff:192.0.2.7", 200], ["2001:db8::1", 200], [
        "192.0.3.7",
        302,
      ]] as const
    ) {
      const asked = request("/", { headers: { "user-agent": "Mybot/1" } });
      const response = gate(asked, page, { remoteAddr: { hostname: address } });
      assert.ok(response instanceof Response);
      assert.equal(response.status, status, address);
    }
  });

  test(
    "treats as any visitor whom nobody can verify, or not in time",
    steadily(async () => {
      const failing: CrawlerDns = {
        reverse: () => Promise.reject(new Error("NXDOMAIN")),
        addresses: () => Promise.resolve([]),
      };
      const throwing: CrawlerDns = {
        reverse() {
          throw new Error("at once");
        },
        addresses: () => Promise.resolve([]),
      };
      const silent: CrawlerDns = {
        reverse: () => new Promise(() => {}),
        addresses: () => Promise.resolve([]),
      };
      for (const dns of [failing, throwing, silent]) assert.equal(await visitOf({ dns, timeoutMs: 30 }), 302);
    }),
  );

  test("asks once for an address, and again when that counts no more", async () => {
    const asked: string[] = [];
    const dns = dnsOf(undefined, undefined, asked);
    let now = 0;
    const { gate } = gateOf([verifiedCrawlers({ dns, ttlMs: 1000 }), provider(queued)], { now: () => now });
    const visit = () =>
      gate(request("/", { headers: { "user-agent": google } }), page, { remoteAddr: { hostname: own } });
    for (let n = 0; n < 5; n++) assert.equal((await visit()).status, 200);
    assert.equal(asked.length, 2);
    now = 1001;
    assert.equal((await visit()).status, 200);
    assert.equal(asked.length, 4);
  });

  test(
    "asks about no more than 32 at once, whoever calls himself a crawler",
    steadily(async () => {
      let asked = 0;
      let now = 0;
      const dns: CrawlerDns = {
        reverse() {
          asked++;
          return new Promise(() => {});
        },
        addresses: () => Promise.resolve([]),
      };
      const { gate } = gateOf([verifiedCrawlers({ dns, timeoutMs: 50 }), provider(queued)], {
        now: () => now,
      });
      const statuses = Array.from(
        { length: 200 },
        async (_, n) =>
          (await gate(request("/", { headers: { "user-agent": google } }), page, {
            remoteAddr: { hostname: `198.51.100.${n}` },
          })).status,
      );
      await turn();
      assert.equal(asked, 32);
      // Some platforms end what a request began when its visitor hangs up.
      now = 101;
      const late = Array.from(
        { length: 3 },
        (_, n) =>
          gate(request("/", { headers: { "user-agent": google } }), page, {
            remoteAddr: { hostname: `66.249.66.${n}` },
          }),
      );
      assert.equal(asked, 35);
      await Promise.all(late);
      assert.ok((await Promise.all(statuses)).every((status) => status === 302));
    }),
  );

  test("verifies an address once for all requests that come meanwhile", async () => {
    const asked: string[] = [];
    let answer = (_: readonly string[]): void => {};
    const dns: CrawlerDns = {
      reverse(address) {
        asked.push(address);
        return new Promise((resolve) => answer = resolve);
      },
      addresses: () => Promise.resolve([own]),
    };
    const { gate } = gateOf([verifiedCrawlers({ dns, ttlMs: 0 }), provider(queued)]);
    const visit = async () => {
      const asked = request("/", { headers: { "user-agent": google } });
      return (await gate(asked, page, { remoteAddr: { hostname: own } })).status;
    };
    const first = Array.from({ length: 40 }, visit);
    await turn();
    assert.deepEqual(asked, [own]);
    answer([named]);
    assert.deepEqual([...new Set(await Promise.all(first))], [200]);
    // What is over is joined by nobody.
    const next = visit();
    await turn();
    assert.equal(asked.length, 2);
    answer([]);
    assert.equal(await next, 302);
  });

  test(
    "asks again half a minute after nobody answered in time, and ten minutes after a refusal",
    steadily(async () => {
      let now = 0;
      for (const [isSilent, againMs] of [[true, 30_000], [false, 600_000]] as const) {
        let asked = 0;
        const dns: CrawlerDns = {
          reverse: () =>
            ++asked > 0 && isSilent ? new Promise(() => {}) : Promise.reject(new Error("NXDOMAIN")),
          addresses: () => Promise.resolve([]),
        };
        const plugin = verifiedCrawlers({ dns, timeoutMs: 30 });
        const { gate } = gateOf([plugin, provider(queued)], { now: () => now });
        for (const [passedMs, times] of [[0, 1], [againMs - 1, 1], [1, 2]] as const) {
          now += passedMs;
          const visit = request("/", { headers: { "user-agent": google } });
          assert.equal((await gate(visit, page, { remoteAddr: { hostname: own } })).status, 302);
          assert.equal(asked, times);
        }
      }
    }),
  );

  test("asks nobody while the gate explains", async () => {
    const asked: string[] = [];
    const dns = dnsOf(undefined, undefined, asked);
    const { gate } = gateOf([verifiedCrawlers({ dns }), provider(queued)]);
    const { decision } = await gate.explain(request("/", { headers: { "user-agent": google } }), {
      remoteAddr: { hostname: own },
    });
    assert.equal(decision.reason, "test/queued");
    assert.deepEqual(asked, []);
  });

  const wrong: readonly [options: unknown, name: string, said: RegExp][] = [
    [{}, "TypeError", /"dns" must be given where crawlers are verified by their domains/],
    [{ crawlers: [] }, "RangeError", /"crawlers" must be a list of crawlers/],
    [{ crawlers: [{ agent: /a/ }] }, "RangeError", /each with an agent and with domains or ranges/],
    [
      { crawlers: [{ agent: "a", ranges: ["192.0.2.0/24"] }] },
      "TypeError",
      /"crawlers\[0\].agent" must be a pattern/,
    ],
    [{ crawlers: [{ agent: /a/, ranges: ["192.0.2.0/99"] }] }, "RangeError", /"crawlers\[0\].ranges"/],
    [
      { crawlers: [{ agent: /a/, domains: ["com"] }], dns: dnsOf() },
      "RangeError",
      /"crawlers\[0\].domains" must be a list of domains/,
    ],
    [{ dns: { reverse: 1, addresses: 1 } }, "TypeError", /"dns.reverse" must be a function/],
    [{ dns: dnsOf(), ttl: 1 }, "TypeError", /unknown option "ttl"/],
  ];
  for (const [options, name, said] of wrong) {
    test(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => verifiedCrawlers(untyped<VerifiedCrawlersOptions>(options)), (error: Error) => {
        assert.equal(error.name, name);
        assert.match(error.message, said);
        return true;
      });
    });
  }
});
