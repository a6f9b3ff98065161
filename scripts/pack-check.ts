/**
 * `npm run pack:check`: builds and packs the npm package, looks at it, and uses it in empty projects on Node, Bun and
 * Deno. Prints one line for each check.
 *
 * `npm run pack:check -- --keep` leaves the tarball and the projects behind and says where.
 */

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  fileFaults,
  hasShebang,
  type JsrManifest,
  npmExportsOf,
  type NpmManifest,
  type PackedFile,
  packFaults,
} from "./_package.ts";
import { measure, sizeTable } from "./_sizes.ts";
import { files, root, tools } from "./_tools.ts";

// The manifests are ours, and tests compare them.
const npm = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as NpmManifest;
const jsr = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as JsrManifest;
const names = Object.keys(npm.exports).map((subpath) => subpath.replace(/^\./, "stanchion"));
const place = mkdtempSync(join(tmpdir(), "stanchion-pack-"));
const counts = { passed: 0, failed: 0 };
const bin = `${root}node_modules/.bin`;
// Listed before the build, which they are compared with.
const sources = ["mod.ts", ...files("{src,plugins,adapters,browser,sandbox,cli}/**/*.ts")];

/** How a careful consumer compiles. */
const consumerOptions = {
  target: "ES2023",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
};

try {
  await main();
} finally {
  if (process.argv.includes("--keep")) console.log(`\nEverything is in ${place}`);
  else rmSync(place, { recursive: true, force: true });
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);

async function main(): Promise<void> {
  await check("the package is built by tsc", async () => {
    await must("npm", ["run", "build", "--silent"], root);
  });
  if (counts.failed > 0) return;
  const tarball = await pack();
  if (tarball === undefined) return;

  await check("publint has no complaint", () => must(`${bin}/publint`, ["run", tarball, "--strict"], place));
  await check("the types resolve (attw)", () => {
    const args = [
      tarball,
      "--profile",
      "esm-only",
      "--no-definitely-typed",
      "--format",
      "ascii",
      "--no-emoji",
    ];
    return must(`${bin}/attw`, args, place);
  });
  const onNode = await install(
    "node",
    "npm",
    ["install", "--prefer-offline", "--no-audit", "--no-fund"],
    tarball,
  );
  const onBun = await install("bun", tools.bun, ["install", "--no-progress"], tarball);
  if (onNode !== undefined) {
    await use("Node", onNode, tools.node, []);
    // Deno takes packages from a node_modules folder, as it does in a project of npm's.
    await use("Deno", onNode, tools.deno, ["run", "-A", "--no-check", "--node-modules-dir=manual"]);
    await typeCheck(onNode);
    await bundle(onNode);
  }
  if (onBun !== undefined) await use("Bun", onBun, tools.bun, ["--bun", "run"]);
}

/** Packs, and looks at what is in the tarball. */
async function pack(): Promise<string | undefined> {
  let tarball: string | undefined;
  await check("npm packs what was built, and nothing else", async () => {
    const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", place];
    const output = await must("npm", args, root, "stdout");
    // The format of `npm pack --json`.
    const [packed] = JSON.parse(output) as readonly { filename: string; files: readonly PackedFile[] }[];
    if (packed === undefined) throw new Error("npm packed nothing");
    tarball = join(place, packed.filename);
    const faults = [
      ...packFaults(npm, packed.files, sources),
      ...packed.files.filter(({ path }) => path.startsWith("dist/"))
        .flatMap(({ path }) => fileFaults(path, readFileSync(`${root}${path}`, "utf8"))),
      ...Object.values(npm.bin ?? {}).filter((path) => !hasShebang(readFileSync(`${root}${path}`, "utf8")))
        .map((path) => `${path} does not say what runs it`),
    ];
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return `${packed.files.length} files`;
  });
  await check("package.json and deno.json offer the same subpaths", () => {
    const expected = JSON.stringify(npmExportsOf(jsr.exports));
    if (JSON.stringify(npm.exports) !== expected) throw new Error(`package.json should export ${expected}`);
  });
  return tarball;
}

