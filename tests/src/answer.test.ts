import assert from "node:assert/strict";
import { test } from "node:test";
import { answerTo, isResponse, unavailable } from "../../src/pipeline/answer.ts";
import { withHeaders } from "../../src/pipeline/with-headers.ts";
import type { Refusal } from "../../src/decision.ts";
import type { GateError } from "../../src/errors.ts";

const reason = "test/no";

test("answerTo() makes a plain answer of every refusal for which no plugin has one", async () => {
  const own = new Response("own", { status: 418 });
  const table: [refusal: Refusal, status: number, location: string | null, text: string][] = [
    [{ action: "queue", reason, location: "https://wait.example/" }, 302, "https://wait.example/", ""],
    [{ action: "redirect", reason, location: "/clean" }, 302, "/clean", ""],
    [{ action: "reject", reason, status: 400 }, 400, null, "This request was refused.\n"],
    [{ action: "reject", reason, status: 499 }, 499, null, "This request was refused.\n"],
    [
      { action: "reject", reason, status: 500 },
      500,
      null,
      "This page is not available at the moment. Please try again in a minute.\n",
    ],
    [
      { action: "reject", reason, status: 599 },
      599,
      null,
      "This page is not available at the moment. Please try again in a minute.\n",
    ],
    [{ action: "respond", reason, response: own }, 418, null, "own"],
  ];
  for (const [refusal, status, location, text] of table) {
    const { answer } = answerTo(refusal, undefined);
    const type = refusal.action === "reject"
      ? "text/plain; charset=utf-8"
      : answer.headers.get("content-type");
    assert.deepEqual(
      [
        answer.status,
        answer.headers.get("location"),
        answer.headers.get("content-type"),
        await answer.text(),
      ],
      [status, location, type, text],
    );
  }
  const given = new Response("given");
  assert.equal(answerTo({ action: "reject", reason, status: 403 }, given).answer, given);
});

test("answerTo() refuses what cannot be sent, and says why", async () => {
  const sent = new Response("sent");
  await sent.text();
  type Wrong = Readonly<Record<string, unknown>>;
  const table: [refusal: Wrong, given: Response | undefined, error: { name: string; message: string }][] = [
    [{ action: "queue", location: "" }, undefined, { name: "TypeError", message: "There is no location" }],
    [{ action: "redirect" }, undefined, { name: "TypeError", message: "There is no location" }],
    [{ action: "reject", status: 399 }, undefined, {
      name: "RangeError",
      message: "The status is not 4xx or 5xx",
    }],
    [{ action: "reject", status: 600 }, undefined, {
      name: "RangeError",
      message: "The status is not 4xx or 5xx",
    }],
    [{ action: "reject" }, undefined, { name: "RangeError", message: "The status is not 4xx or 5xx" }],
    [{ action: "respond" }, undefined, { name: "TypeError", message: "There is no response" }],
    [{ action: "respond", response: {} }, undefined, { name: "TypeError", message: "There is no response" }],
    [{ action: "respond", response: sent }, undefined, {
      name: "TypeError",
      message: "The response cannot be sent",
    }],
    [{ action: "reject", status: 403 }, sent, { name: "TypeError", message: "The response cannot be sent" }],
  ];
  for (const [refusal, given, error] of table) {
    assert.throws(() => answerTo({ reason, ...refusal } as unknown as Refusal, given), error);
  }
  assert.equal(unavailable(503).status, 503);
});

test("isResponse() knows a response by its shape", () => {
  const shape = { status: 200, headers: new Headers(), clone: () => undefined };
  for (const value of [new Response(), shape]) assert.ok(isResponse(value));
  const { status: _, ...noStatus } = shape;
  const { headers: __, ...noHeaders } = shape;
  const { clone: ___, ...noClone } = shape;
  for (const value of [undefined, null, "x", {}, noStatus, noHeaders, noClone]) assert.ok(!isResponse(value));
});

test("withHeaders() makes a new response, adds to cookies and Vary, and replaces others", async () => {
  const errors: GateError[] = [];
  const report = (error: GateError) => void errors.push(error);
  const page = new Response("page", {
    status: 201,
    statusText: "Made",
    headers: { vary: "accept", "x-a": "1" },
  });
  page.headers.append("set-cookie", "own=1");
  assert.equal(withHeaders(page, [], report), page);
  const changed = withHeaders(
    page,
    [["vary", "cookie"], ["x-a", "2"], ["set-cookie", "a=1"], ["x y", "1"]],
    report,
  );
  assert.notEqual(changed, page);
  assert.deepEqual([changed.status, changed.statusText, await changed.text()], [201, "Made", "page"]);
  assert.deepEqual([changed.headers.get("vary"), changed.headers.get("x-a")], ["accept, cookie", "2"]);
  assert.deepEqual(changed.headers.getSetCookie(), ["own=1", "a=1"]);
  assert.equal(page.headers.get("x-a"), "1");
  assert.deepEqual(errors.map(({ code, message }) => [code, message]), [
    ["internal", 'The header "x y" cannot be sent'],
  ]);
  assert.ok(errors[0]?.cause instanceof TypeError);
  const used = new Response("used");
  await used.text();
  assert.equal(withHeaders(used, [["x-a", "1"]], report), used);
  assert.equal(errors[1]?.message, "The response cannot be sent with other headers");
  assert.equal(errors[1]?.code, "internal");
  assert.ok(errors[1]?.cause instanceof TypeError);
});

test("withHeaders() gives back the very answer to an upgrade, with what hangs on it, whatever its headers allow", () => {
  const faults: GateError[] = [];
  const changes = [["set-cookie", "a=1"], ["cache-control", "private"]] as const;
  const fixed = new Headers({ upgrade: "websocket" });
  fixed.set = fixed.append = () => {
    throw new TypeError("immutable");
  };
  for (const headers of [new Headers({ upgrade: "websocket" }), fixed]) {
    // As on Workers, where a response of this status can be made and has a socket of its own.
    const upgrade = Object.defineProperties(new Response(null, { headers }), {
      status: { value: 101 },
      headers: { value: headers },
      webSocket: { value: {} },
    });
    assert.equal(withHeaders(upgrade, changes, (fault) => void faults.push(fault)), upgrade);
    assert.equal(upgrade.headers.get("upgrade"), "websocket");
    assert.equal(upgrade.headers.get("set-cookie"), headers === fixed ? null : "a=1");
  }
  assert.deepEqual(faults, []);
});
