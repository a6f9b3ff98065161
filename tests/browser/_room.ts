/** A shop behind a waiting room, and tabs in Chromium that visit it. */

import type { TestContext } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { createGate, failClosed, type Mode } from "../../mod.ts";
import {
  type Command,
  memoryStore,
  type RoomChange,
  waitingRoom,
  type WaitingRoomOptions,
} from "../../plugins/waiting-room/mod.ts";
import type { Plugin } from "../../src/plugin.ts";
import { serve } from "../src/_serve.ts";
import { browserForTests, newContext, skip } from "./_chromium.ts";

export { skip };

const browser = browserForTests();

/** A shop behind a waiting room. */
export interface Shop {
  readonly url: string;
  readonly store: ReturnType<typeof memoryStore>;
  readonly reasons: string[];
  readonly posts: string[];
  /** Lets people join who never come again. */
  fill(count: number, isPriority?: boolean): Promise<void>;
  /** Changes the limits, as the owner would. */
  limit(admitPerMinute: number): Promise<void>;
  /** Tells those who wait something, as the owner would. */
  say(note: string): Promise<void>;
  /** Changes anything. */
  change(change: RoomChange): Promise<void>;
  /** Switches the gate off, as the owner would: the application answers everything. */
  switchOff(): void;
  /** Lets the first of those come back and be let in. */
  admit(count: number): Promise<void>;
}

/** A shop behind a waiting room; each page says its path. */
export async function shop(
  t: TestContext,
  options: Partial<WaitingRoomOptions> = {},
  answer: (request: Request) => Response | undefined | Promise<undefined> = () => undefined,
): Promise<Shop> {
  const store = memoryStore();
  const reasons: string[] = [];
  const posts: string[] = [];
  const witness: Plugin = {
    name: "witness",
    settled: (_ctx, { decision }) => void reasons.push(decision.reason),
  };
  // What is left out of several rooms the types cannot tell here.
  const room = waitingRoom({ admitPerMinute: 0, store, warn() {}, ...options } as WaitingRoomOptions);
  let mode: Mode = "enforce";
  const gate = createGate({ plugins: [failClosed(), room, witness], mode: () => mode, onError() {} });
  const server = await serve(gate.wrap(async (request: Request) => {
    if (request.method === "POST") posts.push(await request.text());
    const { pathname } = new URL(request.url);
    return await answer(request) ??
      new Response(`<!doctype html><title>Shop</title><h1>Shop ${pathname}</h1>`, {
        headers: { "content-type": "text/html" },
      });
  }));
  t.after(() => server.close());
  const limits = {
    admitPerMinute: 0,
    burstSeconds: 3,
    capacity: -1,
    sessionMs: 900_000,
    returnMs: 300_000,
    recovery: "strict" as const,
  };
  const { note = "", priority } = options;
  const lane = priority !== undefined && { priority: { weight: priority.weight } };
  const configured = { limits, opensAt: 0, closesAt: 0, note, ...lane, since: 0 };
  const ask = (commands: readonly Command[]) =>
    store.run("stanchion:main", { room: configured, seen: undefined, commands });
  const run = async (commands: readonly Command[]) => void await ask(commands);
  const comeBack = async (number: number) => {
    const { epoch } = (await store.status("stanchion:main")) ?? { epoch: 0 };
    const { outcomes } = await ask([
      { do: "checkIn", epoch, number, tag: `person${number - 1}`, issuedAt: Date.now() },
    ]);
    return outcomes[0]?.is === "admitted";
  };
  const change = (change: RoomChange) => run([{ do: "control", change, revision: undefined }]);
  return {
    url: server.url,
    store,
    reasons,
    posts,
    fill: (count, isPriority = false) =>
      run(Array.from({ length: count }, (_, at) => {
        const who = isPriority ? `member${at}` : `person${at}`;
        return { do: "enter", tag: who, ...(isPriority && { isPriority }) };
      })),
    async admit(count) {
      for (let number = 1; number <= count; number++) {
        while (!(await comeBack(number))) await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    switchOff() {
      mode = "off";
    },
    say: (note) => change({ note }),
    limit: (admitPerMinute) => change({ limits: { admitPerMinute } }),
    change,
  };
}

/** Opens a tab of its own, and tells what its console says. */
export async function tab(
  t: TestContext,
  init: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; context: BrowserContext; said: string[] }> {
  const context = await newContext(browser(), init);
  t.after(() => context.close());
  const page = await context.newPage();
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  return { page, context, said };
}

/** Errors that the policy or the script brings about; a status of 503 is written to the console as well. */
export function faults(said: readonly string[]): readonly string[] {
  return said.filter((text) => !/status of 503/.test(text));
}
