import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root, with a slash at the end. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** A block of TypeScript in the documentation. */
export interface Block {
  /** Its file and line, from the root. */
  readonly where: string;
  /** Its file, from the root. */
  readonly file: string;
  /** What it says, behind what it continues. */
  readonly text: string;
  /** The name of the file that it is, where its first line says so; other files of the page may import it. */
  readonly name: string | undefined;
}

/** Everything that holds documentation. */
export function documentation(): readonly string[] {
  const sources = globSync("{mod.ts,{src,plugins,adapters,browser,sandbox}/**/*.ts}", { cwd: root });
  const pages = globSync("{README.md,docs/**/*.md}", { cwd: root });
  return [...pages, ...sources].map((file) => file.replaceAll("\\", "/")).sort();
}

/** The blocks of a file. */
export function blocksOf(file: string): readonly Block[] {
  return extract(file, readFileSync(`${root}${file}`, "utf8"));
}

/**
 * Finds the blocks in a text. In a page, a block that imports nothing continues the last one that does, unless it is a
 * file with a name; in JSDoc, every block stands for itself, because it is read alone.
 */
export function extract(file: string, text: string): readonly Block[] {
  const isPage = file.endsWith(".md");
  const fence = isPage ? /^```ts\n([\s\S]*?)^```$/gm : /^ *\* ```ts\n((?: *\*.*\n)*?) *\* ```$/gm;
  const blocks: Block[] = [];
  let opening = "";
  for (const found of text.matchAll(fence)) {
    const [, content = ""] = found;
    const body = isPage ? content : content.replaceAll(/^ *\* ?/gm, "");
    const line = text.slice(0, found.index).split("\n").length;
    const imports = /^import /m.test(body);
    const [, name] = /^\/\/ ([\w-]+(?:\.test)?\.ts)\n/.exec(body) ?? [];
    if (isPage && imports && name === undefined) opening = body;
    const continues = isPage && !imports && name === undefined;
    blocks.push({ where: `${file}:${line}`, file, text: continues ? `${opening}\n${body}` : body, name });
  }
  return blocks;
}

/** The file of a block, from the folder of all of them. Those with names stand together, each page for itself. */
export function fileOf({ where, file, name }: Block): string {
  const plain = (text: string) => text.replaceAll(/[/:.]/g, "-");
  return name === undefined ? `${plain(where)}.ts` : `${plain(file)}/${name}`;
}

/** Whether a block is a file of tests, which a test runner runs. */
export function isTest({ name = "" }: Block): boolean {
  return name.endsWith(".test.ts");
}

/** A block as a module that uses the sources instead of the published package. */
export function asModule(block: Block, exports: Readonly<Record<string, string>>): string {
  const text = block.text.replaceAll(/\bfrom "([^"]+)"/g, (whole, name: string) => {
    if (name.startsWith("./") && block.name !== undefined) return whole;
    if (name.startsWith(".")) return `from "${resolve(root, dirname(block.file), name)}"`;
    const [, subpath] = /^stanchion((?:\/.+)?)$/.exec(name) ?? [];
    if (subpath === undefined) return whole;
    const source = exports[`.${subpath}`];
    if (source === undefined || !existsSync(`${root}${source}`)) {
      throw new Error(`${block.where}: there is no ${name}`);
    }
    return `from "${resolve(root, source)}"`;
  });
  return `${text}\nexport {};\n`;
}

const literal = String.raw`("(?:[^"\\…]|\\.)*"|true|false|-?\d+)`;
const claim = new RegExp(String.raw`^(?!import|export|const|let|//)(\S[^\n]*);(?:\n| )// ${literal}$`, "gm");

/**
 * The module as it is run: the platforms' servers are replaced, clients of a store that is not there connect with nothing, and where a comment says what an expression gives, that
 * is asserted.
 */
export function asProgram(module: string): string {
  const fragments = `import { standIns } from "${root}tests/docs/_fragments.ts";`;
  const body = module
    .replaceAll(/^import (\{[^}]*\}) from "cloudflare:workers";$/gm, "const $1 = standIns.workers;")
    .replaceAll(/^import \{ Redis \} from "ioredis";$/gm, "const { Redis } = standIns.ioredis;")
    .replaceAll(/\b(Deno|Bun)\./g, "standIns.$1.")
    .replaceAll(claim, (_, expression: string, value: string) => `standIns.same(${expression}, ${value});`);
  return `${fragments}\n${body}`;
}
