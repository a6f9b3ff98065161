import { chain, isPromise, leave } from "../../src/async/maybe-promise.ts";
import { storageWithin } from "./ask-storage.ts";
import type { Resolved } from "./options.ts";

/** The longest token, in characters. */
export const longest = 65_536;
/** Stands before each stored value, for storages that would take `123` or `{}` apart and return no string. */
const mark = "~";
/** Where an id's own mark is kept. No token can have this name. */
const idName = "+";

/** What the storage holds under an id. All of it comes at once where the storage answers at once. */
export interface Items {
  /** Whether something was ever kept under the id. */
  knows(id: string): boolean | Promise<boolean>;
  /** The token of a name. */
  read(id: string, name: string): string | undefined | Promise<string | undefined>;
  /** Keeps a token, and the mark of its id for as long, so that a second token finds the id in use. */
  keep(id: string, name: string, value: string, ttl: number): unknown;
  remove(id: string, name: string): unknown;
}

/** Finds the items of a storage. */
export function itemsOf({ storage, prefix, timeoutMs }: Resolved): Items {
  const ask = storageWithin(timeoutMs);

  function keyOf(id: string, name: string): string {
    return `${prefix}:${id}:${name}`;
  }

  return {
    knows: (id) => chain(ask(() => storage.getItem(keyOf(id, idName))), isStored),
    read(id, name) {
      const found = ask(() => storage.getItem(keyOf(id, name)));
      return chain(found, (found) => isStored(found) ? found.slice(mark.length) : undefined);
    },
    keep(id, name, value, ttl) {
      const token = ask(() => storage.setItem(keyOf(id, name), mark + value, { ttl }));
      // Should the second call throw at once, nobody else would look after the first.
      leave(token);
      const own = ask(() => storage.setItem(keyOf(id, idName), mark, { ttl }));
      return isPromise(token) || isPromise(own) ? Promise.all([token, own]) : undefined;
    },
    remove: (id, name) => ask(() => storage.removeItem(keyOf(id, name))),
  };
}

function isStored(found: unknown): found is string {
  return typeof found === "string" && found.startsWith(mark) && found.length <= longest + mark.length;
}
