import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readAnswerText, readText, type TextLimits } from "../../../src/http/read-text.ts";
import { steadily } from "../../support/steadily.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A stream of pieces, which tells whether it was cancelled. */
function streamOf(pieces: readonly unknown[], ending: "end" | "open" | Error = "end") {
  const seen = { cancelled: false };
  const left = [...pieces];
  const stream = new ReadableStream({
    pull(controller) {
      if (left.length > 0) controller.enqueue(left.shift());
      else if (ending === "end") controller.close();
      else if (ending !== "open") controller.error(ending);
    },
    cancel() {
      seen.cancelled = true;
    },
  }, { highWaterMark: 0 });
  return { stream, seen };
}

const euro = utf8("€");

describe("readText()", () => {
  const table: readonly (readonly [
    what: string,
    pieces: readonly unknown[],
    limits: Partial<TextLimits>,
    end: string,
    text: string,
  ])[] = [
    ["a text in one piece", [utf8("hello")], {}, "whole", "hello"],
    ["no piece at all", [], {}, "whole", ""],
    ["a character that comes in two pieces", [euro.slice(0, 1), euro.slice(1)], {}, "whole", "€"],
    ["a byte-order mark", [utf8("\ufeffa")], {}, "whole", "a"],
    ["as many bytes as may be", [utf8("12345678")], {}, "whole", "12345678"],
    ["one byte more", [utf8("1234"), utf8("56789")], {}, "long", "12345678"],
    ["a character that is cut by the limit", [utf8("123456€")], {}, "long", "123456"],
    ["one byte more, where only the whole is wanted", [utf8("123456789")], { isStrict: true }, "long", ""],
    ["what is not UTF-8", [Uint8Array.of(97, 0xff)], {}, "whole", "a\ufffd"],
    [
      "what is not UTF-8, where it must be",
      [utf8("a"), Uint8Array.of(0xff)],
      { isStrict: true },
      "broken",
      "a",
    ],
    [
      "half a character at the end, where it must be one",
      [euro.slice(0, 2)],
      { isStrict: true },
      "broken",
      "",
    ],
    ["something else than bytes", [utf8("a"), "b"], {}, "broken", "a"],
    ["something else than bytes, where it must be UTF-8", ["b"], { isStrict: true }, "broken", ""],
    ["nothing at all as a piece", [undefined], {}, "broken", ""],
  ];
  for (const [what, pieces, limits, end, text] of table) {
    test(`tells of ${what}`, async () => {
      const read = await readText(streamOf(pieces).stream, { maxBytes: 8, ...limits });
      assert.deepEqual([read.end, read.text], [end, text]);
    });
  }

  test("reads nothing where there is no body", async () => {
    assert.deepEqual(await readText(null, { maxBytes: 8 }), { end: "whole", text: "" });
  });

  test("tells why a stream broke, and what came before", async () => {
    const cause = new Error("gone");
    assert.deepEqual(await readText(streamOf([utf8("a")], cause).stream, { maxBytes: 8 }), {
      end: "broken",
      text: "a",
      cause,
    });
  });

  test("does not read what somebody else reads", async () => {
    const { stream } = streamOf([utf8("a")]);
    stream.getReader();
    const read = await readText(stream, { maxBytes: 8 });
    assert.equal(read.end, "broken");
  });

  test(
    "ends when the time is over, or when it is told to, and cancels the rest",
    steadily(async () => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 5);
      for (const limits of [{ timeoutMs: 5 }, { signal: stop.signal }, { signal: AbortSignal.abort() }]) {
        const { stream, seen } = streamOf([], "open");
        const read = await readText(stream, { maxBytes: 8, ...limits });
        assert.deepEqual([read, seen.cancelled], [{ end: "late", text: "" }, true]);
      }
    }),
  );

  test("ends when the time is over also where pieces come without an end and at once, with nothing in them or little", async () => {
    for (const piece of [new Uint8Array(0), utf8("a")]) {
      const stream = new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
      assert.equal((await readText(stream, { maxBytes: 2 ** 40, timeoutMs: 5 })).end, "late");
    }
    const { stream } = streamOf(Array(1000).fill(utf8("a")));
    assert.equal((await readText(stream, { maxBytes: 1000 })).text, "a".repeat(1000));
  });

  test("cancels the rest of what is too long", async () => {
    const { stream, seen } = streamOf([utf8("123456789"), utf8("0")]);
    await readText(stream, { maxBytes: 8 });
    assert.equal(seen.cancelled, true);
  });

  test("leaves no timer behind", async () => {
    await readText(streamOf([utf8("a")]).stream, { maxBytes: 8, timeoutMs: 60_000 });
    // Left open, it would keep this file from ending.
  });
});

describe("readAnswerText()", () => {
  const answer = (text: string, length: string, more: Record<string, string> = {}) =>
    new Response(streamOf([utf8(text)]).stream, { headers: { "content-length": length, ...more } });

  test("reads an answer of a known length in one piece, and any other piece by piece", async () => {
    for (
      const response of [
        answer("hello", "5"),
        answer("hello", "5", { "content-encoding": "gzip" }),
        answer("hello", "many"),
        new Response("hello"),
      ]
    ) {
      assert.deepEqual(await readAnswerText(response, { maxBytes: 8 }), { end: "whole", text: "hello" });
    }
  });

  test("holds no more of an answer than may be, unless it says in figures alone that it is short enough", async () => {
    const table: [length: string | undefined, isAtOnce: boolean, more?: Record<string, string>][] = [
      ["5", true],
      ["8", true],
      ["008", true],
      ["9", false],
      ["123456789012", false],
      ["-5", false],
      ["5.0", false],
      ["0x5", false],
      ["5, 5", false],
      ["", false],
      [undefined, false],
      ["5", false, { "content-encoding": "gzip" }],
    ];
    for (const [length, isAtOnce, more = {}] of table) {
      const { stream, seen } = streamOf([utf8("123456789"), utf8("0")]);
      const headers = length === undefined ? more : { "content-length": length, ...more };
      const { end, text } = await readAnswerText(new Response(stream, { headers }), { maxBytes: 8 });
      // Read at once, it is read to its end.
      assert.deepEqual(
        [end, text, seen.cancelled],
        isAtOnce ? ["long", "", false] : ["long", "12345678", true],
        length,
      );
    }
    assert.deepEqual(await readAnswerText(answer("12345678", "8"), { maxBytes: 8 }), {
      end: "whole",
      text: "12345678",
    });
  });

  test("does not believe a length that is not true", async () => {
    assert.equal((await readAnswerText(answer("123456789", "5"), { maxBytes: 8 })).end, "long");
    assert.equal((await readAnswerText(answer("123456789", "9"), { maxBytes: 8 })).end, "long");
  });

  test("takes what a fetch of the application's own gives", async () => {
    // As little of a response as is needed.
    const odd = (own: object) => readAnswerText(own as Response, { maxBytes: 8 });
    assert.deepEqual(await odd({}), { end: "whole", text: "" });
    const headers = new Headers({ "content-length": "5" });
    const cause = new Error("gone");
    assert.deepEqual(await odd({ headers, text: () => Promise.reject(cause) }), {
      end: "broken",
      text: "",
      cause,
    });
  });
});
