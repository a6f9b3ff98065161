/**
 * Keeps the place of visitors who were let in while the service cannot tell that they were.
 *
 * @module
 */

export * from "./grace.ts";
