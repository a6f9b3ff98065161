/** The demo: what may follow `npm start --`, and the shop in two processes. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { describe, test } from "node:test";
import { readOptions } from "../../examples/demo/options.ts";
import { openRedis } from "../../examples/demo/redis.ts";
import { viewOf } from "../../examples/demo/visitor.ts";
import { createGate, failClosed } from "../../mod.ts";
import { waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { jar, send } from "../conformance/_http.ts";
import { eventually } from "../conformance/_world.ts";
import { root } from "../runtimes/_process.ts";
import { freePort, startRedis } from "../support/redis.ts";

const runArgs = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];

interface Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  printed(): string;
}

/** Starts the demo as the leader of a group, as a terminal does. */
function start(args: readonly string[]): Demo {
  const program = [...runArgs, `${root}examples/demo/main.ts`, ...args];
  const child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => said += text);
  }
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended, printed: () => said };
}

describe("readOptions()", () => {
  test("shows a room of one's own unless another provider is named", () => {
    const { provider, shopPort, storeUrl } = readOptions([]) ?? {};
    assert.deepEqual([provider, shopPort, storeUrl], ["waiting-room", 8080, undefined]);
    assert.equal(readOptions(["--", "--provider", "queue-it"])?.provider, "queue-it");
    assert.equal(readOptions(["--help"]), undefined);
    for (const store of ["redis://127.0.0.1:6379", "rediss://user:p%40ss@redis.example/2", "redis://[::1]"]) {
      assert.equal(readOptions(["--store", store])?.storeUrl, store);
    }
  });

  for (
    const [args, message] of [
      [["--provider", "other"], /must be waiting-room, crowdhandler or queue-it, received "other"/],
      [["--store", "127.0.0.1:6379"], /--store must be the address of a Redis, such as redis:.*, received/],
      [["--store", ""], /received ""/],
      [["--store", "redis://"], /received "redis:\/\/"/],
      [["--store", "redis://h/tickets"], /must be the address/],
      [["--store", "redis://h", "--provider", "queue-it"], /--store is for --provider waiting-room/],
      [["--sandbox-port", "4000"], /--sandbox-port is for/],
      [["--store", "redis://h", "--port", "65535"], /from 0 to 65534/],
      [["--crowd", "5001"], /from 0 to 5000, received "5001"/],
      [["--rate", "0"], /from 1 to/],
    ] as const
  ) {
    test(`refuses ${args.join(" ")}`, () => assert.throws(() => readOptions(args), { message }));
  }

  test("tells no password, wherever it stands", () => {
    for (
      const args of [
        ["--store", "http://user:sesame@h"],
        ["--store", 'redis://user:se"same@h:99999'],
        ["--store", "redis://user:ses/ame@h"],
        ["--store", "user:sesame@h"],
        ["--store=https://:sesame@h"],
        ["--store", "redis://h/x?password=sesame"],
        ["redis://user:sesame@h"],
        ["--strore=redis://user:sesame@h"],
      ]
    ) {
      assert.throws(
        () => readOptions(args),
        (error: Error) => !/ses|same/.test(error.message),
        args.join(" "),
      );
    }
  });
});

test("a visitor of the demo reads what a waiting page hands to its script, and knows nothing of another page", async () => {
  for (const opensAt of [undefined, new Date(Date.now() + 60_000)]) {
    for (const title of ["Waiting room", 'It\'s "},{" & </script>\u2028']) {
      const room = waitingRoom({
        admitPerMinute: 1,
        secretKeys: ["0123456789abcdef0123456789abcdef"],
        page: { title },
        ...(opensAt !== undefined && { opensAt }),
      });
      const gate = createGate({ publicHosts: ["shop.example.com"], plugins: [failClosed(), room] })
        .wrap(() => new Response("shop"));
      const headers = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
      let number = 0;
      for (let come = 0; come < 6; come++) {
        const answer = await gate(new Request("https://shop.example.com/tickets?q=%22}),{%22", { headers }));
        number++;
        if (answer.status === 200) continue;
        const text = await answer.text();
        const { path, epoch, number: told, isCalled, nextMs } = viewOf(text);
        assert.deepEqual([path, epoch, told], ["/.stanchion/main", 1, number]);
        assert.equal(isCalled, text.includes('"isCalled":true'));
        assert.ok(nextMs > 0);
      }
    }
  }
  for (const other of ["", "<h1>Bad gateway</h1>", "})({})"]) assert.equal(viewOf(other).number, undefined);
});

