/** A simulation: what becomes of a world, always the same for one seed. */

import { paceOf, type RoomStatus, unlimited, wanted } from "../machine/mod.ts";
import { createMeter } from "../meter.ts";
import { type Agenda, createAgenda } from "./agenda.ts";
import { type Answers, createApplication } from "./application.ts";
import { createCrowd, type Surroundings } from "./crowd.ts";
import { createDoor, type Door, type LossCounts, type Violations } from "./door.ts";
import { type Admission, type Fates, noFates, type Second } from "./figures.ts";
import { createForecasts, type Forecast } from "./forecasts.ts";
import { createGuests } from "./guests.ts";
import { createFarLine, type FarLine } from "./line.ts";
import { createSimulatedNode, type SimulatedNode } from "./node.ts";
import { nextLookOf, speedOf } from "./page.ts";
import { randomOf } from "./random.ts";
import { beginning, createSimulatedStore, type SimulatedStore, type StoreCalls } from "./store.ts";
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
  /** Those who were let in, in that order. */
  readonly admissions: readonly Admission[];
  readonly forecasts: readonly Forecast[];
  /** What was asked of the application, by seconds. */
  readonly answers: readonly Answers[];
  readonly recoveries: number;
  readonly events: number;
  /** How much time went by in the world, in milliseconds, and how much here. */
  readonly endedMs: number;
  /** How many people are still in line. */
  readonly left: number;
}

/** Lets a world go by. */
export function simulate(world: World): Result {
  const agenda = createAgenda();
  const random = randomOf(world.seed);
  const door = createDoor(world.limits);
  const calls = noCalls();
  const fates = noFates();
  const store = createSimulatedStore(world, agenda, door, calls);
  const far = createFarLine(world.crowd.waiting, beginning);
  const { storeMs } = world;
  const clock = { now: () => agenda.now };
  const nodes = Array.from(
    { length: world.nodes },
    () => createSimulatedNode({ agenda, random, store, storeMs, meter: meterOf(world, clock) }),
  );
  const overtaken: number[] = [];
  const waits: number[] = [];
  const admissions: Admission[] = [];
  const forecasts = createForecasts(random, far);
  const seconds: Second[] = [];
  // There is at least one node.
  const anyNode = () => nodes[Math.floor(random.next() * nodes.length)] as SimulatedNode;
  const asking: Asking = (command, ticket, done) => anyNode().ask({ command, ticket, done });
  const application = world.application && createApplication(world.application, agenda, random);
  const serve = (visitor: string) => application?.answer(visitor, anyNode().meter) ?? 0;
  const letIn = createGuests({ world, agenda, random, store, serve, ask: asking });
  const crowd = createCrowd({
    world,
    agenda,
    random,
    store,
    far,
    fates,
    ask: asking,
    enters(visitor, outcome) {
      if (visitor.kind === "awake" && !outcome.again) {
        overtaken.push(outcome.rank * paceOf(store.status.limits).interval / 1000);
        forecasts.came(outcome.number, agenda.now);
      }
      const { kind, joinedAt } = visitor;
      waits.push(agenda.now - joinedAt);
      admissions.push({ number: outcome.number, kind, joinedAt, admittedAt: agenda.now });
      letIn(visitor, outcome);
    },
  });
  happen(world, agenda, nodes, asking);

  let isOver = false;
  let admittedBefore = 0;
  agenda.in(1000, second);
  function second(): void {
    seconds.push(secondOf(world, store, door, far, agenda.now, fates.admitted - admittedBefore));
    admittedBefore = fates.admitted;
    if (agenda.now >= world.forecastsFromMs && agenda.now < world.forecastsUntilMs) {
      forecasts.ask(store.status, agenda.now);
    }
    if (world.endsEmpty && far.size === 0 && crowd.called === 0 && !crowd.isComing) isOver = true;
    else agenda.in(1000, second);
  }
  for (let ms = 0; ms < world.durationMs && !isOver; ms += turnMs) {
    agenda.runUntil(Math.min(world.durationMs, ms + turnMs));
    crowd.callUp();
  }
  const { violations, atLosses } = door;
  const { recoveries } = store.state;
  const { events, now: endedMs } = agenda;
  const left = far.size + crowd.called;
  return {
    ...{ world, violations, atLosses, fates, calls, seconds, overtaken, waits, admissions },
    answers: application?.answers ?? [],
    ...{ forecasts: forecasts.made, recoveries, events, endedMs, left },
  };
}

/** How often the line is looked at by those who were called meanwhile, in milliseconds. */
const turnMs = 50;

type Asking = Surroundings["ask"];

function meterOf({ autotune }: World, clock: { now(): number }) {
  return autotune === undefined ? undefined : createMeter(autotune.targetMs, clock);
}

function noCalls(): StoreCalls {
  return { batches: 0, looks: 0, enter: 0, checkIn: 0, renew: 0, leave: 0, control: 0, bySecond: [] };
}

/** Lets happen what happens to nodes, and what an operator does. */
function happen(world: World, agenda: Agenda, nodes: readonly SimulatedNode[], ask: Asking): void {
  for (const happening of world.script) {
    const { atMs, what } = happening;
    if (what === "change") {
      const { change } = happening;
      agenda.at(atMs, () => ask({ do: "control", change, revision: undefined }, undefined, () => {}));
    } else if (what === "crash") agenda.at(atMs, () => nodes[happening.node % nodes.length]?.crash());
    else if (what === "loss" && happening.nodesToo === true) {
      agenda.at(atMs, () => nodes.forEach((node) => node.forget()));
    }
  }
}

/** What there is now; who was admitted since the second before is told. */
function secondOf(
  world: World,
  { status, state }: SimulatedStore,
  door: Door,
  far: FarLine,
  now: number,
  admitted: number,
): Second {
  const { limits, present, asleep, sessions, mode, issued, passed } = status;
  const { interval } = paceOf(limits);
  const isOpen = mode === "open" || mode === "draining";
  return {
    at: now / 1000,
    far: far.size,
    present,
    asleep,
    inside: door.live(status.now),
    sessions,
    admitted,
    allowed: isOpen && interval > 0 ? 1e6 / interval : 0,
    want: wanted(state, status.now),
    capacity: limits.capacity === unlimited ? Number.POSITIVE_INFINITY : limits.capacity,
    isOpen,
    looks: far.size > 0 ? looksOf(world, status, far.size) : 0,
    ...{ issued, passed, speed: speedOf(status) },
  };
}

/** How many looks a second those make who are told the longest interval, for they are far from the front. */
function looksOf({ crowd }: World, status: RoomStatus, far: number): number {
  const { frontier, issued, poll } = status;
  const samples = 20;
  const stays = typeof crowd.stays === "number" ? crowd.stays : 1;
  let count = 0;
  for (let at = 0; at < samples; at++) {
    const number = frontier + (issued - frontier) * (at + 0.5) / samples;
    if (nextLookOf(status, number) === poll * 1000) count++;
  }
  return count / samples * far * stays * (1 - crowd.suspended) / poll;
}
