import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSandbox } from "../sandbox/mod.ts";
import { serveSandbox } from "../sandbox/serve.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Each example runs on its own platform, where these tests run there too. */
const examples = {
  deno: [{
    file: "examples/deno.ts",
    args: ["run", "--no-check", "--allow-net", "--allow-env", "--allow-read"],
  }],
  bun: [{ file: "examples/bun.ts", args: ["run"] }],
  node: [{ file: "examples/node.ts", args: [] }, { file: "examples/hono.ts", args: [] }],
}[runtime];

for (const { file, args } of examples) {
  test(`${file} queues a visitor, lets the promoted in and serves what is excluded`, async () => {
    const port = await freePort();
    const origin = `https://127.0.0.1:${port}`;
    const sandbox = createSandbox({
      rooms: [{ slug: "hall", domain: origin, capacity: 1, ratePerMinute: 60, crowd: 5 }],
    });
    const server = await serveSandbox(sandbox);
    const child = spawn(process.execPath, [...args, file], {
      cwd: root,
      stdio: "ignore",
      env: {
        ...process.env,
        PORT: String(port),
        CROWDHANDLER_PUBLIC_KEY: sandbox.publicKey,
        CROWDHANDLER_API_URL: server.url,
      },
    });
    try {
      const shop = `http://127.0.0.1:${port}`;
      const queued = await eventually(() => fetch(`${shop}/`, { redirect: "manual" }));
      await queued.body?.cancel();
      assert.equal(queued.status, 302);
      const location = new URL(queued.headers.get("location") ?? "");
      assert.equal(location.pathname, "/hall");
      assert.equal(location.searchParams.get("url"), `${origin}/`);
      const cookie = queued.headers.get("set-cookie")?.split(";")[0] ?? "";
      assert.match(cookie, /^crowdhandler=tok/);

      sandbox.promote();
      const served = await fetch(`${shop}/`, { redirect: "manual", headers: { cookie } });
      assert.equal(served.status, 200);
      assert.match(await served.text(), /^Welcome/);
      if (file.includes("hono")) {
        const webhook = await fetch(`${shop}/webhooks/payment`, { method: "POST" });
        assert.equal(await webhook.text(), "thank you\n");
      }
    } finally {
      await stop(child);
      await server.close();
    }
  });
}

test("examples/worker.ts makes one gate for its bindings and hands work to waitUntil", async () => {
  const sandbox = createSandbox({ rooms: [{ slug: "hall", domain: "https://shop.example.com", crowd: 5 }] });
  const server = await serveSandbox(sandbox);
  const { default: worker } = await import("../examples/worker.ts");
  const env = { CROWDHANDLER_PUBLIC_KEY: sandbox.publicKey, CROWDHANDLER_API_URL: server.url };
  const context = { waitUntil() {}, passThroughOnException() {} };
  const headers = { "cf-connecting-ip": "198.51.100.23", "user-agent": "test" };
  try {
    const response = await worker.fetch(new Request("https://shop.example.com/", { headers }), env, context);
    assert.equal(response.status, 302);
    assert.deepEqual(sandbox.state.calls.map(({ body }) => (body as { ip: string }).ip), ["198.51.100.23"]);
  } finally {
    await server.close();
  }
});

async function eventually(attempt: () => Promise<Response>): Promise<Response> {
  for (let turn = 0;; turn++) {
    try {
      return await attempt();
    } catch (error) {
      if (turn > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
}
