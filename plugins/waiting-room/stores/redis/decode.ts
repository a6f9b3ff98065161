/** What the script answers. Whatever else comes is a fault of the server, of its client, or of whoever wrote there. */

import { GateError } from "../../../../src/errors.ts";
import { kindOf } from "../../../../src/pipeline/kind-of.ts";
import { readStatus, type RoomStatus, stateForm } from "../../machine/mod.ts";
import type { Batch, BatchResult } from "../store.ts";

type Outcome = BatchResult["outcomes"][number];
/** Values of the kinds that are expected, by their names. */
type Shape = Readonly<Record<string, number | string | boolean>>;

/** What each outcome tells, besides the tag that the command had. */
const outcomes: Readonly<Record<Outcome["is"], Shape>> = {
  admitted: { number: 0, until: 0, again: false, isConfirmed: false, rank: 0, free: 0 },
  waiting: { number: 0, rank: 0, nextMs: 0 },
  far: { number: 0 },
  registered: { number: 0 },
  lapsed: { number: 0, wasUsed: false },
  unknown: { number: 0 },
  later: { seconds: 0 },
  closed: {},
  renewed: { number: 0, until: 0 },
  ended: { number: 0 },
  left: { number: 0 },
  ok: { revision: 0 },
  conflict: { revision: 0 },
};

/** Those that tell the tag as well. */
const taggedOutcomes: ReadonlySet<unknown> = new Set(["admitted", "waiting", "far", "registered"]);

/** Reads the answer to a batch. */
export function resultOf(answer: unknown, { commands }: Batch): BatchResult {
  if (!Array.isArray(answer)) throw foreign(`answered a batch with ${kindOf(answer)}`);
  const [word, first, second]: readonly unknown[] = answer;
  if (word === "newer") throw newer(first);
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
  const status = readStatus(parsed(stored));
  if (status === undefined) throw foreign("has something else than a status");
  return status;
}

function outcomeOf(outcome: unknown, command: Batch["commands"][number] | undefined): Outcome {
  const shape = isRecord(outcome) && typeof outcome.is === "string" && Object.hasOwn(outcomes, outcome.is)
    ? outcomes[outcome.is as Outcome["is"]]
    : undefined;
  if (shape === undefined || !isRecord(outcome) || !has(outcome, shape)) {
    throw foreign("answered with no outcome");
  }
  const tag = command !== undefined && "tag" in command ? command.tag : "";
  const isTagged = taggedOutcomes.has(outcome.is);
  // It has what an outcome of this kind has.
  return (isTagged ? { ...outcome, tag } : outcome) as unknown as Outcome;
}

/** Takes apart what the script wrote: a form, which is 1, and JSON. */
function parsed(text: unknown): unknown {
  const [, form, json] = typeof text === "string" ? /^(\d{1,6})([[{].*)$/s.exec(text) ?? [] : [];
  if (form === undefined || json === undefined) return undefined;
  if (Number(form) > stateForm) throw newer(form);
  try {
    return JSON.parse(json);
  } catch {
    // No JSON is no answer, as the caller tells.
    return undefined;
  }
}

function has(value: Readonly<Record<string, unknown>>, shape: Shape): boolean {
  return Object.entries(shape).every(([name, usual]) => typeof value[name] === typeof usual);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function newer(form: unknown): GateError {
  return new GateError(
    "malformed",
    `The waiting room's state has form ${form}, which is newer than ${stateForm}: update this process`,
  );
}

function foreign(what: string): GateError {
  return new GateError("malformed", `Redis ${what}, as if another program used the waiting room's keys`);
}
