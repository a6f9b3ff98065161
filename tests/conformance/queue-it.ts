/** The Queue-it provider against the sandbox. */

import assert from "node:assert/strict";
import { type Answer, type Jar, jar, send, shop } from "./_http.ts";
import { type Check, unique, type World } from "./_world.ts";

async function visit(
  world: World,
  path: string,
  cookies: Jar,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const edge: Record<string, string> = world.runtime === "workerd" ? { "cf-connecting-ip": "127.0.0.1" } : {};
  return cookies.take(
    await send(world.port, { path, headers: { ...edge, ...cookies.header(), ...headers } }),
  );
}

/** Where a visitor is sent, on the sandbox. */
function queueOf({ sandboxUrl }: World, answer: Answer): URL {
  assert.equal(answer.status, 302);
  const location = answer.headers.get("location") ?? "";
  assert.ok(location.startsWith(sandboxUrl.replace("http:", "https:")), location);
  return new URL(location.replace("https:", "http:"));
}

/** Opens a page of the queue, and follows it as long as it stays there. */
async function wait(page: URL, cookies: Jar): Promise<string | undefined> {
  let next = page;
  for (let step = 0; step < 5; step++) {
    const { status, headers, body } = await fetch(next, {
      headers: { ...cookies.header() },
      redirect: "manual",
    });
    await body?.cancel();
    cookies.take({ status, headers, text: "" });
    const location = headers.get("location");
    if (location === null) return undefined;
    next = new URL(location, next);
    if (next.origin !== page.origin) return next.pathname + next.search;
  }
  return undefined;
}

/** A visitor goes through the queue and comes back. */
async function passThrough(world: World, path: string): Promise<Jar> {
  const cookies = jar();
  const queue = queueOf(world, await visit(world, path, cookies));
  assert.equal(queue.searchParams.get("c"), world.sandbox.queueIt.customerId);
  assert.equal(queue.searchParams.get("e"), "queue");
  assert.equal(queue.searchParams.get("t"), `https://${shop}${path}`);
  const places = jar();
  assert.equal(await wait(queue, places), undefined, "the visitor waits");
  world.sandbox.promote();
  const back = await wait(queue, places) ?? "";
  assert.match(back, /[?&]queueittoken=/);
  const clean = await visit(world, back, cookies);
  assert.deepEqual([clean.status, clean.headers.get("location")], [302, `https://${shop}${path}`]);
  assert.match(clean.headers.get("cache-control") ?? "", /no-store/);
  return cookies;
}

/** The checks. */
export const queueItChecks: readonly Check[] = [
  {
    name: "queueIt() sends a visitor through the queue and knows who comes back",
    async run(world) {
      for (const gate of ["queue-it", "queue-it-stored"]) {
        const path = `/${gate}/page?a=%20b&${unique()}`;
        const cookies = await passThrough(world, path);
        for (let turn = 0; turn < 2; turn++) {
          assert.equal((await visit(world, path, cookies)).status, 200, gate);
        }
        queueOf(world, await visit(world, path, jar()));
      }
    },
  },
  {
    name: "queueIt() takes no forged, foreign or outlived token and no forged session",
    async run(world) {
      const { queueIt } = world.sandbox;
      const path = "/queue-it/page";
      const table: readonly [token: string, page: RegExp][] = [
        [queueIt.issueToken("queue").replace(/.$/, (last) => last === "0" ? "1" : "0"), /^\/error\/hash\/$/],
        [queueIt.issueToken("other"), /^\/error\/eventid\/$/],
        [queueIt.issueToken("queue", { expiresInSeconds: -5 }), /^\/error\/timestamp\/$/],
        // What cannot be decoded counts as absent.
        ["%E0%A4%A", /^\/$/],
      ];
      for (const [token, page] of table) {
        const cookies = jar();
        const queue = queueOf(world, await visit(world, `${path}?queueittoken=${token}`, cookies));
        assert.match(queue.pathname, page, token);
        assert.deepEqual(cookies.header(), {});
      }
      const session =
        "QueueITAccepted-SDFrts345E-V3_queue=EventId%3Dqueue%26RedirectType%3Dqueue%26IssueTime%3D1700000000%26Hash%3Dabc";
      assert.equal(
        queueOf(world, await visit(world, path, jar(), { cookie: session })).searchParams.get("e"),
        "queue",
      );
    },
  },
  {
    name: "queueIt() binds a session to the visitor's address",
    async run(world) {
      const token = world.sandbox.queueIt.issueToken("queue", { address: "127.0.0.1" });
      assert.equal((await visit(world, `/queue-it/page?queueittoken=${token}`, jar())).status, 302);
      const foreign = world.sandbox.queueIt.issueToken("queue", { address: "192.0.2.9" });
      const queue = queueOf(world, await visit(world, `/queue-it/page?queueittoken=${foreign}`, jar()));
      assert.equal(queue.pathname, "/error/ip/");
    },
  },
  {
    name: "queueIt() answers a script with a header instead of a redirect",
    async run(world) {
      const page = `https://${shop}/queue-it/basket`;
      const answer = await visit(world, "/queue-it/api", jar(), {
        "x-queueit-ajaxpageurl": encodeURIComponent(page),
      });
      assert.deepEqual([answer.status, answer.text], [200, ""]);
      const location = new URL(decodeURIComponent(answer.headers.get("x-queueit-redirect") ?? ""));
      assert.equal(location.searchParams.get("t"), page);
      assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
    },
  },
  {
    name:
      "queueIt() lets through what no integration matches, and staticFiles() what is none of its business",
    async run(world) {
      for (const path of ["/queue-it-none/page", "/queue-it/app.css"]) {
        const answer = await visit(world, path, jar());
        assert.deepEqual([answer.status, answer.headers.getSetCookie()], [200, []], path);
      }
    },
  },
  {
    name: "pushEndpoint() takes a pushed configuration, and a visitor is queued by it",
    async run(world) {
      const path = "/queue-it-pushed/page";
      assert.equal((await visit(world, path, jar())).status, 503, "there is no configuration yet");
      const host = new URL(world.sandboxUrl).host;
      const report = await world.sandbox.queueIt.push(
        `http://127.0.0.1:${world.port}/queue-it-pushed/__push_queueit_config`,
        host,
      );
      assert.deepEqual([report.status, report.answer], [200, "Success!"]);
      queueOf(world, await visit(world, path, jar()));
    },
  },
  {
    name: "pulledSource() takes the configuration from the service",
    async run(world) {
      const refreshed = await send(world.port, { path: "/control/refresh" });
      assert.deepEqual([refreshed.status, refreshed.text], [200, "done"]);
      queueOf(world, await visit(world, "/queue-it-pulled/page", jar()));
      // One that cannot be had leaves the last one in use.
      for (const kind of ["500", "401", "redirect", "truncated", "empty"] as const) {
        world.sandbox.faults.set("integrationconfig", { kind });
        assert.equal((await send(world.port, { path: "/control/refresh" })).status, 500, kind);
        queueOf(world, await visit(world, "/queue-it-pulled/page", jar()));
      }
    },
  },
];
