import { keepAlive } from "../../../src/async/keep-alive.ts";
import { quietly } from "../../../src/async/quietly.ts";
import { schedule } from "../../../src/async/schedule.ts";
import type { Helper } from "../../../src/plugin.ts";
import { reportToConsole } from "../../../src/pipeline/report-error.ts";
import type { OperatedRoom } from "../controls/mod.ts";
import { lazily } from "../lazily.ts";
import { type Claims, createClaims } from "./claims.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { about, compare, eventNames, type RoomEventName, type Seen } from "./events.ts";
import { messageOf } from "./message.ts";
import { checkWebhooks, type RoomWebhooksOptions } from "./options.ts";
import { createHeaders } from "./signature.ts";
import { createTurns } from "./turns.ts";

/** The time between two looks, in milliseconds. All processes have the same, by which they know what each other saw. */
const lookMs = 5000;
/** In how many looks in a row one room fails before the store is lost. */
const lostLooks = 2;
/** After how long a look that did not end is given up, in milliseconds. */
const lostMs = 30_000;
/** For how long the gate is asked to wait, in milliseconds. */
const mostSettledMs = 8000;

/** What tells another service of rooms: a plugin, which decides nothing. */
export type RoomWebhooks = Helper & {
  /**
   * Looks at the rooms and sends what is due, now. It does so by itself every five seconds from the first request on; call it where a platform
   * runs nothing between requests, by its cron. Never rejected.
   */
  look(): Promise<void>;
  /** Ends it. What was not sent yet is left to the other processes. */
  close(): void;
};

/**
 * Makes a plugin that tells another service what happens to waiting rooms: that one opened, that people begin to wait, that somebody paused it, that it
 * is sold out, that the store is lost. Messages are JSON, signed by the specification "Standard Webhooks", and each has an id.
 *
 * Of several processes one tells each event, as they agree by the store; a process that goes away meanwhile is stood in for. So an event may be told
 * twice where the store or a process fails, always with the same id. No visitor waits for any of it.
 *
 * @param options The rooms, and where messages go.
 * @returns The plugin. Its place in the list does not matter.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { createGate, failClosed } from "stanchion";
 * import { waitingRoom } from "stanchion/waiting-room";
 * import { roomWebhooks } from "stanchion/waiting-room/webhooks";
 *
 * const line = waitingRoom({ admitPerMinute: 60, capacity: 200 });
 * const webhooks = roomWebhooks({
 *   rooms: line.rooms,
 *   url: "https://ops.example.com/hooks/rooms",
 *   secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
 * });
 * const gate = createGate({ publicHosts: ["shop.example.com"], plugins: [failClosed(), line, webhooks] });
 * ```
 */
export function roomWebhooks(options: RoomWebhooksOptions): RoomWebhooks {
  checkWebhooks(options);
  const { rooms, url, secrets, timeoutMs = 5000, keepMinutes = 10 } = options;
  const { fetch = globalThis.fetch, now = Date.now, onError = reportToConsole(now) } = options;
  let isClosed = false;
  const deliveries = createDeliveries({
    url,
    headersOf: createHeaders(secrets),
    fetch: (to, init) => fetch(to, init),
    now,
    timeoutMs,
    keepMs: keepMinutes * 60_000,
    // Whoever is told must not stop what is told.
    onError: (error) => quietly(() => onError(error)),
    isOpen: () => !isClosed,
  });
  const watch = createWatch(rooms, deliveries, new Set(options.events ?? usual), now);
  let cancel: (() => void) | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const looks = createTurns(now, lostMs);

  /** A receiver that is slow holds up what is sent, and no look. */
  async function look(): Promise<void> {
    lookedAt = now();
    await looks.join(watch);
    if (!isClosed) await deliveries.send();
  }

  function again(): void {
    cancel = schedule(again, lookMs);
    void look();
  }

  return {
    name: "room-webhooks",
    settled({ platform }) {
      // Some platforms run timers for nobody but a request, and some not even then.
      if (isClosed || Math.abs(now() - lookedAt) < lookMs) return undefined;
      // A clock that was put back begins nothing twice.
      cancel ??= schedule(again, lookMs);
      // What is sent may take longer than the gate waits for it; it goes on by itself, or as long as the platform lets it.
      const work = look();
      keepAlive(platform, work);
      return Promise.race([work, new Promise<void>((resolve) => schedule(resolve, mostSettledMs))]);
    },
    health: () => ({ ...deliveries.counts, waiting: deliveries.waiting }),
    look: () => isClosed ? Promise.resolve() : look(),
    close() {
      isClosed = true;
      cancel?.();
    },
  };
}

/** A rate that follows the application may change six times a minute. */
const usual: readonly RoomEventName[] = eventNames.filter((name) => name !== "rate");

/** Makes what looks at rooms, and says what happened. Never rejected. */
function createWatch(
  rooms: readonly OperatedRoom[],
  deliveries: Deliveries,
  wanted: ReadonlySet<RoomEventName>,
  now: () => number,
): () => Promise<void> {
  const process = lazily(() => ({ id: crypto.randomUUID() }));
  const claimsOf = new Map<OperatedRoom, Claims>(
    rooms.map((room) => [room, createClaims(room, () => process().id)]),
  );
  const seen = new Map<OperatedRoom, Seen>();
  /** How many looks in a row each room failed in: two rooms that fail once each are no store that is lost. */
  const failed = new Map<OperatedRoom, number>();
  let isLost = false;
  // Another installation, which may have a room of the same name and the same receiver, has another prefix.
  const [prefix] = rooms.map(({ key }) => key.slice(0, key.indexOf(":")));

  async function lookAt(room: OperatedRoom): Promise<boolean> {
    try {
      const status = await room.status();
      const found = compare(seen.get(room), status, lookMs);
      seen.set(room, found.seen);
      for (const each of found.happened.filter(({ event }) => wanted.has(event))) {
        const claims = claimsOf.get(room);
        deliveries.add({
          message: messageOf(room, status, each),
          ...(claims !== undefined && { claim: { claims, id: each.id, rivals: each.rivals } }),
        });
      }
      return true;
    } catch {
      return false;
    }
  }

  function tellOfStore(event: "store-lost" | "store-back", claims: Claims | undefined): void {
    if (!wanted.has(event)) return;
    const { id, rivals } = about(event, "", now(), lookMs);
    deliveries.add({
      message: { id: `${prefix}:${id}`, event, at: new Date(now()).toISOString() },
      ...(claims !== undefined && { claim: { claims, id, rivals } }),
    });
  }

  return async () => {
    await Promise.all(rooms.map(async (room) => {
      failed.set(room, await lookAt(room) ? 0 : (failed.get(room) ?? 0) + 1);
    }));
    const most = Math.max(...failed.values());
    if (!isLost && most >= lostLooks) {
      isLost = true;
      // There is nothing by which processes could agree: each that loses it says so.
      tellOfStore("store-lost", undefined);
    }
    if (!isLost || most > 0) return;
    isLost = false;
    const [first] = claimsOf.values();
    tellOfStore("store-back", first);
  };
}
