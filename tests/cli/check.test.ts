import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lookAtJson } from "../../cli/json.ts";
import { configuration, integration, onPath, stanchion } from "./_run.ts";

interface Found {
  readonly level: string;
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** Checks a text, and gives the exit code and what was found. */
async function check(text: string, ...args: readonly string[]): Promise<[number, readonly Found[]]> {
  const { code, out, err } = await stanchion(["check", "--config", "-", "--json", ...args], { "-": text });
  assert.equal(err, "");
  const { ok, findings } = JSON.parse(out);
  assert.equal(ok, code === 0);
  return [code, findings];
}

const good = integration("tickets", [onPath("/tickets")]);

describe("stanchion check", () => {
  test("ends with 0 for a good configuration, from a file and from the standard input", async () => {
    for (const source of ["a.json", "-"]) {
      const { code, out, err } = await stanchion(["check", "-c", source], {
        [source]: configuration([good]),
      });
      const name = source === "-" ? "\\(standard input\\)" : "a\\.json";
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, new RegExp(`^${name}: version 3, 1 integration: 0 faults, 0 findings, 0 notes\n$`));
    }
  });

  const table: readonly (readonly [name: string, text: string, level: string, code: string, path: string])[] =
    [
      ["no JSON", "{", "fault", "not-json", ""],
      ["an empty text", "", "fault", "not-json", ""],
      ["a name of a file", "integrations.json", "fault", "not-json", ""],
      ["a list", "[]", "fault", "unreadable", "Version"],
      ["no version", JSON.stringify({ Integrations: [] }), "fault", "unreadable", "Version"],
      ["a wrong list", configuration({} as never), "fault", "unreadable", "Integrations"],
      [
        "a member twice",
        `{"Version":1,"Version":3,"Integrations":[${JSON.stringify(good)}]}`,
        "finding",
        "repeated",
        "Version",
      ],
      [
        "another customer's",
        configuration([good], { CustomerId: "other" }),
        "finding",
        "other-customer",
        "CustomerId",
      ],
      ["an integration that is none", configuration([good, 5]), "fault", "malformed", "Integrations.1"],
      [
        "a wrong member",
        configuration([{ ...good, EventId: 5 }]),
        "fault",
        "malformed",
        "Integrations.0.EventId",
      ],
      [
        "a wrong host",
        configuration([{ ...good, QueueDomain: "https://x" }]),
        "fault",
        "unusable",
        "Integrations.0.QueueDomain",
      ],
      [
        "damaged triggers",
        configuration([{ ...good, Triggers: [{ TriggerParts: {} }] }]),
        "fault",
        "damaged",
        "Integrations.0.Triggers.0",
      ],
      [
        "an unknown validator",
        configuration([integration("a", [{ ValidatorType: "X" }])]),
        "finding",
        "unknown-validator",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "an unknown operator",
        configuration([integration("a", [{ ...onPath("/"), Operator: "MatchesRegex" }])]),
        "finding",
        "unknown-operator",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      ["no trigger", configuration([{ ...good, Triggers: [] }]), "finding", "never", "Integrations.0"],
      [
        "a shadowed one",
        configuration([good, integration("later", [onPath("/tickets")])]),
        "finding",
        "shadowed",
        "Integrations.1",
      ],
      [
        "the same name twice",
        configuration([good, integration("tickets", [onPath("/gala")])]),
        "finding",
        "same-name",
        "Integrations.1.Name",
      ],
      [
        "an unknown action",
        configuration([{ ...good, ActionType: "queue" }]),
        "finding",
        "unknown-action",
        "Integrations.0.ActionType",
      ],
      [
        "no action",
        configuration([{ ...good, ActionType: undefined }]),
        "note",
        "no-action",
        "Integrations.0.ActionType",
      ],
      ["no integrations", configuration([]), "note", "empty", "Integrations"],
      [
        "one for everything",
        configuration([integration("all", [onPath("/")])]),
        "note",
        "always",
        "Integrations.0",
      ],
      [
        "integrations that ignore only",
        configuration([{ ...good, ActionType: "Ignore" }]),
        "note",
        "empty",
        "Integrations",
      ],
      [
        "a query in a path",
        configuration([integration("a", [onPath("?id=5")])]),
        "finding",
        "never",
        "Integrations.0",
      ],
      [
        "why: a query in a path",
        configuration([integration("a", [onPath("?id=5")])]),
        "finding",
        "impossible",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "a scheme in a host",
        configuration([
          integration("a", [{
            ...onPath("https://shop.example.com"),
            UrlPart: "HostName",
            Operator: "Equals",
          }]),
        ]),
        "finding",
        "impossible",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "capitals in a host, which this gate finds nevertheless",
        configuration([integration("a", [{ ...onPath("Shop.example.com"), UrlPart: "HostName" }])]),
        "finding",
        "impossible",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "a glob",
        configuration([integration("a", [onPath("/tickets/*")])]),
        "finding",
        "literal",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "a part of the URL that there is not",
        configuration([integration("a", [{ ...onPath("/tickets"), UrlPart: "Path" }])]),
        "finding",
        "unknown-part",
        "Integrations.0.Triggers.0.TriggerParts.0",
      ],
      [
        "an operator in another case",
        configuration([{
          ...good,
          Triggers: [{ LogicalOperator: "or", TriggerParts: [onPath("/tickets")] }],
        }]),
        "finding",
        "unknown-logic",
        "Integrations.0.Triggers.0",
      ],
      [
        "a flag that is a text",
        configuration([{ ...good, IsCookieSecure: "false" }]),
        "finding",
        "flag-type",
        "Integrations.0.IsCookieSecure",
      ],
      [
        "an Ignore rule that visitors meet by a header",
        configuration([
          integration("bots", [{
            ValidatorType: "UserAgentValidator",
            Operator: "Contains",
            ValueToCompare: "bot",
          }], {
            ActionType: "Ignore",
          }),
          good,
        ]),
        "note",
        "evadable",
        "Integrations.0.Triggers.0",
      ],
      ["a long text", configuration([good], { more: "x".repeat(4_200_000) }), "finding", "long", ""],
    ];
  for (const [name, text, level, code, path] of table) {
    test(`finds ${name}: ${level}`, async () => {
      const [exit, findings] = await check(text, "--customer-id", "example");
      const found = findings.find((finding) => finding.code === code);
      assert.deepEqual([found?.level, found?.path], [level, path], JSON.stringify(findings));
      assert.equal(exit, level === "note" ? 0 : 1);
      assert.equal((await check(text, "--customer-id", "example", "--strict"))[0], 1);
    });
  }

  test("finds every wrong member of an integration, not only the first", async () => {
    const [, findings] = await check(configuration([{ ...good, EventId: 5, Culture: [], LayoutName: {} }]));
    assert.deepEqual(findings.map(({ path }) => path.slice(15)).sort(), ["Culture", "EventId", "LayoutName"]);
  });

  test("reads a byte-order mark of any encoding, and numbers that are texts", async () => {
    const text = configuration([{ ...good, QueueIdUsageLimit: "3" }], { Version: "5" });
    const wide = (isLittle: boolean) => {
      const bytes = new DataView(new ArrayBuffer(2 * text.length + 2));
      for (const [at, letter] of [...`\ufeff${text}`].entries()) {
        bytes.setUint16(2 * at, letter.charCodeAt(0), isLittle);
      }
      return new Uint8Array(bytes.buffer);
    };
    for (const given of [text, `\ufeff${text}`, wide(true), wide(false)]) {
      const { code, out, err } = await stanchion(["check", "-c", "-"], { "-": given });
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /version 5, 1 integration: 0 faults, 0 findings, 0 notes/);
    }
  });

  test("says of another document what it is, without its values", async () => {
    const table: readonly (readonly [given: unknown, said: RegExp])[] = [
      [[good], /It is the list of the integrations alone; the one that is published is at/],
      [good, /It is a single integration/],
      [
        { version: 5, integrations: [good] },
        /"Version" is spelled "version" and "Integrations" is spelled "integrations"/,
      ],
      [{ data: JSON.parse(configuration([good])) }, /The configuration is within it, as "data"/],
      [{ integrationInfo: 5, hash: "" }, /the document that Queue-it pushes/],
      [
        { EventId: "gala", DisplayName: "s3cret", Status: 1 },
        /another document, with "EventId", "DisplayName", "Status"/,
      ],
      [{ Integrations: [good] }, /It has "Integrations" and no "Version"/],
      [configuration([good]), /It is JSON within a text of JSON/],
      [{}, /It has no members/],
      [null, /It is null/],
    ];
    for (const [given, said] of table) {
      const { code, out } = await stanchion(["check", "-c", "-"], { "-": JSON.stringify(given) });
      assert.equal(code, 1);
      assert.match(out, said);
      assert.ok(!out.includes("s3cret"));
    }
  });

  test("says of a text that is no JSON what it looks like", async () => {
    const table: readonly (readonly [text: string, said: RegExp])[] = [
      ["", /it is empty/],
      ["undefined", /of a variable that is not set/],
      ["<!DOCTYPE html><title>Sign in</title>", /a page of HTML/],
      ["<IntegrationConfig/>", /it looks like XML/],
      ['{\0"\0', /as UTF-16 has/],
      [configuration([good]).slice(0, 40), /it ends too early/],
      ["./integrations.json", /the name of a file; use fileSource/],
    ];
    for (const [text, said] of table) {
      const { out } = await stanchion(["check", "-c", "-"], { "-": text });
      assert.match(out, said);
    }
  });

  test("says where a text is no JSON", async () => {
    const { out } = await stanchion(["check", "-c", "-"], { "-": '{"a": 1,\n "b": [1, 2,, 3]}\n' });
    assert.match(out, /The text is not JSON \(line 2, column 13: A value expected, found ","\) \[not-json\]/);
  });

  test("follows --missing-action, --profile and --host-name-without-port", async () => {
    const unnamed = configuration([{ ...good, ActionType: "", QueueDomain: "" }]);
    const [, ignored] = await check(unnamed);
    const [, queued] = await check(
      unnamed,
      "--missing-action",
      "queue",
      "--profile",
      "v3",
      "--host-name-without-port",
    );
    assert.deepEqual(ignored.map(({ code }) => code), ["no-action"]);
    assert.deepEqual(queued.map(({ code }) => code), ["unusable", "no-action"]);
  });

  test("takes the document that Queue-it pushes", async () => {
    const hex = [...new TextEncoder().encode(configuration([{ ...good, EventId: 5 }]))]
      .map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const [code, findings] = await check(JSON.stringify({ integrationInfo: hex, hash: "0" }));
    assert.deepEqual([code, findings[0]?.path], [1, "Integrations.0.EventId"]);
  });

  test("prints nothing that a terminal obeys, and valid JSON", async () => {
    const odd = configuration([integration("\u001b[2J\u009b\u202e\u2028\n", [], { Triggers: [] })]);
    const { out } = await stanchion(["check", "-c", "-"], { "-": odd });
    // deno-lint-ignore no-control-regex
    assert.ok(!/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/.test(out), out);
    const { out: json } = await stanchion(["check", "-c", "-", "--json"], { "-": odd });
    assert.ok(!/[\x7f-\x9f\u202e\u2028]/.test(json));
    assert.equal(JSON.parse(json).findings[0].name, "\u001b[2J\u009b\u202e\u2028\n");
  });

  test("is not changed by names that objects have anyway", async () => {
    const text = '{"Version":1,"Integrations":[{"__proto__":{"ActionType":"Queue"},"Name":"constructor"}]}';
    const [code, findings] = await check(text);
    assert.equal(code, 1);
    assert.ok(findings.some(({ code }) => code === "no-action"));
  });
});

