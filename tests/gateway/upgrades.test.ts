import { strict as assert } from "node:assert";
import { test } from "node:test";
import { answering, ask, between, closedDoor, openDoor, type OriginConnection } from "./_wire.ts";

const opening =
  "GET /live HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: a\r\n\r\n";
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: b\r\nX-CaSe: 1\r\nSet-Cookie: a=1\r\n\r\n";

test("the gateway opens a WebSocket with all headers, the gate's cookie, and what both sides sent early", async () => {
  const door = openDoor([["set-cookie", "g=1"], ["cache-control", "private"]]);
  await between({ options: { door } }, async (gateway, origin) => {
    const client = await gateway.send(`${opening}EARLY`);
    const { until, socket } = await origin.next();
    const head = await until("\r\n\r\n");
    assert.match(head, /^GET \/live HTTP\/1\.1\r\nHost: x\r\nSec-WebSocket-Key: a\r\n/);
    assert.match(head, /^Connection: Upgrade\r$/im);
    assert.match(head, /^Upgrade: websocket\r$/im);
    socket.write(`${switching}HELLO`);
    const answer = await client.until("\r\n\r\n");
    for (
      const line of [
        "HTTP/1.1 101 Switching Protocols",
        "Sec-WebSocket-Accept: b",
        "X-CaSe: 1",
        "Set-Cookie: a=1",
        "set-cookie: g=1",
      ]
    ) {
      assert.ok(answer.split("\r\n").includes(line), answer);
    }
    assert.doesNotMatch(answer, /cache-control/i);
    await client.until("HELLO");
    await until("EARLY");
    const much = "m".repeat(1024 * 1024);
    client.socket.write(`${much}.`);
    await until(`${much}.`);
    socket.write(`${much}!`);
    await client.until(`${much}!`);
  });
});

test("the gateway closes the other side of a WebSocket, whichever closes", async () => {
  for (const side of ["client", "origin"] as const) {
    await between({}, async (gateway, origin) => {
      const client = await gateway.send(opening);
      const connection = await origin.next();
      await connection.until("\r\n\r\n");
      connection.socket.write(switching);
      await client.until("\r\n\r\n");
      const [closing, other] = side === "client" ? [client, connection] : [connection, client];
      closing.socket.end("bye");
      await other.until("bye");
      await other.closed;
    });
  }
});

test("the gateway passes the refusal of an upgrade with its body", async () => {
  const no = "HTTP/1.1 403 No Way\r\nX-CaSe: 1\r\nContent-Length: 2\r\n\r\nno";
  await between({ serve: answering(no) }, async (gateway) => {
    const client = await gateway.send(opening);
    await client.until("no");
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 403 No Way\r\nX-CaSe: 1\r\nContent-Length: 2\r\n/);
  });
});

test("the gateway answers 502 where the body of a refusal has a coding that nobody asked for", async () => {
  const no = "HTTP/1.1 403 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
  await between({ serve: answering(no) }, async (gateway) => {
    assert.match(await ask(gateway, opening), /^HTTP\/1\.1 502 /);
  });
});

test("the gateway passes a refusal in pieces as such, so that one that breaks off has no end", async () => {
  const head = "HTTP/1.1 403 No Way\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n";
  await between({ serve: answering(`${head}0\r\n\r\n`) }, async (gateway) => {
    assert.match(
      await ask(gateway, opening),
      /\r\nTransfer-Encoding: chunked\r\n[\s\S]*2\r\nno\r\n0\r\n\r\n$/,
    );
  });
  const breaks = ({ socket }: OriginConnection) => void socket.once("data", () => socket.end(head));
  await between({ serve: breaks }, async (gateway) => {
    const got = await ask(gateway, opening);
    assert.match(got, /^HTTP\/1\.1 403 /);
    assert.doesNotMatch(got, /^0\r\n/m);
  });
});

test("the gateway answers who has no place itself, without 101 and without a word to the origin", async () => {
  const door = closedDoor(() => new Response("wait", { status: 503, headers: { "set-cookie": "t=1" } }));
  await between({ options: { door } }, async (gateway, origin) => {
    const client = await gateway.send(opening);
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 503 /);
    assert.match(client.got(), /^set-cookie: t=1\r$/m);
    assert.match(client.got(), /wait$/);
    assert.equal(origin.connections.length, 0);
  });
});

test("the gateway tunnels nothing but WebSockets: other upgrades are not made", async () => {
  const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  await between({ serve: answering(ok) }, async (gateway, origin) => {
    for (const upgrade of ["h2c", "websocket, h2c", "TLS/1.0", "foo"]) {
      const client = await gateway.send(
        `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\nHTTP2-Settings: a\r\n\r\n`,
      );
      await client.until("\r\n\r\n");
      assert.match(client.got(), /^HTTP\/1\.1 (?:200|501) /);
    }
    assert.doesNotMatch(origin.connections.map((each) => each.got()).join(""), /upgrade|http2/i);
  });
});

test("the gateway tunnels nothing that the origin makes of a WebSocket: it answers 502", async () => {
  for (const becomes of ["Upgrade: h2c\r\nConnection: Upgrade\r\n", ""]) {
    const serve = answering(`HTTP/1.1 101 Switching Protocols\r\n${becomes}\r\n`);
    await between({ serve }, async (gateway) => {
      assert.match(await ask(gateway, opening), /^HTTP\/1\.1 502 /);
      assert.ok(gateway.events.some((event) => event.is === "failed"));
    });
  }
});

test("the gateway answers 502 to an upgrade where the origin is away, and goes on", async () => {
  await between({}, async (gateway, origin) => {
    await origin.close();
    const client = await gateway.send(opening);
    await client.closed;
    assert.match(client.got(), /^HTTP\/1\.1 502 /);
  });
});

test("the gateway ends a WebSocket through which nothing passes, and those that are open when it stops", async () => {
  await between({ options: { tunnelIdleMs: 200 } }, async (gateway, origin) => {
    const client = await gateway.send(opening);
    const connection = await origin.next();
    await connection.until("\r\n\r\n");
    connection.socket.write(switching);
    await client.until("\r\n\r\n");
    await Promise.all([client.closed, connection.closed]);
    assert.deepEqual(gateway.events.map(({ is }) => is), ["tunnel-opened", "tunnel-closed"]);
  });
});
