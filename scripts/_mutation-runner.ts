/**
 * A test runner for Stryker that runs files of node:test within its own process: all files are loaded once, and each
 * mutant is switched on among the tests that reach it. A process for each file and mutant, as Stryker's tap-runner has
 * it, takes ten times as long; `npm run mutate -- --isolated` uses that one, to look at a single file again.
 *
 * Files may use `test`, `describe`, `before` and `after`, as ours do. A test that does not pass twice is left out.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

/** One test of a file. */
interface Test {
  readonly id: string;
  readonly file: string;
  readonly body: () => unknown;
}

/** What the instrumented sources and this runner share (`globalThis.__stryker__`). */
interface Shared {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  mutantCoverage?: unknown;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
}

/** The part of Stryker's MutantRunOptions that is read here. */
interface MutantRun {
  readonly activeMutant: { readonly id: string };
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
  readonly mutantActivation: "runtime" | "static";
}

/** The part of Stryker's options that is read here. */
interface Options {
  readonly tap: { readonly testFiles: readonly string[] };
}

const timesFile = "times-of-tests.json";
/** Stryker's words for how a test ended. */
const success = 0;
const failure = 1;

const tests: Test[] = [];
const preparations: (() => unknown)[] = [];
const groups: string[] = [];
const loading: { file: string } = { file: "" };
const uncaught: unknown[] = [];
/** How long each test took without a mutant, in ms. */
const usual = new Map<string, number>();
/** What the watchdog sees: the number of the run, ticks that it may take, and which mutant is on. */
const watched = new Int32Array(new SharedArrayBuffer(12));
const tickMs = 100;
const namespace = { __stryker__: {} as Shared };
Object.assign(globalThis, namespace, {
  __stanchionTests__: { test: collect, describe: group, before: prepare },
});
const shared = namespace.__stryker__;

/**
 * Ends the process where a test takes much longer than usual, whether it waits or turns in a loop, and leaves a mark:
 * the process that Stryker starts instead then says so. It counts its own ticks: a machine that is busy or stands
 * still takes no time off a test.
 */
const guardDog = `
const { writeFileSync } = require("node:fs");
const { workerData: { watched, tickMs } } = require("node:worker_threads");
let seen = 0;
let ticks = 0;
setInterval(() => {
  const now = Atomics.load(watched, 0);
  if (now !== seen || watched[1] === 0) ticks = 0;
  seen = now;
  if (++ticks <= watched[1] || watched[1] === 0) return;
  writeFileSync("timeout-of-" + watched[2], "");
  process.kill(process.pid, "SIGKILL");
}, tickMs);
`;

/** How Stryker finds the runner. */
export const strykerPlugins: readonly object[] = [
  { kind: "TestRunner", name: "in-process", factory: Object.assign(createRunner, { inject: ["options"] }) },
];

/** Makes the runner: what Stryker's interface TestRunner asks for. */
function createRunner(options: Options): object {
  const state = { loaded: false, runs: 0, polluted: false };

  async function load(): Promise<void> {
    if (state.loaded) return;
    state.loaded = true;
    if (existsSync(timesFile)) {
      // Written by the first run, in this folder.
      const times = JSON.parse(readFileSync(timesFile, "utf8")) as [string, number][];
      for (const [id, ms] of times) usual.set(id, ms);
    }
    for (const file of options.tap.testFiles) {
      loading.file = file;
      await import(pathToFileURL(resolve(file)).href);
      for (const body of preparations.splice(0)) await body();
    }
  }

  return {
    capabilities: () => ({ reloadEnvironment: false }),
    init: watch,
    async dryRun(): Promise<object> {
      await load();
      const results: object[] = [];
      const shaky = new Set<string>();
      for (const each of tests) {
        let result = await timed(each);
        // On a machine that is busy a test of time may fail: one that passes later is not broken. It shall kill no mutant.
        for (let tries = 1; tries < 3 && result.status === failure; tries++) {
          shaky.add(each.id);
          result = await timed(each);
        }
        results.push(result);
      }
      const coverage = shared.mutantCoverage;
      // What cannot be run twice, because it counts over other tests, is left out from here on.
      for (const each of tests) {
        if (shaky.has(each.id) || await errorOf(each) !== undefined) usual.delete(each.id);
      }
      writeFileSync(timesFile, JSON.stringify([...usual]));
      return { status: "complete", tests: results, mutantCoverage: coverage };
    },
    async mutantRun(run: MutantRun): Promise<object> {
      // Stryker starts a new process for the one that ended, and asks that one.
      if (state.polluted) process.exit(1);
      const { id } = run.activeMutant;
      if (existsSync(markOf(id))) return { status: "timeout", reason: "a test did not end" };
      watched[2] = Number(id);
      shared.hitLimit = run.hitLimit;
      shared.hitCount = run.hitLimit === undefined ? undefined : 0;
      if (run.mutantActivation === "static") shared.activeMutant = id;
      try {
        await load();
      } catch (error) {
        return killed("loading", error, 0);
      }
      shared.activeMutant = id;
      state.runs++;
      const { testFilter } = run;
      const wanted = tests.filter((each) =>
        usual.has(each.id) && (testFilter === undefined || testFilter.includes(each.id))
      );
      // The quick ones first: mostly one of them notices.
      wanted.sort((a, b) => (usual.get(a.id) ?? 0) - (usual.get(b.id) ?? 0));
      const failed = await firstFailure(wanted);
      shared.activeMutant = undefined;
      if (run.hitLimit !== undefined && (shared.hitCount ?? 0) > run.hitLimit) {
        state.polluted = true;
        return { status: "timeout", reason: "endless loop" };
      }
      if (failed === undefined) return { status: "survived", nrOfTests: wanted.length };
      if (run.mutantActivation === "runtime" && await firstFailure([failed.test]) !== undefined) {
        // A mutant left something behind. In a new process, it was this one; otherwise that process shall say.
        if (state.runs > 1) process.exit(1);
        state.polluted = true;
      }
      return killed(failed.test.id, failed.message, wanted.length);
    },
  };
}

