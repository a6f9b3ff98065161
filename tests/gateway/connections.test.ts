import { strict as assert } from "node:assert";
import { test } from "node:test";
import { answering, ask, between, closedDoor, type OriginConnection } from "./_wire.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const get = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

test("the gateway sends 40 requests one after the other on one connection", async () => {
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    for (let count = 0; count < 40; count++) assert.match(await ask(gateway, get), /ok$/);
    assert.equal(origin.connections.length, 1);
  });
});

test("the gateway stays within its number of connections, however many ask at once", async () => {
  let most = 0;
  let now = 0;
  const serve = (connection: OriginConnection) => {
    most = Math.max(most, ++now);
    void connection.closed.then(() => now--);
    void answering(ok)(connection);
  };
  await between({ serve, options: { maxOriginConnections: 20 } }, async (gateway) => {
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(gateway, get)));
    assert.equal(answers.filter((answer) => answer.startsWith("HTTP/1.1 200 ")).length, 1000);
    assert.ok(most <= 20, `${most} connections`);
  });
});

/** Answers once, and closes the connection as soon as something more comes on it. */
async function once({ socket, until }: OriginConnection): Promise<void> {
  try {
    await until("\r\n\r\n");
    socket.write(ok);
    socket.once("data", () => socket.resetAndDestroy());
  } catch {
    // It has ended.
  }
}

test("the gateway sends again what can be sent again where a kept connection was closed", async () => {
  await between({ serve: once }, async (gateway) => {
    for (let count = 0; count < 10; count++) assert.match(await ask(gateway, get), /^HTTP\/1\.1 200 /);
    assert.ok(gateway.events.some(({ is }) => is === "retried"));
  });
});

test("the gateway never sends a body, or what is not to be repeated, twice", async () => {
  const bodies = {
    POST: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    "POST of nothing": "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    PATCH: "PATCH / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  };
  for (const [name, request] of Object.entries(bodies)) {
    await between({ serve: once }, async (gateway, origin) => {
      await ask(gateway, get);
      await ask(gateway, request);
      const method = name.split(" ")[0] ?? "";
      const sent = origin.connections.map((each) => each.got()).join("").match(
        new RegExp(`^${method} `, "gm"),
      );
      assert.equal(sent?.length ?? 0, 1, name);
    });
  }
});

test("the gateway sends nothing again on a new connection", async () => {
  await between(
    { serve: ({ socket }) => void socket.once("data", () => socket.resetAndDestroy()) },
    async (gateway, origin) => {
      assert.match(await ask(gateway, get), /^HTTP\/1\.1 502 /);
      assert.equal(origin.connections.length, 1);
    },
  );
});

test("the gateway gives nobody else a connection on which the answer came before all of the body", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nhi");
    const first = await origin.next();
    await first.until("\r\n\r\nhi");
    first.socket.write(ok);
    await client.until("ok");
    // An application may want it all the same.
    client.socket.write("ya");
    await first.until("ya");
    await first.closed;
    client.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const { socket, until } = await origin.next();
    await until("GET / ");
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext");
    await client.until("next");
  });
});

test("the gateway ends a kept connection on which the origin says what nobody asked for", async () => {
  for (const more of [ok, "HTTP/1.1 200 OK\r\nX-"]) {
    await between({}, async (gateway, origin) => {
      const asked = ask(gateway, get);
      const { socket, until, closed } = await origin.next();
      await until("\r\n\r\n");
      socket.write(ok);
      await asked;
      socket.write(more);
      await closed;
    });
  }
});

test("the gateway closes connections that trickle heads, while it serves others", async () => {
  await between({ serve: answering(ok), limits: { headersTimeoutMs: 500 } }, async (gateway) => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => gateway.send("GET / HTTP/1.1\r\nHost")));
    const trickle = setInterval(() => {
      for (const { socket } of slow) if (!socket.destroyed) socket.write("x");
    }, 100);
    try {
      assert.match(await ask(gateway, get), /^HTTP\/1\.1 200 /);
      await Promise.all(slow.map(({ closed }) => closed));
    } finally {
      clearInterval(trickle);
    }
  });
});

