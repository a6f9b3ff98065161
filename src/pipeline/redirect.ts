/** Redirects of the gate's own, which most refusals are. In a crowd many visitors are sent to the same place. */

import { detached } from "../crypto/detached.ts";
import { createMemo, type Memo } from "../crypto/memo.ts";
import type { HeaderChange, PlainAnswer } from "../decision.ts";
import type { GateError } from "../errors.ts";
import { comesAgain } from "../http/made-once.ts";
import { arePlain, type FieldList } from "./fields.ts";
import { noStoreOf } from "./no-store.ts";
import { Original } from "./original.ts";
import { AnswerHead } from "./plain-answer.ts";

/** A redirect, which has a location and nothing else. */
export class RedirectHead extends AnswerHead {
  readonly #way: Way | undefined;

  constructor(list: FieldList, way?: Way) {
    super(302, list, null);
    this.#way = way;
  }

  override with(changes: readonly HeaderChange[], report: (error: GateError) => void): Response {
    const noStore = noStoreOf(changes);
    return noStore === undefined
      ? super.with(changes, report)
      : this.#way?.copy(changes, noStore.pairs.length) ?? noStore.redirectWith(this.list, changes);
  }
}

/** How many lists of changes are known of a place. There are one or two, where visitors get none of their own. */
const mostLists = 4;

/** Where many visitors are sent to. */
class Way {
  readonly list: FieldList;
  #known: { readonly changes: readonly HeaderChange[]; original?: Original }[] = [];

  constructor(list: FieldList) {
    this.list = list;
  }

  /**
   * A copy of the redirect with a list of changes that came before; `undefined` for another one, and where a copy is not cheaper. Of a list that is one
   * visitor's nothing is kept.
   *
   * @param before How many changes are for caches, behind which the location stands as in a redirect that is no copy.
   */
  copy(changes: readonly HeaderChange[], before: number): Response | undefined {
    if (!comesAgain(changes)) return undefined;
    for (const known of this.#known) {
      if (known.changes !== changes) continue;
      const all = () => [...changes.slice(0, before), ...this.list, ...changes.slice(before)];
      return (known.original ??= new Original(302, all(), null)).copy();
    }
    if (this.#known.length === mostLists) this.#known = [];
    this.#known.push({ changes });
    return undefined;
  }
}

/** Longer locations are looked at each time. */
const maxLength = 1024;
/** One in so many unknown ones is remembered: most of them are a single visitor's. */
const chance = 8;

/** Makes what makes redirects, without a look at what else an answer may have. */
function redirects(ways: Memo<Way>): (location: string) => AnswerHead | PlainAnswer {
  let unknown = 0;
  return (location) => {
    const isShort = location.length <= maxLength;
    const way = isShort ? ways.get(location) : undefined;
    if (way !== undefined) return new RedirectHead(way.list, way);
    const list: FieldList = [["location", location]];
    if (!arePlain(list)) return { status: 302, headers: { location }, body: null };
    if (isShort && ++unknown % chance === 0) {
      // It may have been cut out of something longer, all of which engines would keep.
      const own = detached(location);
      ways.set(own, new Way([["location", own]]));
    }
    return new RedirectHead(list);
  };
}

export const redirectTo: (location: string) => AnswerHead | PlainAnswer = redirects(createMemo(256));
