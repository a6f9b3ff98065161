/** What is in the sets of a room, as pages and a log have it. */

import { type OrderedSet, orderedSet, type SetName, setNames, type Sets } from "../../machine/mod.ts";
import type { Members, Part } from "../attempt.ts";
import { type Cursor, mostMembers } from "./layout.ts";

/** Members by the names of their sets. */
export type Gathered = Map<string, Map<string, number>>;

/** Puts parts together, each upon those before. */
export function gather(gathered: Gathered, parts: readonly Part[]): void {
  for (const { set, isWhole, members } of parts) {
    let known = gathered.get(set);
    if (known === undefined) gathered.set(set, known = new Map());
    if (isWhole) known.clear();
    for (const [member, score] of members) {
      if (score === null) known.delete(member);
      else known.set(member, score);
    }
  }
}

/** The members of the machine's own sets. */
export function membersOf(gathered: Gathered): Members {
  return Object.fromEntries(setNames.map((name) => [name, gathered.get(name) ?? []]));
}

/** The sets that the machine does not know. */
export function unknownSets(gathered: Gathered): Map<string, OrderedSet> {
  const names = [...gathered.keys()].filter((name) => !setNames.includes(name as SetName));
  return new Map(names.map((name) => [name, orderedSet(gathered.get(name))]));
}

/** All sets of a room. */
export function allSets(sets: Sets, unknown: ReadonlyMap<string, OrderedSet>): Map<string, OrderedSet> {
  return new Map([...setNames.map((name) => [name, sets[name]] as const), ...unknown]);
}

/** Makes changes that others made. */
export function apply(sets: Map<string, OrderedSet>, parts: readonly Part[]): void {
  for (const { set: name, isWhole, members } of parts) {
    let set = sets.get(name);
    if (set === undefined) sets.set(name, set = orderedSet());
    if (isWhole) set.clear();
    for (const [member, score] of members) {
      if (score === null) set.remove(member);
      else set.put(member, score);
    }
  }
}

/** The next page behind a member, and where it ends; without an end where it is the last one. */
export function nextPage(
  sets: ReadonlyMap<string, OrderedSet>,
  cursor: Cursor | undefined,
): { readonly parts: readonly Part[]; readonly end: Cursor | undefined } {
  const parts: Part[] = [];
  let left = mostMembers;
  const [from = "", fromScore = 0, fromMember = ""] = cursor ?? [];
  // By their names, for a younger version may have others between them.
  for (const name of [...sets.keys()].sort()) {
    if (name < from) continue;
    const members: [string, number][] = [];
    for (const [member, score] of sets.get(name)?.entries() ?? []) {
      const isDone = score < fromScore || (score === fromScore && member <= fromMember);
      if (name === from && isDone) continue;
      if (left === 0) {
        const last = members.at(-1);
        if (last !== undefined) parts.push({ set: name, isWhole: false, members });
        return { parts, end: last === undefined ? lastOf(parts) : [name, last[1], last[0]] };
      }
      members.push([member, score]);
      left--;
    }
    if (members.length > 0) parts.push({ set: name, isWhole: false, members });
  }
  return { parts, end: undefined };
}

function lastOf(parts: readonly Part[]): Cursor | undefined {
  const part = parts.at(-1);
  const last = part?.members.at(-1);
  return part === undefined || last === undefined ? undefined : [part.set, last[1] ?? 0, last[0]];
}
