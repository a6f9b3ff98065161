/**
 * fast-check, for tests that try random cases.
 *
 * The cases are others on each run, so that they find what nobody thought of. `SEED` in the environment makes them the same ones: a failure is then
 * of the change that is tested, and a counterexample comes again. Each runtime has its own cases in any event.
 */

import fc from "fast-check";
import { runtimePlace } from "./runtime-share.ts";

// Workers have the environment in bindings, and may have no process at all.
const { process } = globalThis as { readonly process?: { readonly env: Readonly<Record<string, string>> } };
const seed = process?.env["SEED"];
if (seed !== undefined) {
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) + runtimePlace });
}

export default fc;
