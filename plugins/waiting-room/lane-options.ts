/** Who need not stand in the line of all others. */

import type { Context } from "../../src/context.ts";

/** A lane for some, such as members or people with tickets. */
export interface PriorityOptions {
  /**
   * Says of somebody who takes a number whether it is one of this lane: `true` or `false`, at once or later. It must rest on what a visitor
   * cannot make up, such as a session of the site. The lane is signed into the ticket. A ticket of this lane stays one; whoever waits in
   * the other one and has priority by now changes to this one with the next page, if that is sooner.
   */
  readonly when: (ctx: Context) => boolean | Promise<boolean>;
  /** How many of this lane are let in for one of the other while people wait in both, from 0.01 to 100; fractions are fine. */
  readonly weight: number;
}

/** Who is let in without waiting, whatever the room does. */
export interface BypassOptions {
  /**
   * Says so of a request for a page: `true` or `false`, at once or later. It is asked of each one. It must rest on what a visitor cannot
   * make up.
   */
  readonly when: (ctx: Context) => boolean | Promise<boolean>;
  /**
   * Whether such people count among those inside. Then they get a pass, which counts for nobody of whom `when` does not say so; while the
   * store fails, they are the failure policy's, as others are. Otherwise they get nothing, and nobody is asked.
   *
   * @default {false}
   */
  readonly counted?: boolean;
}
