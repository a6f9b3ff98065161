/**
 * Keeps the place of visitors who were let in while the service cannot tell that they were.
 *
 * @module
 */

export { grace } from "./grace.ts";
export type { GraceCookieOptions, GraceOptions } from "./options.ts";
export type * from "../../src/contract.ts";
