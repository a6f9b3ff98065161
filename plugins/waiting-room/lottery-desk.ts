import { withDeadline } from "../../src/async/deadline.ts";
import { keepAlive } from "../../src/async/keep-alive.ts";
import type { Loop } from "../../src/async/loop.ts";
import type { Platform } from "../../src/context.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import {
  beaconMust,
  commitmentOf,
  createDraw,
  type Draw,
  isBeacon,
  type LotteryFacts,
} from "./lottery/mod.ts";
import { createLotterySecrets, type LotterySecrets, type LotterySecretsOptions } from "./lottery-secrets.ts";
import {
  isRegistering,
  isUndrawn,
  registrationEnd,
  type RoomChange,
  type RoomStatus,
} from "./machine/mod.ts";
import type { RoomNode } from "./node/mod.ts";
import type { LotteryOptions } from "./options.ts";

/** Until when a beacon is waited for, before the opening, and after how long it is asked for again. In milliseconds. */
const latestMs = 20_000;
const againMs = 5000;
/** How long one beacon may take. */
const beaconTimeoutMs = 10_000;
/** After how long work that did not end is given up, in milliseconds: some platforms end it with the request that began it. */
const lostMs = 2 * beaconTimeoutMs;
/** How long a request has to begin the work itself, and to keep its platform alive for it, in milliseconds. */
const requestMs = 100;

/** How a lottery is held. */
export interface LotteryDeskOptions extends Omit<LotterySecretsOptions, "secret"> {
  readonly node: () => RoomNode;
  readonly lottery: LotteryOptions;
  readonly loop: Loop;
}

/** The lottery of a room, as a process holds it: it knows the secret, and the room does not. */
export interface LotteryDesk {
  /**
   * Does what is to be done by a status: binds the lottery to its secret, or has it drawn. No visitor waits for it, and it never throws.
   *
   * @param platform Is kept alive until the work is done that was begun.
   */
  advance(status: RoomStatus, platform?: Platform): void;
  /** Sees to it that somebody advances the lottery who was told a status: a request, or a moment later nobody in particular. */
  learned(status: RoomStatus): void;
  /** Binds the lottery to its secret, where that has not been done, so that people can register. */
  ready(): Promise<void>;
  /** The order, once it is drawn; `undefined` before, and where this process does not know the secret. */
  drawOf(status: RoomStatus): Draw | undefined;
  /** What is published. */
  factsOf(status: RoomStatus): LotteryFacts;
}

/** What a lottery is held with. */
interface Desk extends LotteryDeskOptions {
  readonly secrets: LotterySecrets;
}

/** Makes the lottery of a room. */
export function createLotteryDesk(options: LotteryDeskOptions): LotteryDesk {
  const { room, node, lottery, loop } = options;
  const secrets = createLotterySecrets({ ...options, secret: lottery.secret });
  const desk: Desk = { ...options, secrets };
  let drawn: { readonly name: string; readonly draw: Draw } | undefined;
  let nextTryAt = Number.NEGATIVE_INFINITY;

  async function advanced(status: RoomStatus): Promise<void> {
    const since = loop.now();
    nextTryAt = since + lostMs;
    const isEarly = isRegistering(status);
    try {
      await (isEarly ? bind(desk, status) : decide(desk, status));
    } catch {
      // A store that fails is asked again when it answers the next time.
    } finally {
      nextTryAt = isEarly ? since : since + againMs;
    }
  }

  function isDue(status: RoomStatus): boolean {
    if (status.order !== "lottery" || loop.now() < nextTryAt) return false;
    return isRegistering(status) ? status.commitment === "" : status.registered > 0 && isUndrawn(status);
  }

  function advance(status: RoomStatus, platform?: Platform): void {
    if (!isDue(status)) return;
    const work = advanced(status);
    if (platform !== undefined) keepAlive(platform, work);
  }

  return {
    advance,
    learned(status) {
      if (isDue(status)) loop.wait(() => advance(status), requestMs);
    },
    async ready() {
      const status = await node().status();
      if (isRegistering(status) && status.commitment === "") await bind(desk, status);
    },
    drawOf(status) {
      const { order, commitment, registered, drawnBy, beacon } = status;
      if (order !== "lottery" || isUndrawn(status) || registered <= 0) return undefined;
      const name = `${commitment} ${registered} ${drawnBy} ${beacon}`;
      if (drawn?.name === name) return drawn.draw;
      const secret = secrets.bound(status);
      if (secret === undefined) return undefined;
      const { id, placeOf } = createDraw({ secret, beacon, count: registered });
      drawn = { name, draw: { id, placeOf: drawnBy === "arrival" ? (number) => number : placeOf } };
      return drawn.draw;
    },
    factsOf: (status) => factsOf(room, status, isRevealed(status) ? secrets.bound(status) : undefined),
  };
}

