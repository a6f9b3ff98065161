// Installs what a command needs from the lock file, once for each lock file, and shows how far it is. Plain JavaScript,
// because nothing that understands TypeScript is there before.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { root } from "./_root.mjs";

const modules = `${root}node_modules/`;

/** What the demo needs besides the dependencies. The client of Redis is a megabyte, so it is there before anybody asks for it. */
const demoPackages = ["esbuild", "hono", "@hono/node-server", "ioredis"];

/** What there is to install. A mark in node_modules says which set is complete, and for which lock file. */
const sets = {
  demo: {
    what: "what the demo needs",
    marks: [".stanchion-demo", ".stanchion-lock"],
    args: (lock) => [
      ...["install", "--no-save", "--save-prod", "--omit=dev"],
      ...demoPackages.map((name) => `${name}@${lock[name].version}`),
    ],
    holds: (name, lock) => lock[name].dev !== true || needed(demoPackages, lock).has(name),
  },
  everything: {
    what: "what the tests need, the runtimes included",
    marks: [".stanchion-lock"],
    args: () => ["ci", "--include=dev"],
    holds: () => true,
  },
};

const isNetwork =
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Installs a set, unless it is there already, alone or within the other one.
 *
 * @param {"demo" | "everything"} name The set.
 */
export async function install(name) {
  const { what, marks, args, holds } = sets[name];
  const text = readFileSync(`${root}package-lock.json`, "utf8");
  const hash = createHash("sha256").update(text).digest("hex");
  if (marks.some((mark) => read(`${modules}${mark}`) === hash)) return;
  const lock = packagesOf(text);
  const names = Object.keys(lock).filter((each) => fits(lock[each]) && holds(each, lock));
  console.error(`Installing ${what} (${names.length} packages, once) ...`);
  // An installation that was cut short leaves packages behind of which some files are missing.
  rmSync(modules, { recursive: true, force: true });
  const { code, output, seconds } = await npm(args(lock), names);
  if (code !== 0) {
    console.error(`${output.trimEnd()}\n\n${whyNot(what, output)}`);
    process.exit(1);
  }
  console.error(`Installed in ${seconds} s.`);
  writeFileSync(`${modules}${marks[0]}`, hash);
}

/** Runs npm and tells on the way how many of the packages are there. */
function npm(args, names) {
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  const quick = ["--prefer-offline", "--fetch-retries=2", "--fetch-retry-mintimeout=1000"];
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error"];
  const all = [...args, ...quick, ...quiet];
  // npm says where it is itself; Bun and others name themselves in the same place.
  const path = process.env.npm_execpath ?? "";
  // The Node that runs this may be one of the packages, which are gone by now: then it is the machine's own.
  const node = process.execPath.startsWith(modules) ? "node" : process.execPath;
  const [command, first] = /\bnpm-cli\.c?js$/.test(path) ? [node, [path]] : ["npm", []];
  const child = spawn(command, [...first, ...all], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const stopShowing = show(() => {
    const there = names.filter((name) => existsSync(`${modules}${name}/package.json`)).length;
    return `  ${there} of ${names.length} packages, ${seconds()} s`;
  });
  const leave = (signal) => (child.kill(signal), process.exit(130));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, leave);
  return new Promise((resolve) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => output += text);
    }
    const end = (code) => {
      stopShowing();
      for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, leave);
      resolve({ code, output, seconds: seconds() });
    };
    child.on("error", (error) => (output += error.message, end(1)));
    child.on("close", (code) => end(code ?? 1));
  });
}

/** Writes a line again and again in a terminal; elsewhere a new one now and then. */
function show(line) {
  const { isTTY } = process.stderr;
  const write = () => process.stderr.write(isTTY ? `\r${line()}` : `${line()}\n`);
  const timer = setInterval(write, isTTY ? 200 : 5000);
  return () => {
    clearInterval(timer);
    if (isTTY) process.stderr.write("\r\x1b[K");
  };
}

function whyNot(what, output) {
  const command = process.argv[2];
  const again = command === "start" || command === "test" ? `npm ${command}` : `npm run ${command}`;
  return isNetwork.test(output)
    ? `Cannot install ${what}: the npm registry cannot be reached. Connect to the network, then run "${again}" again.`
    : `Cannot install ${what}: npm says why above. Mend that, then run "${again}" again.`;
}

/** The packages of a lock file by their path in node_modules. */
function packagesOf(text) {
  const prefix = "node_modules/";
  return Object.fromEntries(
    Object.entries(JSON.parse(text).packages).filter(([path]) => path.startsWith(prefix))
      .map(([path, entry]) => [path.slice(prefix.length), entry]),
  );
}

/** Packages, and what they need in turn. */
function needed(names, lock, found = new Set()) {
  for (const name of names) {
    if (found.has(name) || lock[name] === undefined) continue;
    found.add(name);
    needed(Object.keys({ ...lock[name].dependencies, ...lock[name].optionalDependencies }), lock, found);
  }
  return found;
}

/** Whether a package is one for this machine. */
function fits({ os, cpu, libc }) {
  const isMusl = process.report?.getReport().header.glibcVersionRuntime === undefined;
  const has = (list, word) => list === undefined || list.includes(word);
  return has(os, process.platform) && has(cpu, process.arch) && has(libc, isMusl ? "musl" : "glibc");
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
