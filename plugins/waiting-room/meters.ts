import type { Loop } from "../../src/async/loop.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Outcome, Plugin } from "../../src/plugin.ts";
import type { CheckedRoom } from "./check-options.ts";
import { nameOf } from "./standing.ts";
import type { Holder, Report } from "./machine/mod.ts";
import { createMeter, type Ending } from "./meter.ts";

/** What is heard behind one room. */
export interface RoomMeter {
  /** Tells what was heard, now and then. */
  readonly take: () => Report | undefined;
  /** Is told who asks the application something. */
  readonly serves: (ctx: Context, holder: Holder) => void;
}

/** What a process hears of its application, behind all of its rooms. */
export interface Meters {
  /** What is heard behind a room; `undefined` where its rate does not follow that. */
  of(room: CheckedRoom): RoomMeter | undefined;
  /** The hooks by which it is heard how requests ended: none where no rate follows that. */
  readonly hooks: Pick<Plugin, "settled">;
}

/** Makes the meters of some rooms. */
export function createMeters(rooms: readonly CheckedRoom[], loop: Loop): Meters {
  const endOf: ContextKey<(ending: Ending) => void> = contextKey("answer to a visitor of a waiting room");
  const isTuned = rooms.some(({ configured: { autotune } }) => autotune !== undefined);
  return {
    of({ configured: { autotune } }) {
      if (autotune === undefined) return undefined;
      const { begin, take } = createMeter(autotune.targetMs, loop);
      return { take, serves: (ctx, holder) => ctx.set(endOf, begin(nameOf(holder), ctx.request)) };
    },
    hooks: isTuned ? { settled: (ctx, outcome) => ctx.get(endOf)?.(endingOf(outcome)) } : {},
  };
}

/** Whoever was let in at an address of the room itself asked the application for nothing: nothing is heard of it. */
function endingOf({ served, status, threw }: Outcome): Ending {
  return served ? { status, threw } : { status: undefined, threw: false };
}
