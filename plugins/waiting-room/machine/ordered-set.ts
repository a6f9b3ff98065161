/** Members in the order of their scores, and those of one score in the order of their names: as a sorted set of Redis has them. */

/** How many members a page holds at most. */
const pageSize = 512;

/** A set of names, each with a score. */
export interface OrderedSet {
  readonly size: number;
  /** The score of a member, or `undefined` where there is none. */
  score(member: string): number | undefined;
  /** Adds a member, or gives it another score. */
  put(member: string, score: number): void;
  /** Takes a member out, and tells whether it was there. */
  remove(member: string): boolean;
  /** How many have a score below this one. */
  below(score: number): number;
  /** The lowest score, or `undefined` where there is nobody. */
  lowest(): number | undefined;
  /** The members with a score up to this one, the lowest first, and no more than the limit. */
  upTo(score: number, limit: number): readonly string[];
  /** All members and their scores, in order. */
  entries(): Iterable<readonly [member: string, score: number]>;
  clear(): void;
}

/**
 * Is told of each change, for stores that keep members one by one: `undefined` as the score of one that went, and as the one before of
 * one that came.
 */
export type SetListener = (member: string, score: number | undefined, before: number | undefined) => void;

/** Makes a set with these members. */
export function orderedSet(
  entries: Iterable<readonly [member: string, score: number]> = [],
  changed?: SetListener,
): OrderedSet {
  const scores = new Map<string, number>();
  const order = new Order();

  for (const [member, score] of entries) {
    scores.set(member, score);
    order.insert(member, score);
  }

  return {
    get size() {
      return scores.size;
    },
    score: (member) => scores.get(member),
    put(member, score) {
      const known = scores.get(member);
      if (known === score) return;
      if (known !== undefined) order.take(member, known);
      scores.set(member, score);
      order.insert(member, score);
      changed?.(member, score, known);
    },
    remove(member) {
      const known = scores.get(member);
      if (known === undefined) return false;
      scores.delete(member);
      order.take(member, known);
      changed?.(member, undefined, known);
      return true;
    },
    below: (score) => order.below(score),
    lowest: () => order.pages[0]?.scores[0],
    upTo: (score, limit) => order.upTo(score, limit),
    *entries() {
      for (const { members, scores } of order.pages) {
        for (let at = 0; at < members.length; at++) yield [members[at] as string, scores[at] as number];
      }
    },
    clear() {
      if (changed !== undefined) { for (const [member, score] of scores) changed(member, undefined, score); }
      scores.clear();
      order.pages.splice(0, order.pages.length, { members: [], scores: [] });
    },
  };
}

interface Page {
  readonly members: string[];
  readonly scores: number[];
}

/** Members in their order, in pages, so that one that comes or goes moves few others. */
class Order {
  /** None is empty but the only one. */
  readonly pages: Page[] = [{ members: [], scores: [] }];

  insert(member: string, score: number): void {
    const { page: number, at } = this.#find(score, member);
    const page = this.pages[number] as Page;
    page.members.splice(at, 0, member);
    page.scores.splice(at, 0, score);
    if (page.members.length <= pageSize) return;
    const half = pageSize >> 1;
    this.pages.splice(number + 1, 0, {
      members: page.members.splice(half),
      scores: page.scores.splice(half),
    });
  }

  take(member: string, score: number): void {
    const { page: number, at } = this.#find(score, member);
    const page = this.pages[number] as Page;
    page.members.splice(at, 1);
    page.scores.splice(at, 1);
    if (page.members.length === 0 && this.pages.length > 1) this.pages.splice(number, 1);
  }

  below(score: number): number {
    const { page, at } = this.#find(score, "");
    let count = at;
    for (let number = 0; number < page; number++) count += (this.pages[number] as Page).members.length;
    return count;
  }

  upTo(score: number, limit: number): readonly string[] {
    const found: string[] = [];
    for (const page of this.pages) {
      for (let at = 0; at < page.members.length; at++) {
        if (found.length >= limit || page.scores[at] as number > score) return found;
        found.push(page.members[at] as string);
      }
    }
    return found;
  }

  /** The page for a place, and the place in it: before the first member that is not less. */
  #find(score: number, member: string): { readonly page: number; readonly at: number } {
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { members, scores } = this.pages[middle] as Page;
      const last = members.length - 1;
      if (isLess(scores[last] as number, members[last] as string, score, member)) low = middle + 1;
      else high = middle;
    }
    const { members, scores } = this.pages[low] as Page;
    let from = 0;
    let to = members.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isLess(scores[middle] as number, members[middle] as string, score, member)) from = middle + 1;
      else to = middle;
    }
    return { page: low, at: from };
  }
}

function isLess(score: number, member: string, otherScore: number, otherMember: string): boolean {
  return score < otherScore || (score === otherScore && member < otherMember);
}
