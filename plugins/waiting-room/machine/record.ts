/** States as plain data, to be kept and read again, by older and younger versions of this as well. */

import { GateError } from "../../../src/errors.ts";
import { laneScalars, priorityBase, type PriorityScalars } from "./lane.ts";
import type { OrderedSet } from "./ordered-set.ts";
import {
  type Configured,
  createState,
  prioritySets,
  type RoomState,
  type Scalars,
  type SetName,
  setNames,
  setsOf,
  stateForm,
  withSets,
} from "./state.ts";

/** A state without those who are in it. What is not known is kept. */
export type ScalarRecord = Readonly<Record<string, unknown>>;

/** The scalars of a state. */
export function scalarsOf(state: RoomState): ScalarRecord {
  const scalars = withoutSets(state);
  return state.priority === undefined ? scalars : { ...scalars, priority: withoutSets(state.priority) };
}

function withoutSets(values: object): ScalarRecord {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isSetName(name)));
}

/**
 * Makes a state again, of its scalars and its sets.
 *
 * @throws {GateError} `malformed` when a younger version wrote it, or when it is none.
 */
export function stateOf(record: unknown, sets: Readonly<Record<SetName, OrderedSet>>): RoomState {
  const { form } = isRecord(record) ? record : {};
  if (!isRecord(record) || typeof form !== "number") {
    throw new GateError("malformed", "That is no state of a waiting room");
  }
  if (form > stateForm) {
    throw new GateError(
      "malformed",
      `The waiting room's state has form ${form}, which is newer than ${stateForm}: update this process`,
    );
  }
  const known = createState(nobodys, 0, false);
  checkKinds(record, known);
  const { priority } = record;
  const lane = isRecord(priority) ? { ...laneScalars(priorityBase), weight: 1, ahead: 0 } : undefined;
  if (lane !== undefined) checkKinds(priority, lane);
  // Each scalar is what it is by default, or of the same kind.
  const scalars: Scalars = { ...known, ...record as Partial<Scalars> };
  if (lane !== undefined) {
    scalars.priority = { ...lane, ...priority as Partial<PriorityScalars>, ...prioritySets(sets) };
  }
  return withSets(scalars, sets);
}

function checkKinds(record: unknown, known: object): void {
  for (const [name, usual] of Object.entries(known)) {
    // Only records are compared.
    const own = (record as ScalarRecord)[name];
    if (isSetName(name) || own === undefined) continue;
    // What is not always there is an object.
    if (kindOf(own) !== (usual === undefined ? "object" : kindOf(usual))) {
      throw new GateError("malformed", `The waiting room's state has a "${name}" that is none`);
    }
  }
}

/** The whole state as plain data. */
export interface StateRecord {
  /** The scalars, by their names. */
  readonly scalars: ScalarRecord;
  /** The members of each set and their scores, in order. */
  readonly sets: Readonly<Record<SetName, readonly (readonly [member: string, score: number])[]>>;
}

/** A state as plain data, in the form of JSON. */
export function recordOf(state: RoomState): StateRecord {
  const sets = {} as Record<SetName, readonly (readonly [string, number])[]>;
  for (const name of setNames) sets[name] = [...state[name].entries()];
  return { scalars: scalarsOf(state), sets };
}

/**
 * Reads what {@linkcode recordOf} made.
 *
 * @throws {GateError} `malformed` when it is something else.
 */
export function readRecord(record: unknown): RoomState {
  const { scalars, sets } = isRecord(record) ? record : {};
  const read: Partial<Record<SetName, readonly (readonly [string, number])[]>> = {};
  for (const name of setNames) {
    const members = isRecord(sets) ? sets[name] ?? [] : [];
    if (!Array.isArray(members) || !members.every(isMember)) {
      throw new GateError("malformed", `The waiting room's state has a "${name}" that is none`);
    }
    read[name] = members;
  }
  return stateOf(scalars, setsOf(read));
}

const nobodys: Configured = {
  limits: { admitPerMinute: 0, burstSeconds: 0, capacity: 0, sessionMs: 0, returnMs: 0, recovery: "strict" },
  opensAt: 0,
  closesAt: 0,
  note: "",
  since: 0,
};

function isSetName(name: string): name is SetName {
  return (setNames as readonly string[]).includes(name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMember(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string" &&
    typeof value[1] === "number";
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "list" : typeof value;
}
