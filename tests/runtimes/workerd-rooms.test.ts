/** Rooms in Durable Objects, in workerd, Cloudflare's runtime. */

import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { storeContract } from "../../plugins/waiting-room/testing/mod.ts";
import { recordOfRows, startRooms } from "./_room-worker.ts";

const rooms = await startRooms();
after(() => rooms.process.stop());

const insert = "INSERT INTO stanchion_members VALUES (?, ?, ?)";

storeContract({
  name: "durableObjectStore() on workerd",
  test,
  batches: Number(process.env["ROOM_BATCHES"] ?? 2000),
  inspectEvery: 25,
  create: (clock) => ({
    store: rooms.store(clock),
    inspect: async (room) => recordOfRows(await rooms.rows(room)),
    async keep(room) {
      const { room: own, members } = await rooms.rows(room);
      return () =>
        rooms.write(
          room,
          ...own.length === 0 ? [] : [["DELETE FROM stanchion"], ["DELETE FROM stanchion_members"]],
          ...own.map(({ name, value }) => ["INSERT INTO stanchion VALUES (?, ?)", name, value]),
          ...members.map(({ of_set, member, score }) => [insert, of_set, member, score]),
        );
    },
  }),
});
