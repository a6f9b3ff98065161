/** Calls back later; returns what calls that off. */
export type Schedule = (callback: () => void, ms: number) => () => void;

/** Calls back later without keeping the process alive for it, where the platform can do that. */
export const schedule: Schedule = (callback, ms) => {
  const timer: unknown = setTimeout(callback, ms);
  // Node, Deno and Bun: a process that has nothing else to do may end.
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref();
  }
  return () => clearTimeout(timer as number);
};
