import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { bodyViews } from "../../../src/http/body-views.ts";
import { defaultLimits, readBody } from "../../../src/http/body.ts";

const views = (text: string) => [...bodyViews(text)];

describe("bodyViews()", () => {
  const cases: readonly [what: string, text: string, view: string][] = [
    ["the short escapes of JSON", '{"q":"a\\n\\tb"}', '{"q":"a\n\tb"}'],
    ["the first of two members", '{"a" : "buy", "a" : "x"}', '{"a":"buy","a":"x"}'],
    ["blanks in strings", '{"a" : "x, y", "b" : [ 1 ]}', '{"a":"x, y","b":[1]}'],
    ["blanks with an escape", '{"a" : "x, \\u0079\\u0022"}', '{"a":"x, y\\""}'],
    ["numbers", '{"a":1.20e1,"b":-0.0,"c":12}', '{"a":12,"b":0,"c":12}'],
    ["numbers that are none", "[1e999,01.5,1.2.3,-]", "[1e999,01.5,1.2.3,-]"],
    ["JSON in a string", '{"p":"{\\"a\\" : \\"buy\\"}"}', '{"p":"{"a":"buy"}"}'],
    ["JSON behind an odd quote", '"\n{"a" : "x, y"}', '"{"a":"x, y"}'],
    ["JSON behind an odd quote in its line", 'x="&p={"a" : "buy"}', 'x="&p={"a":"buy"}'],
    ["pairs of surrogates", '"\\ud83d\\ude00\\uD83D"', '"😀\uFFFD"'],
    ["an escape in an escape", "%5Cu0062uy", "buy"],
    ["a percent sign in JSON", '{"a":"%62uy"}', '{"a":"buy"}'],
    ["an escape of four digits", "%u0062uy%U00e9", "buyé"],
    ["UTF-8 over escaped and other bytes", "%c3%9fß%c3", "ßß\uFFFD"],
    ["broken escapes", "%%4%zz%41%u12g4+", "%%4%zzA%u12g4 "],
    ["UTF-16 in a part", "name=a\r\n\r\nb\0u\0y\0", "name=a\r\n\r\nbuy"],
  ];
  for (const [what, text, view] of cases) {
    test(`bodyViews() has a form for ${what}`, () => {
      assert.ok(views(text).includes(view), JSON.stringify(views(text)));
    });
  }

  test("bodyViews() has one form only of what has no others", () => {
    for (const text of ["", "a=b&c=d", "plain text: of a kind, 1.0", "größe"]) {
      assert.deepEqual(views(text), [text]);
    }
    assert.deepEqual(views('{"a":1}'), ['{"a":1}']);
    assert.deepEqual(views("100%"), ["100%"]);
  });

  const part = (headers: string) =>
    `--x\r\nContent-Disposition: form-data; name="a"\r\n${headers}\r\n\r\nb\r\n`;
  const unknown = [
    part("Content-Transfer-Encoding: quoted-printable"),
    part("Content-Type: text/plain; charset=utf-16le"),
    part('content-type : text/plain;\r\n\tcharset="UTF-7"'),
    part("Content-Type: text/plain; charset*=utf-8''utf-16"),
    "_charset_=utf-16&a=b",
    '--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nutf-16\r\n',
  ];
  for (const text of unknown) {
    test(`bodyViews() has a form that cannot be had for ${JSON.stringify(text)}`, () => {
      assert.ok(views(text).includes(undefined));
    });
  }

  test("bodyViews() knows the encodings that change nothing", () => {
    const known = [
      part("Content-Type: text/html; charset=utf-8"),
      part("Content-Type: text/plain\r\nContent-Transfer-Encoding: binary"),
      '--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nUTF-8\r\n',
      "_charset_=utf-8&a=b",
      JSON.stringify({ page: '<meta charset="iso-8859-1">' }),
    ];
    for (const text of known) assert.ok(!views(text).includes(undefined), text);
  });

  test("bodyViews() has what JSON.parse() and the parser of forms make of a body", () => {
    const json = fc.json();
    fc.assert(fc.property(json, (text) => {
      const value = JSON.stringify(JSON.parse(text));
      // Its own views: members that occur twice, and names that are moved to the front, are not in it.
      const same = views(text).some((view) => {
        try {
          return view !== undefined && JSON.stringify(JSON.parse(view)) === value;
        } catch {
          return false;
        }
      });
      assert.ok(same);
    }));
    const word = fc.string({ unit: "grapheme" }).filter((text) => !/["\\]/.test(text));
    fc.assert(fc.property(word, word, (name, value) => {
      const [pair = []] = [...new URLSearchParams({ [name]: value })];
      const text = new URLSearchParams({ [name]: value }).toString();
      assert.ok(views(text).includes(`${pair[0]}=${pair[1]}`));
    }));
  });

  test("bodyViews() finds a member however blanks, escapes and quotes are put around it", () => {
    const blank = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
    const spelled = fc.array(fc.constantFrom("plain", "lower", "upper"), { minLength: 6, maxLength: 6 }).map((
      how,
    ) =>
      [..."action"].map((char, at) => {
        const hex = char.charCodeAt(0).toString(16).padStart(4, "0");
        return how[at] === "plain" ? char : `\\u${how[at] === "upper" ? hex.toUpperCase() : hex}`;
      }).join("")
    );
    const before = fc.string().map((text) => JSON.stringify(text));
    fc.assert(fc.property(before, spelled, blank, blank, fc.boolean(), (first, name, one, two, inside) => {
      const text = `{"x":${one}${first}${two},${one}"${name}"${one}:${two}"buy"${one}}`;
      const body = inside ? JSON.stringify({ body: text }) : text;
      assert.ok(views(body).some((view) => view?.includes('"action":"buy"')), body);
    }));
  });
});

describe("readBody()", () => {
  const bytesOf = (text: string, width: number, big: boolean, mark: boolean) => {
    const bytes = new Uint8Array((text.length + (mark ? 1 : 0)) * width);
    const view = new DataView(bytes.buffer);
    [...mark ? "\uFEFF" : "", ...text].forEach((char, at) => {
      if (width === 2) view.setUint16(at * width, char.charCodeAt(0), !big);
      else view.setUint32(at * width, char.charCodeAt(0), !big);
    });
    return bytes;
  };
  const url = "https://shop.example/";

  test("readBody() does not take JSON in UTF-16 or UTF-32 for a whole text", async () => {
    for (const width of [2, 4]) {
      for (const big of [true, false]) {
        for (const mark of [true, false]) {
          const body = bytesOf('{"größe":1}', width, big, mark);
          const read = await readBody(new Request(url, { method: "POST", body }), defaultLimits);
          assert.equal(read.complete, false, `${width} ${big} ${mark}`);
        }
      }
    }
  });

  test("readBody() takes other bytes for what they are", async () => {
    const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46];
    const mp4 = [0, 0, 0, 32, 0x66, 0x74, 0x79, 0x70];
    for (const bytes of [jpeg, mp4, [0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13], [0, 0], [0xff, 0xfe]]) {
      const read = await readBody(
        new Request(url, { method: "POST", body: Uint8Array.from(bytes) }),
        defaultLimits,
      );
      assert.equal(read.complete, true, String(bytes));
    }
  });
});
