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
import { createFaults, playFault } from "./faults.ts";
import type { SandboxOptions } from "./options.ts";
import type { Sandbox } from "./sandbox.ts";
import type { ReceivedCall, RecordedResponse, RoomState, SandboxState } from "./state.ts";

const MAX_CALLS = 200;
const MAX_REPORTS = 1000;
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
  const calls: ReceivedCall[] = [];
  const reports: RecordedResponse[] = [];
  const closing = new AbortController();

  const queueIt = createQueueIt(settings, closing.signal);

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
        calls: [...calls],
        responses: [...reports],
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
      const done = record(call.received, fault?.kind);
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
    createApi(settings, { checker, rooms, onReport: (report) => keep(reports, report, MAX_REPORTS) }),
  );
  app.route("/", createWaitingPages(settings, { checker, rooms }));

  /** Notes a call when it arrives, and completes the note when it is answered. */
  function record(
    received: ReceivedCall | undefined,
    fault: string | undefined,
  ): (response: Response) => Response {
    if (received === undefined) return (response) => response;
    const noted = fault === undefined ? received : { ...received, fault };
    keep(calls, noted, MAX_CALLS);
    return (response) => {
      const index = calls.indexOf(noted);
      if (index >= 0 && fault !== "reset") calls[index] = { ...noted, status: response.status };
      return response;
    };
  }

  return sandbox;
}

function keep<T>(list: T[], item: T, max: number): void {
  list.push(item);
  if (list.length > max) list.shift();
}
