/** How the runtimes divide among them what takes long because there are very many cases: all are tried by one of them or another. */

/** What a runtime is known by. Node has none of it, and is the first. */
const marks = ["Deno", "Bun", "WebSocketPair"] as const;

/** The place of this runtime among them. */
export const runtimePlace: number = 1 + marks.findIndex((mark) => mark in globalThis);

/** How many of so many random cases are tried on each of the three runtimes that try them, from seeds of their own. */
export function share(count: number): number {
  return Math.ceil(count / 3);
}

/** Whether a case that comes out alike everywhere is tried here as well: Node tries all of them, the others one in three each. */
export function isTriedHere(at: number): boolean {
  return runtimePlace === 0 || at % marks.length === runtimePlace - 1;
}
