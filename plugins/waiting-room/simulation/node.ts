/** A node that is simulated: one batch of a room at a time, at most a hundred commands, and one status a second. */

import { mostCommands, type Seen } from "../machine/mod.ts";
import type { Meter } from "../meter.ts";
import { hasWaiters, seenAfter } from "../node/mod.ts";
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
  /** What it hears of the application. */
  readonly meter: Meter | undefined;
  /** Puts a command into the next batch. One that waits there already is asked once for all who ask it. */
  ask(ask: Ask): void;
  /** Ends with all that it was doing: nobody gets an answer, and what it knew is forgotten. */
  crash(): void;
  /** Forgets what it has seen. */
  forget(): void;
}

/** What a node is made of. */
export interface NodeOptions {
  readonly agenda: Agenda;
  readonly random: Random;
  readonly store: SimulatedStore;
  readonly storeMs: number;
  readonly meter: Meter | undefined;
}

/** Makes a node, which looks at the room as long as somebody waits. */
export function createSimulatedNode(options: NodeOptions): SimulatedNode {
  return new Batches(options);
}

class Batches implements SimulatedNode {
  readonly #options: NodeOptions;
  readonly #inside = new Map<string, Ask[]>();
  readonly #outside = new Map<string, Ask[]>();
  /** Which of its lives it lives: what an earlier one began is nobody's. */
  #life = 0;
  #flying: readonly (readonly Ask[])[] | undefined;
  #isDue = false;
  #beganAt = Number.NEGATIVE_INFINITY;
  #looks = false;
  #seen: Seen | undefined;
  #readAt = 0;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#lookLater();
  }

  get meter(): Meter | undefined {
    return this.#options.meter;
  }

  ask(ask: Ask): void {
    const { command } = ask;
    const queue = command.do === "enter" || command.do === "checkIn" ? this.#outside : this.#inside;
    const key = keyOf(ask);
    const known = queue.get(key);
    if (known === undefined) queue.set(key, [ask]);
    else known.push(ask);
    this.#soon();
  }

  crash(): void {
    this.#life++;
    const dropped = [...this.#flying ?? [], ...this.#inside.values(), ...this.#outside.values()].flat();
    this.#inside.clear();
    this.#outside.clear();
    this.#flying = undefined;
    this.#isDue = this.#looks = false;
    this.#seen = undefined;
    for (const { done } of dropped) done(undefined);
  }

  forget(): void {
    this.#seen = undefined;
  }

  #lookLater(): void {
    this.#options.agenda.in(freshMs + this.#options.random.next() * spreadMs, () => {
      this.#read();
      this.#lookLater();
    });
  }

  /** Reads the status, and this.#looks at the room where that is too old and somebody waits. */
  #read(): void {
    if (this.#options.agenda.now - this.#readAt < freshMs || this.#options.store.isDown) return;
    const { status } = this.#options.store;
    if (this.#options.store.time() - status.now < freshMs || !hasWaiters(status)) return;
    this.#looks = true;
    this.#soon();
  }

  #soon(): void {
    if (this.#flying !== undefined || this.#isDue) return;
    this.#isDue = true;
    const born = this.#life;
    this.#options.agenda.at(this.#beganAt + gapMs, () => {
      if (born === this.#life) this.#leave();
    });
  }

  #leave(): void {
    this.#isDue = false;
    const asks: Ask[] = [];
    const many: (readonly Ask[])[] = [];
    for (const queue of [this.#inside, this.#outside]) {
      for (const [key, equal] of queue) {
        if (many.length >= mostCommands) break;
        queue.delete(key);
        many.push(equal);
        // Each entry has at least one.
        asks.push(equal[0] as Ask);
      }
    }
    if (asks.length === 0 && !this.#looks) return;
    this.#looks = false;
    this.#flying = many;
    this.#beganAt = this.#options.agenda.now;
    const born = this.#life;
    const report = this.#options.meter?.take();
    const back = this.#options.random.between(0.2, 0.8) * this.#options.storeMs;
    this.#options.agenda.in(this.#options.random.between(0.2, 0.8) * this.#options.storeMs, () => {
      if (this.#options.store.isDown) {
        this.#options.agenda.in(timeoutMs, () => {
          if (born === this.#life) this.#landed(many, undefined);
        });
        return;
      }
      const answered = this.#options.store.run(this.#seen, asks, report);
      this.#options.agenda.in(back, () => {
        if (born !== this.#life) return;
        this.#seen = seenAfter(this.#seen, answered.status);
        this.#readAt = this.#options.agenda.now;
        this.#landed(many, answered.outcomes);
      });
    });
  }

  #landed(
    many: readonly (readonly Ask[])[],
    outcomes: readonly Parameters<Ask["done"]>[0][] | undefined,
  ): void {
    this.#flying = undefined;
    for (let at = 0; at < many.length; at++) {
      for (const { done } of many[at] as readonly Ask[]) done(outcomes?.[at]);
    }
    if (this.#inside.size + this.#outside.size > 0 || this.#looks) this.#soon();
  }
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
