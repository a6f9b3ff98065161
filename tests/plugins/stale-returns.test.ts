// What an earlier return from a waiting room left in the address of a page does not go back there: it would count before what is new.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitingFetch } from "../../browser/mod.ts";
import { cookieTokens, problemAnswers, type Provider } from "../../mod.ts";
import { failover } from "../../plugins/failover.ts";
import { queueItEvent } from "../../plugins/queue-it/mod.ts";
import { benchOf, hybridBench, other, queued, token } from "./crowdhandler/_helpers.ts";
import * as queueIt from "./queue-it/_helpers.ts";

interface World {
  readonly name: string;
  readonly site: string;
  readonly path: string;
  /** The parameter of the room's address that holds the page. */
  readonly by: string;
  /** What earlier returns left in the query, in odd spellings. */
  readonly stale: readonly string[];
  visit(path: string, init: { method?: string; headers: Record<string, string> }): Promise<Response>;
}

const plugins = () => [cookieTokens(), problemAnswers({ random: () => 0 })];
const staleOfCrowdhandler = [
  `CH-ID=${other}`,
  "ch-id=",
  "ch-id",
  `c%68-%69D=${other}`,
  "ch-code=%zz",
  "Ch-Fresh=1",
  "ch-id-signature=a=b",
  "ch-requested",
  "ch-public-key=x",
];
const staleOfQueueIt = ["queueittoken=e_old~h_1", "QueueITToken", "queueitt%6Fken=", "%51ueueittoken=2"];

function crowdhandlerWorld(name: string, bench: ReturnType<typeof benchOf>): World {
  return {
    name,
    site: "https://shop.example.com",
    path: "/tickets",
    by: "url",
    stale: staleOfCrowdhandler,
    visit: async (path, init) => (await bench.visit(path, init)).response,
  };
}

function queueItWorld(name: string, bench: queueIt.Bench): World {
  return {
    name,
    site: "https://shop.test",
    path: "/event1",
    by: "t",
    stale: staleOfQueueIt,
    visit: async (path, init) => (await bench.visit(path, init)).response,
  };
}

const broken: Provider = {
  name: "broken",
  final: "decide",
  decide() {
    throw new Error("broken");
  },
};
const second = queueItEvent({
  customerId: queueIt.customerId,
  secretKeys: [queueIt.secret],
  eventId: "event1",
  queueDomain: "ticketania.queue-it.net",
});
const down = () => new Response(null, { status: 500 });

const worlds: readonly World[] = [
  crowdhandlerWorld(
    "crowdhandler() in full mode",
    benchOf({ plugins: plugins(), answers: { requests: queued } }),
  ),
  crowdhandlerWorld(
    "crowdhandler() in hybrid mode",
    hybridBench({ plugins: plugins(), answers: { requests: queued } }),
  ),
  crowdhandlerWorld(
    "crowdhandler() that failed",
    benchOf({ plugins: plugins(), policy: "closed", answers: { requests: down } }),
  ),
  queueItWorld("queueIt()", queueIt.configured(undefined, {}, plugins())),
  queueItWorld("queueItEvent()", queueIt.evented({}, plugins())),
  queueItWorld("failover()", queueIt.benchOf(failover([broken, second]), plugins())),
];

const cors = { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" };
const libraries: readonly [name: string, method: string, headers: Record<string, string>, told: string][] = [
  ["htmx", "GET", { "hx-request": "true" }, "hx-current-url"],
  ["htmx's form", "POST", { "hx-request": "true" }, "hx-current-url"],
  ["htmx without its page", "GET", { "hx-request": "true" }, "referer"],
  ["Turbo's frame", "GET", { "turbo-frame": "cart" }, "referer"],
  ["Turbo's form", "POST", { accept: "text/vnd.turbo-stream.html, text/html" }, "referer"],
  ["Inertia's form", "POST", { "x-inertia": "true" }, "referer"],
  ["Unpoly's form", "POST", { "x-up-version": "3.14.3" }, "referer"],
];

/** Where an answer leads, by the rules of each library. */
async function roomOf(response: Response): Promise<URL> {
  const text = await response.text();
  const [, refreshed] = /<meta http-equiv="refresh" content="0; url=([^"]*)"/.exec(text) ?? [];
  const { headers } = response;
  return new URL(
    headers.get("hx-redirect") ?? headers.get("x-inertia-location") ?? refreshed?.replaceAll("&amp;", "&") ??
      "",
  );
}

for (const { name, site, path, by, stale, visit } of worlds) {
  const kept = `${site}${path}?page=2&x=%2f&my-ch-id=1&q=ch-id%3Dold&a=&a=`;
  const mixed = `${site}${path}?${
    ["page=2", ...stale, "x=%2f", "my-ch-id=1", ...stale, "q=ch-id%3Dold", "a=", "a="].join("&")
  }`;
  const pages: readonly [told: string, back: string][] = [
    [mixed, kept],
    [`${mixed}#/cart?${stale[0]}`, kept],
    [`${site}${path}?${stale.join("&")}`, `${site}${path}`],
    [`${site}${path}?&${stale[0]}&b`, `${site}${path}?&b`],
    [`${site}${path}?a=?${stale[0]}&%zz=1`, `${site}${path}?a=?${stale[0]}&%zz=1`],
  ];

  describe(`problemAnswers() behind ${name}`, () => {
    for (const [what, method, headers, told] of libraries) {
      test(`leads a call of ${what} back to its page without what an earlier return left there`, async () => {
        for (const [page, back] of pages) {
          const response = await visit(`${path}/part`, {
            method,
            headers: { ...cors, ...headers, [told]: page },
          });
          const room = await roomOf(response);
          assert.deepEqual(room.searchParams.getAll(by), [back], page);
        }
      });
    }

    test("leads a call of Livewire to the page without it, from where the browser goes to the room", async () => {
      for (const [referer, back] of pages) {
        const headers = { ...cors, "x-livewire": "", referer };
        const response = await visit(`${path}/update`, { method: "POST", headers });
        assert.deepEqual([response.status, response.headers.get("location")], [303, back]);
      }
    });

    test("tells waitingFetch() what to leave out of the page on which a script runs", async () => {
      for (const [page, back] of pages) {
        for (const queueIt of ["never", "same-origin"] as const) {
          const visited: string[] = [];
          const api = waitingFetch({
            page: () => page,
            navigate: (url) => void visited.push(url),
            queueIt,
            fetch: (_url, init) =>
              visit(`${path}/api`, {
                headers: { ...cors, ...Object.fromEntries(new Headers(init?.headers)) },
              }),
          });
          void api(`${site}${path}/api`);
          for (let turn = 0; visited.length === 0 && turn < 100; turn++) {
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          assert.deepEqual(new URL(visited[0] ?? "").searchParams.getAll(by), [back], page);
        }
      }
    });
  });
}

test("who comes back to a page that htmx named has the place of the new token, not that of the old one", async () => {
  const bench = benchOf({ plugins: plugins(), answers: { requests: queued } });
  const told = `https://shop.example.com/tickets?page=2&ch-id=${other}`;
  const { response } = await bench.visit("/tickets/part", {
    headers: { ...cors, "hx-request": "true", "hx-current-url": told },
  });
  const back = (await roomOf(response)).searchParams.get("url") ?? "";
  const returned = await bench.visit(`${back}&ch-id=${token}`);
  assert.equal(returned.cookies["crowdhandler"], token);
  assert.equal(returned.location, "https://shop.example.com/tickets?page=2");
});
