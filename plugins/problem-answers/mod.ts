/**
 * Tells programs of the waiting room in a form that they can read.
 *
 * @module
 */

export * from "./problem-answers.ts";
