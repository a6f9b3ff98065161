/**
 * `npm run test:frameworks`: builds and packs the package, installs it beside each framework in a project of its own, and goes through the
 * programs of `docs/frameworks.md` there.
 *
 * `npm run test:frameworks -- express koa` takes these alone; `--gateway-on deno,bun` puts the gateway that stands before some of them on these
 * runtimes alone, and not on Node as well.
 */

import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { check, counts, must } from "./_checks.ts";
import { files, readArguments, root, run, tools } from "./_tools.ts";

const place = `${root}.cache/frameworks/`;
const projects = files("tests/frameworks/*/package.json").map((file) => file.split("/").at(-2) ?? "");
const runtimes = ["node", "deno", "bun"] as const;
const { values, positionals: wanted } = readArguments("the frameworks", {
  options: { "gateway-on": { type: "string", default: runtimes.join() } },
  allowPositionals: true,
});
const gatewayOn = values["gateway-on"];
const strange = gatewayOn.split(",").filter((name) => !runtimes.some((each) => each === name));
if (strange.length > 0) {
  console.error(
    `There is no runtime "${strange.join()}" for the gateway. The runtimes are ${runtimes.join(", ")}.`,
  );
  process.exit(2);
}
const unknown = wanted.filter((name) => !projects.includes(name));
if (unknown.length > 0) {
  console.error(`There is no project ${unknown.join(", ")}. The projects are ${projects.join(", ")}.`);
  process.exit(2);
}

mkdirSync(place, { recursive: true });
const tarball = await pack();
if (tarball !== undefined) {
  for (const name of projects) {
    if (wanted.length === 0 || wanted.includes(name)) await goThrough(name, tarball);
  }
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);

async function pack(): Promise<string | undefined> {
  let tarball: string | undefined;
  await check("the package is built and packed", async () => {
    await must("npm", ["run", "build", "--silent"], root);
    const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", place];
    // The format of `npm pack --json`.
    const [packed] = JSON.parse(await must("npm", args, root, "stdout")) as readonly { filename: string }[];
    if (packed === undefined) throw new Error("npm packed nothing");
    tarball = join(place, packed.filename);
  });
  return tarball;
}

/** Prepares the project of a framework, and runs its tests. */
async function goThrough(name: string, tarball: string): Promise<void> {
  const project = `${place}${name}`;
  const isReady = await check(`${name} is installed`, async () => {
    cpSync(`${root}tests/frameworks/${name}`, project, { recursive: true });
    for (const [file, text] of programsOf(name)) {
      mkdirSync(join(project, dirname(file)), { recursive: true });
      writeFileSync(join(project, file), withRoutes(text, project));
      const [, gate] = /from "(\.[^"]*gate\.js)"/.exec(text) ?? [];
      if (gate === undefined) continue;
      cpSync(`${root}tests/frameworks/_gate.js`, join(project, dirname(file), gate));
    }
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"];
    await must("npm", ["install", ...quiet, "--no-save", tarball], project);
    await must("npm", ["run", "build", "--if-present"], project);
    return versions(project);
  });
  if (!isReady) return;
  await check(`${name} is gone through`, async () => {
    const list = files(`tests/frameworks/${name}/*.test.ts`);
    const args = ["--test", "--test-concurrency=1", "--test-timeout=300000", ...list];
    const { code, output } = await run(tools.node, args, false, {
      timeoutMs: 1_800_000,
      env: { GATEWAY_ON: gatewayOn },
    });
    if (code !== 0) throw new Error(output);
  });
}

/** The programs of a section of the documentation, by the name in their first line. The projects have a gate that can be told what to do. */
function programsOf(name: string): readonly (readonly [file: string, text: string])[] {
  const page = readFileSync(`${root}docs/frameworks.md`, "utf8");
  const section = page.split(/^## /m).find((each) => slugOf(each.split("\n", 1)[0] ?? "") === name) ?? "";
  return [...section.matchAll(/^```jsx?\n\/\/ ([\w./-]+\.jsx?)\n([\s\S]*?)^```$/gm)]
    .map(([, file = "", text = ""]) => [file, text] as const);
}

function slugOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

/** A program with the routes of its project in the place of the comment. */
function withRoutes(text: string, project: string): string {
  if (!readdirSync(project).includes("routes.js")) return text;
  const routes = readFileSync(join(project, "routes.js"), "utf8");
  return text.replace(/^ *\/\/ Your routes\.$/m, () => routes);
}

/** What of the framework was installed. */
function versions(project: string): string {
  // It is ours.
  const { dependencies } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const names = Object.keys(dependencies).filter((name) => !/^@types|formbody/.test(name)).slice(0, 2);
  if (names.length === 0) return `Node ${process.versions.node}`;
  return names.map((name) => {
    const manifest = readFileSync(join(project, "node_modules", name, "package.json"), "utf8");
    return `${name} ${(JSON.parse(manifest) as { readonly version: string }).version}`;
  }).join(", ");
}
