import type { QueueAction, Room } from "../configuration/mod.ts";
import { type Core, seconds, type TokenFault, type Visit } from "./connector.ts";
import { isSigned, type Token } from "../protocol/token.ts";

/** A token and what is wrong with it, if anything. */
export interface Checked {
  readonly token: Token;
  readonly fault: TokenFault | undefined;
}

/** Checks a token: its hash, its waiting room, its time and its address. The first fault counts. */
export function checkToken(core: Core, action: QueueAction, visit: Visit, token: Token): Checked {
  return { token, fault: faultOf(core, action, visit, token) };
}

function faultOf(core: Core, action: QueueAction, visit: Visit, token: Token): TokenFault | undefined {
  if (!isSigned(token, core.signer, core.ignoresCase)) return "hash";
  if (roomFor(core, action, token) === undefined) return "eventid";
  if (token.deadline < seconds(visit)) return "timestamp";
  if (token.hashedAddress) {
    const address = visit.address();
    if (address !== "" && !core.isAddress(address, token.hashedAddress)) return "ip";
  }
  return undefined;
}

/** The room of the action for which a token was made. */
export function roomFor(core: Core, action: QueueAction, token: Token): Room | undefined {
  const { roomId } = token;
  if (roomId === undefined) return undefined;
  const exact = action.rooms.find((room) => room.id === roomId);
  if (exact !== undefined || !core.ignoresCase) return exact;
  const lower = roomId.toLowerCase();
  return action.rooms.find((room) => room.lowerCaseId === lower);
}

/** Tells whether a token lets its visitor in. */
export function passes(core: Core, { token, fault }: Checked): boolean {
  return fault === undefined && (core.debugTokensPass || token.redirectType !== "debug");
}
