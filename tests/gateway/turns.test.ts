/** Several requests at once on one connection: their answers go in turn, and the origin may be done with a later one before. */

import { strict as assert } from "node:assert";
import process from "node:process";
import { test } from "node:test";
import { between, type Gateway, type Origin, type OriginConnection } from "./_wire.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Sends a request behind another one, and gives the connections to the origin of both. */
async function queued(gateway: Gateway, origin: Origin, request: string) {
  const client = await gateway.send(get("/first") + request);
  const both = [await origin.next(), await origin.next()];
  await Promise.all(both.map(({ until }) => until("\r\n\r\n")));
  const [first, second] = both.toSorted((one) => one.got().startsWith("GET /first ") ? -1 : 1);
  return { client, first, second } as {
    client: OriginConnection;
    first: OriginConnection;
    second: OriginConnection;
  };
}

/** Waits until the gateway has noted so many things. */
async function noted(gateway: Gateway, count: number): Promise<void> {
  while (gateway.events.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("the gateway ends the connection where an answer breaks off before its turn, behind those before it", async (t) => {
  const breaks = {
    "a length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
    pieces: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
  };
  for (const [name, half] of Object.entries(breaks)) {
    await t.test(name, () =>
      between({}, async (gateway, origin) => {
        const { client, first, second } = await queued(gateway, origin, get("/second"));
        second.socket.write(half);
        await noted(gateway, 1);
        second.socket.destroy();
        await noted(gateway, 2);
        assert.equal(gateway.events[1]?.is, "broken");
        first.socket.write(ok);
        await client.until("ok");
        await client.closed;
        assert.doesNotMatch(client.got(), /0\r\n\r\n$/);
      }));
  }
});

test("the gateway keeps what comes before the head of an answer out of its body where it waits for its turn", async (t) => {
  const words = {
    "early hints": "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n",
    "100": "HTTP/1.1 100 Continue\r\n\r\n",
  };
  const request = "POST /second HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi";
  for (const [name, word] of Object.entries(words)) {
    await t.test(`${name}, and the answer before the turn`, () =>
      between({}, async (gateway, origin) => {
        const { client, first, second } = await queued(gateway, origin, request);
        second.socket.write(`${word}HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlate`);
        await noted(gateway, 1);
        first.socket.write(ok);
        await client.until("ok");
        assert.match(await client.until("late"), /^HTTP\/1\.1 200 (?:.+\r\n)+\r\nlate$/);
      }));
    await t.test(`${name}, and the answer in its turn`, () =>
      between({}, async (gateway, origin) => {
        const { client, first, second } = await queued(gateway, origin, request);
        second.socket.write(word);
        first.socket.write(ok);
        await client.until("ok");
        await client.until(word.split("\r\n")[0] ?? "");
        second.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate");
        await client.until("late");
      }));
  }
});

test("the gateway leaves the origin when the visitor goes whose answer waits for its turn", async () => {
  await between({}, async (gateway, origin) => {
    const { client, first, second } = await queued(gateway, origin, get("/second"));
    second.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    await noted(gateway, 1);
    client.socket.destroy();
    await Promise.all([first.closed, second.closed]);
  });
});

test("the gateway answers what was asked behind a body that did not wait for its word, which came before its turn", async () => {
  await between({}, async (gateway, origin) => {
    const request = "POST /second HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi";
    const { client, first, second } = await queued(gateway, origin, request);
    client.socket.write(get("/third"));
    const third = await origin.next();
    await Promise.all([second.until("hi"), third.until("\r\n\r\n")]);
    second.socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
    await noted(gateway, 1);
    third.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthird");
    await noted(gateway, 2);
    first.socket.write(ok);
    await client.until("third");
    assert.doesNotMatch(client.got(), /close/);
  });
});

test("the gateway says that a connection ends where its visitor wants that, though the body did not wait for a word", async () => {
  await between({}, async (gateway, origin) => {
    const client = await gateway.send(
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    );
    const { socket, until } = await origin.next();
    await until("hi");
    socket.write(ok);
    await client.closed;
    assert.match(client.got(), /\r\nConnection: close\r\n/i);
  });
});

test("the gateway takes any number of early hints for an answer that waits for its turn", async () => {
  const warnings: unknown[] = [];
  const warned = (warning: unknown) => void warnings.push(warning);
  process.on("warning", warned);
  try {
    await between({}, async (gateway, origin) => {
      const { client, first, second } = await queued(gateway, origin, get("/second"));
      second.socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n".repeat(50));
      // They have been read once something that was written after them has.
      const other = await gateway.send(get("/other"));
      (await origin.next()).socket.write(ok);
      await other.until("ok");
      first.socket.write(ok);
      await client.until("103 Early");
      second.socket.write(ok);
      await client.until("ok");
    });
    assert.deepEqual(warnings, []);
  } finally {
    process.removeListener("warning", warned);
  }
});
