import type { Holder } from "./machine/mod.ts";
import { isOutage, nameOf, unexpected } from "./standing.ts";
import { remember, type Remembered } from "./memory.ts";
import type { RoomNode } from "./node/mod.ts";
import { type Pass, renewedPass } from "./tickets/mod.ts";
import type { Visit } from "./visit.ts";

/** How many of those inside a node remembers. */
const maxRemembered = 20_000;

/** Those who are inside a room, as a node sees them. */
export interface Inside {
  /** The pass that somebody was given by a renewal just now, where the browser still brings the one before. */
  newer(visit: Visit, pass: Pass): Pass | undefined;
  /** Takes note of a request other than a ping. */
  used(pass: Pass): void;
  /** Renews a pass; `undefined` where the session is over. */
  renew(visit: Visit, pass: Pass, isPing: boolean): Promise<Pass | undefined>;
  /**
   * Whether somebody inside is served although the room cannot be asked: before the pass has to be checked, and after that for a while
   * where the check came due after the room was reached last, or shortly before: whoever reads a page could not know. Why it cannot be
   * asked does not matter: a store whose memory is full answers nobody, and a crowd that one still answers bounds the time by that.
   */
  mayBeServed(visit: Visit, pass: Pass, cause: unknown): boolean;
  /** Forgets somebody who left. */
  forget(holder: Holder): void;
}

/** For how long somebody reads a page before a check that is due is no longer taken for one that could not be made, in milliseconds. */
const readingMs = 60_000;

/** Makes it. */
export function createInside(node: () => RoomNode, maxSessionMs: number, graceMs: number): Inside {
  const renewed: Remembered<Pass> = remember(maxRemembered);
  const used: Remembered<true> = remember(maxRemembered);

  return {
    newer: ({ now }, pass) => renewed.get(nameOf(pass), now),
    used(pass) {
      const name = nameOf(pass);
      if (!used.has(name)) used.set(name, true, pass.until);
    },
    async renew({ now, ctx }, pass, isPing) {
      const { epoch, number, tag, issuedAt, until, since } = pass;
      const isLate = now >= until;
      const wasUsed = pass.isUsed === true || used.has(nameOf(pass));
      const { outcome, status } = await node().submit({
        do: "renew",
        epoch,
        number,
        tag,
        issuedAt,
        until,
        latest: since + maxSessionMs,
        extends: wasUsed || (!isPing && !ctx.passive),
        ...(isLate && { isLatePost: true }),
      });
      used.forget(nameOf(pass));
      if (outcome.is === "renewed") {
        const found = renewedPass(pass, outcome.until, status.now, isLate);
        renewed.set(nameOf(pass), found, found.check);
        return found;
      }
      renewed.forget(nameOf(pass));
      if (outcome.is === "ended") return undefined;
      throw unexpected(outcome);
    },
    mayBeServed({ now }, { check, until }, cause) {
      if (!isOutage(cause) || now >= until) return false;
      if (now < check) return true;
      const { answeredAt } = node();
      if (answeredAt === undefined) return false;
      return check >= answeredAt - readingMs && now < check + graceMs;
    },
    forget(holder) {
      renewed.forget(nameOf(holder));
      used.forget(nameOf(holder));
    },
  };
}
