import { type Loop, platformLoop } from "../../src/async/loop.ts";
import { chain } from "../../src/async/maybe-promise.ts";
import { contextKey } from "../../src/context.ts";
import type { Health } from "../../src/health.ts";
import { createHostWarning } from "../../src/options/untrusted-host.ts";
import { warnOnce } from "../../src/options/warn-once.ts";
import type { Provider } from "../../src/plugin.ts";
import { createAnswers } from "./answers.ts";
import { beyondBounds } from "./bounds.ts";
import { type CheckedRoom, checkWaitingRoom } from "./check-options.ts";
import { endpointReader } from "./endpoint-path.ts";
import { decide, type Entry, type House, type Sealing } from "./house.ts";
import { createEventStreams } from "./event-streams.ts";
import { createKeys } from "./keys.ts";
import { figuresOf, type OperatedRoom, operatedRoom, storeFigures } from "./controls/mod.ts";
import { createMeters } from "./meters.ts";
import { createDoor } from "./newcomers.ts";
import { createLotteryDesk, type LotteryDesk, type LotteryDeskOptions } from "./lottery-desk.ts";
import { createRoomNode, createStatusKeeper, type RoomNode } from "./node/mod.ts";
import type { WaitingRoomOptions } from "./options.ts";
import { createParts } from "./parts.ts";
import { createRoom, type Room } from "./room.ts";
import { memoryStore } from "./stores/memory.ts";
import type { RoomStore } from "./stores/store.ts";
import { createIdentities, createSealer } from "./tickets/mod.ts";

/** The waiting room: a provider, and its rooms for whoever runs them. */
export type WaitingRoom = Provider & {
  /** The rooms, in their order, each with its figures, its changes and their log. */
  readonly rooms: readonly [OperatedRoom, ...OperatedRoom[]];
};

/**
 * Creates the waiting room of our own: a provider that needs no hosted service. It comes last in the pipeline.
 *
 * A visitor who comes to a page that a room protects is let in where the limits allow it and nobody waits; otherwise the answer is a page
 * in the place of the one that was asked for, with a place in the line, and it goes on by itself when it is the visitor's turn. Whoever
 * is inside has a pass, a signed cookie that is checked without asking anybody for a minute at a time.
 *
 * Some may have a lane of their own, and others need not wait, by the options `priority` and `bypass`.
 *
 * Its decisions: `waiting-room/pass`, `/admitted`, `/bypass`, `/grace` (admit), `/unmatched` (bypass), `/waiting`, `/far`, `/registered`, `/lapsed`,
 * `/used`, `/closed`, `/sold-out`, `/later`, `/reconnecting`, `/outside`, `/challenge` (respond), `/unasked` (reject), and those of its endpoints,
 * `/status`, `/events`, `/check-in`, `/join`, `/leave`, `/ping`, `/place`, `/lottery`, `/carry`, `/take`, `/wait` and `/no-endpoint` (respond). A store that fails is a failure with its cause for whoever has
 * no place yet, and the failure policy decides.
 *
 * @param options The limits of one room, or several rooms, and what they share.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape, or a room has no limits.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failClosed, staticFiles } from "stanchion";
 * import { waitingRoom } from "stanchion/waiting-room";
 *
 * const gate = createGate({
 *   publicHosts: ["shop.example.com"],
 *   plugins: [staticFiles(), failClosed(), waitingRoom({ admitPerMinute: 60, capacity: 200 })],
 * });
 * ```
 */
export function waitingRoom(options: WaitingRoomOptions): WaitingRoom {
  return waitingRoomOn(platformLoop, options);
}

