import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../sandbox/main.ts", import.meta.url));
const runner = "deno" in process.versions ? ["run", "-A", "--no-check"] : [];

interface Run {
  readonly out: () => string;
  readonly stop: () => unknown;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
  /** Waits until the output matches. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [...runner, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk) => out += chunk);
  child.stderr.on("data", (chunk) => err += chunk);
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, out, err }))
  );
  return {
    out: () => out,
    // Not child.kill(): on Deno it forgets the exit code.
    stop: () => child.pid !== undefined && process.kill(child.pid, "SIGTERM"),
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(out);
          if (found !== null) resolve(found);
        };
        child.stdout.on("data", look);
        ended.then((end) => reject(new Error(`ended early: ${end.err}`)));
        look();
      }),
  };
}

test("stanchion-sandbox serves, says how to use it, and stops cleanly", async () => {
  const sandbox = run(
    "--port",
    "0",
    "--room",
    "slug=hall,domain=https://shop.example.com,capacity=0,priorityCodes=A|B",
    "--queue-it-event",
    "eventId=gala,domains=https://a.example.com|https://b.example.com,capacity=0,bindAddress=true",
  );
  try {
    const [, url] = await sandbox.until(/(http:\/\/127\.0\.0\.1:\d+)[\s\S]*Break the API/);
    assert.match(sandbox.out(), /public key +[0-9a-f]{64}/);
    assert.equal(sandbox.out().match(/curl /g)?.length, 4);
    assert.match(sandbox.out(), /customer id +stanchiondemo\n +secret key +\S{72}\n/);
    const state = await (await fetch(`${url}/sandbox/state`)).json();
    assert.deepEqual(
      state.rooms.map((room: { slug: string; capacity: number }) => [room.slug, room.capacity]),
      [[
        "hall",
        0,
      ]],
    );
    const page = await fetch(`${url}/hall`);
    assert.match(await page.text(), /<h1 data-text="heading">You are in line<\/h1>/);
    const queue = await fetch(`${url}/?c=stanchiondemo&e=gala&t=https%3A%2F%2Fb.example.com%2F`);
    assert.match(await queue.text(), /<h1 data-text="heading">You are in line<\/h1>/);
  } finally {
    sandbox.stop();
  }
  assert.equal((await sandbox.ended).code, 0);
});

const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const mistakes: readonly [string, string[], RegExp][] = [
  ["an unknown flag", ["--prot", "1"], /prot/],
  ["a wrong port", ["--port", "70000"], /--port must be 0 to 65535, received "70000"/],
  [
    "a wrong name",
    ["--allow-host", "http://a.test"],
    /--allow-host must be a host name such as sandbox\.test/,
  ],
  ["a wrong address of a connector", ["--connector-url", "shop"], /"queueIt\.connectorUrl" must be an http/],
  ["a wrong event", ["--queue-it-event", "hall"], /--queue-it-event must be written as key=value/],
  ["an event without domains", ["--queue-it-event", "eventId=a"], /"queueIt\.rooms\.0\.domains" is required/],
  ["a wrong room", ["--room", "hall"], /--room must be written as key=value/],
  [
    "a wrong value in a room",
    ["--room", "slug=a,domain=https://a.test,capacity=x"],
    /"rooms\.0\.capacity" must be/,
  ],
  ["a missing file", ["--config", join(folder, "none.json")], /Cannot read .*none\.json/],
  ["a file that is not JSON", ["--config", file("a.json", "{")], /Cannot read .*a\.json/],
  [
    "a wrong value in a file",
    [
      "--config",
      file("b.json", '{"rooms":[{"slug":"a","domain":"https://a.test"},{"slug":"b","domain":5}]}'),
    ],
    /b\.json: "rooms\.1\.domain" must be a string, received 5/,
  ],
];
for (const [name, args, message] of mistakes) {
  test(`stanchion-sandbox ends with 2 and a message on ${name}`, async () => {
    const { code, err, out } = await run(...args).ended;
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, message);
    assert.ok(!err.includes("    at "), err);
  });
}

test("stanchion-sandbox ends with 2 when the port is in use", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  // A listening TCP server has an address with a port.
  const { port } = other.address() as AddressInfo;
  const { code, err } = await run("--port", String(port)).ended;
  other.close();
  assert.equal(code, 2);
  assert.match(err, new RegExp(`Port ${port} is in use`));
});

test("stanchion-sandbox --help ends with 0", async () => {
  const { code, out } = await run("--help").ended;
  assert.equal(code, 0);
  assert.match(out, /^Usage: stanchion-sandbox/);
});
