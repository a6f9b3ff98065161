/**
 * A stand-in for the hosted services, in process or behind any Web-standard server.
 *
 * @module
 */
import { Hono } from "hono";
import { type Bindings, readCall } from "./call.ts";
import { normalizeIp } from "./normalize-ip.ts";
import { parseOptions } from "./parse-options.ts";
import { createBoard } from "./board/board.ts";
import { createControl } from "./control.ts";
import { createApi } from "./crowdhandler/api.ts";
import { createChecker } from "./crowdhandler/check.ts";
import { byPrecedence, createRoom } from "./crowdhandler/rooms.ts";
import { createWaitingPages } from "./crowdhandler/waiting-page.ts";
import { platformOf } from "../src/pipeline/platform.ts";
import { createQueueIt } from "./queue-it/queue-it.ts";
import { readDecision } from "./decisions.ts";
import { createFaults, playFault } from "./faults.ts";
import type { SandboxOptions } from "./options.ts";
import type { Sandbox } from "./sandbox.ts";
import { createNotes, type People } from "./notes.ts";
import type { RoomState, SandboxState } from "./state.ts";

const OVERSIZED_BYTES = 70_000;
const OVERSIZED_CONFIG_BYTES = 20_000_000;

/**
 * Creates a sandbox.
 *
 * @param options Rooms, keys, clock. With none each service has one room, `demo`, for `https://localhost:8080`.
 * @returns The sandbox.
 * @throws {TypeError} If an option has the wrong shape.
 * @throws {RangeError} If an option is out of range.
 * @example
 * ```ts
 * import { createSandbox } from "stanchion/sandbox";
 *
 * const sandbox = createSandbox({ rooms: [{ slug: "hall", domain: "https://shop.example.com", capacity: 0 }] });
 * const response = await sandbox.fetch(
 *   new Request("https://api.test/v1/rooms", { headers: { "x-api-key": sandbox.publicKey } }),
 * );
 * console.log(await response.json());
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const settings = parseOptions(options);
  const { now, publicKey, privateKey } = settings;
  const rooms = byPrecedence(settings.rooms).map((room) => createRoom(room, now()));
  const checker = createChecker(settings, rooms);
  const faults = createFaults();
  const closing = new AbortController();

  const queueIt = createQueueIt(settings, closing.signal);
  const states = () => [...rooms.map((room) => room.state(now())), ...queueIt.sandbox.state.rooms];
  const notes = createNotes(now, () => peopleIn(states()));

  const sandbox: Sandbox = {
    queueIt: queueIt.sandbox,
    publicKey,
    privateKey,
    faults: { set: faults.set, clear: faults.clear },
    get state(): SandboxState {
      return {
        now: new Date(now()).toISOString(),
        publicKey,
        rooms: rooms.map((room) => room.state(now())),
        visitors: checker.visitors.size,
        blockedIps: Object.fromEntries(checker.blockedIps),
        faults: faults.list(),
        queueIt: queueIt.sandbox.state,
        calls: [...notes.calls],
        decisions: [...notes.decisions],
        flow: notes.flow(),
        responses: [...notes.reports],
      };
    },
    async fetch(request, env): Promise<Response> {
      const claimed = queueIt.endpointOf(new URL(request.url));
      const call = await readCall(request, now(), claimed);
      const { bindings, endpoint } = call;
      const address = env === undefined ? undefined : platformOf(request, [env]).peerAddress;
      const answer = () =>
        claimed === undefined
          ? app.fetch(request, bindings)
          : queueIt.fetch(request, { ...bindings, address });
      const fault = endpoint === undefined ? undefined : faults.take(endpoint);
      const done = notes.call(call.received, fault?.kind);
      if (fault === undefined) return done(await answer());
      const signal = AbortSignal.any([request.signal, closing.signal]);
      return done(
        await playFault(fault, {
          signal,
          env,
          answer,
          maxBytes: endpoint === "integrationconfig" ? OVERSIZED_CONFIG_BYTES : OVERSIZED_BYTES,
        }),
      );
    },
    noteDecision: (record) => notes.decision(readDecision(record)),
    promote(token): number {
      return rooms.reduce((sum, room) => sum + room.promote(now(), token), queueIt.promote(token));
    },
    updateRoom(slug, change): RoomState {
      const room = rooms.find((each) => each.options.slug === slug);
      if (room === undefined) throw new RangeError(`Cannot update room: there is no room "${slug}"`);
      room.change(change, now());
      return room.state(now());
    },
    blockIp(ip, status = 4): void {
      const address = normalizeIp(ip);
      if (address === undefined) throw new RangeError(`Cannot block IP: "${ip}" is not an IP address`);
      checker.blockedIps.set(address, status);
    },
    unblockIp(ip): void {
      checker.blockedIps.delete(normalizeIp(ip) ?? ip);
    },
    close(): void {
      closing.abort();
    },
  };
  settings.blockedIps.forEach((ip) => sandbox.blockIp(ip));

  // Clients write `/v1/requests` with and without a slash at the end.
  const app = new Hono<{ Bindings: Bindings }>({ strict: false });
  app.route("/", createBoard());
  app.route("/sandbox", createControl(sandbox));
  app.route(
    "/v1",
    createApi(settings, { checker, rooms, onReport: notes.report }),
  );
  app.route("/", createWaitingPages(settings, { checker, rooms }));

  return sandbox;
}

function peopleIn(rooms: readonly People[]): People {
  return {
    waiting: rooms.reduce((sum, room) => sum + room.waiting, 0),
    inside: rooms.reduce((sum, room) => sum + room.inside, 0),
  };
}
