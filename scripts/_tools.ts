/** Where the project's own tools are, and how they are run. */

import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, type ParseArgsConfig } from "node:util";

/** The project's root, with a slash at the end. */
export const root: string = fileURLToPath(new URL("..", import.meta.url));

/** The runtimes and tools that npm installed. */
export const tools = {
  node: process.execPath,
  deno: `${root}node_modules/.bin/deno`,
  bun: `${root}node_modules/.bin/bun`,
  tsc: `${root}node_modules/.bin/tsc`,
} as const;

/** What a command printed, and how it ended. */
export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** How a command is run. */
export interface RunOptions {
  /** When it is ended, in milliseconds. @default {600_000} */
  readonly timeoutMs?: number;
  /** What is added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end, printing what it prints when `loud`. */
export function run(
  command: string,
  args: readonly string[],
  loud: boolean,
  { timeoutMs = 600_000, env = {} }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      env: { ...process.env, ...env, ...(loud ? {} : { NO_COLOR: "1" }) },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        output += text;
        if (loud) process.stdout.write(text);
      });
    }
    child.on("error", (error) => resolve({ code: 1, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The files of a pattern, sorted, without those of the folders left out. */
export function files(pattern: string, without: readonly string[] = []): readonly string[] {
  return globSync(pattern, { cwd: root })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !without.some((folder) => file.startsWith(`${folder}/`)))
    .sort();
}

/** Whether a program that Debian packages is installed. */
export function isInstalled(path: string): boolean {
  return existsSync(path);
}

/** Reads the command line; a wrong one is told in one line, with the options that there are, and ends the program. */
export function readArguments<const T extends ParseArgsConfig>(what: string, config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    const said = error instanceof Error ? error.message.split(". ", 1)[0] : String(error);
    const options = Object.keys(config.options ?? {}).map((name) => `--${name}`).join(", ");
    console.error(`Cannot run ${what}: ${said}. The options are ${options}.`);
    process.exit(2);
  }
}
