/**
 * `npm run pack:check`: builds and packs the npm package, looks at it, and uses it in empty projects on Node, Bun and
 * Deno. Prints one line for each check.
 *
 * `npm run pack:check -- --keep` leaves the tarball and the projects behind and says where.
 */

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { transformSync } from "esbuild";
import { check, counts, must, runIn } from "./_checks.ts";
import { checkBundles } from "./_pack-bundles.ts";
import { docsImports, readmeProgram } from "./_pack-docs.ts";
import { checkTypes } from "./_pack-types.ts";
import {
  fileFaults,
  hasShebang,
  type JsrManifest,
  npmExportsOf,
  type NpmManifest,
  type PackedFile,
  packFaults,
} from "./_package.ts";
import { files, root, tools } from "./_tools.ts";

// The manifests are ours, and tests compare them.
const npm = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as NpmManifest;
const jsr = JSON.parse(readFileSync(`${root}deno.json`, "utf8")) as JsrManifest;
const names = Object.keys(npm.exports).map((subpath) => npm.name + subpath.slice(1));
const place = mkdtempSync(join(tmpdir(), "stanchion-pack-"));
const bin = `${root}node_modules/.bin`;
// Listed before the build, which they are compared with.
const sources = ["mod.ts", ...files("{src,plugins,adapters,browser,gateway,sandbox,cli}/**/*.ts")];
const oldest = oldestNode();

/** A runtime that uses the package. */
interface Runtime {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

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
    const args = ["--profile", "esm-only", "--no-definitely-typed", "--format", "ascii", "--no-emoji"];
    return must(`${bin}/attw`, [tarball, ...args], place);
  });
  const npmInstall = ["install", "--prefer-offline", "--no-audit", "--no-fund"];
  const alone = await install("alone", "npm", npmInstall, tarball, {});
  if (alone !== undefined) await useAlone(alone);
  // Every subpath is imported: so what some of them need besides is there as well.
  const peers = locked(npm.peerDependencies);
  const onNode = await install("node", "npm", npmInstall, tarball, peers);
  const least = Object.fromEntries(
    Object.entries(npm.peerDependencies ?? {}).map(([name, range]) => [name, range.replace(/^[~^]/, "")]),
  );
  const onOldPeers = await install("oldest peers", "npm", npmInstall, tarball, least);
  if (onOldPeers !== undefined) {
    await use(
      { name: "Node, with the oldest packages that it may use,", command: tools.node, args: [] },
      onOldPeers,
    );
  }
  const onBun = await install("bun", tools.bun, ["install", "--no-progress"], tarball, peers);
  if (onNode !== undefined) {
    const node = { name: `Node ${process.versions.node}`, command: tools.node, args: [] };
    await use(node, onNode);
    if (oldest !== undefined) await use(oldest, onNode);
    // Deno takes packages from a node_modules folder, as it does in a project of npm's.
    const args = ["run", "-A", "--no-check", "--node-modules-dir=manual"];
    await use({ name: "Deno", command: tools.deno, args }, onNode);
    await useByMaps(onNode);
    await checkTypes(npm.name, jsr.exports, onNode, everyImport, (has) => docsImports(npm.name, has));
    await checkBundles(npm.name, npm.exports, onNode, (oldest ?? node).command);
  }
  if (onBun !== undefined) await use({ name: "Bun", command: tools.bun, args: ["--bun", "run"] }, onBun);
}

/** The Node with which this was started, where it is of the oldest line that the package supports. */
function oldestNode(): Runtime | undefined {
  const command = process.env["STANCHION_NODE"];
  const least = npm.engines.node.replace(">=", "");
  const version = command === undefined
    ? ""
    : spawnSync(command, ["--version"], { encoding: "utf8" }).stdout.trim().slice(1);
  const [major, minor] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = least.split(".").map(Number);
  if (command !== undefined && major === leastMajor && Number(minor) >= Number(leastMinor)) {
    return { name: `Node ${version}`, command, args: [] };
  }
  console.log(`note: the oldest Node, ${least}, is not tried: start this with a Node ${leastMajor}`);
  return undefined;
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

/** The versions that the lock file has of some packages. */
function locked(given: Readonly<Record<string, string>> = {}): Readonly<Record<string, string | undefined>> {
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version?: string }>>;
  };
  return Object.fromEntries(
    Object.keys(given).map((each) => [each, lock.packages[`node_modules/${each}`]?.version]),
  );
}

