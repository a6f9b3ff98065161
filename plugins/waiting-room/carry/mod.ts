/**
 * Takes a place along, to another device or browser: by a link with the ticket in its fragment, and the same as a QR code.
 *
 * @module
 */

export { carry, carryPage, take } from "./carry.ts";
