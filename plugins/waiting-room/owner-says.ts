/** What an owner's function says of a request. */

import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import { shapeError, type Subject } from "../../src/options/check.ts";

/** Says of a request whether something is so, at once or later. */
export type RequestTest = (ctx: Context) => boolean | Promise<boolean>;

/** The same, and whatever else it gives is a fault of ours: not the visitor's, and never a yes. */
export function requestTest(subject: Subject, option: string, test: RequestTest): RequestTest {
  return (ctx) =>
    chain(test(ctx), (says: unknown) => {
      if (typeof says === "boolean") return says;
      throw shapeError(subject, option, "a function that returns true or false", says);
    });
}
