import { callsBehind } from "../../../src/pipeline/calls.ts";
import { type IsShortage, watchShortage } from "../../../src/pipeline/shortage.ts";
import type { Calls } from "../../../src/service.ts";
import { createSigner, type Signer } from "../../../src/crypto/signer.ts";
import { rememberingUrls } from "../../../src/url/url-memo.ts";
import type { ConnectorIdentity } from "../configuration/mod.ts";
import type { QueueItCommon } from "../options.ts";
import { createAddressCheck, createSessionCookies, type SessionCookies } from "../protocol/session-cookie.ts";
import { guidPattern, wholePattern } from "../protocol/session-fields.ts";
import { WayBack } from "../protocol/way-back.ts";
import type { DirectPass, EnqueueToken, VerifyAction } from "../services.ts";

/** What a provider knows without any request. Everything that decides is a function of it, an action and a visit. */
export interface Connector extends ConnectorIdentity {
  readonly signer: Signer;
  readonly sessions: SessionCookies;
  /** Tells whether an address is the one that a hash was made of. */
  readonly isAddress: (address: string, hash: string) => boolean;
  /** How far clocks may differ, in seconds. */
  readonly skewSeconds: number;
  /** Whether ids of waiting rooms in tokens, and the digits of their hashes, are compared regardless of case. */
  readonly ignoresCase: boolean;
  /** Whether a verified debug token lets a visitor in. */
  readonly debugTokensPass: boolean;
  readonly apiKey: string | undefined;
  /** How long a service may take, in milliseconds. */
  readonly serviceTimeoutMs: number;
  readonly verifyAction: VerifyAction | undefined;
  readonly directPass: DirectPass | undefined;
  readonly enqueueToken: EnqueueToken | undefined;
  /** The calls of the direct pass, before which nobody stands guard. */
  readonly directCalls: Calls;
  readonly isShortage: IsShortage;
}

/** How long an answer of the direct pass is waited for, in milliseconds. */
export function directPassMs({ timeoutMs }: Pick<DirectPass, "timeoutMs">): number {
  return Math.min(Math.max(timeoutMs || 3000, 800), 5000);
}

/** How long a decision may take by its own time limits, in milliseconds, once there is a configuration. */
export function longestMsOf({ serviceTimeoutMs, verifyAction, directPass, enqueueToken }: Connector): number {
  const calls = [verifyAction, enqueueToken].filter((called) => called !== undefined).length;
  return calls * serviceTimeoutMs + (directPass === undefined ? 0 : directPassMs(directPass));
}

/** How this software calls itself. */
export const sdkName = "stanchion-0.1.0";

/** Prepares once, from checked options, what every decision needs. */
export function createConnector(options: QueueItCommon): Connector {
  const { customerId, secretKeys, profile = "v5", memoSize = 10_000 } = options;
  const signer = createSigner(secretKeys);
  return {
    customerId,
    profile,
    sdk: options.sdkName ?? sdkName,
    backTo: rememberingUrls((page) => new WayBack(page)),
    signer,
    sessions: createSessionCookies({
      signer,
      memoSize,
      maxFixedMinutes: options.maxFixedValidityMinutes ?? 1440,
      queueIdPattern: wholePattern(options.queueIdPattern ?? guidPattern),
      seal: options.seal ?? "write",
      writesEmptyQueueId: profile === "v3",
    }),
    isAddress: createAddressCheck(signer, memoSize),
    skewSeconds: options.clockSkewSeconds ?? 60,
    ignoresCase: options.caseInsensitiveRoomId ?? false,
    debugTokensPass: options.debugTokensPass ?? true,
    apiKey: options.apiKey,
    serviceTimeoutMs: options.serviceTimeoutMs ?? 2000,
    verifyAction: options.verifyAction,
    directPass: options.directPass,
    enqueueToken: options.enqueueToken,
    directCalls: callsBehind(),
    isShortage: watchShortage(),
  };
}
