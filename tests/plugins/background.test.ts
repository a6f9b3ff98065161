/** What runs in the background keeps no process alive: programs that do nothing more end by themselves. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { root } from "../runtimes/_process.ts";

const room = { domain: "https://shop.test", slug: "hall", patternType: "contains", urlPattern: "/hall" };
const runner = "Deno" in globalThis ? ["run", "-A", "--no-check"] : "Bun" in globalThis ? ["run"] : [];

/** Runs a program until it ends by itself. The test's own time limit is the only one. */
function run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [...runner, "tests/plugins/_background.ts", ...args], { cwd: root });
  let out = "";
  child.stdout.on("data", (text) => out += text);
  child.stderr.on("data", (text) => out += text);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  return new Promise((resolve) =>
    child.once("close", (code) => {
      process.removeListener("exit", kill);
      resolve({ code, out });
    })
  );
}

test("pulledSource(), fileSource(), modeSwitch(), the rooms feed and a gate keep no process alive", async () => {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Version: 1, Integrations: [], result: [room] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { code, out } = await run(`http://127.0.0.1:${port}`, "20000");
    assert.deepEqual([code, out.trim()], [0, "admit admit enforce off"]);
  } finally {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

test("a service that never answers keeps a process alive no longer than its timeout", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as AddressInfo;
  try {
    const { code, out } = await run(`http://127.0.0.1:${port}`, "30");
    assert.equal(code, 0);
    // A program that had no time to look at an answer does not take that for silence, and lets nobody in.
    assert.match(out.trim(), /^(?:(?:admit|503|302) ){2}enforce off$/);
  } finally {
    silent.closeAllConnections();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  }
});
