/** Programs that the tests start, and end by their process. */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** A program that listens. */
export interface Listening {
  readonly port: number;
  /** What it printed on its standard error. */
  readonly complaints: () => string;
  /** Sends a signal. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Waits for its end, and gives its exit code. */
  readonly ended: Promise<number | null>;
  /** Ends it. */
  stop(): Promise<void>;
}

/** How a program is started. */
export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where in what it prints its port is, as the first group. */
  readonly announces: RegExp;
  /** Where it announces its port: its standard output, or a further descriptor, 3. @default {1} */
  readonly channel?: 1 | 3;
}

const running = new Set<ChildProcess>();
// A test run that is broken off leaves nothing behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Starts a program and waits until it listens. */
export function start({ command, args, env = {}, announces, channel = 1 }: Start): Promise<Listening> {
  const stdio = ["ignore", "pipe", "pipe", ...(channel === 3 ? ["pipe"] : [])] as ("ignore" | "pipe")[];
  const child = spawn(command, [...args], { cwd: root, env: { ...process.env, ...env }, stdio });
  running.add(child);
  let said = "";
  let complaints = "";
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => (running.delete(child), resolve(code)));
    child.once("error", () => (running.delete(child), resolve(null)));
  });
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => complaints = (complaints + text).slice(-20_000),
  );
  if (channel === 3) child.stdout?.resume();
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`${command} ${args.join(" ")} ${why}:\n${said}${complaints}`));
    const timer = setTimeout(() => (child.kill("SIGKILL"), fail("did not listen in time")), 180_000);
    void ended.then((code) => (clearTimeout(timer), fail(`ended with code ${code}`)));
    child.stdio[channel]?.on("data", (data) => {
      said = (said + String(data)).slice(-20_000);
      const port = announces.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve({
        port: Number(port),
        complaints: () => complaints,
        signal: (name) => void child.kill(name),
        ended,
        stop: async () => (child.kill("SIGKILL"), void await ended),
      });
    });
  });
}
