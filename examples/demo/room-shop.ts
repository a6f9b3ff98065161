/**
 * One process of the shop behind a waiting room of its own.
 *
 * @module
 */

import { clientIp, createGate, failClosed, type Gate, staticFiles } from "../../mod.ts";
import { roomBoard } from "../../plugins/waiting-room/board/mod.ts";
import { type OperatedRoom, waitingRoom } from "../../plugins/waiting-room/mod.ts";
import { openRedis, type OpenStore } from "./redis.ts";
import { listen } from "./server.ts";
import { createShop } from "./shop.ts";

/** A running process of the shop. */
export interface RoomShop {
  /** Its address, without a slash at the end. */
  readonly url: string;
  readonly gate: Gate;
  /** The room, as its owner operates it. */
  readonly room: OperatedRoom;
  /** The address of the board. */
  readonly boardUrl: string;
  /** Stops the server, and waits for what is pending. */
  close(): Promise<void>;
}

/** How it runs. */
export interface RoomShopOptions {
  /** The port; 0 for any free one. */
  readonly port: number;
  /** How many visitors are let in per minute. */
  readonly ratePerMinute: number;
  /** When the doors open, as an ISO date. @default {they are open} */
  readonly opensAt?: string;
  /** The address of a Redis that keeps the room. @default {the memory of this process} */
  readonly storeUrl?: string;
  /** With which one signs in to the board. */
  readonly boardSecret: string;
}

/** Where the board is. */
const boardPath = "/board";

/** How long somebody stays inside who makes no request, and how long others are let in past somebody who is away, in minutes. */
const sessionMinutes = 10;
const returnMinutes = 2;

/**
 * Starts the shop.
 *
 * @param options Where it listens, how many it lets in, and where the room is kept.
 * @returns The running shop.
 * @throws {StoreError} When the store cannot be used.
 */
export async function startRoomShop(
  { port, ratePerMinute, opensAt, storeUrl, boardSecret }: RoomShopOptions,
): Promise<RoomShop> {
  const open = storeUrl === undefined
    ? undefined
    : await openRedis(storeUrl, (text) => console.warn(`  ${text}`));
  const server = await listen(port).catch((error: unknown) => {
    open?.close();
    throw error;
  });
  const line = waitingRoom({
    ...keptIn(open),
    admitPerMinute: ratePerMinute,
    ...(opensAt !== undefined && { opensAt }),
    sessionMinutes,
    returnMinutes,
    note: "Four tickets per person. The box office stays open until everyone in line has been served.",
    page: { title: "Queen Victoria Hall" },
  });
  const url = `http://localhost:${server.port}`;
  const gate = createGate({
    publicHosts: [url],
    plugins: [
      staticFiles({ roots: ["/assets"], paths: ["/favicon.ico"] }),
      // The crowd of the demo says where it comes from as a proxy would; a real site trusts its own proxies only.
      clientIp({ trustedProxies: ["127.0.0.0/8", "::1/128"] }),
      failClosed(),
      line,
    ],
  });
  const shop = createShop("/.stanchion/main/leave");
  const board = roomBoard({
    rooms: line.rooms,
    auth: { secrets: [boardSecret] },
    path: boardPath,
    title: "Queen Victoria Hall: the board",
  });
  server.handle(
    board.route(gate.wrap((request: Request, ..._platform: readonly unknown[]) => shop.fetch(request))),
  );
  return {
    url,
    gate,
    room: line.rooms[0],
    boardUrl: url + boardPath,
    async close() {
      board.close();
      await server.close();
      await gate.idle();
      open?.close();
    },
  };
}

/** In Redis the processes find their common secret as well. */
function keptIn(open: OpenStore | undefined) {
  if (open !== undefined) return { store: open.store };
  return { secretKeys: [crypto.randomUUID() + crypto.randomUUID()] };
}
