import { compact } from "./compact.ts";

/** Posts and rope, which stand on the bar that shows the way. */
export const ropes: string = compact(`
  <svg class="ropes" viewBox="0 0 600 96" aria-hidden="true">
  <g class="rope"><path d="M16 24q94 92 188 0"/><path d="M206 24q94 92 188 0"/><path d="M396 24q94 92 188 0"/></g>
  <g class="post" id="post"><circle cx="14" cy="10" r="8"/><path d="M10 16h7v64q11 2 11 16h-28q0-14 10-16z"/></g>
  ${[191, 381, 572].map((x) => `<use href="#post" x="${x}"/>`).join("")}
  </svg>
`);
