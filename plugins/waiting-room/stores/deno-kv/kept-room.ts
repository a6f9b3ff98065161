/** One room in Deno KV, as this process knows it. */

import type { Loop } from "../../../../src/async/loop.ts";
import { type GateError, ServiceError } from "../../../../src/errors.ts";
import { createState, type OrderedSet, type RoomState, scalarsOf } from "../../machine/mod.ts";
import { type Attempt, type Held, holdNew } from "../attempt.ts";
import type { Batch, BatchResult } from "../store.ts";
import type { Call } from "./call.ts";
import type { KeptTime, NodesClock } from "./clock.ts";
import type { DenoKv } from "./kv.ts";
import type { Keys } from "./layout.ts";
import { type Known, reader } from "./reader.ts";
import { writesOf } from "./writes.ts";

/** How often a batch is tried while other nodes are faster, and how long is waited before, at most, in milliseconds. */
const mostTries = 8;
const waitMs = 10;
/** After how many batches without another node between them a node takes itself to be alone. */
const aloneAfter = 8;

/** For how many people Deno KV is fast enough: present and inside, hidden pages included. */
export const mostPeople = 20_000;

/** How a room is reached. */
export interface KeptRoomOptions {
  readonly kv: DenoKv;
  readonly call: Call;
  readonly keys: Keys;
  readonly clock: NodesClock;
  readonly random: () => number;
  readonly loop: Loop;
  /** Is told of a batch that another node was faster than, and of a room that was read as a whole. */
  readonly count: (what: "conflicts" | "loads") => void;
}

/** One room. */
export interface KeptRoom {
  run(batch: Batch): Promise<BatchResult>;
}

/** Makes the room; nothing is read until somebody asks. Its batches have to be run one after the other. */
export function keptRoom({ kv, call, keys, clock, random, loop, count }: KeptRoomOptions): KeptRoom {
  const read = reader({ kv, call, keys, loaded: () => count("loads") });
  let known: Known | undefined;
  /** How many batches in a row this node made without another one between them: then it need not look before it writes. */
  let streak = 0;

  /** Runs a batch on what is known, and keeps what comes of it; `undefined` where another node was faster. */
  async function attempt(batch: Batch): Promise<BatchResult | undefined> {
    const time = clock.tell(known?.head.time, known?.versionstamp ?? null);
    const held = known?.held ?? holdNew(createState(batch.room, time.at, true));
    const before = peopleIn(held.state);
    const made = held.attempt(batch, time.at);
    try {
      const people = peopleIn(held.state);
      if (people > mostPeople && people > before) throw tooMany(people);
      const kept = await commit(held, made, time);
      if (kept === undefined) made.undo();
      else known = kept;
      return kept === undefined ? undefined : made.answered;
    } catch (cause) {
      // Whether it was kept nobody knows: the next batch looks.
      made.undo();
      streak = 0;
      throw cause;
    }
  }

  async function commit(held: Held, made: Attempt, time: KeptTime): Promise<Known | undefined> {
    const unknown = known?.unknown ?? new Map<string, OrderedSet>();
    const after = known?.versionstamp ?? null;
    const { answered: { status } } = made;
    const scalars = scalarsOf(held.state);
    const { head, sets, deletes } = writesOf({
      keys,
      held,
      made,
      unknown,
      after,
      old: known?.head,
      time,
      status,
      scalars,
    });
    const answer = await call(() => {
      const atomic = kv.atomic().check({ key: keys.head, versionstamp: after });
      for (const [key, value] of sets) atomic.set(key, value);
      for (const key of deletes) atomic.delete(key);
      return atomic.commit();
    });
    if (!answer.ok) return undefined;
    clock.kept(answer.versionstamp);
    return { held, unknown, head, versionstamp: answer.versionstamp };
  }

  return {
    async run(batch) {
      for (let tries = 0; tries < mostTries; tries++) {
        if (tries > 1) await pause(loop, random() * waitMs * 2 ** Math.min(tries, 4));
        const before = known?.versionstamp;
        if (streak < aloneAfter) known = await read(known);
        const answer = await attempt(batch);
        if (answer !== undefined) {
          streak = before !== undefined && before === known?.head.after ? streak + 1 : 0;
          return answer;
        }
        streak = 0;
        count("conflicts");
      }
      const message =
        `Other nodes were faster ${mostTries} times: Deno KV takes about 20 batches a second for a room`;
      throw new ServiceError("overloaded", message);
    },
  };
}

/** Whoever is present, in whatever lane, has an end in `expiry`. */
function peopleIn({ expiry, sessions }: RoomState): number {
  return expiry.size + sessions.size;
}

function tooMany(people: number): GateError {
  return new ServiceError(
    "overloaded",
    `The room would have ${people} people present and inside, and Deno KV is fast enough for ${mostPeople}: use redisStore()`,
  );
}

function pause(loop: Loop, ms: number): Promise<void> {
  return new Promise((resolve) => void loop.wait(resolve, ms));
}
