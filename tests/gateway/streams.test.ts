import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { between, type Gateway, openDoor, startOrigin } from "./_wire.ts";

const mib = 1024 * 1024;

test("the gateway passes each piece of an answer as it comes, and a head that stands alone", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { socket } = await origin.next();
    // Bun sends a head that has characters beyond ASCII with the first piece behind it.
    const value = "Bun" in globalThis ? "cafe" : "caf\xe9";
    socket.write(`HTTP/1.1 200 OK\r\nX-L: ${value}\r\nTransfer-Encoding: chunked\r\n\r\n`, "latin1");
    assert.match(await client.until("\r\n\r\n"), new RegExp(`^X-L: ${value}\r$`, "m"));
    for (const piece of ["one", "two"]) {
      socket.write(`3\r\n${piece}\r\n`);
      await client.until(`3\r\n${piece}\r\n`);
    }
  });
});

test("the gateway passes each piece of a body as it comes, and the head before it", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send(
      "POST / HTTP/1.1\r\nHost: x\r\nX-L: caf\xe9\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const { until } = await origin.next();
    assert.match(await until("\r\n\r\n"), /^X-L: caf\xe9\r$/m);
    for (const piece of ["one", "two"]) {
      client.socket.write(`3\r\n${piece}\r\n`);
      await until(`3\r\n${piece}\r\n`);
    }
  });
});

/** Writes until the other side takes no more, and tells how many bytes that were. */
async function fill(socket: Socket, most: number): Promise<number> {
  const piece = Buffer.alloc(65_536, 120);
  let written = 0;
  while (written < most) {
    written += piece.length;
    if (socket.write(piece)) continue;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stalled = new Promise((resolve) => timer = setTimeout(resolve, 1000, "stalled"));
    const what = await Promise.race([once(socket, "drain"), stalled]);
    clearTimeout(timer);
    if (what === "stalled") return written;
  }
  return written;
}

