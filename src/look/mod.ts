/**
 * How the pages look that visitors see: the style, the posts with their rope, and the icon.
 *
 * @module
 */

export { compact } from "./compact.ts";
export { icon } from "./icon.ts";
export { ropes } from "./ropes.ts";
export { darkColours, lightColours, logoRules, type LookColours, pageStyle } from "./style.ts";
