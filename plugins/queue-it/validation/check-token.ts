import type { QueueAction, WaitingRoom } from "../configuration/mod.ts";
import type { Connector } from "./connector.ts";
import { seconds, type TokenFault, type Visit } from "./visit.ts";
import { isSigned, type Token } from "../protocol/token.ts";

/** A token and what is wrong with it, if anything. */
export interface CheckedToken {
  readonly token: Token;
  readonly fault: TokenFault | undefined;
}

/** Checks a token: its hash, its waiting room, its time and its address. The first fault counts. */
export function checkToken(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  token: Token,
): CheckedToken {
  return { token, fault: faultOf(connector, action, visit, token) };
}

function faultOf(
  connector: Connector,
  action: QueueAction,
  visit: Visit,
  token: Token,
): TokenFault | undefined {
  if (!isSigned(token, connector.signer, connector.ignoresCase)) return "hash";
  if (roomFor(connector, action, token) === undefined) return "eventid";
  if (token.deadline < seconds(visit)) return "timestamp";
  if (token.hashedAddress) {
    const address = visit.address();
    if (address !== "" && !connector.isAddress(address, token.hashedAddress)) return "ip";
  }
  return undefined;
}

/** The room of the action for which a token was made. */
export function roomFor(connector: Connector, action: QueueAction, token: Token): WaitingRoom | undefined {
  const { roomId } = token;
  if (roomId === undefined) return undefined;
  const exact = action.rooms.find((room) => room.id === roomId);
  if (exact !== undefined || !connector.ignoresCase) return exact;
  const lower = roomId.toLowerCase();
  return action.rooms.find((room) => room.lowerCaseId === lower);
}

/** Tells whether a token lets its visitor in. */
export function passes(connector: Connector, { token, fault }: CheckedToken): boolean {
  return fault === undefined && (connector.debugTokensPass || token.redirectType !== "debug");
}
