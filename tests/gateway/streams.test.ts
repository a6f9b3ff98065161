import { strict as assert } from "node:assert";
import type { Socket } from "node:net";
import { test } from "node:test";
import { between, type Gateway, openDoor } from "./_wire.ts";

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

test("the gateway resets the connection of who speaks HTTP/1.0 where the origin breaks off, for its end is that of an answer", async () => {
  for (const [name, answer] of Object.entries(breaks)) {
    await between({}, async (gateway, origin) => {
      const client = await gateway.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
      let hasEnded = false;
      client.socket.once("end", () => hasEnded = true);
      const { socket } = await origin.next();
      socket.write(answer);
      await client.until("ok");
      // An answer without a length or pieces that ends in order is a whole one.
      socket.resetAndDestroy();
      await client.closed;
      assert.equal(hasEnded, false, name);
    });
  }
});

test("the gateway takes the rest of a body that the origin does not want, and serves what comes behind it", async (t) => {
  const ends = {
    "that answers at once and closes": "HTTP/1.1 413 Too Big\r\nContent-Length: 3\r\n\r\nbig",
    "that closes without an answer": "",
  };
  for (const [which, answer] of Object.entries(ends)) {
    await t.test(which, () =>
      between({}, async (gateway, origin) => {
        const size = 8_000_000;
        const client = await gateway.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
        const first = await origin.next();
        await first.until("\r\n\r\n");
        first.socket.write(answer);
        if (answer !== "") await client.until("big");
        first.socket.destroy();
        if (answer === "") await client.until("HTTP/1.1 502 ");
        // Whoever reads no answer before all is sent has to get there.
        client.socket.write("a".repeat(size));
        client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        const { socket, until } = await origin.next();
        await until("GET / ");
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
        await client.until("next");
      }));
  }
});

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
