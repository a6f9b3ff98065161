import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { parseArgs } from "node:util";
import { parseCommand } from "../../sandbox/command.ts";
import { createHostGuard, hostnameOf } from "../../sandbox/hosts.ts";
import { isLoopback } from "../../src/url/host-name.ts";
import { createSandbox } from "../../sandbox/mod.ts";
import { serveSandbox } from "../../sandbox/serve.ts";

/** Sends bytes as they are, and gives what comes back. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => answer += String(data)).on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** A sandbox on a port, and the status of its answer to a request for `/sandbox/state` under a host. */
async function withServer(
  options: { readonly host?: string; readonly allowedHosts?: readonly string[] },
  use: (ask: (host: string | undefined, target?: string) => Promise<string>, port: number) => Promise<void>,
): Promise<void> {
  const server = await serveSandbox(createSandbox(), options);
  const port = Number(new URL(server.url).port);
  const ask = (host: string | undefined, target = "/sandbox/state") =>
    raw(
      port,
      `GET ${target} HTTP/1.1\r\n${host === undefined ? "" : `Host: ${host}\r\n`}Connection: close\r\n\r\n`,
    );
  try {
    await use(ask, port);
  } finally {
    await server.close();
  }
}

const status = (answer: string) => answer.split(" ")[1];

const foreign: readonly string[] = [
  "evil.example",
  "evil.example:4000",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "evil-localhost",
  "notlocalhost",
  "192.168.1.5",
  "0.0.0.0",
  "128.0.0.1",
  "[::2]",
];
/** A server may refuse these by itself. */
const malformed: readonly string[] = [
  "[::ffff:192.168.1.5]",
  "localhost@evil.example",
  "evil.example#localhost",
  "evil.example/localhost",
  "localhost, evil.example",
  "localhost evil.example",
  "",
];

describe("serveSandbox()", () => {
  test("serveSandbox() answers to the names of this machine, and to no other", async () => {
    await withServer({}, async (ask, port) => {
      for (
        const host of [
          "localhost",
          "LOCALHOST",
          "localhost.",
          `127.0.0.1:${port}`,
          "127.1.2.3",
          "[::1]:4000",
          "a.localhost",
        ]
      ) {
        assert.equal(status(await ask(host)), "200", host);
      }
      for (const host of foreign) {
        const answer = await ask(host);
        assert.equal(status(answer), "403", host);
        assert.ok(!answer.includes("publicKey"), "nothing is told");
      }
      for (const host of malformed) assert.match(status(await ask(host)) ?? "", /^40[03]$/, host);
      assert.match(status(await ask(undefined)) ?? "", /^40[03]$/);
    });
  });

  test("serveSandbox() says what to do where it refuses", async () => {
    await withServer({}, async (ask) => {
      const answer = await ask("shop.test:4000");
      assert.match(answer, /^content-type: text\/plain/im);
      assert.match(answer, /^cache-control: no-store/im);
      assert.ok(answer.includes('The sandbox does not answer to the host "shop.test:4000".'), answer);
      assert.ok(answer.includes("stanchion-sandbox --allow-host <name>"));
    });
  });

  test("serveSandbox() looks at the host of the request's first line as well", async () => {
    await withServer({}, async (ask) => {
      assert.equal(status(await ask("localhost", "http://evil.example/sandbox/state")), "403");
      assert.notEqual(status(await ask("evil.example", "http://localhost/sandbox/state")), "200");
    });
  });

  test("serveSandbox() changes nothing for a name that it refuses", async () => {
    const sandbox = createSandbox();
    const server = await serveSandbox(sandbox);
    try {
      const body = '{"kind":"500"}';
      const head = `Host: evil.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
      const answer = await raw(
        Number(new URL(server.url).port),
        `PUT /sandbox/faults/requests HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\n${body}`,
      );
      assert.equal(status(answer), "403");
      assert.deepEqual(sandbox.state.faults, {});
      assert.deepEqual(sandbox.state.calls, []);
    } finally {
      await server.close();
    }
  });

  test("serveSandbox() answers to the names that it is told, with any port", async () => {
    await withServer({ allowedHosts: ["sandbox.test", "Queue.Test:4000"] }, async (ask) => {
      for (const host of ["sandbox.test", "sandbox.test:8080", "SANDBOX.test.", "queue.test", "localhost"]) {
        assert.equal(status(await ask(host)), "200", host);
      }
      for (const host of ["a.sandbox.test", "test", "evil.example"]) {
        assert.equal(status(await ask(host)), "403", host);
      }
    });
  });

  test("serveSandbox() on all addresses answers to every address, and to no name of anybody else", async () => {
    await withServer({ host: "0.0.0.0" }, async (ask) => {
      for (const host of ["192.168.1.5:4000", "[fd00::5]", "0.0.0.0", "localhost"]) {
        assert.equal(status(await ask(host)), "200", host);
      }
      for (const host of ["evil.example", "192.168.1.5.evil.example"]) {
        assert.equal(status(await ask(host)), "403", host);
      }
    });
  });
});

test("createHostGuard() takes the address that is listened on for a name, as it may be written", () => {
  const ask = (host: string) => new Request("http://localhost/", { headers: { host } });
  for (const address of ["192.168.1.5", "shop.local", "fd00::5", "[fd00::5]"]) {
    const guard = createHostGuard(address, []);
    const inUrl = address.startsWith("fd") ? `[${address}]` : address;
    // Where a runtime drops `host`, the request has none, and is refused like any other.
    if (ask("a").headers.get("host") === null) return;
    assert.equal(guard(ask(`${inUrl}:4000`)), undefined, address);
    assert.equal(guard(ask("192.168.1.6"))?.status, 403);
  }
});

test("hostnameOf() and isLoopback() agree with the URL parser about spellings", () => {
  const table: readonly [text: string, loopback: boolean | undefined][] = [
    ["localhost:1", true],
    ["0x7f.1", true],
    ["2130706433", true],
    ["::1", true],
    ["[::1]:80", true],
    ["[0:0:0:0:0:0:0:1]", true],
    ["::2", false],
    ["127.0.0.1.nip.io", false],
    ["localhost:99999", undefined],
    ["http://localhost", undefined],
    ["a b", undefined],
  ];
  for (const [text, loopback] of table) {
    const name = hostnameOf(text);
    assert.equal(name === undefined ? undefined : isLoopback(name), loopback, text);
  }
});

test("parseCommand() has the sandbox answer to the names under which browsers reach it", () => {
  const config = { waitingRoomUrl: "https://wait.test/ch", queueIt: { queueDomain: "queue.test" } };
  const command = parseCommand(
    ["--config", "a.json", "--allow-host", "sandbox", "--connector-url", "http://shop:3000/"],
    () => JSON.stringify(config),
    parseArgs,
  );
  assert.ok(command !== "help");
  assert.deepEqual(command.allowedHosts, ["sandbox", "wait.test", "queue.test"]);
  assert.equal(command.options.queueIt?.connectorUrl, "http://shop:3000/");
  const plain = parseCommand([], () => "", parseArgs);
  assert.ok(plain !== "help");
  assert.deepEqual(plain.allowedHosts, []);
});
