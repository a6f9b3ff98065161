import { strict as assert } from "node:assert";
import process from "node:process";
import { describe, test } from "node:test";
import { bodyTrigger, createGate, failClosed, type Plugin } from "../../../mod.ts";
import { triggers } from "../../../plugins/triggers.ts";
import { bodyViews } from "../../../src/http/body-views.ts";
import { defaultLimits, readBody } from "../../../src/http/body.ts";
import { growth } from "../../support/growth.ts";

const views = (text: string) => [...bodyViews(text)];

/** Bodies that were made to be work, all of one length. */
const length = 65_536;
const pieces = {
  "escaped letters": "%41",
  "every other letter escaped": "%41a",
  "broken escapes": "%",
  "halves of escapes": "%4",
  "bytes that are no UTF-8": "%ff",
  "halves of characters": "%c3a",
  "plus signs": "+",
  "plus signs and escapes": "+%41",
  "escapes of JSON": "\\u0041",
  "escapes of JSON between letters": "\\u0041a",
  "broken escapes of JSON": "\\u",
  backslashes: "\\",
  "escaped escapes": "%5cu0041",
  "JSON that nests": "[",
  "objects that nest": '{"a":',
  "short numbers": "1,",
  "long numbers": "1.7976931348623157e308,",
  "numbers that grow": "1e20,",
  members: '{"":1},',
  "members with blanks": '{ "a" : "b" } , ',
  quotes: '"',
  blanks: " ",
  NULs: "\0",
  "UTF-16": "\0a",
  boundaries: '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n',
  "types of parts": "Content-Type: text/plain; charset=utf-8\r\n",
  "types that fold": "content-type: a\r\n ",
  "types without an end": "content-type:",
  "encodings of parts": "content-transfer-encoding: 7bit\n",
  "letters beyond ASCII": "ß",
  "names of charsets": '_charset_"  ',
  "fields without names": "=&",
  "fields in brackets": "items[12][quantity]=%41+12&",
  "names of brackets": "[b]",
  "names of dots": "a.",
  "brackets that do not close": "a[ ",
  "numbers with large exponents": "1e99,",
  "numbers with zeros at their end": "0.50,",
  "members that nest": '{"a":[1,',
  "JSON in JSON": '"{\\"a\\":1}",',
  "dispositions": "content-disposition:\n",
  "parameters of dispositions": "; a=b",
  "names of parts": '--x\r\nContent-Disposition: form-data; name="a[b].c"\r\n\r\n1.0\r\n',
  needles: "action=checkou",
  "ends of needles": "ction=checkout",
} as const;

const provider: Plugin = {
  name: "provider",
  decide: () => ({ action: "queue", reason: "provider/queued", location: "https://wait.example/" }),
};

describe("the work for a body", () => {
  const needles = ["action=checkout", '"action":"checkout"'];
  const rules = [{ name: "order", all: [{ body: { contains: needles, ignoreCase: true } }] }];
  const gates = {
    "bodyTrigger({ contains })": bodyTrigger({ contains: needles }),
    "bodyTrigger({ matches })": bodyTrigger({ matches: /\baction\W{1,5}checkout\b/i }),
    "triggers()": triggers(rules),
  };

  /** The processor's time for a body in each of several rounds, of which the least counts: others work here as well. What is `enough` is not measured again. */
  async function workOf(plugin: Plugin, text: string, enough: number = 0): Promise<number> {
    const gate = createGate({ plugins: [plugin, failClosed(), provider] });
    let least = Infinity;
    for (let round = 0; round < 8 && least > enough; round++) {
      const requests = Array.from(
        { length: 6 },
        () => new Request("https://shop.example/", { method: "POST", body: text }),
      );
      const before = process.cpuUsage();
      for (const request of requests) await gate(request, (ctx) => ctx?.request.text());
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, user + system);
    }
    return least;
  }

  for (const [name, plugin] of Object.entries(gates)) {
    test(`${name} does no more than a few times the work for a hostile body`, async () => {
      await workOf(plugin, "a".repeat(length));
      const plain = await workOf(plugin, `{"note":"${"a b ".repeat(length / 4 - 4)}"}`);
      for (const [what, piece] of Object.entries(pieces)) {
        const bytes = new TextEncoder().encode(piece).length;
        const hostile = await workOf(plugin, piece.repeat(length / bytes), plain * 6);
        assert.ok(hostile < plain * 12, `${what}: ${hostile} µs, and ${plain} µs for a plain one`);
      }
    });
  }

  test("bodyViews() takes time that grows with the length alone", () => {
    for (const [what, piece] of Object.entries(pieces)) {
      const texts = new Map([4000, 32_000].map((count) => [count, piece.repeat(count)]));
      const times = growth((count) => void views(texts.get(count) ?? ""), 32, 4000);
      assert.ok(times < 32, `${what}: ${times.toFixed(1)} times for eight times of it`);
    }
  });

  test("ctx.body() does not pay much more for a body in many pieces than the application does", async () => {
    const byte = new Uint8Array([97]);
    const pieces = (count: number) =>
      new ReadableStream({ pull: (to) => count-- > 0 ? to.enqueue(byte) : to.close() });
    const work = async (read: (request: Request) => unknown) => {
      let least = Infinity;
      for (let round = 0; round < 5; round++) {
        const request = new Request("https://shop.example/", {
          method: "POST",
          body: pieces(16_384),
          duplex: "half",
        } as RequestInit);
        const before = process.cpuUsage();
        await read(request);
        const { user, system } = process.cpuUsage(before);
        least = Math.min(least, user + system);
      }
      return least;
    };
    const teed = await work((request) => Promise.all([request.clone().text(), request.text()]));
    const ours = await work((request) =>
      Promise.all([readBody(request, defaultLimits)]).then(() => request.text())
    );
    assert.ok(ours < teed * 4, `${ours} µs, and ${teed} µs`);
  });
});
