/** What is done to a site with waiting rooms, one after the other. */

import { Redis } from "ioredis";
import { ioRedis, redisStore } from "../../plugins/waiting-room/stores/redis/mod.ts";
import type { TorturedRedis } from "./_redis.ts";
import { machineTime } from "./_room-events.ts";
import type { Course } from "./_room-judge.ts";
import type { LimitsInForce } from "./_room-limits.ts";
import type { NetworkState } from "./_room-proxy.ts";
import type { Site, SiteNode, SiteRoom } from "./_room-site.ts";
import { pause } from "./_tools.ts";

/** What is known of a site, and what was done to it. */
export interface Torture {
  readonly site: Site;
  readonly redis: TorturedRedis;
  readonly random: () => number;
  rooms: readonly SiteRoom[];
  /** What the judge has to know. */
  readonly limits: Map<string, LimitsInForce[]>;
  readonly cuts: number[];
  readonly pauses: { from: number; to: number }[];
  readonly troubles: { from: number; to: number }[];
  /** After how long the last process knew of a change, in milliseconds. */
  controlMs: number;
  /** For how long the store was away, in milliseconds. */
  outageMs: number;
  /** How many bytes power cuts took. */
  cutBytes: number;
}

/** Something that is done to a site. */
export interface Fault {
  readonly name: string;
  /** How much of the time it gets. */
  readonly share: number;
  /** Whether it belongs to the short form. */
  readonly isQuick: boolean;
  /** Does it, and puts it right again within a time. */
  run(torture: Torture, ms: number): Promise<void>;
}

