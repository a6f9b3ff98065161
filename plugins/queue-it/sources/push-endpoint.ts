/**
 * The endpoint to which Queue-it pushes a new integration configuration.
 *
 * @module
 */

import { hexToBytes } from "@noble/hashes/utils.js";
import { isPromise } from "../../../src/async/maybe-promise.ts";
import { checkNumber, checkOptions, shapeError } from "../../../src/options/check.ts";
import type { Context } from "../../../src/context.ts";
import type { Decision } from "../../../src/decision.ts";
import type { Decider } from "../../../src/plugin.ts";
import { readBody } from "../../../src/http/body.ts";
import { checkSecretKeys } from "../../../src/options/check-secrets.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { readPush } from "./read-push.ts";
import { ConfigurationError, type IntegrationSource, isIntegrationSource } from "./integration-source.ts";

/** The options of {@linkcode pushEndpoint}. */
export interface PushEndpointOptions {
  /** The secret keys: any of them may have signed what is pushed. */
  readonly secretKeys: readonly string[];
  /** The source that delivers to the providers what is pushed. */
  readonly source: IntegrationSource;
  /**
   * How long what is pushed may be, in bytes: a configuration is pushed in two digits for each of its bytes. Anybody can make
   * this process hash so much once for each of the secret keys.
   *
   * @default {262144}
   */
  readonly maxBytes?: number;
  /** How long what is pushed may take, in milliseconds. @default {5000} */
  readonly timeoutMs?: number;
}

/**
 * Takes a new integration configuration that is pushed with `PUT`, to any path with `__push_queueit_config` in it, and
 * puts it to use if one of the secrets signed it. It answers `Success!`, or `Fail!` with the status 400. Put it before
 * the provider.
 *
 * @param options The secrets, and the source that the provider uses.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { integrationSource, pushEndpoint, queueIt } from "stanchion/queue-it";
 *
 * const source = integrationSource();
 * const secretKeys = ["your-secret-key"];
 * const plugins = [
 *   pushEndpoint({ secretKeys, source }),
 *   queueIt({ customerId: "example", secretKeys, integrationConfig: source }),
 * ];
 * ```
 */
export function pushEndpoint(options: PushEndpointOptions): Decider {
  checkOptions(subject, options, ["secretKeys", "source", "maxBytes", "timeoutMs"]);
  const { secretKeys, source, maxBytes = 262_144, timeoutMs = 5000 } = options;
  checkSecretKeys(subject, secretKeys);
  if (!isIntegrationSource(source)) throw shapeError(subject, "source", "an integration source", source);
  checkNumber(subject, "maxBytes", maxBytes, 1, 67_108_864);
  checkNumber(subject, "timeoutMs", timeoutMs, 1, 60_000);
  const signer = createSigner(secretKeys);

  function accept(ctx: Context, text: string): Decision {
    const info = verified(text);
    if (info === undefined) return failure("queue-it/push-refused");
    if (ctx.dryRun) {
      return { action: "respond", reason: "queue-it/push-not-taken", response: said("Success!", 200) };
    }
    try {
      source.deliver(info);
    } catch (error) {
      if (error instanceof ConfigurationError) return failure("queue-it/push-invalid");
      throw error;
    }
    return { action: "respond", reason: "queue-it/pushed", response: said("Success!", 200) };
  }

  /** The configuration's text, if one of the secrets signed it. */
  function verified(text: string): string | undefined {
    const push = readPush(text);
    if (push === undefined || !signer.verifies(push.integrationInfo, push.hash)) return undefined;
    return decodedHex(push.integrationInfo);
  }

  return {
    name: "queue-it-push",
    decide(ctx) {
      if (ctx.request.method !== "PUT" || !ctx.path.includes("__push_queueit_config")) return undefined;
      // One that says it is too long need not be read.
      if (Number(ctx.request.headers.get("content-length") ?? 0) > maxBytes) {
        return failure("queue-it/push-refused");
      }
      const body = readBody(ctx.request, { maxBytes, timeoutMs });
      // A push has a body, which has to be waited for.
      if (!isPromise(body)) return failure("queue-it/push-refused");
      return body.then(({ text, complete }) =>
        complete ? accept(ctx, text) : failure("queue-it/push-refused")
      );
    },
  };
}

const subject = "queue-it-push plugin";

function failure(reason: "queue-it/push-refused" | "queue-it/push-invalid"): Decision {
  return { action: "respond", reason, response: said("Fail!", 400) };
}

function said(text: string, status: number): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** Decodes UTF-8 that is spelled in hexadecimal digits; `undefined` if it is none. */
function decodedHex(hex: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(hexToBytes(hex));
  } catch {
    return undefined;
  }
}
