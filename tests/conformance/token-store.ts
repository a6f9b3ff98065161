/** What every token store does, tested through a gate and with a browser that carries its cookies. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import type { Plugin } from "../../src/plugin.ts";
import { type Bench, benchOf, type Step } from "../support/token-bench.ts";

/** Values that some storage or encoding could spoil. */
export const oddTokens: readonly string[] = [
  "123",
  "1e3",
  "true",
  "null",
  "undefined",
  "NaN",
  '"quoted"',
  '{"integration":"JSDK","tokens":[{"token":"tok_7pDi5dRB2nUi"}]}',
  "[1,2]",
  "~tilde",
  "a=b; c=d, e",
  "100%",
  "%7B%22",
  "%E0%A4%A",
  " blanks ",
  "tab\tand\nline",
  "\u00fcml\u00e4ut \u4f60\u597d \u{1f39f}",
  "__proto__",
  "x".repeat(1024),
];

/** What a visitor might send instead of a cookie's value. */
const damaged: readonly string[] = [
  "",
  " ",
  "%",
  "%%%",
  '"',
  '""',
  "=",
  "{",
  "null",
  "../../etc",
  "a:b",
  "*",
  "\u00ff",
];

/**
 * Tests that a store keeps its contract.
 *
 * @param name What is tested.
 * @param factory Makes the plugin; all that it makes share what is stored.
 */
