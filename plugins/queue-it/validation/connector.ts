import type { TriggerMatch } from "../../../src/triggers/matcher.ts";
import type { Action, Common, Profile, Room } from "../configuration/mod.ts";
import { createAddressCheck, createSessions, type Sessions } from "../protocol/session-cookie.ts";
import { createSigner, type Signer } from "../../../src/crypto/signer.ts";
import type { DirectPass, EnqueueToken, VerifyAction } from "../services.ts";

/** What a provider knows without any request. Everything that decides is a function of it, an action and a visit. */
export interface Core extends Common {
  readonly signer: Signer;
  readonly sessions: Sessions;
  /** Tells whether an address is the one that a hash was made of. */
  readonly isAddress: (address: string, hash: string) => boolean;
  /** How far clocks may differ, in seconds. */
  readonly skewSeconds: number;
  /** Whether ids of waiting rooms in tokens, and the digits of their hashes, are compared regardless of case. */
  readonly ignoresCase: boolean;
  /** Whether a verified debug token lets a visitor in. */
  readonly debugTokensPass: boolean;
  readonly apiKey: string | undefined;
  readonly verifyAction: VerifyAction | undefined;
  readonly directPass: DirectPass | undefined;
  readonly enqueueToken: EnqueueToken | undefined;
}

/** What a core is made of; the options of the provider, checked. */
export interface CoreSettings {
  readonly customerId: string;
  readonly secretKeys: readonly string[];
  readonly profile?: Profile | undefined;
  readonly sdk?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly memoSize?: number | undefined;
  readonly maxFixedMinutes?: number | undefined;
  readonly skewSeconds?: number | undefined;
  readonly queueIdPattern?: RegExp | undefined;
  readonly seal?: "off" | "write" | "require" | undefined;
  readonly caseInsensitiveRoomId?: boolean | undefined;
  readonly debugTokensPass?: boolean | undefined;
  readonly verifyAction?: VerifyAction | undefined;
  readonly directPass?: DirectPass | undefined;
  readonly enqueueToken?: EnqueueToken | undefined;
}

/** How this software calls itself. */
export const sdkName = "stanchion-0.1.0";

/** Prepares once what every decision needs. */
export function createCore(settings: CoreSettings): Core {
  const { customerId, secretKeys, profile = "v5", memoSize = 10_000, queueIdPattern } = settings;
  const signer = createSigner(secretKeys);
  return {
    customerId,
    profile,
    sdk: settings.sdk ?? sdkName,
    signer,
    sessions: createSessions({
      signer,
      memoSize,
      maxFixedMinutes: settings.maxFixedMinutes ?? 1440,
      // Without the flags that make an expression remember where it was.
      queueIdPattern: queueIdPattern &&
        new RegExp(queueIdPattern.source, queueIdPattern.flags.replace(/[gy]/g, "")),
      seal: settings.seal ?? "off",
      writesEmptyQueueId: profile === "v3",
    }),
    isAddress: createAddressCheck(signer, memoSize),
    skewSeconds: settings.skewSeconds ?? 60,
    ignoresCase: settings.caseInsensitiveRoomId ?? false,
    debugTokensPass: settings.debugTokensPass ?? true,
    apiKey: settings.apiKey,
    verifyAction: settings.verifyAction,
    directPass: settings.directPass,
    enqueueToken: settings.enqueueToken,
  };
}

/** A session cookie that is to be written, or to be forgotten. */
export interface SessionChange {
  readonly room: Room;
  /** Its value; `undefined` to forget it. */
  readonly value: string | undefined;
}

/** Entries of the debug cookie, in the order in which they were made first. */
export type Findings = Map<string, string>;

/** What is known of a request. */
export interface Request {
  readonly nowMs: number;
  /** The page that was asked for, as the browser sees it, without the token. */
  readonly url: string;
  /** The token of the URL; `""` if there is none. */
  readonly token: string;
  /** The page as it was asked for. */
  readonly originalUrl: string;
  /** The visitor's address; `""` if it is unknown. */
  address(): string;
  /** A header; `""` if it is absent. */
  header(name: string): string;
  /** The session cookie of a room. */
  read(name: string): string | undefined | Promise<string | undefined>;
}

/** A request on its way to a verdict, and what that changes. */
export interface Visit extends Request {
  /** The action that applies, once it is known. */
  action: Action | undefined;
  /** By what it was found. */
  match: TriggerMatch | undefined;
  /** The session cookies of the action's rooms, in their order; `""` for one that is absent. */
  cookies: readonly string[];
  /** What diagnostics found out; `undefined` while they are off. */
  findings: Findings | undefined;
  /** The session cookies that were changed, in the order in which that happened. */
  readonly changes: SessionChange[];
}

/** The one word for what was decided. The errors are those of the waiting room's error pages. */
export type Word =
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
export interface Verdict {
  readonly word: Word;
  /** The visitor's queue id, where one is known of who was accepted or cancelled. */
  readonly queueId: string | undefined;
  readonly redirectType: string | undefined;
  /** Where the visitor is sent; `""` for who may go on. */
  readonly location: string;
}

/** The time in whole seconds, as all of the protocol counts. */
export function seconds(visit: Visit): number {
  return Math.floor(visit.nowMs / 1000);
}
