/**
 * Header fields as a list: names in lower case, each once, but for `set-cookie`. To look at them and to change them so costs a tenth of what
 * `Headers` take. It means what `Headers` mean; what could mean something else, or could not be sent, is no list, and is left to those.
 */

import type { HeaderChange } from "../decision.ts";

/** Fields that can be looked at, such as `Headers`. */
export interface Fields {
  get(name: string): string | null;
  /** Some platforms take three times as long for an iterator. */
  forEach(look: (value: string, name: string) => void): void;
  /** The names in any order and spelling, also of what is no header: where there is such a look, it takes less than to put them in order. */
  [anyOrder]?(look: (name: string) => void): void;
}

/** Under which {@linkcode Fields} have what tells their names in any order. */
export const anyOrder: unique symbol = Symbol("stanchion.anyOrder");

/** What {@linkcode listOf} gives. */
export type FieldList = readonly HeaderChange[];

/** The fields of a plain object; `undefined` where it takes `Headers` to tell what they are. */
export function listOf(record: Readonly<Record<string, unknown>>): FieldList | undefined {
  const names = Object.keys(record);
  // Of its full length at once: a list that grows has room for sixteen more.
  const list: HeaderChange[] = new Array(names.length);
  for (let at = 0; at < names.length; at++) {
    const given = names[at] ?? "";
    const name = given.toLowerCase();
    const value = record[given];
    if (!isPlainField(name, value) || placeOf(list, name) !== -1) return undefined;
    list[at] = [name, value];
  }
  return list;
}

/** Whether all changes are plain, so that they mean to a list what they mean to `Headers`. */
export function arePlain(changes: readonly HeaderChange[]): boolean {
  // By places: a pair that is taken apart makes three objects, here and below.
  for (const change of changes) if (!isPlainField(change[0], change[1])) return false;
  return true;
}

/** A list with changes: `set-cookie` and `vary` are added to what is there, others replace it. `undefined` where one of them is not plain. */
export function changed(list: FieldList, changes: readonly HeaderChange[]): FieldList | undefined {
  if (!arePlain(changes)) return undefined;
  const all = list.slice();
  for (const change of changes) {
    const name = change[0];
    const at = name === "set-cookie" ? -1 : placeOf(all, name);
    const own = all[at];
    if (own === undefined) all.push(change);
    else if (name !== "vary") all[at] = change;
    else if (change[1] === "" || own[1] === "") return undefined;
    else all[at] = [name, `${own[1]}, ${change[1]}`];
  }
  return all;
}

/** A list in the form that responses are made of: servers write a plain object as it is, which cannot hold two of a name. */
export function formOf(list: FieldList): Record<string, string> | [string, string][] {
  const record: Record<string, string> = {};
  let cookies = 0;
  for (const field of list) {
    if (field[0] === "set-cookie") cookies++;
    record[field[0]] = field[1];
  }
  return cookies > 1 ? list.map(([name, value]): [string, string] => [name, value]) : record;
}

/** A list to be looked at as `Headers` are. */
export function fieldsOf(list: FieldList): Fields {
  return new ListedFields(list);
}

class ListedFields implements Fields {
  readonly #list: FieldList;

  constructor(list: FieldList) {
    this.#list = list;
  }

  get(name: string): string | null {
    return this.#list[placeOf(this.#list, name)]?.[1] ?? null;
  }

  forEach(look: (value: string, name: string) => void): void {
    for (const field of this.#list) look(field[1], field[0]);
  }

  [anyOrder](look: (name: string) => void): void {
    for (const field of this.#list) look(field[0]);
  }
}

/** Where a list has a field; -1 where it has none. */
export function placeOf(list: FieldList, name: string): number {
  for (let at = 0; at < list.length; at++) if (list[at]?.[0] === name) return at;
  return -1;
}

/** Visible ASCII, with spaces between: what no platform changes or refuses. `__proto__` is no member of a plain object. */
function isPlainField(name: string, value: unknown): value is string {
  return typeof value === "string" && plainValue.test(value) &&
    (usual.has(name) || (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && name !== "__proto__"));
}

const plainValue = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;

/** Names that need not be looked at. */
const usual: ReadonlySet<string> = new Set([
  "cache-control",
  "content-type",
  "expires",
  "location",
  "pragma",
  "set-cookie",
  "vary",
]);
