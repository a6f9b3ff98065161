import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { configuration, integration, onPath } from "./_run.ts";

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const runner = "deno" in process.versions ? ["run", "-A", "--no-check"] : [];
const folder = mkdtempSync(join(tmpdir(), "stanchion-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts the command as its users do. */
function run(args: readonly string[], input: string = "", readsAll: boolean = true): Promise<Ended> {
  const child = spawn(process.execPath, [...runner, main, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
    if (!readsAll) child.stdout.destroy();
  });
  child.stderr.on("data", (chunk) => err += chunk);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const good = configuration([integration("tickets", [onPath("/tickets")])]);

test("stanchion reads files and ends by itself with its exit code", async () => {
  const config = file("good.json", good);
  assert.deepEqual((await run(["check", "-c", config])).code, 0);
  const { code, out } = await run([
    "explain",
    "-c",
    config,
    "--url",
    "https://shop.example/tickets",
    "--json",
  ]);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).decision.reason, "queue-it/queued");
  const bad = await run(["check", "-c", file("bad.json", "{")]);
  assert.deepEqual([bad.code, bad.err], [1, ""]);
  const wrong = await run(["check", "-c", join(folder, "none.json")]);
  assert.deepEqual([wrong.code, wrong.out], [2, ""]);
  assert.match(wrong.err, /There is no file .*none\.json/);
  assert.ok(!wrong.err.includes("    at "), wrong.err);
  assert.match((await run(["check", "-c", folder])).err, /is a folder|Cannot read/);
});

test("stanchion reads the standard input, however long it is", async () => {
  const long = configuration(
    Array.from({ length: 5000 }, (_, at) => integration(`n${at}`, [onPath(`/p${at}-`)])),
  );
  assert.ok(long.length > 1_000_000);
  const { code, out } = await run(["check", "--config", "-"], long);
  assert.match(out, /^\(standard input\): version 3, 5000 integrations: 0 faults, 0 findings, 0 notes\n$/);
  assert.equal(code, 0);
});

test("stanchion writes all of a long answer to a pipe, and minds nobody who stops reading", async () => {
  const long = configuration(Array.from({ length: 3000 }, () => integration("same", [onPath("/x")])));
  const whole = await run(["check", "-c", "-", "--json"], long);
  assert.equal(JSON.parse(whole.out).findings.length, 2 * 2999);
  const { err } = await run(["check", "-c", "-", "--json"], long, false);
  assert.equal(err, "");
});

test("stanchion --version tells that of the manifest", async () => {
  const { code, out } = await run(["--version"]);
  assert.equal(code, 0);
  assert.match(out, /^\d+\.\d+\.\d+(?:-[\w.]+)?\n$/);
});
