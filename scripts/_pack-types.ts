/** The installed package's types, as different projects are set up. */

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { check, must, runIn } from "./_checks.ts";
import { files, root, tools } from "./_tools.ts";

interface Setup {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The packages with the types of a runtime, and those that they need. */
  readonly lent?: readonly string[];
  /** Whether Node's types are there, which `stanchion/node` and its users need. */
  readonly hasNode?: boolean;
  /** Whether what must not compile is tried as well. */
  readonly misuse?: boolean;
}

/** How a careful consumer compiles: the declarations of libraries are checked. */
const careful = {
  target: "ES2023",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};
const dom = ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"];
const node = { module: "NodeNext", moduleResolution: "NodeNext" };
const bundler = { module: "ESNext", moduleResolution: "Bundler" };

const setups: readonly Setup[] = [
  { name: "NodeNext, DOM, misuse refused", options: { ...node, lib: dom }, misuse: true },
  { name: "bundler, DOM", options: { ...bundler, lib: dom } },
  {
    name: "bundler, web workers",
    options: { ...bundler, lib: ["ES2024", "WebWorker", "WebWorker.AsyncIterable"] },
  },
  {
    name: "NodeNext, @types/node without DOM",
    options: { ...node, lib: ["ES2024"], types: ["node"] },
    lent: ["@types/node", "undici-types"],
    hasNode: true,
  },
  {
    name: "bundler, bun-types without DOM",
    options: { ...bundler, lib: ["ES2024"], types: ["bun-types"] },
    lent: ["bun-types", "@types/node", "undici-types"],
    hasNode: true,
  },
  {
    name: "bundler, @cloudflare/workers-types without DOM",
    options: { ...bundler, lib: ["ES2024"], types: ["@cloudflare/workers-types"] },
    lent: ["@cloudflare/workers-types"],
  },
];

/**
 * Type-checks the consumer, the libraries' declarations included.
 *
 * @param name The package's name.
 * @param exports The sources of its entry points by their subpaths.
 * @param project Where it is installed.
 * @param everyImport A program that imports every entry point, with the one for Node or without it.
 * @param docsImports The same for everything that the documentation imports.
 */
export async function checkTypes(
  name: string,
  exports: Readonly<Record<string, string>>,
  project: string,
  everyImport: (withNode: boolean) => string,
  docsImports: (withNode: boolean) => string,
): Promise<void> {
  writeMisuse(name, exports, project);
  for (const { name: title, options, lent = [], hasNode = false, misuse = false } of setups) {
    await check(`a consumer compiles, library checked (tsc: ${title})`, async () => {
      const compilerOptions = { ...careful, ...options };
      const include = ["use.ts", "every.ts", "docs.ts", ...(misuse ? ["misuse"] : [])];
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
      writeFileSync(join(project, "every.ts"), everyImport(hasNode));
      writeFileSync(join(project, "docs.ts"), docsImports(hasNode));
      lend(project, lent);
      const { code, output } = await runIn(project, tools.tsc, ["-p", "tsconfig.json", "--pretty", "false"]);
      // The types of some runtimes do not pass a check of libraries themselves, whatever is installed.
      const faults = output.split("\n").filter((line) => /\berror TS/.test(line) && !isOfRuntime(line));
      if (faults.length > 0) throw new Error(faults.join("\n"));
      if (code !== 0 && lent.length === 0) throw new Error(output);
    });
  }
  await check("a consumer compiles (deno check)", async () => {
    rmSync(join(project, "tsconfig.json"));
    writeFileSync(join(project, "every.ts"), everyImport(true));
    writeFileSync(join(project, "docs.ts"), docsImports(true));
    const programs = ["use.ts", "every.ts", "docs.ts"];
    await must(tools.deno, ["check", "--node-modules-dir=manual", ...programs], project);
  });
}

function isOfRuntime(line: string): boolean {
  return /^[^(]*\bnode_modules\/(?:bun-types|@types\/node|undici-types|@cloudflare\/workers-types)\//.test(
    line,
  );
}

/** Misuse that must not compile: the same files as in the repository, on what ships. */
function writeMisuse(name: string, exports: Readonly<Record<string, string>>, project: string): void {
  mkdirSync(join(project, "misuse"));
  for (const file of files("tests/types/*.ts")) {
    const text = readFileSync(`${root}${file}`, "utf8").replaceAll(
      /"(?:\.\.\/){2}([^"]+)"/g,
      (_, source: string) => {
        const subpath = Object.entries(exports).find(([, target]) => target === `./${source}`)?.[0];
        if (subpath === undefined) throw new Error(`${file} imports ${source}, which does not ship`);
        return `"${name}${subpath.slice(1)}"`;
      },
    );
    writeFileSync(join(project, "misuse", file.replace(/.*\//, "")), text);
  }
}

/** Lends the project the types of its runtime, which its owner would install, and takes those of others away. */
function lend(project: string, names: readonly string[]): void {
  for (const name of new Set(setups.flatMap(({ lent = [] }) => lent))) {
    const target = join(project, "node_modules", name);
    rmSync(target, { recursive: true, force: true });
    mkdirSync(join(target, ".."), { recursive: true });
    if (names.includes(name)) symlinkSync(`${root}node_modules/${name}`, target);
  }
}
