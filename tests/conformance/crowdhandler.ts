/** The CrowdHandler provider against the sandbox. */

import assert from "node:assert/strict";
import type { FaultKind } from "../../sandbox/mod.ts";
import { type Answer, type Jar, jar, open, send, shop } from "./_http.ts";
import { type Check, eventually, seenBy, unique, type World } from "./_world.ts";

/** What the platform's edge adds to a request. */
function edge({ runtime }: World): Readonly<Record<string, string>> {
  return runtime === "workerd" ? { "cf-connecting-ip": "127.0.0.1" } : {};
}

/** A visit with cookies. */
async function visit(world: World, path: string, cookies: Jar, method = "GET"): Promise<Answer> {
  return cookies.take(
    await send(world.port, { method, path, headers: { ...edge(world), ...cookies.header() } }),
  );
}

/** Where a queued visitor is sent. */
function roomOf(answer: Answer): URL {
  assert.equal(answer.status, 302);
  return new URL(answer.headers.get("location") ?? "");
}

/** The calls of the service about one page. */
function callsAbout(
  world: World,
  path: string,
): readonly { readonly method: string; readonly fields: Readonly<Record<string, unknown>> }[] {
  return world.sandbox.state.calls
    .filter(({ endpoint }) => endpoint === "requests")
    .map(({ method, query, body }) => ({
      method,
      fields: method === "GET" ? query : body as Record<string, unknown>,
    }))
    .filter(({ fields }) => fields["url"] === `https://${shop}${path}`);
}

function feedCalls({ sandbox }: World): number {
  return sandbox.state.calls.filter(({ endpoint }) => endpoint === "rooms").length;
}

/** A visitor who has been queued by a gate. */
async function queue(world: World, path: string): Promise<{ readonly cookies: Jar; readonly token: string }> {
  const cookies = jar();
  const room = roomOf(await visit(world, path, cookies));
  return { cookies, token: room.searchParams.get("ch-id") ?? "" };
}

/** A link on which the waiting room sends a promoted visitor back. */
async function linkOf({ sandboxUrl, sandbox }: World, path: string, token: string): Promise<string> {
  sandbox.promote(token);
  const room = new URL(`${sandboxUrl}${path.replace(/^\/(\w+).*/, "/$1")}`);
  room.searchParams.set("url", `https://${shop}${path}`);
  room.searchParams.set("ch-id", token);
  const response = await fetch(room, { redirect: "manual" });
  await response.body?.cancel();
  const back = new URL(response.headers.get("location") ?? "");
  return back.pathname + back.search;
}

/** What each fault of the service is to the gate. */
const causes: readonly (readonly [fault: Exclude<FaultKind, "delay" | "timeout">, code: string])[] = [
  ["reset", "unreachable"],
  ["500", "unreachable"],
  ["redirect", "unreachable"],
  ["401", "rejected"],
  ["429", "throttled"],
  ["html", "malformed"],
  ["truncated", "malformed"],
  ["oversized", "malformed"],
  ["empty", "malformed"],
];

