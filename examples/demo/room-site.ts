/**
 * The shop behind a waiting room of its own, in one process or two, with a crowd in front of it.
 *
 * @module
 */

import { type Crowd, startCrowd } from "./crowd.ts";
import { type RoomShop, startRoomShop } from "./room-shop.ts";
import { type SecondProcess, startSecond } from "./second-process.ts";
import { closeConnections } from "./visitor.ts";

/** The running demo. */
export interface RoomSite {
  /** The addresses of the shop, without a slash at the end: one for each process. */
  readonly shopUrls: readonly [string, ...string[]];
  readonly shop: RoomShop;
  /** With which one signs in to the board, at `shop.boardUrl`. */
  readonly boardSecret: string;
  /** Sends the crowd home, stops the servers and waits for what is pending. */
  close(): Promise<void>;
}

/** How the demo runs. */
export interface RoomSiteOptions {
  /** The shop's port; that of a second process is the next. @default {0, any free one} */
  readonly shopPort?: number;
  /** How many simulated visitors are in the line. @default {20} */
  readonly crowd?: number;
  /** How many visitors are let in per minute. @default {60} */
  readonly ratePerMinute?: number;
  /** After how long the doors open, in seconds. @default {0} */
  readonly opensIn?: number;
  /** The Redis that keeps the room, and the program that is started for the second process. @default {memory, one process} */
  readonly shared?: { readonly storeUrl: string; readonly program: string };
}

/**
 * Starts the demo on loopback.
 *
 * @param options Ports, the store, and how long the wait is.
 * @returns The running demo.
 * @throws {StoreError} When the store cannot be used.
 */
export async function startRoomSite(options: RoomSiteOptions = {}): Promise<RoomSite> {
  const { shopPort = 0, crowd = 20, ratePerMinute = 60, opensIn = 0, shared } = options;
  const storeUrl = shared === undefined ? {} : { storeUrl: shared.storeUrl };
  const opening = opensIn > 0 ? { opensAt: new Date(Date.now() + opensIn * 1000).toISOString() } : {};
  const boardSecret = crypto.randomUUID();
  const room = { ratePerMinute, boardSecret, ...opening, ...storeUrl };
  const shop = await startRoomShop({ port: shopPort, ...room });
  let second: SecondProcess | undefined;
  let people: Crowd | undefined;
  async function close(): Promise<void> {
    await people?.leave();
    closeConnections();
    await Promise.all([shop.close(), second?.close()]);
  }
  try {
    if (shared !== undefined) {
      const port = shopPort === 0 ? 0 : shopPort + 1;
      second = await startSecond(shared.program, { port, ...room });
    }
    const shopUrls = second === undefined ? [shop.url] as const : [shop.url, second.url] as const;
    people = startCrowd(shopUrls, crowd);
    await people.hasCome;
    return { shopUrls, shop, boardSecret, close };
  } catch (error) {
    await close();
    throw error;
  }
}
