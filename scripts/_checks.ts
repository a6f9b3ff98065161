/** Checks that are counted and printed one by one, and the commands that they run. */

import { spawn } from "node:child_process";
import process from "node:process";

/** How many checks there were, by how they ended. */
export const counts: { passed: number; failed: number } = { passed: 0, failed: 0 };

/** Runs a check and prints a line for it, with the short text that it returns. What it throws is what is wrong. */
export async function check(name: string, body: () => unknown): Promise<boolean> {
  const started = performance.now();
  try {
    const remark = await body();
    counts.passed++;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const short = typeof remark === "string" && remark.length < 60 ? `${remark}, ` : "";
    console.log(`ok     ${name} (${short}${seconds} s)`);
    return true;
  } catch (error) {
    counts.failed++;
    const text = error instanceof Error ? error.message : String(error);
    console.log(`FAILED ${name}\n${shortened(text).replace(/^/gm, "       ")}`);
    return false;
  }
}

/** How many lines of an output are printed of its start and of its end, where a run of tests says what failed. */
const [atStart, atEnd] = [60, 60];

/** An output without its middle, where it is long. */
function shortened(text: string): string {
  const lines = text.trimEnd().split("\n");
  const left = lines.length - atStart - atEnd;
  if (left > 0) lines.splice(atStart, left, `… ${left} more lines …`);
  return lines.join("\n");
}

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a command to its end, whatever that is, for so many milliseconds at most. */
export function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  timeoutMs: number = 120_000,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
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
    child.on("close", (code) => resolve({ code, stdout, output }));
  });
}

/** Runs a command that must succeed. */
export async function must(
  command: string,
  args: readonly string[],
  cwd: string,
  only?: "stdout",
  timeoutMs?: number,
): Promise<string> {
  const { code, stdout, output } = await runIn(cwd, command, args, timeoutMs);
  if (code !== 0) throw new Error(`${command.replace(/.*\//, "")} ${args[0]} ended with ${code}:\n${output}`);
  return only === "stdout" ? stdout : output;
}