/** The checks. */
export const crowdhandlerChecks: readonly Check[] = [
  {
    name: "crowdhandler() sends a new visitor to the room and lets the promoted in",
    async run(world) {
      const path = `/full/page?${unique()}`;
      const cookies = jar();
      const first = await visit(world, path, cookies);
      const room = roomOf(first);
      assert.equal(room.origin + room.pathname, `${world.sandboxUrl}/full`);
      assert.equal(room.searchParams.get("url"), `https://${shop}${path}`);
      assert.equal(room.searchParams.get("ch-public-key"), world.sandbox.publicKey);
      assert.match(first.headers.get("cache-control") ?? "", /no-store/);
      const token = room.searchParams.get("ch-id") ?? "";
      assert.equal(cookies.get("crowdhandler"), token);
      assert.equal(roomOf(await visit(world, path, cookies, "HEAD")).searchParams.get("ch-id"), token);

      world.sandbox.promote(token);
      const served = await visit(world, path, cookies);
      assert.deepEqual([served.status, served.text], [200, `page ${path.slice(5)}`]);
      assert.equal(served.headers.get("cache-control"), "private");
      const calls = callsAbout(world, path);
      assert.deepEqual(calls.map(({ method }) => method), ["POST", "GET", "GET"]);
      assert.deepEqual(
        calls.map(({ fields }) => [fields["ip"], fields["agent"]]),
        Array(3).fill(["127.0.0.1", "conformance"]),
      );
    },
  },
  {
    name: "crowdhandler() takes the token out of the URL before it asks",
    async run(world) {
      const path = `/full/page?a=%20b&${unique()}`;
      const cookies = jar();
      const clean = await visit(
        world,
        `${path}&ch-id=tok_conformance1&ch-id-signature=&ch-requested=`,
        cookies,
      );
      assert.equal(roomOf(clean).href, `https://${shop}${path}`);
      assert.equal(cookies.get("crowdhandler"), "tok_conformance1");
      assert.deepEqual(callsAbout(world, path), []);
    },
  },
  {
    name: "crowdhandler() works on a store on the server, and staticFiles() past it",
    async run(world) {
      const { cookies, token } = await queue(world, `/full-stored/page?${unique()}`);
      assert.equal(cookies.get("crowdhandler"), undefined);
      world.sandbox.promote(token);
      assert.equal((await visit(world, "/full-stored/page", cookies)).status, 200);
      const image = await visit(world, "/full/logo.png", jar());
      assert.deepEqual([image.status, image.headers.getSetCookie()], [200, []]);
    },
  },
  {
    name: "crowdhandler() names no host that is not the site's",
    async run(world) {
      const sent = { path: "/full/page", headers: { ...edge(world), host: "evil.example" } };
      const room = roomOf(await send(world.port, sent));
      assert.equal(room.searchParams.get("url"), `https://${shop}/full/page`);
    },
  },
  {
    name: "crowdhandler() records the performance of a page that was served, after its response",
    async run(world) {
      const { cookies, token } = await queue(world, `/full/status/404?${unique()}`);
      world.sandbox.promote(token);
      // It arrives even where the platform forgets about a request once it is answered.
      world.sandbox.faults.set("responses", { kind: "delay", ms: 300 });
      assert.equal((await visit(world, "/full/status/404", cookies)).status, 404);
      const own = () => world.sandbox.state.responses.filter((response) => response.token === token);
      await eventually("the record arrives", () => own().length > 0);
      assert.deepEqual(own().map(({ code, time }) => [code, typeof time]), [[404, "number"]]);
    },
  },
  {
    name: "crowdhandler() turns each fault of the service into its cause, and the failure policy decides",
    async run(world) {
      for (const [kind, code] of causes) {
        world.sandbox.faults.set("requests", { kind });
        const path = `/full/page?${unique()}`;
        // A crowd can bring it about that the service asks to be called less often: that opens no gate.
        const [status, done] = code === "throttled" ? [302, "queued"] : [200, "admitted"];
        assert.equal((await visit(world, path, jar())).status, status, kind);
        await eventually(`${kind} is recorded as ${code}`, async () => {
          const found = (await seenBy(world)).outcomes.find((outcome) => outcome.path === path);
          return found?.failure === code && found.reason === `failure-policy/${done}-${code}`;
        });
        const room = roomOf(await visit(world, `/full-closed/page?${unique()}`, jar()));
        assert.deepEqual([room.origin, room.pathname], [world.sandboxUrl, "/"], kind);
      }
    },
  },
  {
    name: "crowdhandler() waits for the service no longer than it may",
    async run(world) {
      world.sandbox.faults.set("requests", { kind: "timeout" });
      // A machine that is too busy to look says so, and lets nobody in: it tells nothing of silence, and is asked again.
      for (let isSilence = false, turn = 0; !isSilence; turn++) {
        assert.ok(turn < 20, "it never ran as it should");
        const path = `/impatient/page?${unique()}`;
        const answers = await Promise.all([1, 2, 3].map(() => visit(world, path, jar())));
        const outcomes = async () =>
          (await seenBy(world)).outcomes.filter((outcome) => outcome.path === path);
        await eventually("three failures are recorded", async () => (await outcomes()).length === 3);
        const failures = (await outcomes()).map(({ failure, status }) => `${failure} ${status}`);
        assert.ok(
          failures.every((each) => /^(?:timeout 200|overloaded (?:302|503))$/.test(each)),
          failures.join(),
        );
        isSilence = answers.every(({ status }) => status === 200);
      }
    },
  },
  {
    name: "crowdhandler() in hybrid mode validates a fresh link and then the session, without asking",
    async run(world) {
      const path = `/hybrid/page?${unique()}`;
      const { cookies, token } = await queue(world, path);
      const link = await linkOf(world, path, token);
      assert.match(link, /ch-id-signature=/);
      const asked = callsAbout(world, path).length;
      assert.equal(roomOf(await visit(world, link, cookies)).href, `https://${shop}${path}`);
      for (let turn = 0; turn < 3; turn++) assert.equal((await visit(world, path, cookies)).status, 200);
      assert.equal(callsAbout(world, path).length, asked);
      // A session that somebody else signed proves nothing.
      const forged = jar();
      const line = `crowdhandler=${
        cookies.get("crowdhandler")?.replace(/[0-9a-f]{8}(?=%22)/, "00000000")
      }; Path=/`;
      forged.take({ status: 200, text: "", headers: new Headers([["set-cookie", line]]) });
      await visit(world, path, forged);
      assert.equal(callsAbout(world, path).length, asked + 1);
    },
  },
  {
    name: "crowdhandler() in hybrid mode loads the rooms once for all who come at the same time",
    async run(world) {
      world.sandbox.faults.set("rooms", { kind: "delay", ms: 100 });
      const before = feedCalls(world);
      const path = `/cold/${unique()}/page`;
      const answers = await Promise.all(Array.from({ length: 20 }, () => visit(world, path, jar())));
      assert.deepEqual(answers.map((answer) => roomOf(answer).pathname), Array(20).fill("/cold"));
      assert.equal(feedCalls(world) - before, 1);
    },
  },
  {
    name:
      "crowdhandler() in hybrid mode serves the others when the visitor hangs up who began to load the rooms",
    async run(world) {
      world.sandbox.faults.set("rooms", { kind: "delay", ms: 400 });
      const before = feedCalls(world);
      const path = `/cold/${unique()}/page`;
      const first = open(world.port, { path, headers: edge(world) });
      await eventually("the rooms are being loaded", () => feedCalls(world) > before);
      const others = Promise.all([1, 2, 3].map(() => visit(world, path, jar())));
      await new Promise((resolve) => setTimeout(resolve, 50));
      first.abort();
      const answers = [...await others, await visit(world, path, jar())];
      assert.deepEqual(answers.map((answer) => roomOf(answer).pathname), Array(4).fill("/cold"));
      const own = (await seenBy(world)).faults.filter(({ gate }) => gate === `cold/${path.split("/")[2]}`);
      assert.deepEqual(own, []);
    },
  },
  {
    name: "crowdhandler() in hybrid mode loads the rooms again behind a response that does not wait for them",
    async run(world) {
      const path = `/stale/${unique()}/page`;
      const first = feedCalls(world);
      roomOf(await visit(world, path, jar()));
      await eventually("the rooms are loaded", () => feedCalls(world) === first + 1);
      world.sandbox.faults.set("rooms", { kind: "delay", ms: 2000 });
      const before = feedCalls(world);
      const last = () => world.sandbox.state.calls.findLast(({ endpoint }) => endpoint === "rooms");
      roomOf(await visit(world, path, jar()));
      assert.ok(
        feedCalls(world) === before || last()?.status === undefined,
        "the visitor did not wait for them",
      );
      await eventually("the rooms are loaded again", () => feedCalls(world) > before);
      await eventually("that is answered", () => last()?.status === 200);
      // Only a load that came to its end lets the next begin, long before it would be given up.
      const after = feedCalls(world);
      world.sandbox.faults.clear();
      await eventually("the rooms are loaded once more", async () => {
        roomOf(await visit(world, path, jar()));
        return feedCalls(world) > after;
      });
    },
  },
];
