/**
 * Tells programs of the waiting room in a form that they can read.
 *
 * @module
 */

export type { ProblemAnswersOptions } from "./options.ts";
export * from "./problem-answers.ts";
