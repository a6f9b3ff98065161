#!/usr/bin/env node
/// <reference types="node" />
/**
 * The command: `stanchion explain`, `stanchion check`, `stanchion doctor`, `stanchion simulate`,
 * `stanchion lottery verify`, `stanchion rooms` and `stanchion serve`.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { machineOf } from "./machine.ts";
import { network } from "./network.ts";
import { run } from "./run.ts";

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads may stop before the end, as `head` does.
  stream.on("error", ({ code, message }: Error & { readonly code?: string }) => {
    if (code === "EPIPE") return;
    if (stream !== process.stderr) {
      process.stderr.write(`It did not work: the output cannot be written (${code ?? message})\n`);
    }
    process.exit(1);
  });
}

if (process.argv[2] === "serve" && !("deno" in process.versions || "bun" in process.versions)) {
  // By what it sees of a rush, Node would take all that requests are made of for long-lived, and stand still for tens of milliseconds again and
  // again (docs/gateway.md).
  setFlagsFromString("--no-allocation-site-pretenuring");
}
// Not process.exit(): what was written to a pipe must get there.
process.exitCode = await run(process.argv.slice(2), {
  read,
  env: (name) => process.env[name],
  variables: () => Object.keys(process.env),
  version,
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  ask,
  parse: parseArgs,
  network,
  machine: machineOf(process),
  now: Date.now,
});
// What serves has ended in order, or was told to end at once.
if (process.argv[2] === "serve") process.exit();
if (process.argv[2] === "doctor") {
  // What was given up, such as a question for a name, would keep the process alive. Its report is short and long since written.
  setTimeout(() => process.exit(), 1000).unref();
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve) => {
      // Whoever ends the input has said nothing, which is no.
      terminal.once("close", () => resolve(""));
      void terminal.question(question).then(resolve);
    });
  } finally {
    terminal.close();
  }
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (path !== "-") return new Uint8Array(await readFile(path));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of process.stdin) chunks.push(new Uint8Array(chunk));
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** The manifest lies beside the folder of the sources, or beside that of what is built. */
async function version(): Promise<string> {
  for (const place of ["../package.json", "../../package.json"]) {
    try {
      // Whatever it is, its members are looked at.
      const manifest = JSON.parse(await readFile(new URL(place, import.meta.url), "utf8")) as Record<
        string,
        unknown
      >;
      if (manifest["name"] === "stanchion") return String(manifest["version"]);
    } catch {
      // It may be in the other place.
    }
  }
  return "unknown";
}