describe("lookAtJson()", () => {
  test("agrees with JSON.parse() on what is JSON", () => {
    const texts = [
      "0",
      "-1.5e+3",
      "01",
      "1.",
      ".5",
      "+1",
      "true",
      "tru",
      "nul",
      '"a"',
      '"a',
      '"\\x"',
      '"\\u12"',
      "[]",
      "[1,]",
      "[,]",
      "{}",
      "{,}",
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      "{a:1}",
      "[1 2]",
      "[]]",
      "[[]",
      " \n[ ] ",
      '"\n"',
      '"\\u00e9\\n"',
      "1e5",
      "1e",
      "-",
      "--1",
      "NaN",
      "undefined",
      '{"a":{"b":[1,{"c":null}]}}',
      "\u00a0[]",
      '"\u007f"',
      "truefalse",
      '"😀"',
    ];
    for (const text of texts) {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      assert.equal(lookAtJson(text).fault === undefined, isJson, text);
    }
  });

  test("says line and column, in characters", () => {
    const at = (text: string) => {
      const { fault } = lookAtJson(text);
      return [fault?.line, fault?.column, fault?.message];
    };
    assert.deepEqual(at(""), [1, 1, "A value expected, found the end"]);
    assert.deepEqual(at('{\n  "a": 1\n  "b": 2\n}'), [3, 3, '"," or "}" expected, found "\\""']);
    assert.deepEqual(at("[1]\n\nx"), [3, 1, 'The end expected, found "x"']);
    assert.deepEqual(at("\ufeff{}"), [1, 1, "A value expected, found a byte-order mark"]);
    assert.deepEqual(at("{'a':1}"), [1, 2, 'The name of a member expected, found "\'"']);
  });

  test("finds members that stand twice, by their paths", () => {
    const { repeated } = lookAtJson('{"a":1,"b":[{"c":1},{"c":1,"\\u0063":2}],"a":3,"__proto__":1}');
    assert.deepEqual(repeated, ["b.1.c", "a"]);
  });

  test("takes any depth and length", () => {
    assert.equal(lookAtJson("[".repeat(200_000) + "]".repeat(200_000)).fault, undefined);
    assert.equal(lookAtJson(`"${"x".repeat(3_000_000)}"`).fault, undefined);
    assert.equal(lookAtJson(`"${"\\n".repeat(1_000_000)}"`).fault, undefined);
    assert.equal(lookAtJson(`"${"x".repeat(1_000_000)}`).fault?.column, 1);
  });
});
