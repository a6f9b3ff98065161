// The first step of every npm script. It runs on any Node from 20 on: it installs what is missing, then starts the demo,
// or hands over to the Node that the project pins, which understands TypeScript.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { startDemo } from "./_demo.mjs";
import { install } from "./_install.mjs";
import { root } from "./_root.mjs";

const commands = {
  start: "examples/demo/main.ts",
  test: "scripts/test.ts",
  "test:frameworks": "scripts/frameworks.ts",
  check: "scripts/check.ts",
  bench: "bench/main.ts",
  torture: "scripts/torture.ts",
  coverage: "scripts/coverage.ts",
  docs: "scripts/docs.ts",
  pictures: "scripts/pictures.ts",
  mutate: "scripts/mutate.ts",
  "page-script": "scripts/page-script.ts",
  "config-schema": "scripts/config-schema.ts",
  "pack:check": "scripts/pack-check.ts",
  release: "scripts/release.ts",
};

const [command = "", ...args] = process.argv.slice(2);
const script = commands[command];
if (script === undefined) {
  console.error(`Unknown command "${command}". The commands are ${Object.keys(commands).join(", ")}.`);
  process.exit(2);
}
await install(command === "start" ? "demo" : "everything");
const bun = command === "start" ? startingBun() : undefined;
if (bun !== undefined) run(bun, script, args);
else if (command === "start") {
  endWithParent(() => process.kill(process.pid, "SIGTERM"));
  await startDemo(args);
} else {
  const node = `${root}node_modules/node/bin/node`;
  run(existsSync(node) ? node : process.execPath, script, args);
}

/** Runs a script with a runtime, and ends as it ends. */
function run(runtime, script, args) {
  const child = spawn(runtime, [`${root}${script}`, ...args], {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: `${root}node_modules/.bin:${process.env.PATH ?? ""}`,
      // The machine's own, which may be an older one than that of the project: npm puts the project's in front.
      STANCHION_NODE: process.env.STANCHION_NODE ?? process.env.npm_node_execpath ?? process.execPath,
    },
  });
  // A terminal signals the child as well; this is for those who signal this process alone.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  endWithParent(() => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(signal === null ? code ?? 1 : 130));
}

/** npm's shell hands no signal on: when it was ended, so that this process has another parent, we end too. */
function endWithParent(end) {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  setInterval(() => process.ppid === parent || end(), 500).unref();
}

/** The Bun of `bun start`: the pinned one where the tests' packages are installed, else the one that was called. */
function startingBun() {
  if (process.env.npm_config_user_agent?.startsWith("bun/") !== true) return undefined;
  const pinned = `${root}node_modules/.bin/bun`;
  return existsSync(pinned) ? pinned : process.env.npm_execpath;
}
