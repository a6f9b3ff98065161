/** What a batch writes into Deno KV: all of it at once, and no more than KV takes. */

import { GateError } from "../../../../src/errors.ts";
import type { OrderedSet, RoomStatus, ScalarRecord } from "../../machine/mod.ts";
import type { Attempt, Held } from "../attempt.ts";
import type { KeptTime } from "./clock.ts";
import type { KvKey } from "./kv.ts";
import { type Cursor, type Head, type Keys, type Waste, writeHead, writeParts } from "./layout.ts";
import { allSets, nextPage } from "./pages.ts";

/** From how many entries of the log on pages are written anew. */
const fewestEntries = 32;
/** How many pages a batch writes then, and how many keys that are not needed any more it deletes. */
const pagesAtOnce = 2;
const deletesAtOnce = 100;
/** How much KV takes at once: values with their keys in bytes, less a little. */
const mostBytes = 750_000;

/** What is known when a batch was run. */
export interface Ran {
  readonly keys: Keys;
  readonly held: Held;
  readonly made: Attempt;
  readonly unknown: ReadonlyMap<string, OrderedSet>;
  readonly after: string | null;
  readonly old: Head | undefined;
  readonly time: KeptTime;
  readonly status: RoomStatus;
  readonly scalars: ScalarRecord;
}

/** What is written. */
export interface Writes {
  readonly head: Head;
  readonly sets: readonly (readonly [key: KvKey, value: Uint8Array])[];
  readonly deletes: readonly KvKey[];
}

/**
 * Finds what has to be written.
 *
 * @throws {GateError} `internal` where KV would not take it.
 */
export function writesOf(ran: Ran): Writes {
  const { keys, made, after, old, time, status, scalars } = ran;
  const sets: [KvKey, Uint8Array][] = [];
  const begin = old?.next ?? 0;
  for (const value of writeParts(made.parts(), after)) {
    sets.push([keys.log(begin + sets.length), value]);
  }
  const next = begin + sets.length;
  const filled = fill(ran, next);
  sets.push(...filled.sets);
  const { deletes, waste } = clear(keys, filled.waste);
  const { base, filling } = filled;
  // What a younger version put into the head stays there.
  const head: Head = { ...old, form: 1, after, time, scalars, status, base, next, filling, waste };
  sets.push([keys.head, writeHead(head)]);
  const bytes = sets.reduce((sum, [, value]) => sum + value.length, 0);
  if (bytes > mostBytes) {
    throw new GateError(
      "internal",
      `A batch changes ${bytes} bytes of the room, and Deno KV takes ${mostBytes} at once`,
    );
  }
  return { head, sets, deletes };
}

/** Writes the next pages, if it is time to, and takes them as the base when they are all there. */
function fill({ keys, held, unknown, old }: Ran, next: number) {
  const base = old?.base ?? { generation: 0, pages: 0, from: 0 };
  const waste = old?.waste ?? [];
  const sets: [KvKey, Uint8Array][] = [];
  const isTime = next - base.from >= Math.max(fewestEntries, base.pages);
  if (old?.filling === undefined && !isTime) return { base, filling: undefined, waste, sets };
  // What this batch changed is in the pages: the log is needed from the next one on.
  const { generation, from, pages: before, cursor: since } = old?.filling ??
    { generation: base.generation + 1, from: next, pages: 0, cursor: undefined };
  let pages = before;
  let cursor: Cursor | undefined = since;
  const all = allSets(held.state, unknown);
  for (let count = 0; count < pagesAtOnce; count++) {
    const { parts, end } = nextPage(all, cursor);
    for (const value of writeParts(parts, null)) sets.push([keys.page(generation, pages++), value]);
    cursor = end;
    if (end === undefined) {
      const gone: Waste[] = [
        { generation: base.generation, from: 0, to: base.pages },
        { from: base.from, to: from },
      ];
      return { base: { generation, pages, from }, filling: undefined, waste: [...waste, ...gone], sets };
    }
  }
  return { base, filling: { generation, from, pages, cursor }, waste, sets };
}

/** Deletes some of what is not needed any more. */
function clear(keys: Keys, waste: readonly Waste[]) {
  const deletes: KvKey[] = [];
  const left: Waste[] = [];
  for (const { generation, from, to } of waste) {
    const end = Math.min(to, from + deletesAtOnce - deletes.length);
    for (let number = from; number < end; number++) {
      deletes.push(generation === undefined ? keys.log(number) : keys.page(generation, number));
    }
    if (end < to) left.push({ ...(generation === undefined ? {} : { generation }), from: end, to });
  }
  return { deletes, waste: left };
}
