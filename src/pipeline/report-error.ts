import { type GateError, HookError } from "../errors.ts";

/** The default of `onError`: a line on the console, at most one a second for each plugin and cause. */
export function reportToConsole(now: () => number): (error: GateError) => void {
  const last = new Map<string, { at: number; silent: number }>();
  return (error) => {
    // Plugins and causes are few and fixed, so the map stays small.
    const key = `${error instanceof HookError ? error.plugin : "gate"} ${error.code}`;
    const seen = last.get(key);
    const time = now();
    if (seen !== undefined && Math.abs(time - seen.at) < 1000) {
      seen.silent++;
      return;
    }
    last.set(key, { at: time, silent: 0 });
    const more = seen !== undefined && seen.silent > 0 ? ` (and ${seen.silent} more like the last one)` : "";
    console.error(`stanchion: ${error.message} [${error.code}]${more}`);
  };
}
