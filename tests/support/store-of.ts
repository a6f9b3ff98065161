import type { Plugin, TokenStore } from "../../mod.ts";

/** A plugin that keeps no tokens but does what it is told. */
export function storeOf(parts: Partial<TokenStore> = {}): Plugin {
  const store: TokenStore = {
    read: () => undefined,
    write: () => {},
    remove: () => {},
    headers: () => undefined,
    ...parts,
  };
  return { name: "store", supplies: { tokens: () => store } };
}
