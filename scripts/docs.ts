/**
 * `npm run docs`: builds the documentation as a site, in `site/dist`, and checks it. Prints a line for each part.
 *
 * Checked are: the types of what the site runs, every link with its anchor, that no page loads anything of others, the snippets of the
 * documentation, which are compiled and run, and the site in Chromium. `npm run docs -- build links` does only these parts; the
 * parts are {@linkcode parts}. `--url https://owner.github.io/name/` is where the site will be.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { check, counts, must as mustWithin } from "./_checks.ts";
import { files, readArguments, root, tools } from "./_tools.ts";

const site = `${root}site`;
const { values, positionals: words } = readArguments("the documentation", {
  options: { url: { type: "string" } },
  allowPositionals: true,
});
const url = values.url === undefined ? undefined : addressOf(values.url);
const base = url?.pathname ?? "/";
if (url !== undefined) process.env["STANCHION_SITE"] = url.href;

/** What there is to do, in order: each part needs those before it. */
const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  types: async () => void await must(tools.tsc, ["-p", "site"], root),
  build: async () => {
    await must(tools.node, ["build/main.ts", url?.href ?? base], site);
    await must(tools.node, [
      "node_modules/vitepress/bin/vitepress.js",
      "build",
      ".",
    ], site);
  },
  links: async () => (await must(tools.node, ["build/check.ts", base], site, "stdout")).trim(),
  snippets: () => runTests(files("tests/docs/*.test.ts")),
  browser: () => runTests(["tests/browser/docs-site.test.ts"]),
};

/** Runs a command that must succeed. A busy machine may take its time. */
function must(command: string, args: readonly string[], cwd: string, only?: "stdout"): Promise<string> {
  return mustWithin(command, args, cwd, only, 900_000);
}

const unknown = words.filter((word) => !Object.hasOwn(parts, word));
if (unknown.length > 0) {
  console.error(
    `There is no part "${unknown.join(", ")}". The parts are ${Object.keys(parts).join(", ")}.`,
  );
  process.exit(2);
}
let goesOn = await check("packages of the site", installSite);
for (const [name, run] of Object.entries(parts)) {
  if (!goesOn || (words.length > 0 && !words.includes(name))) continue;
  const ok = await check(name, run);
  // What is not built cannot be looked at.
  if (name === "build") goesOn = ok;
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed > 0 ? 1 : 0);

/** Installs the packages of the site, once for each lock file. */
async function installSite(): Promise<string> {
  const hash = createHash("sha256").update(
    readFileSync(`${site}/package-lock.json`),
  ).digest("hex");
  const mark = `${site}/node_modules/.stanchion-lock`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === hash) return "there";
  await must("npm", [
    "ci",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
  ], site);
  writeFileSync(mark, hash);
  return "installed";
}

/** Runs files of tests, and tells how many there were. */
async function runTests(list: readonly string[]): Promise<string> {
  const args = [
    "--test",
    "--test-reporter=spec",
    "--test-timeout=120000",
    ...list,
  ];
  const output = await must(tools.node, args, root);
  const number = (word: string) => new RegExp(`^ℹ ${word} (\\d+)$`, "m").exec(output)?.[1] ?? "0";
  return `${number("pass")} tests${number("skipped") === "0" ? "" : `, ${number("skipped")} skipped`}`;
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined || !/^https?:$/.test(url.protocol) ||
    !url.pathname.endsWith("/") || url.search + url.hash !== ""
  ) {
    console.error(
      `--url must be the address of a folder, such as https://owner.github.io/name/, received ${
        JSON.stringify(text)
      }`,
    );
    process.exit(2);
  }
  return url;
}
