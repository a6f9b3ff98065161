/** A simulation: what becomes of a world, always the same for one seed. */

import { paceOf, unlimited, wanted } from "../machine/mod.ts";
import { createAgenda } from "./agenda.ts";
import { createCrowd } from "./crowd.ts";
import { createDoor, type LossCounts, type Violations } from "./door.ts";
import { type Fates, noFates, type Second } from "./figures.ts";
import { createForecasts, type Forecast } from "./forecasts.ts";
import { createGuests } from "./guests.ts";
import { createFarLine } from "./line.ts";
import { createSimulatedNode } from "./node.ts";
import { nextLookOf } from "./page.ts";
import { randomOf } from "./random.ts";
import { beginning, createSimulatedStore, type StoreCalls } from "./store.ts";
import type { World } from "./world.ts";

/** What became of a world. */
export interface Result {
  readonly world: World;
  readonly violations: Violations;
  readonly atLosses: LossCounts;
  readonly fates: Fates;
  readonly calls: StoreCalls;
  readonly seconds: readonly Second[];
  /** For how long people who were awake were overtaken, in milliseconds at the pace of the room. */
  readonly overtaken: readonly number[];
  /** How long those waited who were let in, in milliseconds. */
  readonly waits: readonly number[];
  readonly forecasts: readonly Forecast[];
  readonly recoveries: number;
  readonly events: number;
  /** How much time went by in the world, in milliseconds, and how much here. */
  readonly endedMs: number;
  /** How many people are still in line. */
  readonly left: number;
}

/** Lets a world go by. */
export function simulate(world: World): Result {
  const { crowd: { waiting } } = world;
  const agenda = createAgenda();
  const random = randomOf(world.seed);
  const door = createDoor(world.limits);
  const calls: StoreCalls = { batches: 0, looks: 0, enter: 0, checkIn: 0, renew: 0, leave: 0, control: 0, bySecond: [] };
  const fates = noFates();
  const store = createSimulatedStore(world, agenda, door, calls);
  const far = createFarLine(waiting, beginning);
  const nodes = Array.from(
    { length: world.nodes },
    () => createSimulatedNode({ agenda, random, store, storeMs: world.storeMs, keepsMoving: true }),
  );
  const overtaken: number[] = [];
  const waits: number[] = [];
  const forecasts = createForecasts(random, far);
  const seconds: Second[] = [];
  let admittedBefore = 0;
  let isOver = false;

  const ask: Parameters<typeof createCrowd>[0]["ask"] = (command, ticket, done) => {
    // There is at least one node.
    (nodes[Math.floor(random.next() * nodes.length)] as (typeof nodes)[number]).ask({ command, ticket, done });
  };
  const letIn = createGuests({ world, agenda, random, store, ask });
  const crowd = createCrowd({
    world,
    agenda,
    random,
    store,
    far,
    fates,
    ask,
    enters(visitor, outcome) {
      const { interval } = paceOf(store.status.limits);
      if (visitor.kind === "awake" && !outcome.again) {
        overtaken.push(outcome.rank * interval / 1000);
        forecasts.came(outcome.number, agenda.now);
      }
      waits.push(agenda.now - visitor.joinedAt);
      letIn(visitor, outcome);
    },
  });

  for (const happening of world.script) {
    const { atMs, what } = happening;
    if (what === "change") {
      agenda.at(atMs, () => ask({ do: "control", change: happening.change, revision: undefined }, undefined, () => {}));
    } else if (what === "crash") agenda.at(atMs, () => nodes[happening.node % nodes.length]?.crash());
    else if (what === "loss" && happening.nodesToo === true) agenda.at(atMs, () => nodes.forEach((node) => node.forget()));
  }

  agenda.in(1000, second);
  function second(): void {
    const { status, state } = store;
    const { limits, present, asleep, sessions, mode, issued, frontier } = status;
    const { interval } = paceOf(limits);
    const isOpen = mode === "open" || mode === "draining";
    const looks = issued > frontier ? looksOf() : 0;
    seconds.push({
      at: agenda.now / 1000,
      far: far.size,
      present,
      asleep,
      inside: door.live(status.now),
      sessions,
      admitted: fates.admitted - admittedBefore,
      allowed: isOpen && interval > 0 ? 1e6 / interval : 0,
      want: wanted(state, status.now),
      capacity: limits.capacity === unlimited ? Number.POSITIVE_INFINITY : limits.capacity,
      isOpen,
      looks,
    });
    admittedBefore = fates.admitted;
    if (agenda.now < world.forecastsUntilMs) forecasts.ask(status, agenda.now);
    if (world.endsEmpty && far.size === 0 && crowd.called === 0 && !crowd.isComing) isOver = true;
    else agenda.in(1000, second);
  }

  /** How many looks a second those make who are told the longest interval, for they are far from the front. */
  function looksOf(): number {
    const { status } = store;
    const { frontier, issued, poll } = status;
    const samples = 20;
    const stays = typeof world.crowd.stays === "number" ? world.crowd.stays : 1;
    let count = 0;
    for (let at = 0; at < samples; at++) {
      const number = frontier + (issued - frontier) * (at + 0.5) / samples;
      if (nextLookOf(status, number) === poll * 1000) count++;
    }
    return count / samples * far.size * stays * (1 - world.crowd.suspended) / poll;
  }

  for (let ms = 0; ms < world.durationMs && !isOver; ms += 50) {
    agenda.runUntil(Math.min(world.durationMs, ms + 50));
    crowd.callUp();
  }
  return {
    world,
    violations: door.violations,
    atLosses: door.atLosses,
    fates,
    calls,
    seconds,
    overtaken,
    waits,
    forecasts: forecasts.made,
    recoveries: store.state.recoveries,
    events: agenda.events,
    endedMs: agenda.now,
    left: far.size + crowd.called,
  };
}
