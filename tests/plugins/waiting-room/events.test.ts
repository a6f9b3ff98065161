/** W32: the status of a room as server-sent events, in a bounded number of streams. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createEventStreams, type EventStreams } from "../../../plugins/waiting-room/event-streams.ts";
import { turn } from "../../src/_gates.ts";
import { type NodeBench, nodeBench, settle } from "./_node.ts";
import { roomBench } from "./_room.ts";

const path = "/.stanchion/main/events";
const decoder = new TextDecoder();

interface Bench extends NodeBench {
  readonly streams: EventStreams;
  /** Lets time pass, a second at a time. */
  seconds(count: number): Promise<void>;
}

function benchOf(most: number): Bench {
  const bench = nodeBench();
  return {
    ...bench,
    streams: createEventStreams({ most, loop: bench.loop, random: () => 0 }),
    async seconds(count) {
      for (let at = 0; at < count; at++) {
        bench.clock.store += 980;
        bench.clock.wall += 980;
        bench.loop.pass(980);
        await settle();
        await bench.pass(20);
      }
    },
  };
}

/** Lets people join. */
async function enter(bench: Bench, count: number): Promise<void> {
  const joined = Promise.all(
    Array.from({ length: count }, (_, at) => bench.node.submit({ do: "enter", tag: `person${at}` })),
  );
  await bench.pass(20);
  await joined;
}

/** Reads a stream as fast as it tells something. */
function reading(stream: ReadableStream<Uint8Array>) {
  const told: string[] = [];
  const reader = stream.getReader();
  const end = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      told.push(decoder.decode(value));
    }
  })();
  return { told, reader, end };
}

describe("the events of a room", () => {
  test("tell the status at once, and then what changes, once a second at most", async () => {
    const bench = benchOf(10);
    const stream = bench.streams.open(bench.node);
    assert.ok(stream);
    const { told, reader } = reading(stream);
    await bench.seconds(1);
    assert.equal(told[0], "retry: 3000\n\n");
    assert.match(told[1] ?? "", /^data: \{"epoch":1,.*"issued":0,.*\}\n\n$/);
    await bench.seconds(5);
    assert.equal(told.length, 2, "nothing has changed");
    await enter(bench, 20);
    await bench.seconds(3);
    const issued = told.slice(2).map((each) => Number(/"issued":(\d+)/.exec(each)?.[1]));
    assert.equal(issued.at(-1), 20);
    assert.ok(issued.length <= 4, told.join(""));
    await reader.cancel();
  });

  test("say something though nothing changes", async () => {
    const bench = benchOf(10);
    const stream = bench.streams.open(bench.node);
    assert.ok(stream);
    const { told, reader } = reading(stream);
    await bench.seconds(20);
    assert.deepEqual(told.slice(2), [":\n\n", ":\n\n"]);
    await reader.cancel();
  });

  test("end when their reader goes, with no timer left, and make room for another one", async () => {
    const bench = benchOf(1);
    const stream = bench.streams.open(bench.node);
    assert.ok(stream);
    const { reader, end } = reading(stream);
    await bench.seconds(2);
    assert.equal(bench.streams.open(bench.node), undefined);
    assert.ok(bench.loop.waiting > 0);
    await reader.cancel();
    await end;
    await turn(5);
    assert.equal(bench.loop.waiting, 0);
    assert.ok(bench.streams.open(bench.node));
  });

  test("do nothing while nobody reads, and give way to others after a minute", async () => {
    const bench = benchOf(1);
    const idle = bench.streams.open(bench.node);
    assert.ok(idle);
    await bench.seconds(59);
    assert.equal(bench.loop.waiting, 0);
    assert.equal(bench.streams.open(bench.node), undefined);
    await bench.seconds(2);
    const other = bench.streams.open(bench.node);
    assert.ok(other);
    const { told, end } = reading(idle);
    await end;
    assert.deepEqual(told, ["retry: 3000\n\n"], "it has ended");
    await other.cancel();
  });

  test("end after five minutes, so that pages come to younger processes", async () => {
    const bench = benchOf(1);
    const stream = bench.streams.open(bench.node);
    assert.ok(stream);
    const { end } = reading(stream);
    await bench.seconds(302);
    await end;
    assert.equal(bench.loop.waiting, 0);
  });

  test("go on where the store was away", async () => {
    const bench = benchOf(1);
    const stream = bench.streams.open(bench.node);
    assert.ok(stream);
    const { told, reader } = reading(stream);
    await bench.seconds(2);
    bench.store.fault = () => Promise.reject(new Error("gone"));
    await bench.seconds(10);
    assert.equal(told.at(-1), ":\n\n");
    bench.store.fault = undefined;
    await bench.seconds(3);
    await enter(bench, 1);
    await bench.seconds(3);
    assert.match(told.at(-1) ?? "", /"issued":1,/);
    await reader.cancel();
  });

  test("are there where the owner wants them, for GET alone", async () => {
    const off = roomBench();
    assert.equal((await off.browser().fetch(path)).status, 404);
    const on = roomBench({ admitPerMinute: 60, eventStreams: 1 });
    for (const method of ["POST", "HEAD"]) {
      assert.equal((await on.browser().fetch(path, { method })).status, 405);
    }
    const open = new Request(`https://shop.example.com${path}`);
    const first = await on.gate(open, () => new Response("the shop"));
    assert.deepEqual(
      [first.status, first.headers.get("content-type"), first.headers.get("cache-control")],
      [200, "text/event-stream", "no-store"],
    );
    const { status, response } = await on.browser().fetch(path);
    assert.deepEqual([status, response.headers.get("retry-after")], [503, "60"]);
    await first.body?.cancel();
    const again = await on.gate(new Request(open), () => new Response("the shop"));
    assert.equal(again.status, 200);
    await again.body?.cancel();
  });

  test("are told to the script of the page", async () => {
    const page = async (eventStreams: number) =>
      (await roomBench({ admitPerMinute: 60, capacity: 0, eventStreams }).browser().open("/")).text;
    assert.match(await page(1), /"hasEvents":true/);
    assert.doesNotMatch(await page(0), /&quot;hasEvents&quot;/);
  });
});
