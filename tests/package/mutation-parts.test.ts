import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mutationParts } from "../../scripts/_mutation-parts.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The paths that a pattern names; of one that ends in a wildcard, its folder. */
function pathsOf(pattern: string): string[] {
  const [whole = "", names] = /\{([^}]*)\}/.exec(pattern) ?? [];
  if (names !== undefined) return names.split(",").flatMap((name) => pathsOf(pattern.replace(whole, name)));
  return [pattern.replace(/\*\.ts$/, "")];
}

test("the parts of the mutation run name sources and tests that exist", () => {
  const named = mutationParts.flatMap(({ sources, tests }) => [...sources.flatMap(pathsOf), ...tests]);
  assert.ok(named.length > 100);
  assert.deepEqual(named.filter((path) => !existsSync(`${root}${path}`)), []);
});
