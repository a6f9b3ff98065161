/** Steps of the machine that are made in whole or not at all: what a store could not keep is taken back. */

import {
  type Answered,
  type Lane,
  type OrderedSet,
  type RoomState,
  type ScalarRecord,
  type SetListener,
  type SetName,
  setNames,
  type Sets,
  setsOf,
  stateOf,
  step,
  withSets,
} from "../machine/mod.ts";
import type { Batch } from "./store.ts";

/** Members of one set: those that were changed, or all that it has. */
export interface Part {
  readonly set: string;
  /** Whether the set has no others. */
  readonly isWhole: boolean;
  /** Each with its score; `null` is for who went. */
  readonly members: readonly (readonly [member: string, score: number | null])[];
}

/** A step that was made, and can be taken back until the next one begins. */
export interface Attempt {
  readonly answered: Answered;
  /** Tells what it changed, in as few members as it takes: of a set that is nearly empty now, those that are left. */
  parts(): readonly Part[];
  /** Makes the state what it was before. */
  undo(): void;
}

/** A state in the memory of this process, and the steps on it. */
export interface Held {
  readonly state: RoomState;
  /**
   * Makes a step.
   *
   * @throws {GateError} As the machine does. Then the state is what it was before.
   */
  attempt(batch: Batch, clock: number): Attempt;
  /**
   * Takes over what others changed.
   *
   * @throws {GateError} `malformed` when the scalars are none, or are of a younger version. Then nothing is changed.
   */
  follow(scalars: ScalarRecord, change: (sets: Sets) => void): void;
}

/** Members of sets as a store keeps them. */
export type Members = Partial<Readonly<Record<SetName, Iterable<readonly [member: string, score: number]>>>>;

/**
 * Holds a state that a store kept.
 *
 * @throws {GateError} `malformed` when a younger version kept it, or when it is none.
 */
export function holdKept(scalars: ScalarRecord, members: Members): Held {
  return hold((changed) => stateOf(scalars, setsOf(members, changed)));
}

/** Holds a state that was made just now, and has nobody in it. */
export function holdNew(state: RoomState): Held {
  return hold((changed) => withSets(state, setsOf({}, changed)));
}

function hold(make: (changed: (name: SetName) => SetListener) => RoomState): Held {
  const before = Object.fromEntries(setNames.map((name) => [name, new Map()])) as Befores;
  const state = make((name) => (member, _score, known) => {
    if (!before[name].has(member)) before[name].set(member, known);
  });
  return {
    state,
    attempt(batch, clock) {
      for (const name of setNames) before[name].clear();
      // Lists are all that the machine changes in their place.
      const { priority } = state;
      const scalars = {
        ...state,
        ...listsOf(state),
        priority: priority && { ...priority, ...listsOf(priority) },
      };
      const undo = () => {
        for (const name of setNames) restore(state[name], [...before[name]]);
        Object.assign(state, scalars);
      };
      try {
        const answered = step(state, batch, clock);
        return { answered, parts: () => partsOf(state, before), undo };
      } catch (cause) {
        undo();
        throw cause;
      }
    },
    follow(scalars, change) {
      const sets = setsIn(state);
      Object.assign(state, stateOf(scalars, sets));
      change(sets);
    },
  };
}

function listsOf({ line, marks }: Lane): Pick<Lane, "line" | "marks"> {
  return { line: [...line], marks: [...marks] };
}

function setsIn(state: RoomState): Sets {
  // Each set has its name.
  return Object.fromEntries(setNames.map((name) => [name, state[name]])) as unknown as Sets;
}

/** Which score each member that was touched had before, if any. */
type Befores = Record<SetName, Map<string, number | undefined>>;

function restore(set: OrderedSet, members: readonly (readonly [string, number | undefined])[]): void {
  for (const [member, score] of members) {
    if (score === undefined) set.remove(member);
    else set.put(member, score);
  }
}

function partsOf(state: RoomState, before: Befores): readonly Part[] {
  return setNames.flatMap((name): readonly Part[] => {
    const set = state[name];
    const changed: [string, number | null][] = [];
    for (const [member, known] of before[name]) {
      const score = set.score(member);
      if (score !== known) changed.push([member, score ?? null]);
    }
    if (changed.length === 0) return [];
    return changed.length > set.size
      ? [{ set: name, isWhole: true, members: [...set.entries()] }]
      : [{ set: name, isWhole: false, members: changed }];
  });
}
