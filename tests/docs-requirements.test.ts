import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/crowdhandler-requirements.md", root), "utf8");
const rows = page.split("\n").filter((line) => /^\| R\d/.test(line)).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim())
);
const vectors = JSON.parse(readFileSync(new URL("tests/vectors/crowdhandler.json", root), "utf8"));
const ids = new Set<string>(vectors.cases.map((vector: { id: string }) => vector.id));

/** The references of a cell, without their backticks. */
function referencesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

test("crowdhandler-requirements.md has a row for each of R1 to R74, in order", () => {
  assert.deepEqual(rows.map(([id]) => id), Array.from({ length: 74 }, (_, index) => `R${index + 1}`));
});

test("crowdhandler-requirements.md says of each requirement what it is, how it is met and what shows it", () => {
  for (const [id, what = "", how = "", shown = ""] of rows) {
    assert.ok(what !== "" && how !== "", `${id} says too little`);
    assert.ok(referencesIn(shown).length > 0, `${id} is not shown by anything`);
  }
});

test("crowdhandler-requirements.md names tests and recorded cases that exist", () => {
  for (const [id, , , shown = ""] of rows) {
    for (const reference of referencesIn(shown)) {
      const [file = "", name] = reference.split(" › ");
      if (name === undefined) {
        assert.ok(ids.has(reference), `${id}: there is no recorded case ${reference}`);
        continue;
      }
      const path = new URL(`tests/plugins/crowdhandler/${file}.test.ts`, root);
      assert.ok(existsSync(path), `${id}: there is no file ${file}.test.ts`);
      assert.ok(
        readFileSync(path, "utf8").replaceAll(/\btest\(\s+/g, "test(").includes(`test("${name}"`),
        `${id}: ${file}.test.ts has no test "${name}"`,
      );
    }
  }
});
