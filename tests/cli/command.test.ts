import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configuration, integration, onPath, stanchion } from "./_run.ts";

const good = configuration([integration("tickets", [onPath("/tickets")])]);
const files = { "a.json": good, "list.json": "[]" };

describe("stanchion", () => {
  test("says how it is used, without arguments and when asked", async () => {
    for (
      const args of [[], ["--help"], ["-h"], ["help"], ["chekc", "--help"], ["help", "constructor"]]
    ) {
      const { code, out, err } = await stanchion(args);
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /^Usage: stanchion <command>/);
    }
  });

  test("says how a command is used when asked for that one, and nothing of the others", async () => {
    const { out: all } = await stanchion(["--help"]);
    for (const name of ["explain", "check", "doctor", "simulate", "lottery", "rooms", "serve"]) {
      for (const args of [[name, "--help"], ["help", name], [name, "-h", "--wrong"]]) {
        const { code, out, err } = await stanchion(args);
        assert.deepEqual([code, err], [0, ""]);
        assert.ok(out.startsWith(`Usage: stanchion ${name} `), out);
        for (const line of out.split("\n")) {
          const [, other = name] = /stanchion (\w+) -/.exec(line) ?? [];
          assert.equal(other, name, line);
          assert.ok(all.includes(line.replace("Usage: ", "")), line);
        }
        assert.match(out, /Exit codes:/);
      }
    }
    const { out } = await stanchion(["check", "--help"]);
    assert.match(out, /--customer-id[^]*--strict/);
    assert.doesNotMatch(out, /--address/);
  });

  test("says its version", async () => {
    for (const args of [["--version"], ["-v"]]) {
      assert.deepEqual(await stanchion(args), { code: 0, out: "1.2.3\n", err: "" });
    }
  });

  const url = ["--url", "https://shop.example/"];
  const mistakes: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    ["no command", ["--json"], /^Which command: check, explain, doctor, simulate, lottery, rooms or serve\?/],
    ["an unknown command", ["chekc"], /There is no command "chekc"; did you mean check\?/],
    ["a command far from any", ["deploy"], /There is no command "deploy"; there are check, explain/],
    ["an unknown option", ["check", "--confg", "a.json"], /no option --confg; did you mean --config\?/],
    ["an option of the other command", ["check", "-c", "a.json", ...url], /check has no option --url/],
    ["an inherited name", ["check", "--constructor", "x"], /no option --constructor/],
    ["no configuration", ["check"], /Where is the configuration\? --config <file>/],
    ["an option without its value", ["check", "--config", "--json"], /--config needs a value/],
    ["an option at the end", ["check", "--config"], /--config needs a value/],
    ["a value for a switch", ["check", "-c", "a.json", "--json=yes"], /--json takes no value/],
    ["an option twice", ["check", "-c", "a.json", "-c", "b.json"], /-c may be given once/],
    ["one word too many", ["check", "a.json"], /What is "a.json"\?/],
    [
      "a page without its option",
      ["explain", "-c", "a.json", "https://a.b/"],
      /did you mean --url https:\/\/a\.b\//,
    ],
    ["an address for a file", ["check", "-c", "https://a.b/c.json"], /curl … \| stanchion check --config -/],
    ["a missing file", ["check", "-c", "none.json"], /There is no file none\.json/],
    ["no page", ["explain", "-c", "a.json"], /Which page\? --url/],
    [
      "a relative page",
      ["explain", "-c", "a.json", "--url", "/tickets"],
      /must be an absolute http or https URL/,
    ],
    [
      "a page of a file",
      ["explain", "-c", "a.json", "--url", "file:///etc/passwd"],
      /absolute http or https/,
    ],
    ["a wrong header", ["explain", "-c", "a.json", ...url, "-H", "nothing"], /--header must be written as/],
    ["an injected header", ["explain", "-c", "a.json", ...url, "-H", "a: b\r\nc: d"], /on one line/],
    ["a wrong cookie", ["explain", "-c", "a.json", ...url, "-b", "a"], /--cookie must be written as/],
    ["an injected cookie", ["explain", "-c", "a.json", ...url, "-b", "a=1\r\nx: y"], /--cookie must be/],
    ["a wrong method", ["explain", "-c", "a.json", ...url, "-X", "G ET"], /There is no such request/],
    [
      "a body without a method for it",
      ["explain", "-c", "a.json", ...url, "-X", "GET", "--body", "a.json"],
      /There is no such request/,
    ],
    ["a wrong address", ["explain", "-c", "a.json", ...url, "--address", "here"], /must be an IP address/],
    ["a wrong profile", ["check", "-c", "a.json", "--profile", "v4"], /--profile must be v5 or v3/],
    ["a wrong customer", ["check", "-c", "a.json", "--customer-id", "a/b"], /--customer-id must be one word/],
    [
      "two secret keys",
      ["explain", "-c", "a.json", ...url, "--secret-key", "a", "--secret-key-file", "b"],
      /either --secret-key or --secret-key-file/,
    ],
    [
      "an empty secret key",
      ["explain", "-c", "a.json", ...url, "--secret-key", " "],
      /The secret key is empty/,
    ],
    ["a missing file of the key", ["explain", "-c", "a.json", ...url, "--secret-key-file", "b"], /no file b/],
    ["what a terminal obeys", ["\u001b[2J"], /There is no command "\\u\{1b\}\[2J"/],
  ];
  for (const [name, args, message] of mistakes) {
    test(`ends with 2 and a hint on ${name}`, async () => {
      const { code, out, err } = await stanchion(args, files);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
      assert.match(err, /See stanchion (?:check |explain )?--help\.\n$/);
    });
  }

  test("ends with 2 for a file that is not text", async () => {
    const { code, err } = await stanchion(["check", "-c", "x"], { x: new Uint8Array([0x7b, 0xff]) });
    assert.equal(code, 2);
    assert.match(err, /x is not text in UTF-8/);
  });
});
