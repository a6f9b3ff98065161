import type { Profile } from "./configuration/action.ts";
import type { Core } from "./validation/connector.ts";
import { createAddressCheck, createSessions } from "./protocol/session-cookie.ts";
import { createSigner } from "../../src/crypto/signer.ts";
import type { DirectPass, EnqueueToken, VerifyAction } from "./services.ts";

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
