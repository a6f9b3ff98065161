/** Remembers what was found out about texts, and forgets the ones that were not asked for in a while. */
export interface Memo<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/** How many texts share a set, in which one gives way to the next. */
const setSize = 4;

/** How much of a text's end tells in which set it is, and by how many of its characters. */
const tailLength = 32;
const tailStep = 2;

/**
 * Makes a memo of at most `size` texts. Tokens end in what tells them apart: their last characters say in which set of
 * four places a text may be, and there it is compared whole. So nothing is hashed at length, nothing is allocated but
 * what is remembered, and a visitor who spells one token in many ways takes places of that token's set only.
 */
export function createMemo<T>(size: number): Memo<T> {
  const ways = Math.min(size, setSize);
  const sets = ways === 0 ? 0 : Math.floor(size / ways);
  const marks = new Int32Array(sets * ways);
  const texts = new Array<string | undefined>(sets * ways);
  const values = new Array<T | undefined>(sets * ways);
  /** The text that was asked for last and not known, which is nearly always the next to be remembered. */
  let unknown: string | undefined;
  let unknownMark = 0;
  /** The place of each set whose text gives way next: the one behind the last that was asked for. */
  const next = new Uint8Array(sets);

  function placeOf(text: string, mark: number, set: number): number {
    for (let way = 0, place = set * ways; way < ways; way++, place++) {
      if (marks[place] !== mark || texts[place] !== text) continue;
      next[set] = way + 1 === ways ? 0 : way + 1;
      return place;
    }
    return -1;
  }

  return {
    get(text) {
      if (sets === 0) return undefined;
      const mark = markOf(text);
      const place = placeOf(text, mark, (mark >>> 0) % sets);
      if (place !== -1) return values[place];
      unknown = text;
      unknownMark = mark;
      return undefined;
    },
    set(text, value) {
      if (sets === 0) return;
      const isUnknown = text === unknown;
      const mark = isUnknown ? unknownMark : markOf(text);
      const set = (mark >>> 0) % sets;
      let place = isUnknown ? -1 : placeOf(text, mark, set);
      unknown = undefined;
      if (place === -1) {
        // Each set has a place that is next.
        const way = next[set] as number;
        place = set * ways + way;
        next[set] = way + 1 === ways ? 0 : way + 1;
        marks[place] = mark;
        texts[place] = text;
      }
      values[place] = value;
    },
  };
}

/** A number made of the end of a text. */
function markOf(text: string): number {
  let mark = text.length;
  for (let at = text.length - 1, end = Math.max(0, at - tailLength); at >= end; at -= tailStep) {
    mark = Math.imul(mark, 0x0100_0193) ^ text.charCodeAt(at);
  }
  // What differs in a few bits only is to be in different sets.
  return Math.imul(mark ^ (mark >>> 15), 0x2c1b_3c6d) ^ (mark >>> 13);
}
