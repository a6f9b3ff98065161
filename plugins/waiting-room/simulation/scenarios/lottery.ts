import { commitmentOf, createDraw, type Draw } from "../../lottery/mod.ts";
import {
  type Answered,
  type Command,
  type Configured,
  createState,
  isRegistering,
  isUndrawn,
  type Outcome as Answer,
  paceOf,
  readRecord,
  recordOf,
  type RoomState,
  type RoomStatus,
  type Seen,
  step,
} from "../../machine/mod.ts";
import { type Random, randomOf } from "../random.ts";
import { beginning } from "../store.ts";
import { atMost, type Scenario } from "./scenario.ts";

const opensMs = 600_000;
const closesMs = opensMs - 60_000;
/** How often something is asked, and when everybody must have been let in. */
const stepMs = 250;
const endMs = 1_500_000;
const nodes = 3;
const secret = "the secret of a lottery that is simulated";

/** Somebody at the door. */
interface Guest {
  readonly tag: string;
  readonly joinsAt: number;
  /** Whether a copy of the registration is tried again after the visitor was let in. */
  readonly copies: boolean;
  registered?: number;
  number?: number;
  issuedAt: number;
  nextAt: number;
  admissions: number;
}

/** What was wrong at the door. */
interface Faults {
  order: number;
  twice: number;
  lost: number;
  changed: number;
}

/** One opening by lottery: registration, losses around its end and the draw, and everybody at the door. */
class Opening {
  readonly faults: Faults = { order: 0, twice: 0, lost: 0, changed: 0 };
  events = 0;
  readonly #random: Random;
  readonly #room: Configured;
  readonly #guests: Guest[];
  readonly #seen: (Seen | undefined)[] = Array<undefined>(nodes).fill(undefined);
  readonly #losses: readonly number[];
  readonly #drawsAt: number;
  #state: RoomState;
  #kept: { readonly at: number; readonly record: unknown }[] = [];
  #status: RoomStatus | undefined;
  #draw: { readonly name: string; readonly count: number; readonly draw: Draw } | undefined;
  #now = 0;

