/** A shop in front of which people wait, and its owner at the board. */

import type { TestContext } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createGate, failClosed } from "../../mod.ts";
import { type BoardOptions, roomBoard } from "../../plugins/waiting-room/board/mod.ts";
import {
  type Command,
  memoryStore,
  type OperatedRoom,
  waitingRoom,
  type WaitingRoomOptions,
} from "../../plugins/waiting-room/mod.ts";
import { serve } from "../src/_serve.ts";
import { newContext } from "./_chromium.ts";

/** Of whoever may do everything, and of whoever may look and change nothing. */
export const secret = "a-long-secret-from-a-vault";
export const viewSecret = "another-secret-to-look-only";

/** A shop with a room and its board. */
export interface Shop {
  readonly url: string;
  readonly rooms: readonly [OperatedRoom, ...OperatedRoom[]];
  /** Opens the board as somebody; with a secret, signed in. */
  open(name: string, secret?: string, options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained about. */
  readonly complaints: string[];
}

/** A shop with a room, a few people in front of it, and the board. */
export async function openShop(
  t: TestContext,
  browser: Browser,
  options: Partial<WaitingRoomOptions> = {},
  more: Partial<BoardOptions> = {},
): Promise<Shop> {
  // What is left out of several rooms the types cannot tell here.
  const store = memoryStore();
  const line = waitingRoom(
    { admitPerMinute: 60, capacity: 2, store, warn() {}, ...options } as WaitingRoomOptions,
  );
  const gate = createGate({ plugins: [failClosed(), line], onError() {} });
  const auth = { secrets: [secret], viewSecrets: [viewSecret] };
  const board = roomBoard({ rooms: line.rooms, auth, onEvent() {}, ...more });
  const server = await serve(board.route(gate.wrap((..._: unknown[]) => new Response("the shop"))));
  t.after(() => {
    board.close();
    return server.close();
  });
  const { limits } = await line.rooms[0].status();
  await store.run(`stanchion:${line.rooms[0].name}`, {
    // Older than that of the room, which stays as it is.
    room: { limits, opensAt: 0, closesAt: 0, note: "", since: 0 },
    seen: undefined,
    commands: Array.from({ length: 5 }, (_, at): Command => ({ do: "enter", tag: `visitor${at}` })),
  });
  const complaints: string[] = [];

  async function open(name: string, given = "", options: BrowserContextOptions = {}): Promise<Page> {
    const context = await newContext(browser, options);
    const page = await context.newPage();
    t.after(async () => {
      // The page goes on asking, and what answers for the board would find it closed.
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await context.close();
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      // The page that asks who it is that comes is one of an error, by its status.
      const isExpected = /status of (?:401|409|400)/.test(message.text());
      if (message.type() === "error" && !isExpected) complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) {
        complaints.push(request.url());
      }
    });
    await page.goto(`${server.url}/.stanchion-board`);
    if (given === "") return page;
    await page.getByLabel("Your name").fill(name);
    await page.getByLabel("Secret").fill(given);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator("#room").waitFor();
    return page;
  }

  return { url: server.url, rooms: line.rooms, open, complaints };
}

/** Confirms what was asked for. */
export async function confirm(page: Page): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: "Change it" }).click();
}
