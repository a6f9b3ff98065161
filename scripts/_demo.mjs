// Runs the demo on the Node that is there, from 20 on: esbuild makes one file of it, since Node 20 reads no TypeScript.
import { rmSync } from "node:fs";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "./_root.mjs";

/**
 * Starts the demo in this process.
 *
 * @param {readonly string[]} args What follows the command.
 */
export async function startDemo(args) {
  const main = `${root}examples/demo/main.ts`;
  // A name of its own: two may start at the same time.
  const file = `${root}.cache/demo-${process.pid}.mjs`;
  const { build, stop } = await import("esbuild");
  await build({
    entryPoints: [main],
    outfile: file,
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: "inline",
    logLevel: "warning",
  });
  await stop();
  process.setSourceMapsEnabled(true);
  process.argv = [process.execPath, main, ...args];
  process.once("exit", () => rmSync(file, { force: true }));
  await import(pathToFileURL(file).href);
}
