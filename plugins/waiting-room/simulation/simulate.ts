/** A simulation: what becomes of a world, always the same for one seed. */

import {
  lanesOf,
  type Outcome,
  paceOf,
  priorityBase,
  type RoomStatus,
  unlimited,
  wanted,
} from "../machine/mod.ts";
import { createMeter } from "../meter.ts";
import { type Agenda, createAgenda } from "./agenda.ts";
import { type Answers, createApplication } from "./application.ts";
import { createCrowd, type Surroundings, type Visitor } from "./crowd.ts";
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
  /** How many of the priority lane came in, in each second. */
  readonly prioritySeconds: readonly number[];
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

/**
 * Lets a world go by.
 *
 * @param tell Is told each second of the world, as it is over.
 */
export function simulate(world: World, tell: (second: Second) => void = () => {}): Result {
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
  const prioritySeconds: number[] = [];
  const fars = [far];
  const left = () => sumOf(fars, ({ size }) => size) + sumOf(crowds, ({ called }) => called);
  // There is at least one node.
  const anyNode = () => nodes[Math.floor(random.next() * nodes.length)] as SimulatedNode;
  const asking: Asking = (command, ticket, done) => anyNode().ask({ command, ticket, done });
  const application = world.application && createApplication(world.application, agenda, random);
  const serve = (visitor: string) => application?.answer(visitor, anyNode().meter) ?? 0;
  const letIn = createGuests({ world, agenda, random, store, serve, ask: asking });
  const around = {
    ...{ world, agenda, random, store, fates },
    ask: asking,
    enters(visitor: Visitor, outcome: Outcome & { readonly is: "admitted" }) {
      if (!outcome.again && outcome.number > priorityBase) {
        const second = Math.floor(agenda.now / 1000);
        prioritySeconds[second] = (prioritySeconds[second] ?? 0) + 1;
      }
      if (visitor.kind === "awake" && !outcome.again) {
        overtaken.push(outcome.rank * paceOf(store.status.limits).interval / 1000);
        forecasts.came(outcome.number, agenda.now);
      }
      const { kind, joinedAt } = visitor;
      waits.push(agenda.now - joinedAt);
      admissions.push({ number: outcome.number, kind, joinedAt, admittedAt: agenda.now });
      letIn(visitor, outcome);
    },
  };
  const crowds = [createCrowd({ ...around, crowd: world.crowd, isPriority: false, far })];
  if (world.priority !== undefined) {
    const { crowd } = world.priority;
    const own = createFarLine(crowd.waiting, beginning, priorityBase);
    fars.push(own);
    crowds.push(createCrowd({ ...around, crowd, isPriority: true, far: own }));
  }
  happen(world, agenda, nodes, asking);

  let [isOver, admittedBefore] = [false, 0];
  agenda.in(1000, second);
  function second(): void {
    const own = secondOf(world, store, door, far, agenda.now, fates.admitted - admittedBefore);
    seconds.push(own);
    tell(own);
    admittedBefore = fates.admitted;
    if (agenda.now >= world.forecastsFromMs && agenda.now < world.forecastsUntilMs) {
      forecasts.ask(store.status, agenda.now);
    }
    if (world.endsEmpty && left() === 0 && !crowds.some(({ isComing }) => isComing)) isOver = true;
    else agenda.in(1000, second);
  }
  for (let ms = 0; ms < world.durationMs && !isOver; ms += turnMs) {
    agenda.runUntil(Math.min(world.durationMs, ms + turnMs));
    for (const crowd of crowds) crowd.callUp();
  }
  const { violations, atLosses } = door;
  const { events, now: endedMs } = agenda;
  return {
    ...{ world, violations, atLosses, fates, calls, seconds, prioritySeconds, overtaken, waits, admissions },
    answers: application?.answers ?? [],
    ...{ forecasts: forecasts.made, recoveries: store.state.recoveries, events, endedMs, left: left() },
  };
}

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((sum, each) => sum + of(each), 0);
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
  const { limits, sessions, mode, issued, passed, priority } = status;
  const { interval } = paceOf(limits);
  const isOpen = mode === "open" || mode === "draining";
  return {
    at: now / 1000,
    far: far.size,
    present: status.present + (priority?.present ?? 0),
    asleep: status.asleep + (priority?.asleep ?? 0),
    inside: door.live(status.now),
    sessions,
    admitted,
    allowed: isOpen && interval > 0 ? 1e6 / interval : 0,
    want: sumOf(lanesOf(state), (lane) => wanted(state, lane, status.now)),
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
