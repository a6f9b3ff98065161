/**
 * What tells a note from every other one, where only its beginning is at hand. The script of the page computes the same of what it is told
 * whole.
 */
export function markOf(note: string): number {
  let mark = -1;
  // Each step can be undone, so that two notes which differ in one character have two marks.
  for (const character of note) mark = Math.imul(mark ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return mark;
}
