/** What the script answers. Whatever else comes is a fault of the server, of its client, or of whoever wrote there. */

import { GateError } from "../../../../src/errors.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";
import { type RoomStatus, stateForm } from "../../machine/mod.ts";
import type { Batch, BatchResult } from "../store.ts";

type Outcome = BatchResult["outcomes"][number];
type Kind = "number" | "string" | "boolean";

/** What each outcome tells, besides the tag that the command had. */
const outcomes: Readonly<Record<Outcome["is"], Readonly<Record<string, Kind>>>> = {
  admitted: { number: "number", until: "number", again: "boolean", rank: "number", free: "number" },
  waiting: { number: "number", rank: "number", nextMs: "number" },
  far: { number: "number" },
  lapsed: { number: "number", wasUsed: "boolean" },
  unknown: { number: "number" },
  later: { seconds: "number" },
  closed: {},
  renewed: { number: "number", until: "number" },
  ended: { number: "number" },
  left: { number: "number" },
  ok: { revision: "number" },
  conflict: { revision: "number" },
};

const limits: Readonly<Record<keyof RoomStatus["limits"], Kind>> = {
  admitPerMinute: "number",
  burstSeconds: "number",
  capacity: "number",
  sessionMs: "number",
  returnMs: "number",
  recovery: "string",
};

const figures: Readonly<Record<Exclude<keyof RoomStatus, "limits">, Kind>> = {
  epoch: "number",
  revision: "number",
  now: "number",
  mode: "string",
  note: "string",
  opensAt: "number",
  closesAt: "number",
  openedAt: "number",
  issued: "number",
  frontier: "number",
  passed: "number",
  lapseLine: "number",
  present: "number",
  asleep: "number",
  sessions: "number",
  ghosts: "number",
  free: "number",
  pace: "number",
  flow: "number",
  share: "number",
  endRate: "number",
  poll: "number",
  joined: "number",
  admitted: "number",
  lapsed: "number",
  left: "number",
  recoveries: "number",
};

/** Reads the answer to a batch. */
export function resultOf(answer: unknown, { commands }: Batch): BatchResult {
  if (!Array.isArray(answer)) throw foreign(`answered a batch with ${kindOf(answer)}`);
  const [word, first, second]: readonly unknown[] = answer;
  if (word === "newer") {
    throw new GateError(
      "malformed",
      `The waiting room's state has form ${first}, which is newer than ${stateForm}: update this process`,
    );
  }
  if (word === "wrong") {
    throw new GateError(
      "malformed",
      `The waiting room's state in Redis cannot be used: ${first}. It was left as it is; delete the room's keys to begin anew`,
    );
  }
  const told = parsed(second);
  if (word !== "ok" || !Array.isArray(told) || told.length !== commands.length) {
    throw foreign("answered a batch with something else than its outcomes");
  }
  return {
    status: statusOf(first),
    outcomes: told.map((each: unknown, at) => outcomeOf(each, commands[at])),
  };
}

/** Reads a status as it is stored. */
export function statusOf(stored: unknown): RoomStatus {
  const status = parsed(stored);
  if (!isRecord(status) || !has(status, figures) || !isRecord(status.limits) || !has(status.limits, limits)) {
    throw foreign("has something else than a status");
  }
  // It has each of these, and each of its kind. The script writes no other words than those it is given.
  return status as unknown as RoomStatus;
}

function outcomeOf(outcome: unknown, command: Batch["commands"][number] | undefined): Outcome {
  const shape = isRecord(outcome) && typeof outcome.is === "string" && Object.hasOwn(outcomes, outcome.is)
    ? outcomes[outcome.is as Outcome["is"]]
    : undefined;
  if (shape === undefined || !isRecord(outcome) || !has(outcome, shape)) {
    throw foreign("answered with no outcome");
  }
  const tag = command !== undefined && "tag" in command ? command.tag : "";
  const isTagged = outcome.is === "admitted" || outcome.is === "waiting" || outcome.is === "far";
  // It has what an outcome of this kind has.
  return (isTagged ? { ...outcome, tag } : outcome) as unknown as Outcome;
}

/** Takes apart what the script wrote: a form, which is 1, and JSON. */
function parsed(text: unknown): unknown {
  if (typeof text !== "string" || !text.startsWith("1")) return undefined;
  try {
    return JSON.parse(text.slice(1));
  } catch {
    // No JSON is no answer, as the caller tells.
    return undefined;
  }
}

function has(value: Readonly<Record<string, unknown>>, shape: Readonly<Record<string, Kind>>): boolean {
  return Object.entries(shape).every(([name, kind]) => typeof value[name] === kind);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function foreign(what: string): GateError {
  return new GateError("malformed", `Redis ${what}, as if another program used the waiting room's keys`);
}
