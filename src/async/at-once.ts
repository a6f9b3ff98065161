import { GateError } from "../errors.ts";
import { isLate } from "./maybe-promise.ts";

/**
 * Gives what a function of the owner answered. A promise is no answer: nobody waits for it, and a process ends by one that is rejected
 * while nobody looks after it.
 *
 * @param option The function's name.
 * @throws {GateError} `internal`, when it is a promise.
 */
export function atOnce<T>(option: string, answer: T): T {
  if (isLate(answer)) throw new GateError("internal", `"${option}" must answer at once, not by a promise`);
  return answer;
}