/** The last one takes away what the store knew, so that nothing comes after it. */
export const faults: readonly Fault[] = [
  { name: "nothing", share: 1, isQuick: true, run: (_, ms) => pause(ms) },
  { name: "processes killed", share: 2, isQuick: true, run: killNodes },
  {
    name: "slow network",
    share: 1,
    isQuick: false,
    run: (torture, ms) => badNetwork(torture, ms, { is: "slow", ms: 60 }),
  },
  {
    name: "network too slow",
    share: 1,
    isQuick: false,
    run: (torture, ms) => badNetwork(torture, ms, { is: "slow", ms: 200 }),
  },
  {
    name: "answers lost",
    share: 1,
    isQuick: true,
    run: (torture, ms) => badNetwork(torture, ms, { is: "lossy", share: 0.1 }),
  },
  {
    name: "silent network",
    share: 1,
    isQuick: false,
    run: (torture, ms) => badNetwork(torture, ms, { is: "silent" }),
  },
  {
    name: "no network",
    share: 1,
    isQuick: false,
    run: (torture, ms) => badNetwork(torture, ms, { is: "gone" }),
  },
  {
    name: "Redis killed, always",
    share: 1,
    isQuick: true,
    run: (torture, ms) => killRedis(torture, ms, "everysec"),
  },
  {
    name: "Redis killed, everysec",
    share: 1,
    isQuick: true,
    run: (torture, ms) => killRedis(torture, ms, "no"),
  },
  {
    name: "Redis killed, no",
    share: 1,
    isQuick: false,
    run: (torture, ms) => killRedis(torture, ms, "everysec"),
  },
  {
    name: "Redis full",
    share: 1,
    isQuick: false,
    run: (torture, ms) => refuse(torture, ms, "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
  },
  {
    name: "Redis read-only",
    share: 1,
    isQuick: false,
    // A replica of a server that is not there keeps what it has.
    run: (torture, ms) => refuse(torture, ms, "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
  },
  { name: "Redis and processes killed", share: 2, isQuick: false, run: killBoth },
  { name: "clocks stepped", share: 1, isQuick: true, run: stepClocks },
  { name: "paused", share: 2, isQuick: true, run: pauseRooms },
  { name: "limits changed", share: 4, isQuick: false, run: changeLimits },
  { name: "store away", share: 6, isQuick: false, run: takeStoreAway },
  { name: "power cut", share: 4, isQuick: true, run: cutPower },
];

function some(torture: Torture, count: number): readonly SiteNode[] {
  return torture.site.nodes.map((node) => ({ node, by: torture.random() })).sort((a, b) => a.by - b.by)
    .slice(0, count).map(({ node }) => node);
}

async function killNodes(torture: Torture, ms: number): Promise<void> {
  const endsAt = machineTime() + ms;
  do {
    const nodes = some(torture, 2);
    await Promise.all(nodes.map((node) => node.process.kill()));
    await pause(ms * 0.1);
    await Promise.all(nodes.map(torture.site.start));
    await pause(ms * 0.1);
  } while (machineTime() < endsAt);
}

async function badNetwork(torture: Torture, ms: number, state: NetworkState): Promise<void> {
  const nodes = some(torture, 4);
  for (const { proxy } of nodes) proxy.set(state);
  await pause(ms * 0.6);
  for (const { proxy } of nodes) proxy.set({ is: "good" });
  await pause(ms * 0.4);
}

async function killRedis(torture: Torture, ms: number, next: "everysec" | "no"): Promise<void> {
  await torture.redis.kill();
  await away(torture, ms * 0.2, () => torture.redis.start(next));
  await pause(ms * 0.8);
}

/** Leaves the store, which was just killed or takes nothing, as it is for a while, and puts it right. */
async function away({ troubles }: Torture, ms: number, putRight: () => Promise<void>): Promise<void> {
  const trouble = { from: machineTime(), to: Number.POSITIVE_INFINITY };
  troubles.push(trouble);
  await pause(ms);
  trouble.to = machineTime();
  await putRight();
}

/** Lets the store answer, but take nothing. */
async function refuse(torture: Torture, ms: number, begin: string, end: string): Promise<void> {
  const client = new Redis(torture.redis.url).on("error", () => {});
  const told = async (line: string) => {
    const [command = "", ...words] = line.split(" ");
    await client.call(command, ...words);
  };
  try {
    await told(begin);
    await away(torture, ms * 0.2, () => told(end));
  } finally {
    client.disconnect();
  }
  await pause(ms * 0.8);
}

async function killBoth(torture: Torture, ms: number): Promise<void> {
  const { redis, site } = torture;
  const nodes = some(torture, 3);
  await Promise.all([redis.kill(), ...nodes.map((node) => node.process.kill())]);
  await Promise.all(nodes.map(site.start));
  await away(torture, ms * 0.2, () => redis.start("everysec"));
  await pause(ms * 0.7);
}

async function stepClocks(torture: Torture, ms: number): Promise<void> {
  const steps = [3_600_000, -3_600_000, 7000, -7000, 600_000];
  const nodes = some(torture, steps.length);
  await Promise.all(nodes.map((node, at) => torture.site.step(node, steps[at] ?? 0)));
  await pause(ms * 0.6);
  await Promise.all(nodes.map((node) => torture.site.step(node, 0)));
  await pause(ms * 0.4);
}

/** Pauses all rooms, as an owner would, and looks when each process knows of it. */
async function pauseRooms(torture: Torture, ms: number): Promise<void> {
  await withStore(torture, async (change) => {
    await change({ mode: "paused" });
    const from = machineTime();
    const known = await Promise.all(
      torture.site.nodes.map((node) => modeComes(node, "paused", torture.rooms)),
    );
    torture.controlMs = Math.max(torture.controlMs, ...known.map((at) => at - from));
    await pause(ms * 0.3);
    torture.pauses.push({ from, to: machineTime() });
    await change({ mode: "open" });
  });
  await pause(ms * 0.5);
}

async function modeComes({ port }: SiteNode, mode: string, rooms: readonly SiteRoom[]): Promise<number> {
  const end = machineTime() + 10_000;
  while (machineTime() < end) {
    const modes = await Promise.all(rooms.map(async ({ name }) => {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/.stanchion/${name}/status`, {
          headers: { host: "shop.test" },
        });
        // The processes are ours.
        return (await answer.json() as { readonly mode?: string }).mode;
      } catch {
        return undefined;
      }
    }));
    if (modes.every((each) => each === mode)) return machineTime();
    await pause(40);
  }
  return Number.POSITIVE_INFINITY;
}

/** Other limits, with which one process after the other is started again. */
async function changeLimits(torture: Torture, ms: number): Promise<void> {
  const { site, limits } = torture;
  const begun = machineTime();
  const next = torture.rooms.map((room): SiteRoom => ({
    ...room,
    admitPerMinute: Math.round(room.admitPerMinute * 0.6),
    ...(room.capacity !== undefined && { capacity: Math.round(room.capacity * 0.7) }),
  }));
  const previous = torture.rooms;
  for (const rooms of [next, previous]) {
    site.configure(rooms);
    const from = machineTime();
    for (const room of rooms) {
      limits.get(room.name)?.push(inForce(room, from, Number.POSITIVE_INFINITY));
    }
    for (const node of site.nodes) {
      await node.process.kill();
      await site.start(node);
    }
    // Each has been asked something by then.
    await pause(1000);
    for (const room of rooms) {
      const list = limits.get(room.name) ?? [];
      list.splice(-1, 1, inForce(room, from, machineTime()));
    }
    await pause(Math.max(0, ms / 2 - (machineTime() - begun)));
  }
  torture.rooms = previous;
}

/** The limits of a room, as the judge knows them. */
export function inForce(room: SiteRoom, from: number, to: number): LimitsInForce {
  const { admitPerMinute, burstSeconds, capacity = Number.POSITIVE_INFINITY } = room;
  return { from, to, admitPerMinute, burstSeconds, capacity };
}

async function takeStoreAway(torture: Torture, ms: number): Promise<void> {
  const { redis } = torture;
  const begun = machineTime();
  await redis.kill();
  await away(torture, Math.min(60_000, ms * 0.8), () => redis.start("everysec"));
  torture.outageMs = Math.max(torture.outageMs, machineTime() - begun);
  await pause(Math.max(0, ms - (machineTime() - begun)));
}

async function cutPower(torture: Torture, ms: number): Promise<void> {
  torture.cuts.push(machineTime());
  torture.cutBytes += await torture.redis.cutPower();
  await torture.redis.start("everysec");
  await pause(ms);
}

type Change = Parameters<ReturnType<typeof redisStore>["run"]>[1]["commands"][number] & {
  readonly do: "control";
};

/** Lets something be done by whoever runs the rooms. */
async function withStore(
  { redis, rooms }: Torture,
  use: (change: (what: Change["change"]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const client = new Redis(redis.url).on("error", () => {});
  const store = redisStore(ioRedis(client));
  const limits = {
    admitPerMinute: 0,
    burstSeconds: 0,
    capacity: 0,
    sessionMs: 1000,
    returnMs: 1000,
    recovery: "strict",
  } as const;
  // A configuration of long ago changes nothing.
  const room = { limits, opensAt: 0, closesAt: 0, note: "", since: 0 };
  try {
    await use(async (change) => {
      const commands = [{ do: "control", change, revision: undefined }] as const;
      for (const { name } of rooms) await store.run(`stanchion:${name}`, { room, seen: undefined, commands });
    });
  } finally {
    client.disconnect();
  }
}

/** What the judge has to know of a room. */
export function courseOf(torture: Torture, room: SiteRoom, read: Course["read"]): Course {
  const { limits, cuts, pauses, troubles } = torture;
  return {
    room: room.name,
    read,
    limits: limits.get(room.name) ?? [],
    sessionMs: room.sessionMinutes * 60_000,
    returnMs: room.returnMinutes * 60_000,
    ...{ cuts, pauses, troubles },
  };
}
