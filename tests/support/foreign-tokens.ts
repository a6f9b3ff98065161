import type { Plugin } from "../../src/plugin.ts";
import { storeOf } from "./store-of.ts";

/** What another realm, or a library of its own, takes for a promise: an object with `then` and nothing else. */
export function foreign<T>(value: T, fault?: Error): Promise<T> {
  const thenable = {
    then(resolve: (value: T) => void, reject: (cause: unknown) => void): void {
      queueMicrotask(() => fault === undefined ? resolve(value) : reject(fault));
    },
  };
  // All that anybody may do with it is to await it.
  return thenable as unknown as Promise<T>;
}

/** A token store that answers with such objects alone. */
export function foreignTokens(tokens: Map<string, string>, writeFault?: Error): Plugin {
  return storeOf({
    read: (name) => foreign(tokens.get(name)),
    write(name, value) {
      if (writeFault === undefined) tokens.set(name, value);
      return foreign(undefined, writeFault);
    },
    remove(name) {
      tokens.delete(name);
      return foreign(undefined);
    },
  });
}
