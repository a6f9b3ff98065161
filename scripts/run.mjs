// The first step of every npm script. It runs on any Node from 20 on: it installs what is missing, then hands over
// to the Node that the project pins, which understands TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const commands = {
  start: "examples/demo/main.ts",
  test: "scripts/test.ts",
  check: "scripts/check.ts",
  bench: "bench/main.ts",
  torture: "scripts/torture.ts",
  coverage: "scripts/coverage.ts",
  mutate: "scripts/mutate.ts",
  "pack:check": "scripts/pack-check.ts",
  release: "scripts/release.ts",
};

const [command = "", ...args] = process.argv.slice(2);
const script = commands[command];
if (script === undefined) {
  console.error(`Unknown command "${command}". The commands are ${Object.keys(commands).join(", ")}.`);
  process.exit(2);
}
install();
run(script, args);

/** Installs the locked dependencies, unless that was done for this very lock file. */
function install() {
  const lock = createHash("sha256").update(readFileSync(`${root}package-lock.json`)).digest("hex");
  const stamp = `${root}node_modules/.stanchion-lock`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("Installing what the project needs (once) ...");
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", "ignore", "inherit"] };
  const installArgs = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = npm === undefined
    ? spawnSync("npm", installArgs, options)
    : spawnSync(process.execPath, [npm, ...installArgs], options);
  if (status !== 0) {
    console.error(
      "The dependencies could not be installed: npm says why above. Is the npm registry reachable?",
    );
    process.exit(1);
  }
  writeFileSync(stamp, lock);
}

/** Runs a script with the project's own Node, or with Bun for `bun start`, and ends as it ends. */
function run(script, args) {
  const node = `${root}node_modules/node/bin/node`;
  const isBunStart = command === "start" && process.env.npm_config_user_agent?.startsWith("bun/") === true;
  const runtime = isBunStart ? `${root}node_modules/.bin/bun` : existsSync(node) ? node : process.execPath;
  const child = spawn(runtime, [`${root}${script}`, ...args], {
    stdio: "inherit",
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH ?? ""}` },
  });
  // A terminal signals the child as well; this is for those who signal this process alone.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  // npm's shell hands no signal on: when it was ended, so that this process has another parent, the child ends too.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500).unref();
  }
  child.on("exit", (code, signal) => process.exit(signal === null ? code ?? 1 : 130));
}
