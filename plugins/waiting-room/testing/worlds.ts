/** Random worlds: what nodes might ask of a room, and how its clock goes. */

import {
  type Answered,
  type Asked,
  type Autotune,
  type Command,
  type Configured,
  type Holder,
  limitNames,
  type Limits,
  priorityBase,
  type Report,
  type RoomChange,
  type Seen,
} from "../machine/mod.ts";
import { crowd, firstTime, hour, type Kind, minute, usual } from "./kinds.ts";
import { type Random, randomOf } from "./random.ts";

/** One step of a world. */
export type Event =
  /** A batch, `ms` after the last one by the store's clock; less than nothing where that goes back. */
  | { readonly is: "batch"; readonly ms: number; readonly asked: Asked }
  /** The store is to be kept as it is now, so that it may fall back to it. */
  | { readonly is: "keep" }
  /** The store falls back to what was kept, or to nothing at all. */
  | { readonly is: "lose"; readonly everything: boolean };

/** A world that asks, and takes note of what is answered. */
export interface World {
  /** How many batches it has. */
  readonly batches: number;
  next(now: number): Event;
  answered(asked: Asked, answer: Answered): void;
}

/** How the rates of worlds are tuned: most are not. */
const autotunes: readonly (Autotune | undefined)[] = [
  undefined,
  undefined,
  { targetMs: 50, maxErrorRate: 0.05, min: 1, max: 6000 },
  { targetMs: 80, maxErrorRate: 0.5, min: 0.5, max: 60 },
];

/** How many are admitted of the priority lane for one of the other. */
const weights: readonly number[] = [1, 3, 0.5, 2.75, 100];

/** What a visitor holds: a number and, for whoever is inside, until when. */
interface Visitor extends Holder {
  until: number;
}

/** Makes the world of a seed. */
export function worldOf(seed: number): World {
  const random = randomOf(seed);
  // Every fiftieth is a crowd, so that the share is the same whatever the seeds are.
  return new RandomWorld(random, seed % 50 === 7 ? crowd : usual);
}

class RandomWorld implements World {
  readonly batches: number;
  readonly #random: Random;
  readonly #kind: Kind;
  readonly #configurations: readonly Configured[];
  readonly #nodes: (Seen | undefined)[];
  readonly #visitors: Visitor[] = [];
  readonly #known: Map<string, Visitor> = new Map();
  readonly #tags: string[] = [];
  #asked: Asked | undefined;
  #drawn = 0;

