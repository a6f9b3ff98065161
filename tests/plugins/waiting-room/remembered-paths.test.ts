import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createGate, failClosed } from "../../../mod.ts";
import { waitingRoom } from "../../../plugins/waiting-room/mod.ts";
import { heapGrowth, onlyOnNode } from "../../support/heap.ts";

describe("an endpoint's path that is remembered", { skip: onlyOnNode }, () => {
  test("keeps nothing of the URL in which it came", async () => {
    const room = waitingRoom({ admitPerMinute: 60, capacity: 200 });
    const gate = createGate({ publicHosts: ["shop.test"], plugins: [failClosed(), room] })
      .wrap(() => new Response("page"));
    const visit = async (at: number) => {
      const path = `/.stanchion/a-room-that-is-not-there-${at}/an-endpoint-that-is-not-there-${at}`;
      const url = `https://shop.test${path}?${"a".repeat(30_000)}`;
      assert.equal((await gate(new Request(Buffer.from(url).toString("latin1")))).status, 404);
    };
    const grown = await heapGrowth(4000, visit);
    // Five hundred URLs would be fifteen million.
    assert.ok(grown < 5_000_000, `${grown} bytes`);
  });
});
