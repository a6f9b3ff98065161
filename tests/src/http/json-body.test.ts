import assert from "node:assert/strict";
import { test } from "node:test";
import { readBody } from "../../../src/http/body.ts";
import { readJsonBody } from "../../../src/http/json-body.ts";
import { steadily } from "../../support/steadily.ts";

const json = "application/json";
const limits = { maxBytes: 40, timeoutMs: 1000 };

function post(body: BodyInit | null, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request("https://shop.example/", {
    method: "POST",
    body,
    headers,
    duplex: "half",
  } as RequestInit);
}

function bytes(...list: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(list);
}

test("readJsonBody() gives what a body of JSON says, and no more than its limit", async () => {
  const text = `{"a":"${"x".repeat(32)}"}`;
  assert.equal(text.length, 40);
  assert.deepEqual(await readJsonBody(post(text, { "content-type": json }), limits), {
    value: JSON.parse(text),
  });
  const longer = { status: 413, detail: "The body may have 40 bytes" };
  assert.deepEqual(await readJsonBody(post(`${text} `, { "content-type": json }), limits), longer);
  const lying = post("{}", { "content-type": json });
  const told = { headers: new Headers({ "content-type": json, "content-length": "41" }), body: lying.body };
  assert.deepEqual(await readJsonBody(told as Request, limits), longer, "one that says so need not be read");
  const exact = { headers: new Headers({ "content-type": json, "content-length": "40" }), body: lying.body };
  assert.deepEqual(await readJsonBody(exact as Request, limits), { value: {} });
});

test(
  "readJsonBody() refuses what is no JSON in UTF-8, in words",
  steadily(async () => {
    const unsupported = {
      status: 415,
      detail: "Send JSON, with content-type: application/json, and no content-encoding",
    };
    const right = [
      json,
      "Application/JSON",
      `${json}; charset=utf-8`,
      `${json} ;charset = "UTF-8" `,
      `${json};charset=utf-8`,
    ];
    for (const type of right) {
      assert.deepEqual(
        await readJsonBody(post("[1]", { "content-type": type }), limits),
        { value: [1] },
        type,
      );
    }
    const wrong = [
      "text/plain",
      `x${json}`,
      `${json}x`,
      `${json}; charset=latin1`,
      `${json}; charset x=utf-8`,
      `${json}; charset=x utf-8`,
      `${json}; charset=utf-8x`,
      `${json}; a=b`,
    ];
    for (const type of wrong) {
      assert.deepEqual(await readJsonBody(post("[1]", { "content-type": type }), limits), unsupported, type);
    }
    const bare = { headers: new Headers(), body: null } as unknown as Request;
    assert.deepEqual(await readJsonBody(bare, limits), unsupported);
    for (
      const [coding, isRead] of [["identity", true], ["IDENTITY", true], ["gzip", false], [
        "",
        false,
      ]] as const
    ) {
      const read = await readJsonBody(
        post("[1]", { "content-type": json, "content-encoding": coding }),
        limits,
      );
      assert.deepEqual(read, isRead ? { value: [1] } : unsupported, coding);
    }
    const broken = { status: 400, detail: "The body cannot be read, or is not UTF-8" };
    assert.deepEqual(await readJsonBody(post(bytes(34, 255, 34), { "content-type": json }), limits), broken);
    const other = { status: 400, detail: "The body is not JSON, or has a name that no member may have" };
    for (const text of ["{", "", "[1]x"]) {
      assert.deepEqual(await readJsonBody(post(text, { "content-type": json }), limits), other, text);
    }
    const silent = new ReadableStream({ start() {} });
    assert.deepEqual(
      await readJsonBody(post(silent, { "content-type": json }), { maxBytes: 40, timeoutMs: 10 }),
      {
        status: 408,
        detail: "The body did not arrive within 10 ms",
      },
    );
  }),
);

test("readJsonBody() takes no names by which objects are changed that nobody meant", async () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    for (const text of [`{"${name}":1}`, `{"a":[{"${name}":{}}]}`]) {
      const read = await readJsonBody(post(text, { "content-type": json }), limits);
      assert.equal("status" in read && read.status, 400, text);
    }
  }
  const harmless = '{"proto":1,"a":"__proto__"}';
  const read = await readJsonBody(post(harmless, { "content-type": json }), limits);
  assert.deepEqual(read, { value: { proto: 1, a: "__proto__" } });
});

test("readBody() takes a text of two or four bytes a character for one that it cannot read", async () => {
  const wide: readonly (readonly number[])[] = [
    [123, 0, 125, 0],
    [0, 123, 0, 125],
    [123, 0, 0, 0, 125, 0, 0, 0],
    [0, 0, 0, 123, 0, 0, 0, 125],
    [255, 254, 123, 0, 125, 0],
    [254, 255, 0, 123, 0, 125],
    [255, 254, 0, 0, 123, 0, 0, 0],
    [0, 0, 254, 255, 0, 0, 0, 123],
  ];
  for (const list of wide) {
    assert.equal((await readBody(post(bytes(...list)), limits)).complete, false, list.join(" "));
  }
  const narrow: readonly (readonly number[])[] = [
    [],
    [123, 125],
    [123, 0, 125],
    [123, 125, 0, 0],
    [120, 123, 0, 125, 0],
    [120, 0, 0],
    [0, 0, 123, 125],
    [120, 255, 254, 0, 0],
    [120, 0, 0, 255, 254],
  ];
  for (const list of narrow) {
    assert.equal((await readBody(post(bytes(...list)), limits)).complete, true, list.join(" "));
  }
});

test("readBody() reads what is not coded, and nothing that somebody reads already", async () => {
  const read = async (headers: Readonly<Record<string, string>>) =>
    (await readBody(post("a=1", headers), limits)).text;
  assert.equal(await read({}), "a=1");
  for (const coding of ["identity", "Identity", ""]) {
    assert.equal(await read({ "content-encoding": coding }), "a=1");
  }
  for (const coding of ["gzip", "identity, gzip", "xidentity"]) {
    assert.equal(await read({ "content-encoding": coding }), "", coding);
  }
  const used = post("a=1");
  await used.text();
  assert.deepEqual(await readBody(used, limits), { text: "", complete: false });
  const locked = post("a=1");
  const reader = locked.body?.getReader();
  assert.deepEqual(await readBody(locked, limits), { text: "", complete: false });
  await reader?.cancel();
  assert.deepEqual(readBody(new Request("https://shop.example/"), limits), { text: "", complete: true });
});
