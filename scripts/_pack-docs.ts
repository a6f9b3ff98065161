/** What the README and the documentation tell people to write, as programs that use the installed package. */

import { readFileSync } from "node:fs";
import { files, root } from "./_tools.ts";

const blocks = /^```ts\n([\s\S]*?)^```$/gm;
const importing = /^import (type )?\{([^}]*)\} from "([^"]+)";$/gm;

/** The blocks of TypeScript in a page. */
function blocksOf(file: string): readonly string[] {
  return [...readFileSync(`${root}${file}`, "utf8").matchAll(blocks)].map(([, text = ""]) => text);
}

/**
 * Everything that the pages import from the package, by the names under which they do.
 *
 * @param name The package's name.
 * @param withNode Whether what needs the types of Node is among them.
 */
export function docsImports(name: string, withNode: boolean): string {
  const lines = new Set<string>();
  for (const file of ["README.md", ...files("docs/**/*.md")]) {
    for (const [, type = "", names = "", specifier = ""] of blocksOf(file).join("\n").matchAll(importing)) {
      const isOurs = specifier === name || specifier.startsWith(`${name}/`);
      if (/\bstanchion\b/.test(specifier) && !isOurs) throw new Error(`${file} imports from ${specifier}`);
      if (!isOurs || (!withNode && specifier === `${name}/node`)) continue;
      for (const each of names.split(",").map((text) => text.trim()).filter((text) => text !== "")) {
        const isType = type !== "" || each.startsWith("type ");
        const [taken] = each.replace(/^type /, "").split(" as ");
        const given = `${specifier.slice(name.length).replaceAll(/\W/g, "_")}_${taken}`;
        lines.add(`export ${isType ? "type " : ""}{ ${taken} as ${given} } from "${specifier}";`);
      }
    }
  }
  if (lines.size < 40) {
    throw new Error(`the pages import ${lines.size} names: they are not read as they are written`);
  }
  return `${[...lines].sort().join("\n")}\n`;
}

/** The program of the README's first block, and a visitor of it. */
export function readmeProgram(): string {
  const [gate = ""] = blocksOf("README.md");
  return `${gate}
const file = new Request("https://shop.example.com/assets/site.css", { headers: { accept: "text/css" } });
const text = await (await gate.wrap(handler)(file)).text();
if (text !== "Welcome to /assets/site.css") throw new Error(text);
`;
}
