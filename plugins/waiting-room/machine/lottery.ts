/** A registration, after which the order is drawn: the numbers that are given in it are no places yet. */

import type { Commit, Draw } from "./commands.ts";
import type { Seen } from "./seen.ts";
import { leastMs, registeredAtFirst } from "./registration.ts";
import type { RoomState } from "./state.ts";

/** How many people a second ask for their places once registration is closed. */
const peoplePerSecond = 5000;
/** A draw that comes later than this before the opening moves the opening, so that there is time to call people. In milliseconds. */
const leastCallMs = 15_000;

/** What of a state says how the lottery stands. */
export type LotteryState = Pick<RoomState, "order" | "registered" | "drawnBy">;

/** Whether numbers are registrations. */
export function isRegistering({ order, registered }: Omit<LotteryState, "drawnBy">): boolean {
  return order === "lottery" && registered < 0;
}

/** Whether there are registrations, and no order yet: nobody has a place, and nobody is called. */
export function isUndrawn({ order, registered, drawnBy }: LotteryState): boolean {
  return order === "lottery" && (registered < 0 || (registered > 0 && drawnBy === ""));
}

/** Whether a number was given while people registered. */
export function isRegistered({ order, registered }: Omit<LotteryState, "drawnBy">, number: number): boolean {
  return order === "lottery" && (registered < 0 || number <= registered);
}

/** Whether a number counts as a registration. Where everybody is let in, it is as good as any other. */
export function isRegistration(
  state: Omit<LotteryState, "drawnBy"> & Pick<RoomState, "mode">,
  number: number,
): boolean {
  return state.mode !== "bypass" && isRegistered(state, number);
}

/** When registration closes, with as many numbers as there are now. */
export function registrationEnd({ opensAt, issued }: Pick<RoomState, "opensAt" | "issued">): number {
  return opensAt - Math.max(leastMs, Math.ceil(issued * 1000 / peoplePerSecond));
}

/** Closes registration when it is time. While others may know more numbers, it stays open. */
export function closeRegistration(state: RoomState, now: number): void {
  if (!isRegistering(state) || now < state.heldUntil || now < registrationEnd(state)) return;
  state.registered = state.issued;
  state.revision++;
}

/** Begins registration anew where nobody has registered, and the secret may have been told. */
export function reopenRegistration(state: RoomState, now: number): void {
  if (state.issued > 0 || state.registered < 0 || registeredAtFirst(state, now) >= 0) return;
  state.registered = -1;
  state.commitment = "";
  state.committedFor = 0;
}

/** Takes over what a node saw of a line that lost it: what was fixed stays so. */
export function restoreLottery(state: RoomState, seen: Seen, isOtherLine: boolean): void {
  if (seen.issued > 0) state.order = seen.order;
  if (seen.commitment !== "") {
    state.commitment = seen.commitment;
    state.committedFor = seen.committedFor;
  }
  state.registered = isOtherLine ? seen.registered : Math.max(state.registered, seen.registered);
  if (seen.drawnBy !== "") {
    state.drawnBy = seen.drawnBy;
    state.beacon = seen.beacon;
  }
  // People were called by their numbers already, after a loss of which nobody knew: it is too late to draw another order.
  if (Math.max(state.frontier, seen.frontier) > 0 && isUndrawn(state)) state.registered = 0;
}

/** Begins a line without its registrations: a draw is made once. */
export function dropRegistrations(state: RoomState): void {
  if (state.registered > 0) state.registered = 0;
  state.drawnBy = "";
  state.beacon = "";
}

/** Takes a commitment: the first one counts. */
export function commit(state: RoomState, { commitment, opensAt }: Commit): void {
  if (state.order !== "lottery" || state.commitment !== "") return;
  state.commitment = commitment;
  state.committedFor = opensAt;
}

/** Takes what decides the order: the first one counts, of as many numbers as there are. */
export function draw(state: RoomState, { epoch, registered, drawnBy, beacon }: Draw, now: number): void {
  if (state.epoch !== epoch || state.registered !== registered || registered <= 0 || !isUndrawn(state)) {
    return;
  }
  state.drawnBy = drawnBy;
  state.beacon = beacon;
  if (state.mode === "scheduled" && state.opensAt - now < leastCallMs) state.opensAt = now + leastMs;
}
