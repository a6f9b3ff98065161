/** The time of a room where the store has no clock: that of the nodes, none of which is believed blindly. */

/** By how much a node may put the time forward at once, beyond what has passed, in milliseconds. */
const forwardMs = 2000;
/** From which difference on a node's clock is behind, and not only a little slow, in milliseconds. */
const behindMs = 5000;
/** After how long without contradiction the clock of a node is believed that has just met the room, in milliseconds. */
const aloneMs = 2000;

/** The time as the last batch left it. */
export interface KeptTime {
  /** The time of the room. */
  readonly at: number;
  /** What the clock of the node said that ran the batch. */
  readonly node: number;
}

/** Tells the time of one room. */
export interface NodesClock {
  /** The time for a batch on this state. */
  tell(kept: KeptTime | undefined, versionstamp: string | null): KeptTime;
  /** Says that this node kept what was told. */
  kept(versionstamp: string): void;
}

/**
 * Makes the clock of a room.
 *
 * The time never goes back, and goes forward by at most two seconds beyond what has passed by the node's steady clock since the last
 * batch. A node cannot know what has passed before it met the room, which may have been idle all night: then its clock is believed once the
 * last batch of another node agrees with it, or after two seconds in which no other node said anything. Where its clock is behind, the time
 * goes on with the steady clock, and does not stand still.
 *
 * @param now The wall clock, in Unix milliseconds.
 * @param steady A clock that does not jump, in milliseconds.
 */
export function createNodesClock(now: () => number, steady: () => number): NodesClock {
  /** What this node saw last, and when. */
  let seen: { readonly versionstamp: string | null; readonly since: number } | undefined;
  /** Since when this node, which has just met the room, has heard of no other. */
  let aloneSince: number | undefined;
  let isNew = true;

  function meet(versionstamp: string | null): { readonly passed: number; readonly isOthers: boolean } {
    const since = steady();
    if (seen?.versionstamp === versionstamp) return { passed: since - seen.since, isOthers: false };
    const isOthers = seen !== undefined;
    // Between this node's own last look and the batch of the other one something passed as well, which the other one has counted.
    seen = { versionstamp, since };
    if (isNew) aloneSince = since;
    return { passed: 0, isOthers };
  }

  return {
    tell(kept, versionstamp) {
      const node = now();
      const { passed, isOthers } = meet(versionstamp);
      if (kept === undefined) return { at: node, node };
      const { at } = kept;
      if (node <= at) {
        isNew = false;
        return { at: at - node > behindMs ? Math.floor(at + passed) : at, node };
      }
      const most = Math.floor(at + passed + forwardMs);
      if (node <= most) {
        isNew = false;
        return { at: node, node };
      }
      if (isNew) {
        const agrees = isOthers && Math.abs(node - kept.node - passed) <= forwardMs;
        const isAlone = aloneSince !== undefined && steady() - aloneSince >= aloneMs;
        if (agrees || isAlone) {
          isNew = false;
          return { at: node, node };
        }
      }
      return { at: most, node };
    },
    kept(versionstamp) {
      seen = { versionstamp, since: steady() };
    },
  };
}
