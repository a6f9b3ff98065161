import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { after, describe, test } from "node:test";
import {
  asModule,
  asProgram,
  type Block,
  blocksOf,
  documentation,
  extract,
  fileOf,
  isTest,
  root,
} from "./_blocks.ts";

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
    // A test runner within this one is no part of it.
    const { NODE_TEST_CONTEXT: _, ...env }: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1" };
    execFile(command, args, { cwd: root, env, timeout: 60_000, maxBuffer: 1e8 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : 1, output, errors });
    });
  });
}

function write(part: "run" | "check", block: Block, text: string): string {
  const file = `${folder}/${part}/${fileOf(block)}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Runs all blocks but the tests in one process; what goes wrong, by the file of the block. */
async function runBlocks(): Promise<Readonly<Record<string, string>>> {
  const faults: Record<string, string> = {};
  const names: string[] = [];
  for (const block of blocks.filter((block) => !isTest(block))) {
    try {
      const module = asModule(block, exports);
      // What has a name is imported by others, as it stands there.
      write("run", block, block.name === undefined ? asProgram(module) : module);
      names.push(fileOf(block));
    } catch (error) {
      faults[fileOf(block)] = String(error);
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
  for (const block of blocks) write("check", block, asModule(block, exports));
  const compilerOptions = {
    types: ["node"],
    typeRoots: [`${root}node_modules/@types`],
    isolatedDeclarations: false,
    declaration: false,
    rewriteRelativeImportExtensions: false,
  };
  const platforms = ["tests/docs/_platforms.d.ts", "tests/runtimes/_workerd-modules.d.ts"];
  const include = ["check", `${root}tests/docs/_fragments.ts`, ...platforms.map((file) => root + file)];
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

/** Runs a file of tests, as whoever copies it would, beside the files of its page. */
async function runTests(block: Block): Promise<Ended> {
  const own = write("run", block, asModule(block, exports));
  const args = {
    node: ["--test", "--test-reporter=spec", own],
    deno: ["test", "-A", "--no-check", "--quiet", own],
    bun: ["test", own],
  };
  return await run(process.execPath, args[runtime]);
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
    for (const page of ["docs/write-a-plugin.md", "docs/write-a-provider.md"]) {
      assert.equal(blocks.filter((block) => block.file === page && isTest(block)).length, 1, page);
    }
  });

  test("compiles", { skip: runtime === "node" ? false : "the compiler runs on Node" }, async () => {
    assert.deepEqual(await compileBlocks(), []);
  });

  for (const block of blocks.filter((block) => !isTest(block))) {
    test(`runs: ${block.where}`, async () => {
      const faults = await (ran.faults ??= runBlocks());
      assert.equal(faults[fileOf(block)], undefined);
    });
  }

  for (const block of blocks.filter(isTest)) {
    test(`passes its tests: ${block.where}`, async () => {
      await (ran.faults ??= runBlocks());
      const { code, output, errors } = await runTests(block);
      assert.equal(code, 0, output + errors);
      assert.match(output + errors, /pass [1-9]|[1-9]\d* pass/);
    });
  }
});

test("extract() finds the blocks of a page, and those that continue others", () => {
  const page = '# A\n\n```ts\nimport { a } from "x";\n```\n\n```sh\nls\n```\n\n```ts\na();\n```\n';
  assert.deepEqual(extract("a.md", page), [
    { where: "a.md:3", file: "a.md", text: 'import { a } from "x";\n', name: undefined },
    { where: "a.md:11", file: "a.md", text: 'import { a } from "x";\n\na();\n', name: undefined },
  ]);
});

test("extract() knows the blocks that are files, which continue nothing", () => {
  const page = '```ts\nimport "x";\n```\n\n```ts\n// a.test.ts\na();\n```\n\n```ts\n// a remark\nb();\n```\n';
  const [, file, other] = extract("a.md", page);
  assert.deepEqual([file?.name, file?.text], ["a.test.ts", "// a.test.ts\na();\n"]);
  assert.deepEqual([other?.name, other?.text], [undefined, 'import "x";\n\n// a remark\nb();\n']);
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
  const block = (text: string) => ({ where: "a.md:1", file: "a.md", text, name: undefined });
  const module = asModule(block('import { a } from "stanchion";\nimport { b } from "hono";'), {
    ".": "./mod.ts",
  });
  assert.equal(module, `import { a } from "${root}mod.ts";\nimport { b } from "hono";\nexport {};\n`);
  assert.throws(
    () => asModule(block('import "x";\nimport { a } from "stanchion/x";'), {}),
    /a\.md:1: there is no/,
  );
  const named = { ...block('import { a } from "./a.ts";'), name: "a.test.ts" };
  assert.equal(asModule(named, {}), 'import { a } from "./a.ts";\nexport {};\n');
});

test("asProgram() replaces the servers and asserts what comments say", () => {
  const program = (text: string) => asProgram(text).split("\n").slice(1).join("\n");
  assert.equal(program("Deno.serve(x);"), "standIns.Deno.serve(x);");
  assert.equal(program('f("a"); // "b"'), 'standIns.same(f("a"), "b");');
  assert.equal(program("await f();\n// true"), "standIns.same(await f(), true);");
  for (const text of ['f(); // "b…"', "f(); // see above", "const a = 1; // 2"]) {
    assert.equal(program(text), text);
  }
});
