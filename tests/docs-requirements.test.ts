import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";

const root = new URL("../", import.meta.url);
const vectors = JSON.parse(readFileSync(new URL("tests/vectors/crowdhandler.json", root), "utf8"));
const recorded = new Set<string>(vectors.cases.map(({ id }: { readonly id: string }) => id));
const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

/** A page that has a row for each requirement. */
interface Requirements {
  readonly page: string;
  /** Of what the requirements' names begin with, how many there are. */
  readonly letters: string;
  readonly count: number;
  /** Where its tests are, unless another folder is named. */
  readonly tests: string;
}

const pages: readonly Requirements[] = [
  { page: "crowdhandler-requirements.md", letters: "R", count: 74, tests: "plugins/crowdhandler/" },
  { page: "gateway-requirements.md", letters: "GW", count: 21, tests: "gateway/" },
  { page: "frameworks-requirements.md", letters: "FW", count: 12, tests: "adapters/" },
];

for (const { page, letters, count, tests } of pages) {
  describe(page, () => {
    const text = readFileSync(new URL(`docs/${page}`, root), "utf8");
    const rows = text.split("\n").filter((line) => /^\| [A-Z]+\d/.test(line)).map((line) =>
      line.split("|").slice(1, -1).map((cell) => cell.trim())
    );

    test("has a row for each requirement, in order", () => {
      const ids = Array.from({ length: count }, (_, index) => `${letters}${index + 1}`);
      assert.deepEqual(rows.map(([id]) => id), ids);
    });

    test("says of each requirement what it is, how it is met and what shows it", () => {
      for (const [id, what = "", how = "", shown = ""] of rows) {
        assert.ok(what !== "" && how !== "", `${id} says too little`);
        assert.ok(referencesIn(shown).length > 0, `${id} is not shown by anything`);
      }
    });

    test("names tests, recorded cases and commands that exist", () => {
      for (const [id, , , shown = ""] of rows) {
        for (const reference of referencesIn(shown)) assertExists(reference, tests, `${id}`);
      }
    });
  });
}

/** The references of a cell, without their backticks. */
function referencesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

function assertExists(reference: string, tests: string, id: string): void {
  const script = /^npm run ([\w:]+)/.exec(reference)?.[1];
  if (script !== undefined) return assert.ok(script in scripts, `${id}: there is no command ${script}`);
  const [file = "", name] = reference.split(" › ");
  if (name === undefined) {
    return assert.ok(recorded.has(reference), `${id}: there is no recorded case ${reference}`);
  }
  const folder = file.includes("/") ? "" : tests;
  const path = new URL(`tests/${folder}${file}.test.ts`, root);
  assert.ok(existsSync(path), `${id}: there is no file ${file}.test.ts`);
  const calls = readFileSync(path, "utf8").replaceAll(/\b(?:test|describe)\(\s*/g, "test(");
  assert.ok(calls.includes(`test("${name}"`), `${id}: ${file}.test.ts has no test "${name}"`);
}
