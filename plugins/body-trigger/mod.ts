/**
 * Limits the provider to requests whose body contains, matches or satisfies something.
 *
 * @module
 */

export * from "./body-trigger.ts";
