import { type Loop, platformLoop } from "../../src/async/loop.ts";
import { chain, isLate, isPromise } from "../../src/async/maybe-promise.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import { GateError, withFallback } from "../../src/errors.ts";
import type { Health } from "../../src/health.ts";
import { createHostWarning } from "../../src/options/untrusted-host.ts";
import { warnOnce } from "../../src/options/warn-once.ts";
import type { Provider } from "../../src/plugin.ts";
import { createAnswers } from "./answers.ts";
import { beyondBounds } from "./bounds.ts";
import { type CheckedRoom, checkWaitingRoom } from "./check-options.ts";
import { answerAnybody, answerVisitor, endpointReader, orUnreachable } from "./endpoints.ts";
import { createKeys } from "./keys.ts";
import { createDoor } from "./newcomers.ts";
import { createRoomNode, type RoomNode } from "./node/mod.ts";
import type { WaitingRoomOptions } from "./options.ts";
import { createRoom, type Room } from "./room.ts";
import { memoryStore } from "./stores/memory.ts";
import { createSealer, identityTag, type Sealer, type SentProofs } from "./tickets/mod.ts";
import { createVisit, type Visit } from "./visit.ts";

/**
 * Creates the waiting room of our own: a provider that needs no hosted service. It comes last in the pipeline.
 *
 * A visitor who comes to a page that a room protects is let in where the limits allow it and nobody waits; otherwise the answer is a page
 * in the place of the one that was asked for, with a place in the line, and it goes on by itself when it is the visitor's turn. Whoever
 * is inside has a pass, a signed cookie that is checked without asking anybody for a minute at a time.
 *
 * Its decisions: `waiting-room/pass`, `/admitted`, `/bypass`, `/grace` (admit), `/unmatched` (bypass), `/waiting`, `/far`, `/lapsed`,
 * `/used`, `/closed`, `/sold-out`, `/later`, `/reconnecting`, `/outside`, `/challenge` (respond), `/unasked` (reject), and those of its endpoints,
 * `/status`, `/check-in`, `/leave`, `/ping` and `/no-endpoint` (respond). A store that fails is a failure with its cause for whoever has
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
export function waitingRoom(options: WaitingRoomOptions): Provider {
  return waitingRoomOn(platformLoop, options);
}

/** The same on a loop of one's own, as tests have it. */
export function waitingRoomOn(loop: Loop, options: WaitingRoomOptions): Provider {
  const checked = checkWaitingRoom(options);
  const { store = memoryStore(), path = "/.stanchion", prefix = "stanchion", bind, identify } = options;
  const { storeTimeoutMs = store.timeoutMs, graceMinutes = 5, status = 503, domain = "" } = options;
  const { now = Date.now, random = Math.random, secretKeys } = options;
  const warn = warnOnce(options.warn ?? ((message) => console.warn(message)));
  const warnOfHost = createHostWarning("waiting-room");
  const keys = createKeys({ secretKeys, store, timeoutMs: storeTimeoutMs, warn, loop });
  const readEndpoint = endpointReader(path);
  const visitOf: ContextKey<Visit> = contextKey("visit of a waiting room");
  const door = createDoor({ challenge: options.challenge, now });
  let sealing: Sealing | undefined;
  const rooms = checked.map(roomOf);
  const only = rooms.length === 1 ? rooms[0]?.room : undefined;
  const byName = new Map(rooms.map((each) => [each.room.name, each]));
  for (const { name, configured: { limits }, matches: { reports } } of checked) {
    reports.forEach(warn);
    const beyond = beyondBounds(store, name, limits);
    if (beyond !== undefined) warn(beyond);
  }

  function keyOf(name: string): string {
    return `${prefix}:${name}`;
  }

  function roomOf(checked: CheckedRoom): Entry {
    let known: RoomNode | undefined;
    const { name, configured, page, maxSessionMs } = checked;
    // With the first request: before it, some platforms tell no time.
    const node = () =>
      known ??= createRoomNode({
        store,
        key: keyOf(name),
        room: configured,
        timeoutMs: storeTimeoutMs,
        now,
        random,
        loop,
      });
    const room = createRoom({
      name,
      node,
      maxSessionMs,
      answers: createAnswers({ room: name, path: `${path}/${name}`, page, status, random, warn, loop }),
      graceMs: graceMinutes * 60_000,
      identityOf({ ctx }) {
        const identity = identify === undefined ? "" : textOf("identify", identify(ctx));
        return identity === "" ? undefined : sealing?.tagOf(name, identity);
      },
      welcome: (visit) => door.welcome(name, visit, sealing?.keys ?? []),
    });
    return { checked, room };
  }

  function decide(ctx: Context): Decision | Promise<Decision> {
    const endpoint = readEndpoint(ctx);
    if (endpoint !== undefined) return atEndpoint(ctx, endpoint.room, endpoint.endpoint);
    return chain(firstRoom(ctx, 0), (found) => {
      if (found === undefined) return unmatched;
      return visiting(ctx, found, (visit) => found.room.decide(visit));
    });
  }

  function firstRoom(ctx: Context, from: number): Entry | undefined | Promise<Entry | undefined> {
    const entry = rooms[from];
    if (entry === undefined) return undefined;
    const { checked: { matches, configured: { limits } }, room } = entry;
    if (matches.usesHost) warnOfHost(ctx);
    return chain(matches(ctx), (isIts) => {
      if (!isIts) return firstRoom(ctx, from + 1);
      const { admitPerMinute, capacity } = room.node().last?.limits ?? limits;
      const inside = capacity < 0 ? "any number" : capacity;
      ctx.note?.(`room "${room.name}" protects the page: ${admitPerMinute} a minute, ${inside} inside`);
      return entry;
    });
  }

  /** Finds out who comes, and goes on with that: at once where the keys and the time are known. */
  function visiting(
    ctx: Context,
    { room, checked: { configured } }: Entry,
    next: (visit: Visit) => Decision | Promise<Decision>,
  ): Decision | Promise<Decision> {
    const binding = bind === undefined ? "" : textOf("bind", bind(ctx));
    return chain(sealingOf(), ({ sealer }) => {
      const node = room.node();
      const arrive = (time: number) => {
        const { epoch, opensAt, closesAt } = node.last ?? { epoch: undefined, ...configured };
        const line = { epoch, opensAt, closesAt };
        const { name } = room;
        const visit = createVisit({
          ctx,
          room: name,
          key: keyOf(name),
          now: time,
          sealer,
          binding,
          domain,
          line,
        });
        ctx.set(visitOf, visit);
        visit.note(() => describe(visit.sent));
        return visit;
      };
      const time = node.now();
      return time === undefined ? atUnknownTime(room, arrive, next) : next(arrive(time));
    });
  }

  /** Asks the room for its time first. Where nobody can tell it, a ticket still keeps its holder in line. */
  async function atUnknownTime(
    room: Room,
    arrive: (time: number) => Visit,
    next: (visit: Visit) => Decision | Promise<Decision>,
  ): Promise<Decision> {
    let time: number;
    try {
      time = await room.node().time();
    } catch (cause) {
      const visit = arrive(0);
      if (visit.sent.proof?.kind === "ticket") return await next(visit);
      const visitor = visit.tag();
      throw withFallback(cause, { facts: { room: room.name, ...(visitor !== undefined && { visitor }) } });
    }
    return await next(arrive(time));
  }

  function sealingOf(): Sealing | Promise<Sealing> {
    return chain(keys(), (known) => {
      if (sealing?.keys !== known) {
        sealing = { keys: known, sealer: createSealer(known), tagOf: identityTag(known) };
      }
      return sealing;
    });
  }

  function atEndpoint(ctx: Context, name: string, endpoint: string): Decision | Promise<Decision> {
    const entry = byName.get(name);
    try {
      const answered = answerAnybody(ctx, entry?.room, endpoint) ??
        (entry && visiting(ctx, entry, (visit) => answerVisitor(visit, entry.room, endpoint)));
      if (answered === undefined) throw new GateError("internal", "An endpoint has no answer");
      if (!isPromise(answered)) return answered;
      return answered.catch((cause: unknown) => orUnreachable(ctx, endpoint, cause));
    } catch (cause) {
      return orUnreachable(ctx, endpoint, cause);
    }
  }

  return {
    name: "waiting-room",
    final: "decide",
    publicHosts: options.publicHosts,
    // The key, the time, the status and the batch, each with what waits before it.
    longestMs: 8 * storeTimeoutMs,
    decide,
    headers: (ctx, response) => ctx.get(visitOf)?.headers(response),
    ...(only !== undefined ? { health: () => ({ ...healthOf(only), ...store.health?.() }) } : {
      // Each room tells of itself under a name of its own.
      wraps: rooms.map(({ room }) => ({ name: `waiting-room-${room.name}`, health: () => healthOf(room) })),
      ...(store.health !== undefined && { health: () => store.health?.() ?? {} }),
    }),
  };
}