test("the gateway ends a body of which nothing more comes, and tells its visitor", async () => {
  await between({ options: { answerTimeoutMs: 300 } }, async (gateway) => {
    const got = await ask(gateway, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhi");
    assert.match(got, /^HTTP\/1\.1 408 /);
  });
});

/** Announces a body that never comes. */
const announced = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nhi";

test("the gateway ends a body of which nothing more comes after its answer, and lets go of the origin", async () => {
  const early = ({ socket }: OriginConnection) => void socket.once("data", () => socket.write(ok));
  await between({ serve: early, options: { answerTimeoutMs: 300 } }, async (gateway, origin) => {
    const client = await gateway.send(announced);
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 200 /);
    await origin.connections[0]?.closed;
  });
});

test("the gateway ends a body of which nothing more comes while it is answered", async () => {
  const begins = ({ socket }: OriginConnection) =>
    void socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"));
  await between({ serve: begins, options: { answerTimeoutMs: 300 } }, async (gateway, origin) => {
    const client = await gateway.send(announced);
    await client.closed;
    await origin.connections[0]?.closed;
  });
});

test("the gateway ends the body of who has no place, and who goes within one lets go of the origin", async () => {
  const door = closedDoor(() => new Response("no", { status: 503 }));
  await between({ options: { answerTimeoutMs: 300, door } }, async (gateway) => {
    assert.match(await ask(gateway, announced), /^HTTP\/1\.1 503 /);
  });
  const early = ({ socket }: OriginConnection) => void socket.once("data", () => socket.write(ok));
  await between({ serve: early }, async (gateway, origin) => {
    const client = await gateway.send(announced);
    await client.until("ok");
    client.socket.destroy();
    await origin.connections[0]?.closed;
  });
});

test("the gateway lets go of the origin where the visitor takes nothing of an answer any more", async () => {
  const size = 64 * 1024 * 1024;
  const serve = ({ socket }: OriginConnection) =>
    void socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      socket.write(new Uint8Array(size));
    });
  const options = { answerTimeoutMs: 300, maxOriginConnections: 1 };
  await between({ serve, options }, async (gateway, origin) => {
    const idle = await gateway.send("");
    idle.socket.pause();
    idle.socket.write(get);
    await (await origin.next()).closed;
  });
});

test("the gateway leaves a visitor who takes nothing of its own answer", async () => {
  const left = Promise.withResolvers<void>();
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => left.resolve(),
  });
  const door = closedDoor(() => new Response(endless, { status: 503 }));
  await between({ options: { answerTimeoutMs: 300, door } }, async (gateway) => {
    const idle = await gateway.send("");
    idle.socket.pause();
    idle.socket.write(get);
    await left.promise;
  });
});

test("the gateway leaves a visitor who asks for page after page and takes none", async () => {
  const text = "x".repeat(200_000);
  let pages = 0;
  const door = closedDoor(() => (pages++, new Response(text, { status: 503 })));
  await between({ options: { answerTimeoutMs: 300, door } }, async (gateway) => {
    const idle = await gateway.send("");
    idle.socket.pause();
    idle.socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000));
    while (pages === 0 || gateway.connections() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

test("the gateway closes connections on which nobody asks", async () => {
  await between({ serve: answering(ok), limits: { keepAliveMs: 200 } }, async (gateway) => {
    const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await client.until("ok");
    await client.closed;
  });
});

test("the gateway takes no more connections than it may", async () => {
  await between({ serve: answering(ok), limits: { maxConnections: 3 } }, async (gateway) => {
    const held = await Promise.all([1, 2, 3].map(() => gateway.send("GET / HTTP/1.1\r\n")));
    const beyond = await gateway.send("");
    await beyond.closed;
    assert.equal(beyond.got(), "");
    held[0]?.socket.destroy();
  });
});

test("the gateway lets what is under way end before it stops", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const idle = await gateway.send("");
    const { socket } = await origin.next();
    const stopped = gateway.stop(20_000);
    // Bun tells of a connection when something is asked on it, so this one ends with the others.
    if (!("Bun" in globalThis)) await idle.closed;
    socket.write(ok);
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 200 [\s\S]*ok$/);
    await stopped;
  });
});