/** The file that says that a test never ended with this mutant. */
function markOf(id: string): string {
  return `timeout-of-${Number(id)}`;
}

/** Puts what collects tests in the place of node:test, and notes errors that nobody catches. */
function watch(): void {
  const source =
    "export const { test, describe, before } = globalThis.__stanchionTests__; export function after() {}";
  const url = `data:text/javascript,${encodeURIComponent(source)}`;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "node:test" ? { url, shortCircuit: true, format: "module" } : next(specifier, context),
  });
  new Worker(guardDog, { eval: true, workerData: { watched, tickMs } }).unref();
  for (const event of ["unhandledRejection", "uncaughtException"]) {
    process.on(event, (error) => uncaught.push(error));
  }
}

/** `test(name, body)` or `test(name, options, body)` of node:test. */
function collect(name: string, ...rest: readonly unknown[]): void {
  // The last argument of a test is its body.
  const body = rest.at(-1) as () => unknown;
  const { skip = false } = rest.length > 1 ? rest[0] as { readonly skip?: boolean } : {};
  if (skip) return;
  const id = [loading.file, ...groups, name].join(" > ");
  const number = tests.filter((each) => each.id.startsWith(id)).length;
  tests.push({ id: number === 0 ? id : `${id} #${number + 1}`, file: loading.file, body });
}

/** `describe(name, body)` of node:test. */
function group(name: string, body: () => void): void {
  groups.push(name);
  body();
  groups.pop();
}

/** `before(body)` of node:test; what `after` would take down, the end of the process does. */
function prepare(body: () => unknown): void {
  preparations.push(body);
}

async function timed(test: Test): Promise<{ readonly status: number; readonly failureMessage?: string }> {
  const begun = performance.now();
  const error = await errorOf(test);
  const { id, file: fileName } = test;
  const timeSpentMs = performance.now() - begun;
  usual.set(id, timeSpentMs);
  const result = { id, name: id, fileName, timeSpentMs };
  return error === undefined
    ? { ...result, status: success }
    : { ...result, status: failure, failureMessage: error };
}

/** Runs tests, one after the other, until one fails. */
async function firstFailure(
  list: readonly Test[],
): Promise<{ readonly test: Test; readonly message: string } | undefined> {
  for (const test of list) {
    const message = await errorOf(test);
    if (message !== undefined) return { test, message };
  }
  return undefined;
}

/** Runs a test, and waits a turn for rejections that it left behind. */
async function errorOf({ id, body }: Test): Promise<string | undefined> {
  uncaught.length = 0;
  shared.currentTestId = id;
  watched[1] = (1500 + 5 * (usual.get(id) ?? 60_000)) / tickMs;
  Atomics.add(watched, 0, 1);
  try {
    await body();
    await new Promise((resolve) => setImmediate(resolve));
    return uncaught.length > 0 ? String(uncaught[0]) : undefined;
  } catch (error) {
    return String(error);
  } finally {
    // What a test leaves running is its own: the name stays until the next test begins.
    watched[1] = 0;
  }
}

function killed(by: string, error: unknown, nrOfTests: number): object {
  return { status: "killed", killedBy: [by], failureMessage: String(error), nrOfTests };
}
