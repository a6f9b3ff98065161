import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, describe, test } from "node:test";
import { asModule, asProgram, type Block, blocksOf, documentation, extract, root } from "./_blocks.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const folder = `${root}.cache/code-blocks-${runtime}-${process.pid}`;
// The manifest is ours; tests/package/manifests.test.ts checks its form.
const { exports } = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as {
  exports: Record<string, string>;
};
const blocks = documentation().flatMap(blocksOf);

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: root, timeout: 60_000, maxBuffer: 1e8 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : 1, output, errors });
    });
  });
}

function nameOf({ where }: Block): string {
  return where.replaceAll(/[/:.]/g, "-");
}

/** Runs all blocks in one process; what goes wrong, by the name of the block. */
async function runBlocks(): Promise<Readonly<Record<string, string>>> {
  mkdirSync(`${folder}/run`, { recursive: true });
  const faults: Record<string, string> = {};
  const names: string[] = [];
  for (const block of blocks) {
    const name = `${nameOf(block)}.ts`;
    try {
      writeFileSync(`${folder}/run/${name}`, asProgram(asModule(block, exports)));
      names.push(name);
    } catch (error) {
      faults[name] = String(error);
    }
  }
  const args = runtime === "deno" ? ["run", "-A", "--no-check"] : [];
  const { output, errors } = await run(process.execPath, [
    ...args,
    "tests/docs/_run.ts",
    `${folder}/run`,
    ...names,
  ]);
  assert.match(output, /^\{.*\}$/s, errors);
  // tests/docs/_run.ts prints it in this form.
  return { ...faults, ...JSON.parse(output) as Record<string, string> };
}

/** Compiles all blocks in one program; what the compiler says, by the name of the block. */
async function compileBlocks(): Promise<readonly string[]> {
  mkdirSync(`${folder}/check`, { recursive: true });
  for (const block of blocks) writeFileSync(`${folder}/check/${nameOf(block)}.ts`, asModule(block, exports));
  const compilerOptions = {
    types: ["node"],
    typeRoots: [`${root}node_modules/@types`],
    isolatedDeclarations: false,
    declaration: false,
    rewriteRelativeImportExtensions: false,
  };
  const include = ["check", `${root}tests/docs/_fragments.ts`, `${root}tests/docs/_platforms.d.ts`];
  const config = { extends: `${root}tsconfig.json`, compilerOptions, include };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  const { output } = await run(process.execPath, [
    compiler,
    "--pretty",
    "false",
    "-p",
    `${folder}/tsconfig.json`,
  ]);
  return output.trim() === "" ? [] : output.trim().split("\n");
}

// One process for all of them, begun when the first test asks.
const ran: { faults?: ReturnType<typeof runBlocks> } = {};

after(() => rmSync(folder, { recursive: true, force: true }));

describe("the code of the documentation", () => {
  test("is found", () => {
    assert.ok(blocks.length > 40, `${blocks.length} blocks`);
    for (const file of ["README.md", "src/gate.ts", "plugins/failure-policy/failure-policy.ts"]) {
      assert.ok(blocks.some((block) => block.file === file), file);
    }
  });

  test("compiles", { skip: runtime === "node" ? false : "the compiler runs on Node" }, async () => {
    assert.deepEqual(await compileBlocks(), []);
  });

  for (const block of blocks) {
    test(`runs: ${block.where}`, async () => {
      const faults = await (ran.faults ??= runBlocks());
      assert.equal(faults[`${nameOf(block)}.ts`], undefined);
    });
  }
});

test("extract() finds the blocks of a page, and those that continue others", () => {
  const page = '# A\n\n```ts\nimport { a } from "x";\n```\n\n```sh\nls\n```\n\n```ts\na();\n```\n';
  assert.deepEqual(extract("a.md", page), [
    { where: "a.md:3", file: "a.md", text: 'import { a } from "x";\n' },
    { where: "a.md:11", file: "a.md", text: 'import { a } from "x";\n\na();\n' },
  ]);
});

test("extract() finds the examples of JSDoc, each for itself", () => {
  const source =
    '/**\n * A.\n *\n * ```ts\n * import { a } from "x";\n *\n *   a();\n * ```\n */\n/**\n   * ```ts\n   * b();\n   * ```\n */';
  assert.deepEqual(extract("a.ts", source).map(({ text }) => text), [
    'import { a } from "x";\n\n  a();\n',
    "b();\n",
  ]);
});

test("asModule() uses the sources, and refuses what is not offered", () => {
  const block = (text: string) => ({ where: "a.md:1", file: "a.md", text });
  const module = asModule(block('import { a } from "stanchion";\nimport { b } from "hono";'), {
    ".": "./mod.ts",
  });
  assert.equal(module, `import { a } from "${root}mod.ts";\nimport { b } from "hono";\nexport {};\n`);
  assert.throws(
    () => asModule(block('import "x";\nimport { a } from "stanchion/x";'), {}),
    /a\.md:1: there is no/,
  );
});

test("asProgram() replaces the servers and asserts what comments say", () => {
  const program = (text: string) => asProgram(text).split("\n").slice(1).join("\n");
  assert.equal(program("Deno.serve(x);"), "platform.Deno.serve(x);");
  assert.equal(program('f("a"); // "b"'), 'platform.same(f("a"), "b");');
  assert.equal(program("await f();\n// true"), "platform.same(await f(), true);");
  for (const text of ['f(); // "b…"', "f(); // see above", "const a = 1; // 2"]) {
    assert.equal(program(text), text);
  }
});