export function tokenStoreContract(name: string, factory: () => Plugin | Promise<Plugin>): void {
  describe(`the token store contract, ${name}`, () => {
    const contractTest = (title: string, run: (bench: Bench) => Promise<void>): void => {
      test(`${name} ${title}`, async () => {
        const bench = benchOf(await factory());
        await run(bench);
        assert.deepEqual(bench.faults, []);
      });
    };

    contractTest("finds nothing at a first visit and sets no cookie", async ({ browser }) => {
      const visitor = browser();
      assert.deepEqual(await visitor.visit(["read", "a"]), [undefined]);
      assert.deepEqual(visitor.received, []);
    });

    contractTest("keeps a token for the next visits", async ({ browser }) => {
      const visitor = browser();
      await visitor.visit(["write", "a", "one"]);
      assert.deepEqual(await visitor.visit(["read", "a"]), ["one"]);
      assert.deepEqual(await visitor.visit(["read", "a"]), ["one"]);
    });

    contractTest("replaces a token", async ({ browser }) => {
      const visitor = browser();
      await visitor.visit(["write", "a", "one"]);
      await visitor.visit(["write", "a", "two"]);
      await visitor.visit(["write", "a", "three"], ["write", "a", "four"]);
      assert.deepEqual(await visitor.visit(["read", "a"]), ["four"]);
    });

    contractTest(
      "forgets a token, also one that is written again or was never there",
      async ({ browser }) => {
        const visitor = browser();
        await visitor.visit(["remove", "a"]);
        await visitor.visit(["write", "a", "one"]);
        await visitor.visit(["remove", "a"]);
        assert.deepEqual(await visitor.visit(["read", "a"]), [undefined]);
        await visitor.visit(["write", "a", "two"]);
        assert.deepEqual(await visitor.visit(["read", "a"]), ["two"]);
      },
    );

    contractTest("keeps names apart, whatever the order of their visits", async ({ browser }) => {
      const visitor = browser();
      await visitor.visit(["write", "a", "one"]);
      await visitor.visit(["read", "b"], ["write", "b", "two"]);
      await visitor.visit(["write", "A", "three"]);
      assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"], ["read", "A"]), [
        "one",
        "two",
        "three",
      ]);
      await visitor.visit(["remove", "a"]);
      assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), [undefined, "two"]);
    });

    contractTest("keeps tokens that are written at the same time", async ({ browser }) => {
      const visitor = browser();
      await visitor.visit(["all", [["write", "a", "one"], ["write", "b", "two"]]]);
      assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["one", "two"]);
    });

    contractTest("reads within a visit what the visit wrote", async ({ browser }) => {
      const visitor = browser();
      const written: Step[] = [["read", "a"], ["write", "a", "one"], ["read", "a"], ["remove", "a"], [
        "read",
        "a",
      ]];
      assert.deepEqual(await visitor.visit(...written), [undefined, "one", undefined]);
      assert.deepEqual(await visitor.visit(["read", "a"]), [undefined]);
      await visitor.visit(["remove", "a"], ["write", "a", "two"]);
      assert.deepEqual(await visitor.visit(["read", "a"]), ["two"]);
    });

    contractTest("keeps two visitors apart while 200 requests interleave", async ({ browser }) => {
      const visitors = { anna: browser(), bert: browser() };
      for (const [who, visitor] of Object.entries(visitors)) {
        await visitor.visit(["write", "a", `${who}-start`]);
      }
      const rounds = Array.from({ length: 100 }, (_, at) => at);
      const told = await Promise.all(
        rounds.flatMap((at) =>
          Object.entries(visitors).map(async ([who, visitor]) => {
            const [before, after] = await visitor.visit(["read", "a"], ["write", "a", `${who}-${at}`], [
              "read",
              "a",
            ]);
            return { who, at, before, after };
          })
        ),
      );
      assert.equal(told.length, 200);
      for (const { who, at, before, after } of told) {
        assert.match(before ?? "nothing", new RegExp(`^${who}-`));
        assert.equal(after, `${who}-${at}`);
      }
      for (const [who, visitor] of Object.entries(visitors)) {
        assert.match((await visitor.visit(["read", "a"]))[0] ?? "nothing", new RegExp(`^${who}-\\d`));
      }
    });

    contractTest("gives back odd tokens as they were", async ({ browser }) => {
      const visitor = browser();
      for (const token of oddTokens) {
        await visitor.visit(["write", "a", token]);
        assert.deepEqual(await visitor.visit(["read", "a"]), [token]);
      }
    });

    contractTest("changes nothing while the gate explains", async ({ browser, explain }) => {
      const visitor = browser();
      await visitor.visit(["write", "a", "one"]);
      const steps: Step[] = [["write", "a", "two"], ["write", "b", "three"], ["remove", "a"], ["read", "a"]];
      await explain(visitor.jar, ...steps);
      assert.deepEqual(await visitor.visit(["read", "a"], ["read", "b"]), ["one", undefined]);
      assert.ok((await explain(new Map(), ["write", "a", "two"])).includes("set-cookie"));
    });

    contractTest("takes no damage from damaged cookies", async ({ browser }) => {
      const visitor = browser();
      const other = browser();
      await other.visit(["write", "a", "token-of-another"]);
      for (const value of damaged) {
        for (const [cookie, real] of other.jar) {
          for (const sent of [value, `${real.slice(0, -1)}${value}`, `${real}${value || "x"}`]) {
            // Blanks around a value are none of it: that would be the other visitor's cookie itself.
            if (sent.trim() === real) continue;
            visitor.jar.set(cookie, sent);
            const [read] = await visitor.visit(["read", "a"]);
            assert.notEqual(read, "token-of-another");
            await visitor.visit(["write", "a", "mine"]);
            assert.deepEqual(await visitor.visit(["read", "a"]), ["mine"]);
          }
        }
      }
      assert.deepEqual(await other.visit(["read", "a"]), ["token-of-another"]);
    });

    contractTest("never shows another visitor's token, whatever the Cookie header", async ({ browser }) => {
      const other = browser();
      await other.visit(["write", "a", "token-of-another"]);
      const parts = [...other.jar].flatMap((
        [cookie, value],
      ) => [cookie, `${cookie}=`, value.slice(1), value.slice(0, -4)]);
      const piece = fc.oneof(
        fc.constantFrom(...parts, "a", "a=", "; ", ";", "=", '"', "%", "%7B", ":", "+", "*", ".."),
        fc.string({
          unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
          maxLength: 30,
        }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
          const visitor = browser();
          // The bench joins name and value with "=": any header is one such pair.
          visitor.jar.set("x=1; a", `1; ${pieces.join("")}`);
          const [read] = await visitor.visit(["read", "a"]);
          assert.notEqual(read, "token-of-another");
        }),
        { numRuns: 150 },
      );
    });
  });
}
