/** A node that is simulated: one batch of a room at a time, at most a hundred commands, and one status a second. */

import { mostCommands, type RoomStatus, type Seen } from "../machine/mod.ts";
import type { Agenda } from "./agenda.ts";
import type { Ask } from "./door.ts";
import type { Random } from "./random.ts";
import type { SimulatedStore } from "./store.ts";

const gapMs = 5;
const freshMs = 1000;
const spreadMs = 250;
const timeoutMs = 250;

/** A node. */
export interface SimulatedNode {
  /** Puts a command into the next batch. One that waits there already is asked once for all who ask it. */
  ask(ask: Ask): void;
  /** Ends with all that it was doing: nobody gets an answer, and what it knew is forgotten. */
  crash(): void;
  /** Forgets what it has seen. */
  forget(): void;
}

/** Makes a node, which looks at the room as long as somebody waits. */
export function createSimulatedNode(
  { agenda, random, store, storeMs, keepsMoving }: {
    readonly agenda: Agenda;
    readonly random: Random;
    readonly store: SimulatedStore;
    readonly storeMs: number;
    /** Whether somebody asks this node for the status, at any time. */
    readonly keepsMoving: boolean;
  },
): SimulatedNode {
  const inside = new Map<string, Ask[]>();
  const outside = new Map<string, Ask[]>();
  let life = 0;
  let flying: readonly (readonly Ask[])[] | undefined;
  let isDue = false;
  let beganAt = Number.NEGATIVE_INFINITY;
  let looks = false;
  let seen: Seen | undefined;
  let readAt = 0;

  if (keepsMoving) lookLater();

  function lookLater(): void {
    agenda.in(freshMs + random.next() * spreadMs, () => {
      read();
      lookLater();
    });
  }

  /** Reads the status, and looks at the room where that is too old and somebody waits. */
  function read(): void {
    if (agenda.now - readAt < freshMs || store.isDown) return;
    const { status } = store;
    if (store.time() - status.now < freshMs || !hasWaiters(status)) return;
    looks = true;
    soon();
  }

  function soon(): void {
    if (flying !== undefined || isDue) return;
    isDue = true;
    const born = life;
    agenda.at(beganAt + gapMs, () => {
      if (born === life) leave();
    });
  }

  function leave(): void {
    isDue = false;
    const asks: Ask[] = [];
    const many: (readonly Ask[])[] = [];
    for (const queue of [inside, outside]) {
      for (const [key, equal] of queue) {
        if (many.length >= mostCommands) break;
        queue.delete(key);
        many.push(equal);
        // Each entry has at least one.
        asks.push(equal[0] as Ask);
      }
    }
    if (asks.length === 0 && !looks) return;
    looks = false;
    flying = many;
    beganAt = agenda.now;
    const born = life;
    const back = random.between(0.2, 0.8) * storeMs;
    agenda.in(random.between(0.2, 0.8) * storeMs, () => {
      if (store.isDown) {
        agenda.in(timeoutMs, () => {
          if (born === life) landed(many, undefined);
        });
        return;
      }
      const answered = store.run(seen, asks);
      agenda.in(back, () => {
        if (born !== life) return;
        seen = mostOf(seen, answered.status);
        readAt = agenda.now;
        landed(many, answered.outcomes);
      });
    });
  }

  function landed(many: readonly (readonly Ask[])[], outcomes: readonly Parameters<Ask["done"]>[0][] | undefined): void {
    flying = undefined;
    for (let at = 0; at < many.length; at++) {
      for (const { done } of many[at] as readonly Ask[]) done(outcomes?.[at]);
    }
    if (inside.size + outside.size > 0 || looks) soon();
  }

  return {
    ask(ask) {
      const { command } = ask;
      const queue = command.do === "enter" || command.do === "checkIn" ? outside : inside;
      const key = keyOf(ask);
      const known = queue.get(key);
      if (known === undefined) queue.set(key, [ask]);
      else known.push(ask);
      soon();
    },
    crash() {
      life++;
      const dropped = [...flying ?? [], ...inside.values(), ...outside.values()].flat();
      inside.clear();
      outside.clear();
      flying = undefined;
      isDue = looks = false;
      seen = undefined;
      for (const { done } of dropped) done(undefined);
    },
    forget() {
      seen = undefined;
    },
  };
}

function keyOf({ command }: Ask): string {
  switch (command.do) {
    case "enter":
      return command.tag;
    case "checkIn":
      return `${command.isHidden === true ? "h" : "c"}${command.epoch}.${command.number}.${command.tag}`;
    case "renew":
      return `r${command.number}.${command.tag}.${command.until}.${command.extends}`;
    case "leave":
      return `l${command.number}.${command.tag}`;
    case "control":
      return "control";
  }
}

/** Whether somebody waits, or is about to. */
function hasWaiters({ mode, issued, frontier, present, asleep }: RoomStatus): boolean {
  return mode === "scheduled" || issued > frontier || present > 0 || asleep > 0;
}

/** The most that was seen. */
function mostOf(seen: Seen | undefined, status: RoomStatus): Seen {
  if (seen === undefined || status.epoch > seen.epoch) return status;
  if (status.epoch < seen.epoch) return seen;
  const isYounger = status.revision >= seen.revision && status.issued >= seen.issued &&
    status.frontier >= seen.frontier && status.passed >= seen.passed && status.admitted >= seen.admitted;
  if (isYounger && status.now >= seen.now && status.lapseLine >= seen.lapseLine) return status;
  return {
    ...(status.revision >= seen.revision ? status : seen),
    now: Math.max(seen.now, status.now),
    sessions: status.sessions,
    ghosts: status.ghosts,
    issued: Math.max(seen.issued, status.issued),
    frontier: Math.max(seen.frontier, status.frontier),
    passed: Math.max(seen.passed, status.passed),
    lapseLine: Math.max(seen.lapseLine, status.lapseLine),
    admitted: Math.max(seen.admitted, status.admitted),
  };
}