/** Makes an empty project and installs the tarball there, with the versions of the lock file. */
async function install(
  name: string,
  command: string,
  args: readonly string[],
  tarball: string,
): Promise<string | undefined> {
  const project = join(place, name);
  mkdirSync(project);
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  const locked = (given: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.keys(given).map((each) => [each, lock.packages[`node_modules/${each}`]?.version]),
    );
  const overrides = locked(npm.dependencies);
  // Peers are optional. They are there because every subpath is imported.
  const dependencies = { stanchion: `file:${tarball}`, ...locked(npm.peerDependencies) };
  write(project, "package.json", JSON.stringify({ private: true, type: "module", dependencies, overrides }));
  const done = await check(`the tarball installs into an empty project (${name})`, async () => {
    await must(command, args, project);
  });
  if (!done) return undefined;
  cpSync(`${root}tests/package/consumer/use.ts`, join(project, "use.ts"));
  write(project, "every.ts", everyImport());
  return project;
}

/** A program that imports every subpath and looks whether that changed anything. */
function everyImport(withNode = true): string {
  const imports = names.filter((each) => withNode || each !== "stanchion/node").map((each) =>
    `  await import("${each}"),`
  ).join("\n");
  // "nodeBootstrap" is how Deno prepares itself when the first of Node's modules is imported.
  return `const before = Reflect.ownKeys(globalThis);
const modules = [
${imports}
];
const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key) && key !== "nodeBootstrap");
if (added.length > 0) throw new Error("importing added globals: " + added.map(String).join(", "));
if (modules.some((each) => Object.keys(each).length === 0)) throw new Error("a subpath exports nothing");
export {};
`;
}

/** Imports every subpath, runs a gate, and starts the command. */
async function use(name: string, project: string, command: string, args: readonly string[]): Promise<void> {
  await check(`${name} imports every subpath, which changes nothing else`, async () => {
    await must(command, [...args, "every.ts"], project);
  });
  await check(`${name} runs a gate`, async () => {
    if ((await must(command, [...args, "use.ts"], project, "stdout")).trim() !== "used") {
      throw new Error("it did not end");
    }
  });
  await check(`${name} runs stanchion`, async () => {
    const program = [...args, "node_modules/.bin/stanchion"];
    if (await must(command, [...program, "--version"], project, "stdout") !== `${npm.version}\n`) {
      throw new Error("it does not know its version");
    }
    write(project, "configuration.json", '{ "Version": 1, "Integrations": [] }');
    await must(command, [...program, "check", "--config", "configuration.json"], project);
    const asked = ["explain", "--config", "configuration.json", "--url", "https://shop.example.com/"];
    const output = await must(command, [...program, ...asked], project, "stdout");
    if (!output.includes("Decision: admit, because queue-it/no-match")) throw new Error(output);
  });
  await check(`${name} runs stanchion-sandbox`, async () => {
    const child = spawn(command, [...args, "node_modules/.bin/stanchion-sandbox", "--port", "0"], {
      cwd: project,
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const response = await fetch(`${await urlFrom(child)}/sandbox/state`, {
        signal: AbortSignal.timeout(10_000),
      });
      await response.body?.cancel();
      if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    } finally {
      child.kill("SIGKILL");
    }
  });
}

function urlFrom(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const look = (text: unknown) => {
      output += String(text);
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`it ended with ${code}:\n${output}`)));
    setTimeout(() => reject(new Error(`it does not listen:\n${output}`)), 20_000).unref();
  });
}

