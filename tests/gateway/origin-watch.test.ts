import { strict as assert } from "node:assert";
import { test } from "node:test";
import { author, watchOrigin } from "../../gateway/origin-watch.ts";
import { memoryStore, type WaitingRoom, waitingRoom } from "../../plugins/waiting-room/mod.ts";

/** A watch whose looks a test makes one by one. */
function watching(line: { readonly rooms: WaitingRoom["rooms"] }) {
  let isThere = true;
  let go: (() => void) | undefined;
  const logged: string[] = [];
  const watch = watchOrigin({
    probe: () => Promise.resolve(isThere),
    rooms: () => line.rooms,
    log: (message) => void logged.push(message),
    schedule(callback) {
      go = callback;
      return () => go = undefined;
    },
  });
  return {
    watch,
    logged,
    set: (is: boolean) => isThere = is,
    async look(times = 1) {
      for (let count = 0; count < times; count++) {
        const now = go;
        go = undefined;
        now?.();
        // The next look is planned when this one is done.
        while (go === undefined) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function room(store = memoryStore()): WaitingRoom {
  return waitingRoom({
    admitPerMinute: 60,
    store,
    secretKeys: ["a secret of at least 32 bytes, for tests"],
    warn: () => {},
  });
}

test("watchOrigin() pauses the rooms when the site goes, and resumes them when it is back", async () => {
  const line = room();
  const [main] = line.rooms;
  const { watch, look, set, logged } = watching(line);
  await look(2);
  assert.equal((await main.status()).mode, "open");
  set(false);
  await look();
  assert.equal((await main.status()).mode, "open", "one look is none");
  await look();
  assert.equal((await main.status()).mode, "paused");
  assert.equal(watch.isUp, false);
  assert.deepEqual((await main.records()).map(({ by, order }) => [by, order["mode"]]), [[author, "paused"]]);
  assert.match(logged.join("\n"), /The site does not answer\. Its rooms are paused until it does/);
  set(true);
  await look(2);
  assert.equal((await main.status()).mode, "open");
  assert.match(logged.join("\n"), /The room "main" goes on\./);
  watch.close();
});

test("watchOrigin() leaves a room alone that somebody else paused, before or meanwhile", async () => {
  for (const when of ["before", "meanwhile"]) {
    const line = room();
    const [main] = line.rooms;
    const { look, set, watch } = watching(line);
    const hold = async () => {
      const { revision, mode } = await main.status();
      if (mode === "paused") await main.change({ mode: "open" }, { by: "Anna", revision });
      await main.change({ mode: "paused" }, { by: "Anna", revision: (await main.status()).revision });
    };
    if (when === "before") await hold();
    set(false);
    await look(2);
    if (when === "meanwhile") await hold();
    set(true);
    await look(20);
    assert.equal((await main.status()).mode, "paused", when);
    watch.close();
  }
});

test("watchOrigin() resumes what a gateway that is gone has paused, after a while", async () => {
  const store = memoryStore();
  const gone = watching(room(store));
  gone.set(false);
  await gone.look(2);
  gone.watch.close();
  const line = room(store);
  const [main] = line.rooms;
  const { look, watch } = watching(line);
  // A gateway knows a room that it serves.
  await main.status();
  await look(2);
  assert.equal((await main.status()).mode, "paused");
  await look(10);
  assert.equal((await main.status()).mode, "open");
  watch.close();
});

test("watchOrigin() pauses a room that is added while the site is away, and no room that somebody opened again", async () => {
  const rooms = (names: readonly string[], store = memoryStore()) =>
    waitingRoom({
      rooms: names.map((name) => ({ name, admitPerMinute: 60, match: [{ path: `/${name}` }] })),
      store,
      secretKeys: ["a secret of at least 32 bytes, for tests"],
      warn: () => {},
    }).rooms;
  const store = memoryStore();
  const line = { rooms: rooms(["first"], store) };
  const { look, set, watch } = watching(line);
  set(false);
  await look(2);
  line.rooms = rooms(["first", "second"], store);
  const [first, second] = line.rooms;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal((await first.status()).mode, "paused");
  await first.change({ mode: "open" }, { by: "Anna", revision: (await first.status()).revision });
  await look(2);
  assert.deepEqual([(await first.status()).mode, (await second.status()).mode], ["open", "paused"]);
  set(true);
  await look(2);
  assert.equal((await second.status()).mode, "open");
  watch.close();
});
