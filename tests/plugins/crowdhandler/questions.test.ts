/** The further questions about a page for which the service has no room under its canonical URL, and what comes of answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  benchOf,
  type Call,
  hybridBench,
  json,
  other,
  promoted,
  queued,
  room,
  site,
  token,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const inside = `crowdhandler=${token}`;
/** What the service answers outside every room. */
const open = { status: 0, token: null, responseID: null, promoted: 1 };

function urlsOf(calls: readonly Call[]): readonly unknown[] {
  return calls.map(({ method, path, query, body }) => `${method} ${path} ${query["url"] ?? body["url"]}`);
}

test("crowdhandler() asks a second time about the token that the first answer gave out", async () => {
  for (const given of [other, null]) {
    for (const cookie of ["", inside]) {
      const bench = benchOf({ answers: { requests: { ...open, token: given } } });
      const { cookies } = await bench.visit("/Tickets", { cookie });
      const [first, second] = bench.calls.map(({ path }) => path);
      assert.equal(first, cookie === "" ? "requests" : `requests/${token}`);
      const known = given ?? (cookie === "" ? undefined : token);
      assert.equal(second, known === undefined ? "requests" : `requests/${known}`);
      assert.deepEqual(cookies, given === null ? {} : { crowdhandler: given });
    }
  }
});

test("crowdhandler() keeps the token of a visitor who has to wait because no more can be asked", async () => {
  const requests = ({ path }: Call) =>
    path === "requests" ? json({ ...open, token: other }) : new Response(null, { status: 500 });
  const { served, cookies } = await benchOf({ answers: { requests } }).visit("/Tickets");
  assert.deepEqual([served, cookies], [false, { crowdhandler: other }]);
});

test("crowdhandler() remembers for ten seconds that no room covers a spelling, and nothing of what it explained", async () => {
  const bench = benchOf({ answers: { requests: open } });
  const asked = async (visit: () => unknown) => {
    const before = bench.calls.length;
    await visit();
    return urlsOf(bench.calls.slice(before));
  };
  const request = () => new Request(`${site}/Tickets`, { headers: { cookie: inside } });
  const visit = () => bench.visit("/Tickets", { cookie: inside });
  const both = [`GET requests/${token} ${site}/Tickets`, `GET requests/${token} ${site}/tickets`];
  assert.deepEqual(await asked(() => bench.gate.explain(request())), both);
  assert.deepEqual(await asked(visit), both);
  bench.clock.now += 9_999;
  assert.deepEqual(await asked(visit), both.slice(0, 1));
  bench.clock.now += 1;
  assert.deepEqual(await asked(visit), both);
});

test(
  "crowdhandler() explains that there was no time to ask about all readings of a URL",
  steadily(async () => {
    const requests = async () => {
      await new Promise((resolve) => setTimeout(resolve, 220));
      return json(open);
    };
    const bench = benchOf({ options: { timeoutMs: 400 }, answers: { requests } });
    const { steps, decision } = await bench.gate.explain(
      new Request(`${site}/Tickets`, { headers: { cookie: inside } }),
    );
    assert.equal(decision.action, "queue");
    assert.equal(bench.calls.length, 1, "half of the time was over");
    const notes = steps.flatMap((step) => step.notes);
    assert.ok(notes.some((note) => note.startsWith("the URL can be read in many ways")), notes.join("; "));
  }),
);

test("crowdhandler() in hybrid mode asks by the spelling that the room has of a page", async () => {
  const rooms = [{ ...room, urlPattern: "/Tickets" }];
  const bench = hybridBench({ answers: { rooms, requests: queued } });
  await bench.visit("/tickets/7?a=1");
  assert.equal(bench.calls.at(-1)?.body["url"], `${site}/Tickets/7?a=1`);
});

test("crowdhandler() leaves what looks like an address alone within a page's URL", async () => {
  const bench = benchOf();
  await bench.visit("/tickets?from=http://www.example.com/");
  assert.equal(bench.calls[0]?.body["url"], `${site}/tickets?from=http://www.example.com/`);
});

test("crowdhandler() takes the token that was let in outside the rooms for no promoted one", async () => {
  const requests = ({ query }: Call) => json(query["url"]?.includes("/tickets") ? promoted : open);
  const bench = benchOf({ answers: { requests } });
  assert.equal((await bench.visit("/about", { cookie: inside })).served, true);
  // With what the waiting room adds, a link is believed, unless the stored token is known to be promoted.
  for (const rest of ["ch-id-signature=x", "ch-requested=x"]) {
    const link = await bench.visit(`/tickets?ch-id=${other}&${rest}`, { cookie: inside });
    assert.deepEqual(link.cookies, { crowdhandler: other }, rest);
  }
  assert.equal((await bench.visit("/tickets", { cookie: inside })).served, true);
  const checked = await bench.visit(`/tickets?ch-id=${other}&ch-id-signature=x`, { cookie: inside });
  assert.deepEqual(checked.cookies, { crowdhandler: token });
});

test("crowdhandler() sends a visitor who cannot be checked to wait with the token of several that was promoted", async () => {
  let isDown = false;
  const requests = ({ path }: Call) =>
    isDown
      ? new Response(null, { status: 500 })
      : json({ ...(path.endsWith("one") ? promoted : queued), token: path.slice(9) });
  const bench = benchOf({ policy: "closed", answers: { requests } });
  const cookie = "crowdhandler=tok_one; crowdhandler=tok_two";
  for (let page = 0; page < 2; page++) await bench.visit("/tickets", { cookie });
  isDown = true;
  const { location } = await bench.visit("/tickets", { cookie });
  assert.equal(new URL(location).searchParams.get("ch-id"), "tok_one");
});

test("crowdhandler() says which function of the application returned no object, and what the service refused", async () => {
  for (const name of ["visitor", "parameters"] as const) {
    const bench = benchOf({ options: { [name]: () => "text" } });
    await bench.visit("/a");
    const told = bench.errors.map(({ message, cause }) => `${message} ${String(cause)}`).join();
    assert.match(told, new RegExp(`"${name}" must return an object`));
  }
  const bench = benchOf({ answers: { requests: () => Response.json({}, { status: 400 }) } });
  await bench.visit("/a", { headers: { "user-agent": "<odd>" } });
  const [error] = bench.errors;
  const chain = [error, error?.cause, (error?.cause as Error | undefined)?.cause].map(String).join();
  assert.match(chain, /HTTP 400.*HTTP 400/s, "the refusal itself is the cause");
  const known = benchOf({
    address: "203.0.113.7",
    options: { visitor: () => ({ ip: "203.0.113.7" }) },
    answers: { requests: () => Response.json({}, { status: 400 }) },
  });
  await known.visit("/a", { headers: { "user-agent": "<odd>" } });
  assert.equal(known.warnings.length, 1);
  assert.match(known.warnings[0] ?? "", /HTTP 400.*look at what "visitor" and "parameters" tell it$/);
});
