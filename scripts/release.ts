/**
 * `npm run release -- --version 1.2.3`: goes through a release without changing or publishing anything.
 *
 * With `--publish` it does what it says. On a maintainer's machine that is: set the version in both manifests, and in
 * package.json the repository of STANCHION_REPOSITORY, date the changelog, test everything, commit and tag. Pushing the tag starts the release workflow, which runs the same command:
 * there it publishes to npm, with provenance, and to JSR. What is published already is left alone, so that a release
 * that stopped half-way can be run again.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  checkNpm,
  checkVersion,
  distTag,
  ReleaseError,
  repositoryFault,
  statusFault,
  withDate,
  withVersion,
} from "./_release.ts";
import { variable, withRepository } from "./_repository.mjs";
import { root, run, tools } from "./_tools.ts";

const manifests = ["package.json", "deno.json"];
// The workflow's identity, which provenance is made of.
const isWorkflow = process.env["ACTIONS_ID_TOKEN_REQUEST_URL"] !== undefined;

// A tag has it already.
const address = isWorkflow ? "" : process.env[variable] ?? "";

try {
  await main();
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  console.error(`\nNot released: ${error.message}`);
  process.exit(1);
}

async function main(): Promise<void> {
  const { version, publish } = options();
  // The manifest is ours; a test checks its form.
  const manifest = JSON.parse(read("package.json")) as {
    readonly version: string;
    readonly repository?: unknown;
  };
  checkVersion(version, manifest.version);
  const fault = repositoryFault(manifest.repository !== undefined, address);
  if (fault !== undefined && publish) throw new ReleaseError(fault);
  if (fault !== undefined) console.log(`note: ${fault}`);
  const tag = `v${version}`;
  if (isWorkflow) checkNpm((await run("npm", ["--version"], false)).output);
  if (isWorkflow) checkTagged(tag, version, manifest.version);
  else checkRepository(tag, publish);

  if (!isWorkflow) prepare(version, publish);
  // Builds would write it into package.json, also where nothing is to be changed.
  delete process.env[variable];
  await step("npm", ["test", "--silent"], "Mend what fails, then release again.");
  await step("npm", ["run", "check", "--silent"], "Mend what it complains about, then release again.");
  await step("npm", ["run", "pack:check", "--silent"], "Mend what it complains about, then release again.");

  if (!publish) return void await rehearse(version);
  if (isWorkflow) return void await publishBoth(version);
  await step(
    "git",
    ["commit", "-m", `Release ${version}`, "--", ...manifests, "CHANGELOG.md"],
    "Commit by hand, then tag.",
  );
  await step("git", ["tag", "-a", tag, "-m", `Release ${version}`], "Tag by hand, then push the tag.");
  console.log(
    `\n${tag} is ready. The release workflow publishes it once you push it:\n\n  git push --follow-tags`,
  );
}

function options(): { readonly version: string; readonly publish: boolean } {
  const usage = "Usage: npm run release -- --version 1.2.3 [--publish]";
  try {
    const { values } = parseArgs({
      options: { version: { type: "string" }, publish: { type: "boolean", default: false } },
    });
    if (values.version === undefined) throw new ReleaseError(`say which version. ${usage}`);
    return { version: values.version.replace(/^v/, ""), publish: values.publish };
  } catch (error) {
    if (error instanceof ReleaseError) throw error;
    throw new ReleaseError(`${error instanceof Error ? error.message : String(error)}. ${usage}`);
  }
}

/** In the workflow, all was prepared: what is checked out is the tag. */
function checkTagged(tag: string, version: string, current: string): void {
  if (version !== current) {
    throw new ReleaseError(`the manifests say ${current}. Tag the commit that sets ${version}.`);
  }
  if (!git("tag", "--points-at", "HEAD").split("\n").includes(tag)) {
    throw new ReleaseError(
      `${tag} is not on the commit that is checked out. Start the workflow from the tag.`,
    );
  }
}

function checkRepository(tag: string, publish: boolean): void {
  const faults = [
    git("status", "--porcelain") === ""
      ? undefined
      : "there are changes that are not committed. Commit them first.",
    git("branch", "--show-current") === "main" ? undefined : "releases are made on main. Switch to it.",
    git("tag", "--list", tag) === "" ? undefined : `${tag} exists already. Choose the next version.`,
    statusFault(read("README.md")),
  ].filter((fault) => fault !== undefined);
  for (const fault of faults) {
    if (publish) throw new ReleaseError(fault);
    console.log(`note: ${fault}`);
  }
}

/** Sets the version and the date, or says that it would. */
function prepare(version: string, publish: boolean): void {
  const { text, notes } = withDate(read("CHANGELOG.md"), version, new Date().toISOString().slice(0, 10));
  const changed: readonly (readonly [name: string, text: string])[] = [
    ...manifests.map((name) => [name, prepared(name, version)] as const),
    ["CHANGELOG.md", text],
  ];
  for (const [name, content] of changed) {
    if (content === read(name)) continue;
    console.log(`${publish ? "changes" : "would change"} ${name}`);
    if (publish) writeFileSync(`${root}${name}`, content);
  }
  console.log(`\n${notes}\n`);
}

function prepared(name: string, version: string): string {
  const text = withVersion(read(name), version);
  return name === "package.json" && address !== "" ? withRepository(text, address) : text;
}

async function rehearse(version: string): Promise<void> {
  const hint = "Mend what it complains about.";
  await step("npm", ["publish", "--dry-run", "--ignore-scripts", "--tag", distTag(version)], hint);
  await step(tools.deno, ["publish", "--dry-run", "--allow-dirty"], hint);
  console.log(`\n${version} could be released. Nothing was changed. Do it with --publish.`);
}

async function publishBoth(version: string): Promise<void> {
  const again = "Run the workflow again: what is published already is left alone.";
  const { code, output } = await run("npm", ["view", `stanchion@${version}`, "version"], false, {
    timeoutMs: 60_000,
  });
  if (code === 0 && output.includes(version)) console.log(`npm has ${version} already`);
  else await step("npm", ["publish", "--provenance", "--access", "public", "--tag", distTag(version)], again);
  // It leaves a version alone that JSR has already.
  await step(`${root}node_modules/.bin/jsr`, ["publish"], again);
  console.log(`\n${version} is released.`);
}

async function step(command: string, args: readonly string[], hint: string): Promise<void> {
  const name = [command.replace(/.*\//, ""), ...args].join(" ");
  console.log(`== ${name}`);
  const { code } = await run(command, args, true, { timeoutMs: 1_800_000 });
  if (code !== 0) throw new ReleaseError(`"${name}" failed, see above. ${hint}`);
}

function read(name: string): string {
  return readFileSync(`${root}${name}`, "utf8");
}

function git(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new ReleaseError(`"git ${args.join(" ")}" failed: ${stderr.trim()}`);
  return stdout.trim();
}
