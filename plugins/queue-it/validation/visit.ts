import type { Calls } from "../../../src/service.ts";
import type { TriggerMatch } from "../../../src/triggers/matcher.ts";
import type { Action, WaitingRoom } from "../configuration/mod.ts";

/** A session cookie that is to be written, or to be forgotten. */
export interface SessionChange {
  readonly room: WaitingRoom;
  /** Its value; `undefined` to forget it. */
  readonly value: string | undefined;
}

/** Entries of the debug cookie, in the order in which they were made first. */
export type Diagnostics = Map<string, string>;

/** A request, what is found out about it, and what that changes. */
export interface Visit {
  readonly nowMs: number;
  /** The page that was asked for, as the browser sees it, without the token. */
  readonly url: string;
  /** The token of the URL; `""` if there is none. */
  readonly token: string;
  /** The page as it was asked for. */
  readonly originalUrl: string;
  /** The page to which the visitor comes back who has to wait, without the token; left out where that is `url`. */
  readonly returnPage?: string;
  /** Whether the same waiting room protects another address of the page; left out where nobody knows. */
  readonly covers?: ((url: string) => boolean) | undefined;
  /** The visitor's address; `""` if it is unknown. */
  address(): string;
  /** A header; `""` if it is absent. */
  header(name: string): string;
  /** By what services are called; `undefined` where nobody may be asked. */
  readonly calls: Calls | undefined;
  /** Whether the visit is only explained: then a service that could be asked is taken to agree, and not asked. */
  readonly dryRun: boolean;
  /** The session cookie of a room. */
  read(name: string): string | undefined | Promise<string | undefined>;
  /** Further cookies of that name, which the browser has for other scopes. */
  others?(name: string): readonly string[];
  /** The action that applies, once it is known. */
  action: Action | undefined;
  /** By what it was found. */
  match: TriggerMatch | undefined;
  /** The session cookies of the action's rooms, in their order; `""` for one that is absent. */
  cookies: readonly string[];
  /** What diagnostics found out; `undefined` while they are off. */
  diagnostics: Diagnostics | undefined;
  /** The session cookies that were changed, in the order in which that happened. */
  readonly changes: SessionChange[];
}

/** What was decided, in one word. The errors are those of the waiting room's error pages. */
export type ValidationResult =
  | "accepted"
  | "queued"
  | "cancelled"
  | "nothing-to-cancel"
  | "ignored"
  | "no-match"
  | "diagnostics"
  | TokenFault
  | "qidlimit"
  | "sessionstate";

/** Why a token is not accepted. */
export type TokenFault = "hash" | "eventid" | "timestamp" | "ip";

/** What was decided about a visit. */
export interface Validation {
  readonly result: ValidationResult;
  /** The visitor's queue id, where one is known of who was accepted or cancelled. */
  readonly queueId: string | undefined;
  readonly redirectType: string | undefined;
  /** Where the visitor is sent; `""` for who may go on. */
  readonly location: string;
}

/** A validation that tells nothing of the visitor's session. */
export function validationOf(result: ValidationResult, location: string): Validation {
  return { result, queueId: undefined, redirectType: undefined, location };
}

/** The time in whole seconds, as all of the protocol counts. */
export function seconds(visit: Visit): number {
  return Math.floor(visit.nowMs / 1000);
}
