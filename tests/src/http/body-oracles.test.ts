import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { bodyForms, needleForms } from "../../../src/http/body-views.ts";

/** Whether an owner who looks for a text finds it in a body, or the body cannot be told. */
function finds(needle: string, body: string): boolean {
  const needles = needleForms(needle);
  return [...bodyForms(body)].some((form) =>
    form === undefined || needles.some((text) => form.text.includes(text))
  );
}

describe("bodyForms() beside the parsers of the platform", () => {
  const value = fc.oneof(
    fc.constantFrom("checkout", "1e2", "a b", "ä&=", "--x", "\r\n--x\r\n", "%41+"),
    fc.string(),
  );
  const name = fc.constantFrom(
    "action",
    "order[action]",
    "a.b[]",
    "[x]",
    "n m",
    "größe",
    "",
    "%5Bq%5D",
    "a;b",
  );

  test("bodyForms() has what URLSearchParams reads, as a form and as JSON", () => {
    const piece = fc.constantFrom(
      "a",
      "b[",
      "]",
      ".",
      "=",
      "&",
      "%3D",
      "%26",
      "%5B",
      "+",
      "%",
      "%zz",
      '"',
      ";",
      " ",
      "{",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const body = pieces.join("");
        for (const [name, value] of new URLSearchParams(body.startsWith("?") ? `?${body}` : body)) {
          if (value === "" || name === "") continue;
          const asWritten = `${name.replace(/\[\d+\]/g, "[0]")}=${value}`;
          assert.ok(
            [...bodyForms(body)].some((form) => form?.text.includes(asWritten)),
            `${body} ${asWritten}`,
          );
          assert.ok(
            finds(`${JSON.stringify(name)}:${JSON.stringify(value)}`, body),
            `${body} ${name}: ${value}`,
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  const parsed = async (body: string, boundary: string) => {
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    try {
      const fields = [...await new Response(body, { headers }).formData()];
      return await Promise.all(
        fields.map(async ([name, value]) =>
          [name, typeof value === "string" ? value : await value.text()] as const
        ),
      );
    } catch {
      return [];
    }
  };

  test("bodyForms() has what formData() reads of parts, however they are written", async () => {
    const header = fc.constantFrom(
      ...Array<string>(12).fill('Content-Disposition: form-data; name="$"'),
      'content-disposition:form-data;name="$"; filename="f"',
      "Content-Disposition: form-data; name=$",
      "Content-Disposition: form-data; name*=utf-8''$",
      'Content-Disposition: form-data; filename="x"; name="$"\r\nContent-Type: text/plain',
      'Content-Type: text/plain\r\nContent-Disposition: form-data; name="$"',
      'Content-Disposition: form-data; name="$"; name="b"',
      'Content-Disposition: form-data;\r\n name="$"',
      "X: y",
    );
    const part = fc.tuple(
      fc.constantFrom("x", "x", "x", "x", "x", "x", "x", "x", "xy", "y", "x "),
      header,
      name,
      value,
      fc.constantFrom("\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n"),
    );
    const ends = fc.constantFrom(
      "--x--\r\n",
      "--x--\r\n",
      "--x--\r\n",
      "--x--",
      "",
      "--y--\r\n--x--\r\n",
      "--x\r\n",
    );
    let read = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 3 }),
        ends,
        fc.constantFrom("", "", "", "\r\n", "p\r\n"),
        fc.constantFrom("x", "x", "x", "xy"),
        async (parts, end, before, boundary) => {
          const body = before +
            parts.map(([mark, header, name, value, line]) =>
              `--${mark}\r\n${header.replace("$", () => name)}\r\n\r\n${value}`.replaceAll("\r\n", line) +
              line
            ).join("") + end;
          for (const [name, value] of await parsed(body, boundary)) {
            read++;
            if (name === "" || value === "" || /\r|\n|\0/.test(name + value)) continue;
            assert.ok(
              finds(`${JSON.stringify(name)}:${JSON.stringify(value)}`, body),
              JSON.stringify([body, name, value]),
            );
          }
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(read > 30, String(read));
  });

  test("bodyForms() has what JSON.parse() reads, as a form has it", () => {
    const leaves = (value: unknown, path: readonly string[]): readonly string[] =>
      Array.isArray(value)
        ? value.flatMap((one) => leaves(one, path))
        : typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([name, one]) => leaves(one, [...path, name]))
        : path.length === 0
        ? []
        : [`${path.join(".")}=${value}`];
    const key = fc.constantFrom("a", "b", "sku", "x y", 'q"', "ä");
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.dictionary(key, tie("tree")),
        fc.array(tie("tree"), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
        const body = JSON.stringify(value, undefined, space);
        for (const leaf of leaves(value, [])) {
          assert.ok([...bodyForms(body)].some((form) => form?.text.includes(leaf)), `${body} ${leaf}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  /** One number in many spellings: zeros before the exponent, the point anywhere. */
  const spelling = fc.tuple(
    fc.bigInt({ min: 0n, max: 10n ** 20n }),
    fc.integer({ min: -30, max: 30 }),
    fc.integer({ min: 0, max: 40 }),
    fc.boolean(),
    fc.constantFrom("e", "E", "e+", "e0"),
  ).map(
    ([digits, exponent, zeros, isNegative, mark]) => {
      const sign = isNegative ? "-" : "";
      const shifted = exponent - zeros;
      const power = shifted < 0
        ? `${mark[0]}-${"0".repeat(mark.length - 1)}${-shifted}`
        : `${mark}${shifted}`;
      return [
        `${sign}${digits}e${exponent}`,
        `${sign}${digits === 0n ? "0" : digits + "0".repeat(zeros)}${
          digits === 0n ? `.${"0".repeat(zeros + 1)}` : ""
        }${power}`,
      ];
    },
  );

  test("bodyForms() has each number as JSON.parse() reads it, whoever wrote it how", () => {
    fc.assert(
      fc.property(spelling, ([one = "", other = ""]) => {
        assert.equal(JSON.parse(one), JSON.parse(other));
        assert.ok(finds(`"n":${one}}`, `{"n": ${other} }`), `${one} ${other}`);
        assert.ok(finds(`"n":${JSON.stringify(JSON.parse(one))}}`, `{"n":${other}}`), `${one} ${other}`);
        assert.ok(finds(`"n":${JSON.stringify(JSON.parse(one))}}`, `{"n":${one}}`), `${one} ${other}`);
      }),
      { numRuns: 1000 },
    );
  });

  test("bodyForms() has large and long numbers with all their digits, so that expressions can count them", () => {
    const tens = /"n":[1-9]\d+[,}]/;
    for (
      const number of [
        "1e1",
        "12.0",
        "1e21",
        "1e308",
        "10E300",
        `12.${"0".repeat(10_000)}`,
        "1e0000000000000000000000000000021",
      ]
    ) {
      assert.ok(
        [...bodyForms(`{"n":${number}}`)].some((form) => form !== undefined && tens.test(form.text)),
        number.slice(0, 40),
      );
    }
    assert.ok(finds('"id":9007199254740992,', '{"id": 9007199254740993 ,"b":1}'));
    assert.ok(finds('"id":9007199254740993,', '{"id": 9007199254740993 ,"b":1}'));
    assert.ok([...bodyForms(" 1E2 ")].some((form) => form?.text === "100"));
  });
});