test("the gateway stops an origin whose visitor reads nothing, and a visitor whose origin reads nothing", async () => {
  await between({ serve: ({ socket }) => socket.pause() }, async (gateway, origin) => {
    const reading = connect(gateway.port, "127.0.0.1");
    reading.pause();
    reading.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { socket } = await origin.next();
    socket.resume();
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000000\r\n");
    assert.ok(await fill(socket, 64 * mib) <= 24 * mib, "the origin wrote on");
    reading.destroy();

    const sending = connect(gateway.port, "127.0.0.1");
    sending.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${64 * mib}\r\n\r\n`);
    assert.ok(await fill(sending, 64 * mib) <= 24 * mib, "the visitor wrote on");
    sending.destroy();
  });
});

test("the gateway passes 128 MiB each way unchanged, with their length", async () => {
  const size = 128 * mib;
  const piece = Buffer.alloc(mib, "0123456789abcdefghi");
  const expected = createHash("sha256");
  for (let at = 0; at < size; at += mib) expected.update(piece);
  const sum = expected.digest("hex");

  async function send(socket: Socket): Promise<void> {
    for (let at = 0; at < size; at += mib) if (!socket.write(piece)) await once(socket, "drain");
  }
  /** The sum of what comes behind the head, and the head. */
  function receive(socket: Socket): Promise<readonly [head: string, sum: string]> {
    const hash = createHash("sha256");
    let head = "";
    let got = -1;
    return new Promise((resolve) =>
      socket.on("data", (data: Buffer) => {
        if (got === -1) {
          head += data.toString("latin1");
          const end = head.indexOf("\r\n\r\n");
          if (end === -1) return;
          const rest = Buffer.from(head.slice(end + 4), "latin1");
          head = head.slice(0, end);
          got = 0;
          data = rest;
        }
        got += data.length;
        hash.update(data);
        if (got === size) resolve([head, hash.digest("hex")]);
      })
    );
  }

  const heads: string[] = [];
  const received: Promise<readonly [string, string]>[] = [];
  const origin = await startOrigin(({ socket }) => {
    socket.removeAllListeners("data");
    received.push(receive(socket));
  });
  const { startGateway } = await import("./_wire.ts");
  const gateway = await startGateway(origin.port);
  try {
    const client = connect(gateway.port, "127.0.0.1");
    client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    await send(client);
    const { socket } = await origin.next();
    // It is there as soon as the connection is.
    const [head, got] = await received[0]!;
    heads.push(head);
    assert.equal(got, sum);
    const answer = receive(client);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    await send(socket);
    const [answerHead, answered] = await answer;
    heads.push(answerHead);
    assert.equal(answered, sum);
    for (const each of heads) assert.match(each, new RegExp(`^Content-Length: ${size}\r?$`, "m"));
    client.destroy();
  } finally {
    await gateway.stop();
    await origin.close();
  }
});

test("the gateway leaves the origin when the visitor goes: waiting, downloading, uploading", async (t) => {
  const cases = {
    waiting: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", ""],
    downloading: ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok"],
    uploading: ["POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nok", ""],
  };
  for (const [name, [request, answer]] of Object.entries(cases)) {
    await t.test(name, async () => {
      const door = openDoor();
      await between({ options: { door } }, async (gateway, origin) => {
        const client = await gateway.send(request ?? "");
        const { until, socket, closed } = await origin.next();
        await until("\r\n\r\n");
        if (answer !== "") {
          socket.write(answer ?? "");
          await client.until("ok");
        }
        client.socket.destroy();
        await closed;
        assert.deepEqual(door.ends.slice(0, 1), [answer === "" ? "left" : "finish 200"]);
      });
    });
  }
});

/** Ends of a connection to the origin within a body. */
const breaks: Readonly<Record<string, string>> = {
  "a length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
  pieces: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
};

test("the gateway ends the connection uncleanly where the origin breaks off", async (t) => {
  for (const [name, answer] of Object.entries(breaks)) {
    for (const how of ["destroy", "resetAndDestroy"] as const) {
      await t.test(`${name}, ${how}`, () =>
        between({}, (gateway, origin) => broken(gateway, origin, answer, how)));
    }
  }
});

async function broken(
  gateway: Gateway,
  origin: { next: () => Promise<{ readonly socket: Socket }> },
  answer: string,
  how: "destroy" | "resetAndDestroy",
): Promise<void> {
  const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const { socket } = await origin.next();
  socket.write(answer);
  await client.until("ok");
  socket[how]();
  await client.closed;
  assert.doesNotMatch(client.got(), /0\r\n\r\n$/);
  assert.ok(gateway.events.some(({ is }) => is === "broken"));
}

test("the gateway answers 502 and 504 where there is no answer, and tells them apart", async () => {
  const door = openDoor();
  await between({ options: { door, answerTimeoutMs: 300 } }, async (gateway, origin) => {
    const ask = async () => {
      const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      await client.closed;
      return client.got();
    };
    const silent = await ask();
    assert.match(silent, /^HTTP\/1\.1 504 /);
    assert.match(silent, /^cache-control: no-store\r$/im);
    const reset = ask();
    await origin.next();
    const { socket, until } = await origin.next();
    await until("\r\n\r\n");
    socket.resetAndDestroy();
    assert.match(await reset, /^HTTP\/1\.1 502 /);
    await origin.close();
    assert.match(await ask(), /^HTTP\/1\.1 502 /);
    assert.deepEqual(
      gateway.events.map((event) => event.is === "failed" ? event.fault : event.is),
      ["timeout", "unreachable", "unreachable"],
    );
    assert.deepEqual(door.ends.filter((end) => !end.startsWith("finish")).slice(0, 3), [
      "failed",
      "failed",
      "failed",
    ]);
  });
});

test("the gateway answers 502 where the name of the origin leads nowhere", async () => {
  await between({ options: { origin: new URL("http://nowhere.invalid") } }, async (gateway) => {
    const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 502 /);
  });
});
