import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
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

const full = "/dev/full";

test("stanchion says that its output cannot be written", { skip: !existsSync(full) }, async () => {
  const output = openSync(full, "w");
  const args = [...runner, main, "simulate", "--scenario", "list"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", output, "pipe"] });
  let err = "";
  child.stderr?.on("data", (chunk) => err += chunk);
  const code = await new Promise((resolve) => child.on("close", resolve));
  closeSync(output);
  assert.equal(code, 1);
  assert.match(err, /^It did not work: .*(?:ENOSPC|No space left)[^\n]*\n$/);
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

test("stanchion doctor asks a sandbox over sockets, for both services", async () => {
  const sandbox = createSandbox({
    rooms: [{ slug: "hall", domain: "https://shop.example.com" }],
    queueIt: { rooms: [{ eventId: "gala", domains: ["https://shop.example.com"] }] },
  });
  const server = await serveSandbox(sandbox);
  try {
    const { publicKey, privateKey, queueIt: { customerId, secretKey, apiKey } } = sandbox;
    const common = [
      "--url",
      "https://shop.example.com/tickets",
      "--api-url",
      server.url,
      "--visit",
      "--json",
    ];
    const keys = [file("public", publicKey), file("private", `${privateKey}\n`)];
    const one = await run([
      "doctor",
      "crowdhandler",
      ...common,
      ...["--public-key-file", keys[0] ?? "", "--private-key-file", keys[1] ?? ""],
    ]);
    assert.deepEqual([one.code, one.err], [0, ""], one.out);
    const [first] = JSON.parse(one.out).visits;
    assert.equal(first.reason, "crowdhandler/promoted");
    assert.ok(![publicKey, privateKey].some((key) => one.out.includes(key)));
    const other = await run([
      "doctor",
      "queue-it",
      ...common,
      ...["--customer-id", customerId],
      ...["--secret-key-file", file("secret", secretKey), "--api-key-file", file("api", apiKey)],
    ]);
    assert.deepEqual([other.code, other.err], [0, ""], other.out);
    // Who comes first is let in at once.
    assert.equal(JSON.parse(other.out).roomStatus, 302);
    assert.ok(![secretKey, apiKey].some((key) => other.out.includes(key)));
  } finally {
    await server.close();
  }
});

test("stanchion doctor says why nobody answers, and ends by itself", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  const closing = createServer((socket) => socket.once("data", () => socket.destroy())).listen(
    0,
    "127.0.0.1",
  );
  const chatting = createServer((socket) => socket.once("data", () => socket.end("hello\r\n\r\n"))).listen(
    0,
    "127.0.0.1",
  );
  const servers = [silent, closing, chatting];
  await Promise.all(servers.map((each) => new Promise((resolve) => each.once("listening", resolve))));
  // Listening TCP servers have an address with a port.
  const [hanging, resetting, junk] = servers.map((each) => (each.address() as AddressInfo).port);
  const gone = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => gone.once("listening", resolve));
  const { port: nobody } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const table: readonly (readonly [url: string, codes: readonly string[]])[] = [
    [`http://127.0.0.1:${nobody}`, ["refused"]],
    ["http://nowhere.invalid", ["name"]],
    [`http://127.0.0.1:${hanging}`, ["timeout"]],
    [`http://127.0.0.1:${resetting}`, ["reset"]],
    // Bun cannot tell it from a connection that was broken off.
    [`http://127.0.0.1:${junk}`, ["protocol", "reset"]],
    [`https://127.0.0.1:${junk}`, ["encryption"]],
  ];
  try {
    for (const [url, codes] of table) {
      // The time counts where nobody answers alone: a busy machine takes long to break off, too.
      const timeoutMs = codes.includes("timeout") ? "400" : "60000";
      const { code, out } = await run([
        ...["doctor", "crowdhandler", "--public-key", "k", "--timeout-ms", timeoutMs, "--json"],
        ...["--url", "https://shop.example.com/", "--api-url", url],
      ]);
      assert.equal(code, 1, url);
      const problem = JSON.parse(out).checks.find(({ level }: { level: string }) => level === "problem");
      assert.ok(codes.includes(problem.code), `${url}: ${problem.code} ${problem.message}`);
    }
  } finally {
    for (const each of servers) each.close();
  }
});
