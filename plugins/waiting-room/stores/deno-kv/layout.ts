/**
 * How a room is kept in Deno KV. A head has everything whose size does not depend on who is there. Who is there is kept in pages, each with at
 * most 500 members, and in a log of what every batch since changed. So a batch writes the head, one short entry of the log, and now and
 * then a page, however many people there are; a node that knows the room reads nothing but the entries of others.
 *
 * Pages are written one after the other while batches go on. Whoever reads them makes the changes of the log again, from the first
 * page on: what was changed meanwhile is thus right, and what was not was written as it is.
 */

import { GateError } from "../../../../src/errors.ts";
import type { RoomStatus, ScalarRecord } from "../../machine/mod.ts";
import type { Part } from "../attempt.ts";
import type { KeptTime } from "./clock.ts";
import type { KvKey } from "./kv.ts";

/** The form of what is kept here, besides that of the state. */
const keptForm = 1;

/** How many members a page or an entry of the log has at most, and how many bytes. KV takes 65,536. */
export const mostMembers = 500;
const mostBytes = 56_000;
/** How many bytes the head may have. */
const mostHeadBytes = 65_000;

/** Pages, and where the log begins that goes with them. */
export interface Base {
  readonly generation: number;
  readonly pages: number;
  readonly from: number;
}

/** Keys that are not needed any more. */
export interface Waste {
  readonly generation?: number;
  readonly from: number;
  readonly to: number;
}

/** Where the writing of pages has come to: behind this member. */
export type Cursor = readonly [set: string, score: number, member: string];

/** The head of a room. */
export interface Head {
  readonly form: number;
  /** The state on which the last batch was run, by its versionstamp. */
  readonly after: string | null;
  readonly time: KeptTime;
  readonly scalars: ScalarRecord;
  readonly status: RoomStatus;
  readonly base: Base;
  /** The number of the next entry of the log. */
  readonly next: number;
  /** Pages that are being written. */
  readonly filling?: (Base & { readonly cursor: Cursor | undefined }) | undefined;
  readonly waste: readonly Waste[];
}

/** An entry of the log: what a batch changed, and on which state. */
export interface Entry {
  readonly after: string | null;
  readonly parts: readonly Part[];
}

/** The keys of a room. */
export interface Keys {
  readonly head: KvKey;
  log(number: number): KvKey;
  page(generation: number, number: number): KvKey;
  /** How many records there were. */
  readonly records: KvKey;
  record(number: number): KvKey;
}

/** The keys of a room. */
export function keysOf(prefix: string, room: string): Keys {
  return {
    head: [prefix, "room", room, "head"],
    log: (number) => [prefix, "room", room, "log", number],
    page: (generation, number) => [prefix, "room", room, "page", generation, number],
    records: [prefix, "room", room, "records"],
    record: (number) => [prefix, "room", room, "record", number],
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes a head. What a younger version put there is kept. */
export function writeHead(head: Head): Uint8Array {
  const bytes = encoder.encode(JSON.stringify({ ...head, form: keptForm }));
  if (bytes.length <= mostHeadBytes) return bytes;
  throw new GateError(
    "internal",
    `The room has ${bytes.length} bytes beside its visitors, and Deno KV takes ${mostHeadBytes}: shorten its note`,
  );
}

/**
 * Reads a head.
 *
 * @throws {GateError} `malformed` when it is none, or when a younger version wrote it.
 */
export function readHead(value: unknown): Head {
  const head = parse(value) as Partial<Head> | undefined;
  const { form } = head ?? {};
  if (typeof form !== "number") throw malformed("its head is none");
  if (form > keptForm) {
    throw malformed(`its form is ${form}, which is newer than ${keptForm}: update this process`);
  }
  // Whatever has this form was written by writeHead().
  return head as Head;
}

/** Writes parts of sets as values, each small enough for KV. There is at least one. */
export function writeParts(parts: readonly Part[], after: string | null): readonly Uint8Array[] {
  const values: Uint8Array[] = [];
  let some: (readonly [set: string, isWhole: 0 | 1, ...members: (string | number | null)[]])[] = [];
  let left = mostMembers;
  let bytes = 0;
  const end = () => {
    values.push(encoder.encode(JSON.stringify([after, ...some])));
    some = [];
    left = mostMembers;
    bytes = 0;
  };
  for (const { set, isWhole, members } of parts) {
    let own: (string | number | null)[] = [];
    const begin = (whole: boolean) => some.push(own = [set, whole ? 1 : 0] as never);
    begin(isWhole);
    for (const [member, score] of members) {
      const size = sizeOf(member);
      if (left === 0 || bytes + size > mostBytes) {
        end();
        begin(false);
      }
      own.push(member, score);
      left--;
      bytes += size;
    }
  }
  end();
  return values;
}

const isPlain = /^[\w.-]*$/;

/** How many bytes a member and its score take at most. */
function sizeOf(member: string): number {
  return (isPlain.test(member) ? member.length + 2 : encoder.encode(JSON.stringify(member)).length) + 28;
}

/**
 * Reads what {@linkcode writeParts} made.
 *
 * @throws {GateError} `malformed` when it is something else.
 */
export function readParts(value: unknown): Entry {
  const written = parse(value);
  if (!Array.isArray(written)) throw malformed("a part of it is none");
  const [after, ...some] = written as [string | null, ...[string, 0 | 1, ...(string | number | null)[]][]];
  const parts = some.map(([set, isWhole, ...flat]): Part => {
    const members: [string, number | null][] = [];
    for (let at = 0; at < flat.length; at += 2) {
      const [member, score] = flat.slice(at, at + 2);
      if (typeof member !== "string" || (typeof score !== "number" && score !== null)) {
        throw malformed(`a member of its set "${set}" is none`);
      }
      members.push([member, score]);
    }
    return { set, isWhole: isWhole === 1, members };
  });
  return { after, parts };
}

function parse(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return undefined;
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    return undefined;
  }
}

/** What is kept is not what this version knows. */
export function malformed(why: string): GateError {
  return new GateError("malformed", `What Deno KV keeps of the room cannot be used: ${why}`);
}