/** A room, and what its owner said of it. */
interface Entry {
  readonly checked: CheckedRoom;
  readonly room: Room;
}

/** What the keys are good for. */
interface Sealing {
  readonly keys: readonly string[];
  readonly sealer: Sealer;
  readonly tagOf: (room: string, identity: string) => string;
}

const unmatched: Decision = { action: "bypass", reason: "waiting-room/unmatched" };

/** What an owner's function gives, which must be there at once. */
function textOf(option: string, value: unknown): string {
  if (typeof value === "string") return value;
  void isLate(value);
  throw new GateError("internal", `"${option}" must return a text, at once`);
}

function describe({ proof, ended }: SentProofs): string {
  if (proof !== undefined) return `the visitor brought a ${proof.kind} with number ${proof.number}`;
  if (ended !== undefined) return `the visitor brought a pass with number ${ended.number} that has ended`;
  return "the visitor brought no ticket and no pass that counts";
}

/** The figures of a room. How many are far and come when they are called is an estimate. */
function healthOf({ node }: Room): Health {
  const { last, isFailing, queued } = node();
  if (last === undefined) return { storeFailing: isFailing, queued };
  const { mode, present, asleep, sessions, ghosts, issued, frontier, share, admitted, lapsed, left } = last;
  return {
    storeFailing: isFailing,
    queued,
    mode,
    present: present + asleep,
    far: Math.round((issued - frontier) * share),
    inside: sessions + ghosts,
    numbers: issued,
    admitted,
    lapsed,
    left,
  };
}