  constructor(random: Random, kind: Kind) {
    this.batches = kind.batches;
    this.#random = random;
    this.#kind = kind;
    const first = this.#configuration(firstTime - hour, kind.limits(random));
    // The second is that of a version that is being deployed. It may be the one that tunes the rate, or the one that does not any more.
    const second = {
      ...first,
      limits: { ...first.limits, ...this.#limitChange() },
      since: firstTime + minute,
    };
    const configurations = random.chance(0.7)
      ? [first]
      : [first, random.chance(0.5) ? second : { ...second, note: "Zwei", opensAt: firstTime + 90_000 }];
    const autotune = random.pick(autotunes);
    const lane = random.chance(this.#kind.lanes) ? { weight: random.pick(weights) } : undefined;
    this.#configurations = configurations.map((each) => ({
      ...each,
      ...(autotune !== undefined && random.chance(0.8) && { autotune }),
      // Now and then it is the younger version that has a lane, or not any more.
      ...(lane !== undefined && random.chance(0.8) && { priority: lane }),
    }));
    this.#nodes = Array<undefined>(1 + random.below(4)).fill(undefined);
  }

  next(now: number): Event {
    const random = this.#random;
    if (random.chance(0.03)) return { is: "keep" };
    if (random.chance(this.#kind.losses)) return { is: "lose", everything: random.chance(0.3) };
    const ms = this.#step();
    if (this.#asked !== undefined && random.chance(0.08)) return { is: "batch", ms, asked: this.#asked };
    const node = random.below(this.#nodes.length);
    const commands: Command[] = [];
    for (let left = random.pick(this.#kind.sizes); left > 0; left--) commands.push(this.#command(now + ms));
    const room = random.pick(this.#configurations);
    const asked = {
      room,
      seen: random.chance(0.9) ? this.#nodes[node] : undefined,
      commands,
      ...random.chance(0.5) ? { report: this.#report() } : {},
    };
    this.#asked = asked;
    return { is: "batch", ms, asked };
  }

  answered(asked: Asked, { outcomes, status }: Answered): void {
    const node = this.#random.below(this.#nodes.length);
    if (this.#random.chance(0.9)) this.#nodes[node] = status;
    for (const [at, outcome] of outcomes.entries()) {
      const { tag } = asked.commands[at] as Partial<Holder>;
      if (!("tag" in outcome) || tag === undefined) continue;
      const { number } = outcome;
      const until = outcome.is === "admitted" ? outcome.until : 0;
      const name = `${status.epoch}.${number}.${tag}`;
      const known = this.#known.get(name);
      if (known !== undefined) known.until = Math.max(known.until, until);
      else {
        const visitor = { epoch: status.epoch, number, tag, issuedAt: status.now, until };
        this.#known.set(name, visitor);
        this.#visitors.push(visitor);
      }
    }
  }

  /** What a node heard; now and then of an application that fails, or is slow. */
  #report(): Report {
    const random = this.#random;
    const visitors = random.pick([0, 1, 2, 5, 40]);
    const timed = random.chance(0.7) ? visitors : random.below(visitors + 1);
    const errors = random.chance(0.2) ? visitors * random.next() : 0;
    return { visitors, timed, sumMs: timed * random.pick([50, 90, 150.25]) * random.next(), errors };
  }

  #step(): number {
    const random = this.#random;
    const { jumps, jumping, steps } = this.#kind;
    return random.pick(random.chance(jumping) ? jumps : steps);
  }

  #command(now: number): Command {
    const random = this.#random;
    if (random.chance(this.#kind.changes)) return this.#control(now);
    if (this.#kind.lotteries > 0 && random.chance(this.#kind.lotteries / 10)) {
      return { do: "control", change: this.#lot(now), revision: undefined };
    }
    const visitor = this.#visitor(now);
    if (visitor === undefined || random.chance(this.#kind.entering)) return this.#enter();
    const { until, ...holder } = visitor;
    const what = random.next();
    if (what < 0.6 && !(until > now && random.chance(0.6))) {
      return {
        do: "checkIn",
        ...holder,
        ...random.chance(0.25) ? { isHidden: true } : {},
        ...random.chance(0.1) ? { servesPage: true } : {},
        ...this.#kind.lotteries > 0 && random.chance(0.1) ? { isRegistration: true } : {},
      };
    }
    if (what < 0.93) {
      return {
        do: "renew",
        ...holder,
        until,
        latest: until + random.pick([0, minute, hour]),
        extends: random.chance(0.6),
        ...random.chance(0.15) ? { isLatePost: true } : {},
      };
    }
    return { do: "leave", ...holder };
  }

  #enter(): Command {
    const random = this.#random;
    const isIdentity = random.chance(0.1);
    const isAgain = this.#tags.length > 0 && random.chance(0.15);
    const tag = isAgain ? random.pick(this.#tags) : this.#draw(isIdentity ? "id" : "t");
    if (!isAgain) this.#tags.push(tag);
    return {
      do: "enter",
      tag,
      ...isIdentity ? { isIdentity } : {},
      ...this.#kind.lanes > 0 && random.chance(0.4) ? { isPriority: true } : {},
      ...this.#kind.lanes > 0 && random.chance(0.03) ? { bypasses: true } : {},
      ...random.chance(0.2) ? { servesPage: true } : {},
    };
  }

  /** Somebody who was here; seldom one with a number that was never given, or with that of somebody else. */
  #visitor(now: number): Visitor | undefined {
    const random = this.#random;
    if (this.#visitors.length === 0) return undefined;
    // Half of all calls come from the last ones.
    const recent = Math.max(0, this.#visitors.length - (random.chance(0.5) ? 20 : this.#visitors.length));
    const visitor = this.#visitors[recent + random.below(this.#visitors.length - recent)] as Visitor;
    if (!random.chance(this.#kind.strange)) return visitor;
    switch (random.below(6)) {
      case 0:
        return { ...visitor, tag: this.#draw("t") };
      case 1:
        return { ...visitor, number: visitor.number + random.below(5) };
      case 2:
        return { ...visitor, number: random.pick([0, visitor.number + 1000]) };
      case 3:
        return { ...visitor, epoch: visitor.epoch + random.pick([-1, 1]) };
      case 4:
        return { ...visitor, number: (visitor.number + priorityBase) % (2 * priorityBase) };
      default:
        return { ...visitor, issuedAt: now - random.pick([hour, 30 * hour]), until: now + minute };
    }
  }

  #control(now: number): Command {
    const random = this.#random;
    const change = this.#change(now);
    const [seen] = this.#nodes;
    return { do: "control", change, revision: random.chance(0.7) ? undefined : seen?.revision ?? 0 };
  }

  #change(now: number): RoomChange {
    const random = this.#random;
    switch (random.below(11)) {
      case 0:
        return { mode: random.pick(["paused", "draining", "closed", "sold-out", "bypass", "scheduled"]) };
      case 1:
      case 2:
      case 3:
        return { mode: "open" };
      case 4:
      case 5:
        return { limits: this.#limitChange() };
      case 6:
        return { note: random.pick(["", "Soon", 'Grüße, „\u{1f39f}" \\ / \n\t\u0001', "x".repeat(500)]) };
      case 7:
        return { opensAt: random.pick([0, now - 1, now + 30_000, now + 5 * minute]) };
      case 8:
        return { autotune: random.chance(0.8) };
      case 9:
        return { closesAt: random.pick([0, now + 20_000, now + hour]), limits: {} };
      default:
        return random.chance(0.4)
          ? { dropsLine: true }
          : { mode: "open", limits: this.#kind.limits(random), note: "" };
    }
  }

  /** What a lottery is bound to, or a draw, mostly of what the room has. */
  #lot(now: number): RoomChange {
    const random = this.#random;
    if (random.chance(0.4)) return { commit: { commitment: this.#draw("c"), opensAt: now + minute } };
    const { epoch = 1, registered = 0 } = random.pick(this.#nodes) ?? {};
    return {
      draw: {
        epoch: random.chance(0.9) ? epoch : epoch + 1,
        registered: random.chance(0.9) ? registered : registered + 1,
        drawnBy: random.pick(["beacon", "committed", "arrival"]),
        beacon: random.pick(["", "6c3f", '"\\\\/=-']),
      },
    };
  }

  #limitChange(): Partial<Limits> {
    const limits = this.#kind.limits(this.#random);
    const change: Partial<Record<keyof Limits, unknown>> = {};
    for (const name of limitNames) {
      if (this.#random.chance(0.4)) change[name] = limits[name];
    }
    // Each value is that of the limits with the same name.
    return change as Partial<Limits>;
  }

  #configuration(since: number, limits: Limits): Configured {
    const random = this.#random;
    const isLottery = this.#kind.lotteries > 0 && random.chance(this.#kind.lotteries);
    return {
      limits,
      opensAt: isLottery ? firstTime + random.pick([2, 4, 8]) * minute : random.pick(this.#kind.opensAt),
      closesAt: random.pick(this.#kind.closesAt),
      note: random.pick(["", "Welcome"]),
      ...isLottery ? { order: "lottery" as const } : {},
      since,
    };
  }

  #draw(prefix: string): string {
    return `${prefix}${String(++this.#drawn).padStart(7, "-_")}`;
  }
}
