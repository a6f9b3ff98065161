import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { navigationCheck, type NavigationCheckOptions } from "../../browser/mod.ts";
import { createGate, failClosed } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { page, turn } from "../src/_gates.ts";

const tickets = "https://shop.example/tickets?day=2";

/** A check whose questions get an answer, and where the browser went. */
function checkOf(answer: () => Response | Promise<Response>, options: NavigationCheckOptions = {}) {
  const visited: string[] = [];
  const asked: string[] = [];
  const check = navigationCheck({
    // deno-lint-ignore require-await -- a function that throws is to reject, as `fetch` does
    fetch: async (input, init) => {
      asked.push(`${init?.method} ${String(input)} ${init?.redirect}`);
      return answer();
    },
    navigate: (url) => visited.push(url),
    ...options,
  });
  return { check, visited, asked };
}

/** What became of a check after everything that is due has happened. */
async function outcome(promise: Promise<void>): Promise<"goes on" | "leaves"> {
  return await Promise.race([promise.then(() => "goes on" as const), turn(5).then(() => "leaves" as const)]);
}

describe("navigationCheck()", () => {
  const refused = () =>
    new Response(null, { status: 503, headers: { "content-type": "application/problem+json" } });
  const opaque = () => Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" });
  const cases: readonly (readonly [what: string, answer: () => Response, outcome: "goes on" | "leaves"])[] = [
    ["a page that is there", page, "goes on"],
    ["a page that is not there", () => new Response(null, { status: 404 }), "goes on"],
    ["a page that fails", () => new Response(null, { status: 500 }), "goes on"],
    ["a refusal of the gate", refused, "leaves"],
    ["a redirect, of which the browser tells no more", opaque, "leaves"],
    ["a redirect outside of browsers", () => new Response(null, { status: 302 }), "leaves"],
  ];
  for (const [what, answer, expected] of cases) {
    test(`asks once by HEAD, and ${expected} upon ${what}`, async () => {
      const { check, visited, asked } = checkOf(answer);
      assert.equal(await outcome(check(tickets)), expected);
      assert.deepEqual(asked, [`HEAD ${tickets} manual`]);
      assert.deepEqual(visited, expected === "leaves" ? [tickets] : []);
    });
  }

  test("goes on where there is no network, and where nothing is protected", async () => {
    const gone = checkOf(() => {
      throw new TypeError("no network");
    });
    assert.equal(await outcome(gone.check(tickets)), "goes on");
    const open = checkOf(refused, { protects: ({ pathname }) => pathname === "/other" });
    assert.equal(await outcome(open.check(new URL(tickets))), "goes on");
    assert.deepEqual(open.asked, []);
  });

  test("asks for what its owner says in the place of the page, and opens the page all the same", async () => {
    const { check, visited, asked } = checkOf(refused, { ask: () => "/tickets/.check" });
    assert.equal(await outcome(check(tickets)), "leaves");
    assert.deepEqual([asked, visited], [["HEAD /tickets/.check manual"], [tickets]]);
  });

  test("takes no number in a room, and understands its answer", async () => {
    const room = waitingRoom({ match: { path: "/tickets" }, admitPerMinute: 0, warn() {} });
    const gate = createGate({ plugins: [failClosed(), room] });
    const { check, visited } = checkOf(() =>
      gate(
        new Request(tickets, {
          method: "HEAD",
          headers: { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
        }),
        page,
      )
    );
    const checked = check(tickets);
    while (visited.length === 0) await turn();
    assert.equal(await outcome(checked), "leaves");
    assert.deepEqual(visited, [tickets]);
    assert.equal((await room.rooms[0].status()).issued, 0);
  });

  test("refuses what is no URL", async () => {
    await assert.rejects(checkOf(page).check("/tickets"), TypeError);
  });
});
