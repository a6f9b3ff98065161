import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSandbox } from "../../sandbox/mod.ts";
import { configuration, integration, onPath, stanchion } from "./_run.ts";

const text = configuration([
  integration("checkout", [onPath("/checkout")], { ActionType: "Ignore" }),
  integration("tickets", [
    onPath("/tickets"),
    {
      ValidatorType: "CookieValidator",
      CookieName: "staff",
      Operator: "Equals",
      ValueToCompare: "1",
      IsNegative: true,
    },
  ]),
  integration("later", [onPath("/tickets/gala")]),
  integration("faulty", [onPath("/")], { EventId: 5 }),
  integration("broken", [onPath("/broken")], { QueueDomain: "" }),
]);
const files = { "a.json": text, key: "the-secret-key\n" };
const page = "https://shop.example/tickets";

async function explain(...args: readonly string[]) {
  const { code, out, err } = await stanchion(["explain", "-c", "a.json", "--json", ...args], files);
  return { code, err, ...JSON.parse(out) };
}

describe("stanchion explain", () => {
  test("tells what matched, part by part, and what would be decided", async () => {
    const { code, integrations, decision, steps, version } = await explain("--url", page);
    assert.deepEqual([code, version], [0, 3]);
    assert.deepEqual(integrations.map(({ outcome }: { outcome: string }) => outcome), [
      "no",
      "matches",
      "later",
      "skipped",
      "later",
    ]);
    assert.deepEqual(integrations[1].triggers, [{
      operator: "And",
      holds: true,
      parts: [
        { says: 'UrlValidator PagePath Contains "/tickets"', holds: true },
        { says: 'CookieValidator staff not Equals "1"', holds: true },
      ],
    }]);
    assert.deepEqual([decision.action, decision.reason], ["queue", "queue-it/queued"]);
    assert.match(decision.location, /^https:\/\/example\.queue-it\.net\/\?c=example&e=gala&/);
    const decided = steps.find(({ hook }: { hook: string }) => hook === "decide");
    assert.deepEqual(decided.notes, ['integration 1 ("tickets"), trigger 0, parts 0, 1']);
  });

  test("tells by which form of the URL, and exempts only what is so in every form", async () => {
    const exempting = configuration([
      integration("info", [onPath("/tickets/info")], { ActionType: "Ignore" }),
      integration("tickets", [onPath("/tickets")]),
    ]);
    const { out } = await stanchion(
      ["explain", "-c", "b.json", "--json", "--url", `${page.replace("/tickets", "/%74ickets")}/5?name=me`],
      { "b.json": exempting },
    );
    const { integrations, steps } = JSON.parse(out);
    assert.deepEqual(
      integrations.map((
        { outcome, triggers: [{ holds }] }: { outcome: string; triggers: [{ holds: boolean }] },
      ) => [
        outcome,
        holds,
      ]),
      [["no", false], ["matches", true]],
    );
    const decided = steps.find(({ hook }: { hook: string }) => hook === "decide");
    assert.deepEqual(decided.notes, [
      `integration 1 ("tickets"), trigger 0, part 0, by the reading "${page}/5?[redacted]"`,
    ]);
  });

  test("tells it in words as well", async () => {
    const { code, out } = await stanchion(["explain", "-c", "a.json", "--url", page], files);
    assert.equal(code, 0);
    for (
      const line of [
        /^GET https:\/\/shop\.example\/tickets$/m,
        /^ {2}0 "checkout" \(Ignore\): does not match$/m,
        /^ {2}1 "tickets" \(Queue\): matches$/m,
        /^ {6}yes UrlValidator PagePath Contains "\/tickets"$/m,
        /^ {2}3 "faulty" \(Queue\): skipped, because it has faults; see stanchion check$/m,
        /^ {2}decide {3}queue-it {8}queue, because queue-it\/queued$/m,
        /^Decision: queue, because queue-it\/queued$/m,
        /^Without the secret key, tokens and sessions count as forged/m,
      ]
    ) assert.match(out, line);
  });

  const table: readonly (readonly [args: readonly string[], reason: string])[] = [
    [["--url", page, "--cookie", "staff=1"], "queue-it/no-match"],
    [["--url", page, "-b", "a=1", "-b", "staff=1"], "queue-it/no-match"],
    [["--url", page, "-H", "Cookie: staff=1"], "queue-it/no-match"],
    [["--url", "https://shop.example/"], "queue-it/no-match"],
    [["--url", "https://shop.example/checkout"], "queue-it/ignored"],
    [["--url", page, "-X", "POST"], "queue-it/queued"],
  ];
  for (const [args, reason] of table) {
    test(`decides ${reason} for ${args.slice(1).join(" ")}`, async () => {
      assert.equal((await explain(...args)).decision.reason, reason);
    });
  }

  test("ends with 1 and the failure where the gate would fail", async () => {
    const { code, failure, decision } = await explain("--url", "https://shop.example/broken");
    assert.deepEqual([code, failure.code, decision.action], [1, "malformed", "reject"]);
    assert.match(failure.message, /QueueDomain must be/);
  });

  test("ends with 1 for a configuration that cannot be used", async () => {
    for (const broken of ["{", "[]", '{"Version":0}']) {
      const { code, out, err } = await stanchion(["explain", "-c", "-", "--url", page], { "-": broken });
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, /^fault {4}/);
    }
  });

  test("matches on the body, which is posted", async () => {
    const onBody = configuration([
      integration("body", [{
        ValidatorType: "RequestBodyValidator",
        Operator: "Contains",
        ValueToCompare: "gala",
      }]),
    ]);
    for (
      const [body, reason] of [["event=gala", "queue-it/queued"], ["event=x", "queue-it/no-match"]] as const
    ) {
      const { out } = await stanchion(["explain", "-c", "-", "--url", page, "--body", "form", "--json"], {
        "-": onBody,
        form: body,
      });
      const { decision, request } = JSON.parse(out);
      assert.deepEqual([decision.reason, request.method], [reason, "POST"]);
    }
  });

  test("verifies sessions with the key from a file or the environment, and prints none of it", async () => {
    const sandbox = createSandbox({
      queueIt: {
        rooms: [{ eventId: "gala", domains: ["https://shop.example"] }],
        customerId: "example",
        secretKey: "the-secret-key",
      },
    });
    const queue = await sandbox.fetch(
      new Request(`http://sandbox/?c=example&e=gala&t=${encodeURIComponent(page)}`, { redirect: "manual" }),
    );
    const back = queue.headers.get("location") ?? "";
    assert.match(back, /queueittoken=/, `${queue.status}`);
    const token = new URL(back).searchParams.get("queueittoken") ?? "";
    const args = ["explain", "-c", "a.json", "--url", back];
    const table:
      readonly (readonly [more: readonly string[], env: Record<string, string>, reason: RegExp])[] = [
        [
          ["--secret-key-file", "key"],
          {},
          /Decision: (?:admit, because queue-it\/accepted|redirect, because queue-it\/clean-url)/,
        ],
        [[], { STANCHION_SECRET_KEY: "the-secret-key" }, /Decision: redirect, because queue-it\/clean-url/],
        [["--secret-key", "the-secret-key"], {}, /Decision: redirect, because queue-it\/clean-url/],
        [["--secret-key", "another"], {}, /Decision: queue, because queue-it\/hash/],
        [[], {}, /Decision: queue, because queue-it\/hash/],
      ];
    for (const [more, env, reason] of table) {
      const { out, err } = await stanchion([...args, ...more], files, env);
      assert.match(out, reason);
      assert.ok(!out.includes("the-secret-key") && !out.includes(token), out);
      assert.doesNotMatch(out, /set-cookie: QueueITAccepted[^=]*=(?!\[redacted\])/);
      assert.equal(err.includes("list of processes"), more[0] === "--secret-key");
      assert.ok(!err.includes("the-secret-key"));
    }
  });

  test("names many integrations in short", async () => {
    const many = Array.from({ length: 50 }, (_, at) => integration(`n${at}`, [onPath(`/p${at}-`)]));
    const { out } = await stanchion(["explain", "-c", "-", "--url", "https://shop.example/p7-"], {
      "-": configuration(many),
    });
    assert.equal(out.match(/trigger 0/g)?.length, 2, "the one that decides, and the gate's own remark");
    assert.match(out, /--json tells every part/);
  });

  test("says what a gate needs whose integration limits the use of queue ids", async () => {
    const limited = configuration([
      integration("tickets", [onPath("/tickets")], { VerifyQueueIdEnabled: true }),
    ]);
    const args = ["explain", "-c", "c.json", "--url", "https://shop.example/tickets"];
    const { code, out } = await stanchion(args, { "c.json": limited });
    assert.equal(code, 0);
    assert.match(out, /limits the use of queue ids: the gate needs verifyAction/);
  });
});
