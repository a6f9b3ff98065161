/** Starts examples, and asks them what each of them promises. */

import assert from "node:assert/strict";
import { connect, createServer as createTcp } from "node:net";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { spawn } from "node:child_process";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";
import { type Answer, type Jar, jar, send, shop } from "../conformance/_http.ts";
import { root } from "./_process.ts";

/** An example that listens, and the service that it asks. */
export interface Example {
  readonly port: number;
  readonly sandbox: Sandbox;
  /** The end of what it printed. */
  printed(): string;
  /** Ends it kindly, and gives its exit code. */
  end(): Promise<number | null>;
}

/** A sandbox with one room, for the shop. */
export async function withService<T>(use: (sandbox: Sandbox, url: string) => Promise<T>): Promise<T> {
  const sandbox = createSandbox({
    rooms: [{ slug: "hall", domain: `https://${shop}`, capacity: 100, ratePerMinute: 0, crowd: 5 }],
  });
  const server = await serveSandbox(sandbox);
  try {
    return await use(sandbox, server.url);
  } finally {
    await server.close();
  }
}

/**
 * Starts an example with the runtime that runs the test, lets it be asked, and ends it.
 *
 * @param args The arguments of the runtime; `{port}` stands for the port.
 * @param env What the example finds in its environment besides the service and its port.
 * @param ask Asks it.
 */
export function withExample(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ask: (example: Example) => Promise<void>,
): Promise<void> {
  return withService(async (sandbox, url) => {
    const port = await freePort();
    const child = spawn(process.execPath, args.map((text) => text.replace("{port}", String(port))), {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PORT: String(port),
        CROWDHANDLER_PUBLIC_KEY: sandbox.publicKey,
        CROWDHANDLER_API_URL: url,
        PUBLIC_HOST: shop,
        ...env,
      },
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-5000));
    }
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    // On Deno, who sends a signal by the child itself is never told how it ended.
    const end = () => (child.pid !== undefined && process.kill(child.pid, "SIGTERM"), ended);
    const kill = () => void child.kill("SIGKILL");
    process.once("exit", kill);
    try {
      const code = await Promise.race([listens(port), ended]);
      assert.equal(code, undefined, `${args.join(" ")} ended:\n${said}`);
      await ask({ port, sandbox, printed: () => said, end });
    } catch (error) {
      console.log(said);
      throw error;
    } finally {
      kill();
      await ended;
      process.removeListener("exit", kill);
    }
  });
}

/** A visitor is queued, let in, and known from then on. */
export async function queuesAndServes(
  { port, sandbox }: Pick<Example, "port" | "sandbox">,
  path: string,
  page: RegExp,
  headers: Readonly<Record<string, string>> = {},
): Promise<Jar> {
  const cookies = jar();
  const visit = async (): Promise<Answer> =>
    cookies.take(await send(port, { path, headers: { ...headers, ...cookies.header() } }));
  const queued = await visit();
  assert.equal(queued.status, 302, queued.text);
  const room = new URL(queued.headers.get("location") ?? "");
  assert.equal(room.pathname, "/hall");
  assert.equal(room.searchParams.get("url"), `https://${shop}${path}`);
  assert.match(queued.headers.get("cache-control") ?? "", /no-store/);
  const token = room.searchParams.get("ch-id") ?? "";
  assert.equal(sandbox.promote(token), 1);
  const served = await visit();
  assert.equal(served.status, 200);
  assert.match(served.text, page);
  return cookies;
}

/** One visitor is let in and has the only place; the next one gets the waiting page, and keeps the place in line. */
export async function seatsOne(
  port: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [Jar, Jar]> {
  const visitors = [jar(), jar()] as const;
  for (const turn of ["first", "again"]) {
    const [inside, waiting] = await lookAll(port, visitors, headers);
    assert.deepEqual([inside?.status, inside?.text], [200, "Welcome to /tickets\n"], turn);
    assert.deepEqual([waiting?.status, waiting?.headers.get("cache-control")], [503, "no-store"], turn);
    assert.match(waiting?.text ?? "", /Waiting room/, turn);
  }
  return visitors;
}

/** What each visitor is shown. */
export async function lookAll(
  port: number,
  visitors: readonly Jar[],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const cookies of visitors) {
    const own = { accept: "text/html", ...headers, ...cookies.header() };
    answers.push(cookies.take(await send(port, { path: "/tickets", headers: own })));
  }
  return answers;
}

async function listens(port: number): Promise<undefined> {
  for (let turn = 0; turn < 3600; turn++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => (socket.destroy(), resolve(true)));
      socket.on("error", () => resolve(false));
    });
    if (isOpen) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The example did not listen in time");
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
