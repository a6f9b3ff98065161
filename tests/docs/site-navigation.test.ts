import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { test } from "node:test";
import { navigation } from "../../site/navigation.ts";
import { root } from "./_blocks.ts";

const named = navigation.flatMap(({ pages }) => pages);

test("the navigation of the site names pages that exist, each once", () => {
  const fileOf = (name: string) =>
    name.startsWith("/")
      ? name.slice(1)
      : name.startsWith("~/")
      ? `site/pages/${name.slice(2)}`
      : `docs/${name}`;
  assert.deepEqual(
    named.filter((name) => !existsSync(`${root}${fileOf(name)}`)),
    [],
  );
  assert.deepEqual(named.filter((name, at) => named.indexOf(name) !== at), []);
});

test("every page of the documentation stands in a group of site/navigation.ts; those of plugins follow by themselves", () => {
  const pages = globSync(["*.md", "docs/**/*.md", "bench/*.md"], { cwd: root })
    .map((file) =>
      file.replaceAll("\\", "/").replace(/^(?!docs\/)/, "/").replace(
        /^docs\//,
        "",
      )
    );
  assert.ok(pages.length > 40, `${pages.length} pages`);
  assert.deepEqual(
    pages.filter((name) => !name.startsWith("plugins/") && !named.includes(name)),
    [],
  );
});
