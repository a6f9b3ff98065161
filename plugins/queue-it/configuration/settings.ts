import type { WayBack } from "../protocol/way-back.ts";

/** Which deployed connectors are followed where they differ. */
export type Profile = "v5" | "v3";

/** A waiting room of an action. */
export interface WaitingRoom {
  readonly id: string;
  readonly lowerCaseId: string;
  /** The name of its session cookie. */
  readonly cookieName: string;
}

/** The attributes of a session cookie that are settings of its action. */
export interface SessionCookieAttributes {
  readonly domain: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
}

/** The settings of an action, in whatever way they were given. Absent ones are `null` or `undefined`. */
export interface ActionSettings {
  readonly name?: string | null | undefined;
  readonly roomId?: string | null | undefined;
  readonly otherRoomIds?: readonly string[] | null | undefined;
  readonly queueDomain?: string | null | undefined;
  readonly pathPrefix?: string | null | undefined;
  readonly version?: number | null | undefined;
  readonly culture?: string | null | undefined;
  readonly layout?: string | null | undefined;
  readonly cookieDomain?: string | null | undefined;
  readonly cookieHttpOnly?: boolean | null | undefined;
  readonly cookieSecure?: boolean | null | undefined;
  /** A number, or a text that is one. */
  readonly validityMinutes?: unknown;
  readonly extends?: boolean | null | undefined;
  readonly verifies?: boolean | null | undefined;
  readonly usageLimit?: number | null | undefined;
  readonly target?: string | undefined;
}

/** Whose actions they are, and what they are told to the waiting room by. */
export interface ConnectorIdentity {
  readonly customerId: string;
  readonly profile: Profile;
  /** How the software calls itself. */
  readonly sdk: string;
  /** Says how a page to come back to is told to the waiting room. Many visitors ask for the same one. @default {a new one each time} */
  readonly backTo?: (page: string) => WayBack;
}

const cookiePrefix = "QueueITAccepted-SDFrts345E-V3_";

/** Makes a waiting room. */
export function waitingRoomOf(id: string): WaitingRoom {
  return { id, lowerCaseId: id.toLowerCase(), cookieName: cookiePrefix + id };
}

/** Tells whether an id contains what separates the ids of a list. */
export function isAmbiguous(id: string): boolean {
  return /[_~]/.test(id);
}