test("openRedis() says in words what is wrong with a Redis, and tells no password", async (t) => {
  const refusal = (url: string) =>
    openRedis(url, () => {}).then(({ close }) => (close(), "none"), (error: Error) => error.message);
  const port = await freePort();
  assert.match(
    await refusal(`redis://:sesame@127.0.0.1:${port}`),
    new RegExp(`^No Redis listens at redis://127.0.0.1:${port}. Start one, such as with: redis-server`),
  );
  const other = createServer((_request, response) => void response.end("no"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => (other.closeAllConnections(), other.close()));
  const { port: otherPort } = other.address() as AddressInfo;
  const said = await refusal(`redis://:sesame@127.0.0.1:${otherPort}`);
  assert.match(said, /does not answer as a Redis does/);
  assert.doesNotMatch(said, /sesame/);
  const redis = await startRedis({ settings: ["--requirepass", "open", "--appendonly", "no"] });
  if (redis === undefined) return;
  t.after(() => redis.kill());
  for (const url of [redis.url, redis.url.replace("//", "//:sesame@")]) {
    const words = await refusal(url);
    assert.match(words, /asks for another user or password/);
    assert.doesNotMatch(words, /sesame/);
  }
  assert.equal(await refusal(redis.url.replace("//", "//:open@")), "none");
});

/** Pauses the room by the board of one process, and waits until that of the other one shows it. */
async function changesByBoard(first: number, second: number, secret: string): Promise<void> {
  const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
  const told = async (port: number, path: string, init: RequestInit = {}) =>
    await (await fetch(`http://localhost:${port}/board${path}`, { headers, ...init })).json();
  const { rooms: [{ room: { revision } }] } = await told(first, "/rooms");
  const order = { mode: "paused", note: "Back at three." };
  const body = JSON.stringify({ order, revision, by: "Anna" });
  const changed = await told(first, "/rooms/main", { method: "POST", body });
  assert.deepEqual(changed, { is: "changed", revision: revision + 1, isRecorded: true });
  await eventually("the other process shows the change", async () => {
    const { rooms: [{ room }] } = await told(second, "/rooms");
    return room.mode === "paused" && room.note === "Back at three.";
  });
  const { records: [record] } = await told(second, "/rooms/main");
  assert.deepEqual([record.by, record.order], ["Anna", order]);
}

test("the demo in two processes is one room, and both end by one Ctrl+C", async (t) => {
  const redis = await startRedis();
  if (redis === undefined) return t.skip("redis-server is not installed");
  t.after(() => redis.kill());
  for (const how of ["Ctrl+C", "kill"] as const) {
    const { child, ended, printed } = start([
      "--store",
      redis.url,
      "--port",
      "0",
      "--crowd",
      "3",
      // Nobody of the crowd has to be quicker than the test for it to find a line.
      "--opens-in",
      "3600",
    ]);
    const pid = child.pid ?? 0;
    t.after(() => void killGroup(pid, "SIGKILL"));
    await eventually(`the demo runs: ${printed()}`, () => /Ctrl\+C/.test(printed()));
    const [first = 0, second = 0] = [...printed().matchAll(/localhost:(\d+)/g)].map(([, port]) =>
      Number(port)
    );
    assert.notEqual(first, second, printed());
    const cookies = jar();
    const look = async (port: number) => {
      const headers = { host: `localhost:${port}`, accept: "text/html", ...cookies.header() };
      const { status, text } = cookies.take(await send(port, { path: "/", headers }));
      return [status, /&quot;number&quot;:(\d+)/.exec(text)?.[1] ?? /"number":(\d+)/.exec(text)?.[1]];
    };
    const place = await look(first);
    assert.equal(place[0], 503);
    assert.notEqual(place[1], undefined);
    assert.deepEqual(await look(second), place, "the place is kept in the other process");
    await changesByBoard(first, second, /the secret (\S+)/.exec(printed())?.[1] ?? "");
    if (how === "Ctrl+C") {
      killGroup(pid, "SIGINT");
      assert.equal(await ended, 0, printed());
    } else process.kill(pid, "SIGKILL");
    await eventually("nobody listens any more", async () => {
      const closed = [first, second].map((port) => send(port, { path: "/" }).then(() => false, () => true));
      return (await Promise.all(closed)).every(Boolean);
    });
    assert.doesNotMatch(printed(), /Error|^ +at /m);
  }
});

function killGroup(pid: number, signal: "SIGINT" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}