/** Type-checks the consumer, the libraries' declarations included, as different projects are set up. */
async function typeCheck(project: string): Promise<void> {
  // Misuse that must not compile: the same files as in the repository, on what ships.
  mkdirSync(join(project, "misuse"));
  for (const file of files("tests/types/*.ts")) {
    const text = readFileSync(`${root}${file}`, "utf8").replaceAll(
      /"(?:\.\.\/){2}([^"]+)"/g,
      (_, source: string) => {
        const subpath = Object.entries(jsr.exports).find(([, target]) => target === `./${source}`)?.[0];
        if (subpath === undefined) throw new Error(`${file} imports ${source}, which does not ship`);
        return `"stanchion${subpath.slice(1)}"`;
      },
    );
    write(join(project, "misuse"), file.replace(/.*\//, ""), text);
  }
  const dom = ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"];
  const node = { module: "NodeNext", moduleResolution: "NodeNext" };
  const bundler = { module: "ESNext", moduleResolution: "Bundler" };
  const setups = [
    { name: "NodeNext, DOM, library checked, misuse refused", options: { ...node, lib: dom }, misuse: true },
    { name: "bundler, DOM, library checked", options: { ...bundler, lib: dom } },
    {
      name: "bundler, workers",
      options: { ...bundler, lib: ["ES2024", "WebWorker", "WebWorker.AsyncIterable"] },
    },
    // The types of the runtimes do not pass a check of libraries, whatever is installed.
    {
      name: "NodeNext, @types/node",
      options: { ...node, lib: ["ES2024"], types: ["node"], skipLibCheck: true },
    },
    {
      name: "bundler, bun-types",
      options: { ...bundler, lib: ["ES2024"], types: ["bun-types"], skipLibCheck: true },
    },
  ];
  for (const { name, options, misuse = false } of setups) {
    await check(`a consumer compiles (tsc: ${name})`, async () => {
      const compilerOptions = { ...consumerOptions, ...options };
      const config = { compilerOptions, include: ["use.ts", "every.ts", ...(misuse ? ["misuse"] : [])] };
      write(project, "tsconfig.json", JSON.stringify(config));
      // Who imports the part for Node has the types of Node.
      write(project, "every.ts", everyImport("types" in options));
      if (!("types" in options)) return void await must(tools.tsc, ["-p", "tsconfig.json"], project);
      link(project);
      await must(tools.tsc, ["-p", "tsconfig.json"], project);
    });
  }
  await check("a consumer compiles (deno check)", async () => {
    rmSync(join(project, "tsconfig.json"));
    write(project, "every.ts", everyImport());
    await must(tools.deno, ["check", "--node-modules-dir=manual", "use.ts", "every.ts"], project);
  });
}

/** Lends the project the types of the runtimes, which its owner would install. */
function link(project: string): void {
  for (const name of ["@types", "bun-types", "undici-types"]) {
    const target = join(project, "node_modules", name);
    rmSync(target, { recursive: true, force: true });
    symlinkSync(`${root}node_modules/${name}`, target);
  }
}

/** Bundles the installed package: what is imported for nothing must leave nothing, and the rest stays small. */
async function bundle(project: string): Promise<void> {
  for (const name of names) {
    await check(`import "${name}" bundles to nothing`, async () => {
      const { bytes } = await measure(`import "${name}";`, project);
      if (bytes > 0) throw new Error(`${bytes} bytes are left`);
    });
  }
  console.log(`\n${await sizeTable(names, project)}`);
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function check(name: string, body: () => unknown): Promise<boolean> {
  const started = performance.now();
  try {
    const remark = await body();
    counts.passed++;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `ok     ${name} (${typeof remark === "string" && remark.length < 40 ? `${remark}, ` : ""}${seconds} s)`,
    );
    return true;
  } catch (error) {
    counts.failed++;
    const text = error instanceof Error ? error.message : String(error);
    console.log(
      `FAILED ${name}\n${text.trimEnd().split("\n").slice(0, 60).join("\n").replace(/^/gm, "       ")}`,
    );
    return false;
  }
}

/** Runs a command that must succeed. */
function must(command: string, args: readonly string[], cwd: string, only?: "stdout"): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
      env: { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" },
    });
    let output = "";
    let stdout = "";
    child.stdout.on("data", (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.on("data", (text) => output += text);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(only === "stdout" ? stdout : output);
      else reject(new Error(`${command.replace(/.*\//, "")} ${args[0]} ended with ${code}:\n${output}`));
    });
  });
}
