import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HeaderChange, PlainAnswer, Plugin } from "../../mod.ts";
import { changed, fieldsOf, formOf, listOf } from "../../src/pipeline/fields.ts";
import { headOf, isPlainAnswer } from "../../src/pipeline/plain-answer.ts";
import { answered, gateOf, page, provider, queued, request, untyped } from "./_gates.ts";

const reason = "test/no";

/** What a visitor gets of an answer, in a form that can be compared. */
async function got(answer: Response) {
  return { status: answer.status, headers: [...answer.headers], text: await answer.text() };
}

/** A pipeline whose provider answers with parts, or with the response of the same parts. */
function answering(
  { status, headers, body }: PlainAnswer,
  isWhole: boolean,
  plugins: readonly Plugin[] = [],
) {
  const response = isWhole ? new Response(body, { status, headers }) : { status, headers, body };
  return gateOf([...plugins, provider({ action: "respond", reason, response })]);
}

describe("an answer in parts", () => {
  const html = { "content-type": "text/html; charset=utf-8" };
  const table: readonly [what: string, parts: PlainAnswer, changes?: readonly HeaderChange[]][] = [
    ["a page", { status: 503, headers: { ...html, "Retry-After": "5" }, body: "wait é" }],
    ["no body", { status: 303, headers: { location: "/next" }, body: null }],
    ["its own Cache-Control", { status: 200, headers: { ...html, "cache-control": "max-age=5" }, body: "a" }],
    ["its own no-store", {
      status: 200,
      headers: { ...html, "Cache-Control": 'private="a, no-store"' },
      body: "",
    }],
    ["fields of caches", {
      status: 200,
      headers: { ...html, "cdn-cache-control": "max-age=5", "Expires": "soon" },
      body: "a",
    }],
    ["a cookie", { status: 200, headers: { ...html, "set-cookie": "a=1" }, body: "a" }, [
      ["set-cookie", "b=2"],
    ]],
    ["several cookies and Vary", { status: 200, headers: { ...html, vary: "Accept" }, body: "a" }, [
      ["set-cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["Vary", "Origin"],
      ["x-a", "1"],
      ["X-A", "2"],
    ]],
    ["one name twice", { status: 200, headers: { ...html, "x-a": "1", "X-A": "2" }, body: "a" }],
    ["a value with spaces around it", { status: 200, headers: { ...html, "x-a": "  1 " }, body: "a" }],
    ["a value beyond ASCII", { status: 200, headers: { ...html, "x-a": "é" }, body: "a" }],
    ["a text without a type", { status: 200, headers: {}, body: "a" }, [["set-cookie", "a=1"]]],
    ["a change that cannot be sent", { status: 200, headers: html, body: "a" }, [
      ["x-a", "1\n2"],
      ["x-b", "3"],
    ]],
  ];
  for (const [what, parts, changes] of table) {
    test(`is answered as the response of the same parts: ${what}`, async () => {
      const plugins = changes === undefined ? [] : [{ name: "changing", headers: () => changes }];
      const [one, other] = [false, true].map((isWhole) => answering(parts, isWhole, plugins));
      const visit = ({ gate }: ReturnType<typeof gateOf>) => got(answered(gate(request(), page)));
      assert.ok(one !== undefined && other !== undefined);
      assert.deepEqual(await visit(one), await visit(other));
      assert.deepEqual(one.faults.map(({ message }) => message), other.faults.map(({ message }) => message));
    });
  }

  test("is a response to hooks that look at it, and none of them can spoil it", async () => {
    const seen: unknown[] = [];
    const looking: Plugin = {
      name: "looking",
      headers(_ctx, response) {
        seen.push(
          response?.status,
          response?.ok,
          response?.headers.get("content-type"),
          response?.body !== null,
        );
        response?.headers.set("x-spoiled", "1");
        void response?.text();
        void response?.clone().text();
        return undefined;
      },
    };
    const { gate } = answering({ status: 503, headers: html, body: "wait" }, false, [looking]);
    const answer = await got(answered(gate(request(), page)));
    assert.deepEqual(seen, [503, false, html["content-type"], true]);
    assert.equal(answer.text, "wait");
    assert.ok(!answer.headers.some(([name]) => name === "x-spoiled"));
  });

  test("may come from a respond hook, at once or later", async () => {
    for (const isLate of [false, true]) {
      const parts = { status: 418, headers: html, body: "in parts" };
      const hook: Plugin = { name: "hook", respond: () => isLate ? Promise.resolve(parts) : parts };
      const { gate, faults } = gateOf([hook, provider(queued)]);
      const answer = await got(await gate(request(), page));
      assert.deepEqual([answer.status, answer.text, faults.length], [418, "in parts", 0]);
    }
  });

  test("that cannot be sent keeps the visitor outside, and the owner is told what is wrong", async () => {
    const wrong: readonly PlainAnswer[] = [
      { status: 42, headers: html, body: "a" },
      { status: 200, headers: { "bad name": "1" }, body: null },
      { status: 200, headers: { ...html, "x-a": "1\n2" }, body: "a" },
    ];
    for (const parts of wrong) {
      const { gate, faults } = answering(parts, false);
      assert.equal((await got(answered(gate(request(), page)))).status, 503, JSON.stringify(parts));
      assert.match(
        String(faults[0]?.message),
        /^The answer "respond" of plugin provider cannot be sent: "response" has a status, a header or a body/,
      );
    }
  });
});

test("isPlainAnswer() knows answers in parts by their shape", () => {
  const parts = { status: 200, headers: {}, body: null };
  const throwing = Object.defineProperty({ ...parts }, "status", { get: () => assert.fail() });
  const others: readonly unknown[] = [
    undefined,
    null,
    "text",
    {},
    { ...parts, status: "200" },
    { ...parts, headers: undefined },
    { ...parts, body: undefined },
    { ...parts, body: new Uint8Array() },
    new Response(),
    throwing,
  ];
  assert.equal(isPlainAnswer(parts), true);
  for (const other of others) assert.equal(isPlainAnswer(other), false);
});

test("headOf() leaves to a response what platforms may see otherwise", () => {
  const html = { "content-type": "text/html" };
  assert.ok(headOf({ status: 200, headers: html, body: "a" }) !== undefined);
  assert.ok(headOf({ status: 304, headers: {}, body: null }) !== undefined);
  for (const status of [101, 199, 600, 200.5, Number.NaN]) {
    assert.equal(headOf({ status, headers: html, body: null }), undefined, String(status));
  }
  assert.equal(headOf({ status: 204, headers: html, body: "" }), undefined);
  assert.equal(headOf({ status: 200, headers: {}, body: "" }), undefined);
});

test("changed() means what Headers mean, or is nothing", () => {
  const values = ["", "1", "a, b", " 1", "1 ", "é", "a\tb", "a\n", "😀", "a=1; Path=/"];
  const names = ["x-a", "vary", "set-cookie", "cache-control", "bad name", "", "__proto__"];
  let lists = 0;
  for (const first of names) {
    for (const second of names) {
      for (const value of values) {
        const record = { [first]: "own", "x-b": value };
        const changes: HeaderChange[] = [[second, value], ["set-cookie", "c=3"]];
        const list = listOf(record);
        const all = list && changed(list, changes);
        if (list === undefined || all === undefined) continue;
        lists++;
        const expected = new Headers(record);
        for (const [name, text] of changes) {
          if (name === "set-cookie" || name === "vary") expected.append(name, text);
          else expected.set(name, text);
        }
        assert.deepEqual([...new Headers(formOf(all))], [...expected], JSON.stringify([record, changes]));
        assert.deepEqual(
          names.filter((name) => /^[\w-]+$/.test(name) && name !== "set-cookie")
            .map((name) => fieldsOf(all).get(name)),
          names.filter((name) => /^[\w-]+$/.test(name) && name !== "set-cookie")
            .map((name) => expected.get(name)),
        );
      }
    }
  }
  assert.ok(lists > 50);
});

test("parts with headers that are no plain object are refused, and the owner is told, for they would be lost", async () => {
  const forms = [[["x-a", "1"]], new Headers({ "x-a": "1" }), new Map([["x-a", "1"]])];
  for (const headers of forms) {
    const response = untyped<PlainAnswer>({ status: 200, headers, body: null });
    assert.equal(isPlainAnswer(response), false);
    const told: string[] = [];
    const decides = provider({ action: "respond", reason, response });
    const gate = gateOf([decides], { onError: ({ message }) => void told.push(message) });
    const answer = await answered(gate.gate(request(), page));
    assert.equal(answer.status, 503);
    assert.match(
      told.join(),
      /neither a Response nor its parts: status, headers as a plain object, and body/,
    );
  }
});