async function bind(desk: Desk, status: RoomStatus): Promise<void> {
  const { opensAt } = status;
  const secret = desk.secrets.made(opensAt);
  if (secret === undefined) return;
  await change(desk, status, { commit: { commitment: commitmentOf(secret), opensAt } });
}

async function decide(desk: Desk, status: RoomStatus): Promise<void> {
  const { node, lottery } = desk;
  const { epoch, registered, opensAt } = status;
  const draw = { epoch, registered };
  if (lottery.beacon === undefined) {
    return await change(desk, status, { draw: { ...draw, drawnBy: "committed", beacon: "" } });
  }
  const beacon = await beaconOf(desk, status);
  if (beacon !== undefined) {
    return await change(desk, status, { draw: { ...draw, drawnBy: "beacon", beacon } });
  }
  const now = node().now() ?? status.now;
  const { onBeaconFailure } = lottery;
  if (onBeaconFailure === "delay" || now < opensAt - latestMs) return;
  await change(desk, status, { draw: { ...draw, drawnBy: onBeaconFailure, beacon: "" } });
}

/** Asks for the beacon, until 20 seconds before the opening. What comes later does not count: others have decided by then. */
async function beaconOf(desk: Desk, { opensAt, now }: RoomStatus): Promise<string | undefined> {
  const { room, node, lottery: { beacon, onBeaconFailure }, loop, warn } = desk;
  const leftMs = onBeaconFailure === "delay" ? beaconTimeoutMs : opensAt - latestMs - (node().now() ?? now);
  if (beacon === undefined || leftMs <= 0) return undefined;
  try {
    const timeoutMs = Math.min(beaconTimeoutMs, leftMs);
    const asked = Promise.resolve().then(beacon);
    const found = await withDeadline(asked, timeoutMs, "The beacon of the lottery", undefined, loop);
    if (isBeacon(found)) return found;
    warn(`waiting-room: the beacon of room "${room}" must be ${beaconMust}`);
  } catch (cause) {
    warn(`waiting-room: the beacon of room "${room}" failed: ${kindOf(cause)}`);
  }
  return undefined;
}

/** By the revision that was seen: where somebody was faster, it has been done. */
async function change({ node }: Desk, { revision }: RoomStatus, change: RoomChange): Promise<void> {
  await node().submit({ do: "control", change, revision });
}

/** Whether the secret is told: nobody can gain anything by it any more. */
function isRevealed(status: RoomStatus): boolean {
  return status.mode !== "scheduled" && !isUndrawn(status);
}

function factsOf(room: string, status: RoomStatus, secret: string | undefined): LotteryFacts {
  const { epoch, opensAt, committedFor, commitment, registered, drawnBy, beacon } = status;
  return {
    form: 1,
    room,
    epoch,
    opensAt: timeOf(opensAt === 0 ? committedFor : opensAt),
    closesAt: isRegistering(status) ? timeOf(registrationEnd(status)) : null,
    commitment,
    registered: registered < 0 ? null : registered,
    drawnBy: drawnBy === "" ? null : drawnBy,
    beacon: drawnBy === "" ? null : beacon,
    secret: secret ?? null,
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