/** Makes an empty project and installs the tarball there, with the versions of the lock file. */
async function install(
  name: string,
  command: string,
  args: readonly string[],
  tarball: string,
  besides: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const project = join(place, name);
  mkdirSync(project);
  const overrides = locked(npm.dependencies);
  const dependencies = { [npm.name]: `file:${tarball}`, ...besides };
  write(project, "package.json", JSON.stringify({ private: true, type: "module", dependencies, overrides }));
  const done = await check(`the tarball installs into an empty project (${name})`, async () => {
    await must(command, args, project);
  });
  if (!done) return undefined;
  writeProgram(project, "use", readFileSync(`${root}tests/package/consumer/use.ts`, "utf8"));
  writeProgram(project, "every", everyImport());
  writeProgram(project, "docs", docsImports(npm.name, true));
  writeProgram(project, "readme", readmeProgram());
  return project;
}

/** Writes a program for compilers, and for runtimes, of which some read no TypeScript. */
function writeProgram(project: string, name: string, text: string): void {
  write(project, `${name}.ts`, text);
  write(project, `${name}.js`, transformSync(text, { loader: "ts", format: "esm" }).code);
}

/** A program that imports every subpath, or all but some, and looks whether that changed anything. */
function everyImport(withNode = true, without: readonly string[] = []): string {
  const imports = names.filter((each) => withNode || each !== `${npm.name}/node`)
    .filter((each) => !without.some((subpath) => each === npm.name + subpath))
    .map((each) => `  await import("${each}"),`).join("\n");
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

/** Who needs neither Hono nor OpenTelemetry has neither, and is told what the rest needs. */
async function useAlone(project: string): Promise<void> {
  await check("alone, the package brings only the packages that it needs", () => {
    const found = readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."));
    const needed = [npm.name, ...Object.keys(npm.dependencies ?? {})].map((name) => name.replace(/\/.*/, ""));
    const surplus = found.filter((name) => !needed.includes(name));
    if (surplus.length > 0) throw new Error(`${surplus.join(", ")} came along`);
    return found.join(", ");
  });
  await check(
    "alone, every subpath but those of Hono, OpenTelemetry and the sandbox is imported",
    async () => {
      write(project, "every.js", everyImport(true, ["/hono", "/open-telemetry", "/sandbox"]));
      await must((oldest?.command) ?? tools.node, ["every.js"], project);
    },
  );
  await check("alone, stanchion-sandbox says what it needs", async () => {
    for (
      const command of [tools.node, ...(oldest === undefined ? [] : [oldest.command]), tools.bun, tools.deno]
    ) {
      const args = command === tools.deno ? ["run", "-A", "--node-modules-dir=manual"] : [];
      const program = [...args, "node_modules/.bin/stanchion-sandbox"];
      const { code, output } = await runIn(project, command, program);
      if (
        code === 1 && /^stanchion-sandbox needs the package \S+, which is not installed\. .+\n$/.test(output)
      ) continue;
      throw new Error(`${command.replace(/.*\//, "")} ended with ${code}:\n${output}`);
    }
  });
}

/** Imports every subpath, runs a gate, and starts the commands. */
async function use({ name, command, args }: Runtime, project: string): Promise<void> {
  await check(`${name} imports every subpath, which changes nothing else`, async () => {
    await must(command, [...args, "every.js"], project);
  });
  await check(`${name} runs a gate`, async () => {
    if ((await must(command, [...args, "use.js"], project, "stdout")).trim() !== "used") {
      throw new Error("it did not end");
    }
  });
  await check(`${name} runs the README's gate, and finds what the documentation imports`, async () => {
    await must(command, [...args, "readme.js"], project);
    await must(command, [...args, "docs.js"], project);
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

/** The two ways in which `deno add` names the package: that of npm, and that of JSR, which stands for these sources. */
async function useByMaps(project: string): Promise<void> {
  const ways = [
    { registry: "npm", target: `npm:${npm.name}@^${npm.version}`, more: {} },
    { registry: "JSR", target: `jsr:${jsr.name}@^${jsr.version}`, more: { links: [root] } },
  ];
  for (const { registry, target, more } of ways) {
    await check(`Deno takes the same imports from ${registry}`, async () => {
      const map = { nodeModulesDir: "manual", imports: { [npm.name]: target }, ...more };
      write(project, "deno.json", JSON.stringify(map));
      for (const program of ["readme.js", "docs.js"]) {
        await must(tools.deno, ["run", "-A", "--no-check", "--no-lock", program], project);
      }
    });
  }
  rmSync(join(project, "deno.json"));
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

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}
