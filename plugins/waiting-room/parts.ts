/** What few visitors need: it is loaded with the first who does, so that it is no part of the start of every process. */

import { GateError } from "../../src/errors.ts";
import { loadFailure } from "./load-failure.ts";

/** The parts. The platform remembers what it has loaded. */
export interface Parts {
  /** Takes places along, with what draws codes. */
  carry(): Promise<typeof import("./carry/mod.ts")>;
  /** The page of a lottery. */
  lotteryPage(): Promise<typeof import("./page/lottery-page.ts")>;
}

const parts: Parts = {
  carry: () => import("./carry/mod.ts"),
  lotteryPage: () => import("./page/lottery-page.ts"),
};

/**
 * Makes what loads the parts. Where one cannot be loaded the owner is told, and whoever asks for it is answered as if the room could not
 * be reached: nothing of them changes.
 *
 * @param warn Is told what cannot be loaded.
 * @param from What is loaded.
 */
export function createParts(warn: (message: string) => void, from: Parts = parts): Parts {
  async function loaded<T>(what: string, load: () => Promise<T>): Promise<T> {
    try {
      return await load();
    } catch (cause) {
      warn(loadFailure(`visitors do not get ${what}`, cause));
      throw new GateError("unreachable", `A part of the waiting room cannot be loaded: ${what}`, { cause });
    }
  }

  return {
    carry: () => loaded("the pages that take a place along", from.carry),
    lotteryPage: () => loaded("the page of a lottery", from.lotteryPage),
  };
}
