import { kindOf } from "../../src/pipeline/kind-of.ts";

/**
 * What an owner is told of a part of the package that cannot be loaded.
 *
 * @param what The part, and what comes of that.
 */
export function loadFailure(what: string, cause: unknown): string {
  return `waiting-room: ${what}: it cannot be loaded (${kindOf(cause)}). ` +
    "If the files of the package were replaced while this process ran, start it again";
}
