import assert from "node:assert/strict";
import { test } from "node:test";
import { descriptionOf, pageFrom, titleOf } from "../../site/build/markdown.ts";
import { withoutTabs } from "../../site/build/llms.ts";

test("pageFrom() turns links between files into links between pages, and leaves code and other sites alone", () => {
  const text =
    "# A\n\n[b](concepts.md#the-page) [c](../README.md) [d](../examples/deno.ts) [e](https://example.com/x.md) " +
    "[f](#a) `[g](nothing.md)` ![h](pipeline.svg) [i](plugins/grace.md)\n\n```md\n[j](nothing.md)\n```\n";
  const { page, text: made, sources } = pageFrom("docs/urls.md", text);
  assert.equal(page, "urls.md");
  assert.deepEqual(sources, ["examples/deno.ts"]);
  for (
    const link of [
      "[b](./concepts.md#the-page)",
      "[c](./index.md)",
      "[d](./source/examples/deno.ts.md)",
      "[e](https://example.com/x.md)",
      "[f](#a)",
      "`[g](nothing.md)`",
      "![h](./pipeline.svg)",
      "[i](./plugins/grace.md)",
      "[j](nothing.md)",
    ]
  ) assert.ok(made.includes(link), link);
  assert.ok(
    pageFrom("docs/plugins/grace.md", "[a](../../CHANGELOG.md)").text.includes("(../project/changelog.md)"),
  );
});

test("pageFrom() refuses a link that leads nowhere", () => {
  assert.throws(() => pageFrom("docs/urls.md", "[a](nothing.md)"), {
    message: "docs/urls.md links to nothing.md, which is not there",
  });
});

test("pageFrom() shows the names of both registries by tab, which withoutTabs() takes out again", () => {
  const block =
    '```ts\nimport { createGate } from "stanchion";\nimport { grace } from "stanchion/grace";\n```\n';
  const { text } = pageFrom("docs/urls.md", `# A\n\n${block}`);
  assert.match(text, /```ts \[npm\]\n.*"stanchion";\n.*"stanchion\/grace"/);
  assert.match(text, /```ts \[JSR\]\n.*"@stanchion\/stanchion";\n.*"@stanchion\/stanchion\/grace"/);
  assert.equal(withoutTabs(text).trim(), `# A\n\n${block}`.trim());
  const other = '# A\n\n```ts\nimport { Hono } from "hono";\n```\n';
  assert.equal(pageFrom("docs/urls.md", other).text, other);
});

test("titleOf() and descriptionOf() read a page without its marks", () => {
  const page =
    "# The `x` of [y](z.md)\n\n| a | b |\n| - | - |\n\nFirst *words*, with a [link](a.md).\nSecond line.\n\nMore.\n";
  assert.equal(titleOf(page), "The x of y");
  assert.equal(descriptionOf(page), "First words, with a link. Second line.");
  assert.equal(descriptionOf(`# A\n\n${"Some words that go on. ".repeat(20)}`).length <= 201, true);
});
