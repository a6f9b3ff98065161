/** Changes of headers that a plugin makes once for all its refusals. */

import type { HeaderChange } from "../decision.ts";
import { applyChanges } from "../http/header-changes.ts";
import { foundOnce, knownAs } from "../http/made-once.ts";
import { arePlain, type FieldList, formOf } from "./fields.ts";
import { Original } from "./original.ts";

/**
 * What is known of changes that were made once, or begin with such: they keep an answer from every cache and say nothing else, and behind them are plain
 * cookies alone. `undefined` for all others.
 */
export function noStoreOf(changes: readonly HeaderChange[]): NoStore | undefined {
  return foundOnce(changes, noStore);
}

function noStore(changes: readonly HeaderChange[]): NoStore | undefined {
  const names = changes.map(([name]) => name);
  const isOne = arePlain(changes) && new Set(names).size === names.length &&
    names.every((name) => ofCaches.includes(name)) &&
    changes.some(([name, value]) =>
      name === "cache-control" && /^(?:[^"]*,)?\s*no-store\s*(?:,|$)/.test(value)
    );
  return isOne ? new NoStore([...changes]) : undefined;
}

const ofCaches: readonly string[] = ["cache-control", "pragma", "expires"];

/** Changes with more behind them. Of plain cookies behind such changes the same is known as of none. */
export function followedBy(
  changes: readonly HeaderChange[],
  more: readonly HeaderChange[],
): readonly HeaderChange[] {
  const pairs = noStoreOf(changes)?.pairs;
  if (pairs === undefined) return changes.concat(more);
  // Engines are slow to copy a list that nobody can change.
  const all = (changes.length === pairs.length ? pairs : changes).concat(more);
  return more.every(([name]) => name === "set-cookie") && arePlain(more) ? knownAs(all, changes) : all;
}

/** What is known of them. */
class NoStore {
  readonly pairs: readonly HeaderChange[];
  readonly #redirect: Original;

  constructor(pairs: readonly HeaderChange[]) {
    this.pairs = pairs;
    this.#redirect = new Original(302, pairs, null);
  }

  /**
   * A redirect with a location, which is all of its own list, and all changes, which begin with these. To clone a response takes every platform less than
   * to set its fields; a server's own class writes a plain object as it is.
   */
  redirectWith(location: FieldList, changes: readonly HeaderChange[]): Response {
    const response = this.#redirect.copy();
    if (response === undefined) {
      return new Response(null, { status: 302, headers: formOf([...location, ...changes]) });
    }
    const { headers } = response;
    applyChanges(headers, location);
    const { length } = this.pairs;
    if (changes.length > length) applyChanges(headers, changes.slice(length));
    return response;
  }
}