  constructor(seed: number) {
    const random = randomOf(seed);
    const limits = {
      admitPerMinute: random.pick([60, 600, 6000]),
      burstSeconds: 3,
      capacity: -1,
      sessionMs: 900_000,
      returnMs: 300_000,
      recovery: "strict",
    } as const;
    this.#random = random;
    this.#room = {
      limits,
      opensAt: beginning + opensMs,
      closesAt: 0,
      note: "",
      order: "lottery",
      since: beginning,
    };
    const count = Math.floor(random.between(0, limits.admitPerMinute === 60 ? 10 : 120));
    this.#guests = Array.from({ length: count }, (_, at) => ({
      tag: `guest${at}`,
      joinsAt: random.chance(0.85) ? random.between(0, closesMs - 6000) : random.between(closesMs, opensMs),
      copies: random.chance(0.3),
      issuedAt: 0,
      nextAt: 0,
      admissions: 0,
    }));
    for (const guest of this.#guests) guest.nextAt = guest.joinsAt;
    const drawsAt = closesMs + random.between(500, 30_000);
    this.#drawsAt = drawsAt;
    this.#losses = Array.from(
      { length: Math.floor(random.between(0, 4)) },
      () => random.pick([closesMs - 5000, closesMs, drawsAt, drawsAt]) + random.between(0, 5000),
    );
    this.#state = createState(this.#room, beginning, true);
  }

  run(): void {
    for (this.#now = 0; this.#now <= endMs; this.#now += stepMs) {
      this.#lose();
      for (let node = 0; node < nodes; node++) this.#ask(node);
      if (this.#now > opensMs && this.#guests.every(({ admissions }) => admissions > 0)) break;
    }
    this.faults.lost += this.#guests.filter(({ admissions }) => admissions === 0).length;
    this.faults.twice += this.#guests.filter(({ admissions }) => admissions > 1).length;
  }

  /** As a store that writes to its disk now and then, or never. */
  #lose(): void {
    this.#kept = this.#kept.filter(({ at }) => at >= this.#now - 5000);
    if (this.#now > closesMs - 30_000 && this.#now < opensMs - 20_000) {
      this.#kept.push({ at: this.#now, record: structuredClone(recordOf(this.#state)) });
    }
    if (!this.#losses.some((at) => at >= this.#now && at < this.#now + stepMs)) return;
    const older = this.#random.chance(0.3)
      ? undefined
      : this.#kept[Math.floor(this.#random.next() * this.#kept.length)];
    this.#state = older === undefined
      ? createState(this.#room, beginning + this.#now, true)
      : readRecord(structuredClone(older.record));
  }

  #ask(node: number): void {
    const due = this.#guests.filter(({ nextAt }, at) => at % nodes === node && nextAt <= this.#now)
      .slice(0, 90);
    const asked = due.map((guest) => this.#commandOf(guest));
    const own = this.#ownCommands();
    const commands = [...own, ...asked.filter((each) => each !== undefined)];
    if (commands.length === 0 && this.#now % 1000 !== 0) return;
    this.events += 1 + commands.length;
    const answered = step(
      this.#state,
      { room: this.#room, seen: this.#seen[node], commands },
      beginning + this.#now,
    );
    this.#seen[node] = answered.status;
    this.#status = answered.status;
    this.#holdDraw(answered);
    let at = own.length;
    for (const [place, guest] of due.entries()) {
      if (asked[place] === undefined) continue;
      const outcome = answered.outcomes[at++];
      if (outcome !== undefined) this.#answered(guest, outcome, answered.status);
    }
  }

  /** What a process does by itself: it binds the lottery, and has it drawn. */
  #ownCommands(): readonly Command[] {
    const status = this.#status;
    const revision = undefined;
    if (status === undefined || (isRegistering(status) && status.commitment === "")) {
      const commit = { commitment: commitmentOf(secret), opensAt: beginning + opensMs };
      return [{ do: "control", change: { commit }, revision }];
    }
    const { epoch, registered } = status;
    if (registered <= 0 || !isUndrawn(status) || this.#now < this.#drawsAt) return [];
    // Processes get different beacons: the first one counts.
    const beacon = String(Math.floor(this.#random.next() * 1e9));
    return [{ do: "control", change: { draw: { epoch, registered, drawnBy: "beacon", beacon } }, revision }];
  }

  /** Whatever was drawn once is the draw. */
  #holdDraw({ status }: Answered): void {
    const { registered, drawnBy, beacon, epoch } = status;
    if (drawnBy === "") return;
    const name = `${epoch} ${registered} ${drawnBy} ${beacon}`;
    if (this.#draw === undefined) {
      this.#draw = { name, count: registered, draw: createDraw({ secret, beacon, count: registered }) };
    } else if (this.#draw.name !== name) this.faults.changed++;
  }

  #commandOf(guest: Guest): Command | undefined {
    const { tag, registered, issuedAt } = guest;
    const holder = { epoch: 1, tag, issuedAt };
    if (guest.number === undefined && registered !== undefined) {
      const status = this.#status;
      const isKnown = status !== undefined && registered <= status.issued;
      if (isKnown && isUndrawn(status)) {
        guest.nextAt = this.#now + this.#random.between(1000, 5000);
        return undefined;
      }
      if (isKnown && this.#draw !== undefined && status.drawnBy !== "" && registered <= status.registered) {
        guest.number = this.#draw.draw.placeOf(registered);
        guest.issuedAt = status.now;
      } else return { do: "checkIn", ...holder, number: registered, isRegistration: true };
    }
    if (guest.number === undefined) return { do: "enter", tag };
    return { do: "checkIn", ...holder, issuedAt: guest.issuedAt, number: guest.number };
  }

  #answered(guest: Guest, outcome: Answer, status: RoomStatus): void {
    const soon = this.#now + this.#random.between(1000, 5000);
    guest.nextAt = soon;
    switch (outcome.is) {
      case "registered":
        guest.registered = outcome.number;
        guest.issuedAt = status.now;
        break;
      case "far":
        guest.number = outcome.number;
        guest.issuedAt = status.now;
        break;
      case "waiting":
        guest.nextAt = this.#now + outcome.nextMs;
        break;
      case "admitted":
        this.#letIn(guest, outcome);
        break;
      default:
    }
  }

  /** The place that somebody must have: by the first draw that was told, whatever was lost afterwards. */
  #placeOf({ registered }: Guest, number: number): number {
    if (registered === undefined || this.#draw === undefined || registered > this.#draw.count) return number;
    return this.#draw.draw.placeOf(registered);
  }

  #letIn(guest: Guest, { number, again }: Extract<Answer, { readonly is: "admitted" }>): void {
    guest.number = number;
    guest.nextAt = Number.POSITIVE_INFINITY;
    if (again) return;
    guest.admissions++;
    // Whoever is there and was drawn before may be overtaken by no more than the burst lets in at once.
    const before = this.#guests.filter((other) =>
      other.admissions === 0 && other.number !== undefined && other.number < number
    );
    if (number !== this.#placeOf(guest, number)) this.faults.changed++;
    if (before.length >= paceOf(this.#room.limits).burst) this.faults.order++;
    if (guest.copies && guest.registered !== undefined) {
      delete guest.number;
      guest.nextAt = this.#now + this.#random.between(1000, 60_000);
    }
  }
}

/** An opening by lottery. */
export const lotteryScenarios: readonly Scenario[] = [{
  name: "lottery",
  rules: "W39, W40, W17",
  about:
    "openings by lottery, with losses of the state while registration closes and the order is drawn, and registrations that are used again",
  run({ seed, isQuick }) {
    const total: Faults = { order: 0, twice: 0, lost: 0, changed: 0 };
    const wrong: number[] = [];
    let events = 0;
    for (let world = seed; world < seed + (isQuick ? 10 : 150); world++) {
      const opening = new Opening(world);
      opening.run();
      events += opening.events;
      const { order, twice, lost, changed } = opening.faults;
      total.order += order;
      total.twice += twice;
      total.lost += lost;
      total.changed += changed;
      if (order + twice + lost + changed > 0) wrong.push(world);
    }
    return {
      figures: [
        atMost("let in before more people of lower drawn places than the burst has", total.order, 0),
        atMost("let in twice", total.twice, 0),
        atMost("never let in", total.lost, 0),
        atMost("draws that changed, or places that are not the drawn ones", total.changed, 0),
      ],
      events,
      wrong,
    };
  },
}];