/** The same on a loop of one's own, as tests have it. */
export function waitingRoomOn(loop: Loop, options: WaitingRoomOptions): WaitingRoom {
  const checked = checkWaitingRoom(options);
  const { store = memoryStore(), path = "/.stanchion", prefix = "stanchion" } = options;
  const { storeTimeoutMs = store.timeoutMs, graceMinutes = 5, status = 503, domain = "" } = options;
  const { now = Date.now, random = Math.random, secretKeys, cache, eventStreams = 0 } = options;
  const warn = warnOnce(options.warn ?? ((message) => console.warn(message)));
  const keys = createKeys({ secretKeys, store, timeoutMs: storeTimeoutMs, warn, loop });
  const visitOf: House["visitOf"] = contextKey("visit of a waiting room");
  const meters = createMeters(checked, loop);
  const door = createDoor({ challenge: options.challenge, now });
  // One bound for all rooms: what a process can hold open is one number.
  const events = createEventStreams({ most: eventStreams, loop, random });
  const spoken = { status, hasEvents: events.isOn, random, warn, loop };
  let sealing: Sealing | undefined;
  const sealingOf = () =>
    chain(keys(), (known): Sealing => {
      if (sealing?.keys === known) return sealing;
      return sealing = { keys: known, sealer: createSealer(known), identities: createIdentities(known) };
    });
  const rooms = checked.map(roomOf);
  const house: House = {
    rooms,
    drawn: rooms.filter(({ room }) => room.lottery !== undefined),
    byName: new Map(rooms.map((each) => [each.room.name, each])),
    readEndpoint: endpointReader(path),
    sealingOf,
    bind: options.bind,
    identify: options.identify,
    domain,
    warnOfHost: createHostWarning("waiting-room", warn),
    parts: createParts(warn),
    visitOf,
  };
  warnOf(checked, store, warn);

  function roomOf(checked: CheckedRoom): Entry {
    let known: RoomNode | undefined;
    const { name, configured, page, maxSessionMs, priority } = checked;
    const key = `${prefix}:${name}`;
    const keeper = cache && createStatusKeeper({ cache, key, timeoutMs: storeTimeoutMs, now, warn, loop });
    const meter = meters.of(checked);
    // With the first request: before it, some platforms tell no time.
    const node = () =>
      known ??= createRoomNode({
        store,
        key,
        room: configured,
        report: meter?.take,
        timeoutMs: storeTimeoutMs,
        keeper,
        learned: (status) => lottery?.learned(status),
        ...{ now, random, loop },
      });
    const lottery = lotteryOf(checked, { key, node, keys: () => sealing?.keys, loop, warn });
    const room = createRoom({
      ...{ name, lottery, node, maxSessionMs, events },
      answers: createAnswers({ room: name, path: `${path}/${name}`, page, ...spoken }),
      graceMs: graceMinutes * 60_000,
      serves: meter?.serves,
      priority: priority?.when,
      welcome: (visit) => door.welcome(name, visit, sealing?.keys ?? []),
    });
    return { checked, room, key };
  }

  return {
    name: "waiting-room",
    // There is one at least, or the options would have been refused.
    rooms: rooms.map(({ room, key }) => operatedRoom(room, key)) as [OperatedRoom, ...OperatedRoom[]],
    final: "decide",
    publicHosts: options.publicHosts,
    // The key, the time, the status and the batch, each with what waits before it.
    longestMs: 8 * storeTimeoutMs,
    decide: (ctx) => decide(house, ctx),
    headers: (ctx, response) => ctx.get(visitOf)?.headers(response),
    ...meters.hooks,
    ...healthOfAll(rooms, store),
  };
}

/** The lottery of a room; `undefined` for a room without one. */
function lotteryOf(
  { name, lottery }: CheckedRoom,
  desk: Omit<LotteryDeskOptions, "room" | "lottery">,
): LotteryDesk | undefined {
  return lottery && createLotteryDesk({ ...desk, room: name, lottery });
}

/** Says what of the rooms may not be what their owner thinks. */
function warnOf(rooms: readonly CheckedRoom[], store: RoomStore, warn: (message: string) => void): void {
  for (const { name, configured: { limits }, matches: { reports } } of rooms) {
    reports.forEach(warn);
    const beyond = beyondBounds(store, name, limits);
    if (beyond !== undefined) warn(beyond);
  }
}

/** How the rooms and their store are. */
function healthOfAll(rooms: readonly Entry[], store: RoomStore): Pick<Provider, "health" | "wraps"> {
  const [first] = rooms;
  if (first !== undefined && rooms.length === 1) {
    return { health: () => ({ ...healthOf(first.room), ...store.health?.() }) };
  }
  return {
    // Each room tells of itself under a name of its own.
    wraps: rooms.map(({ room }) => ({ name: `waiting-room-${room.name}`, health: () => healthOf(room) })),
    ...(store.health !== undefined && { health: () => store.health?.() ?? {} }),
  };
}

/** The figures of a room, as far as they are known. */
function healthOf({ node, statusAges }: Room): Health {
  const { last } = node();
  return last === undefined ? { ...storeFigures(node()) } : { ...figuresOf(node(), last, statusAges) };
}
