/**
 * The endpoint to which Queue-it pushes a new integration configuration.
 *
 * @module
 */

import * as v from "valibot";
import { isPromise } from "../../../src/async/maybe-promise.ts";
import { checkNumber, checkOptions, shapeError } from "../../../src/options/check.ts";
import type { Context } from "../../../src/context.ts";
import type { Decision } from "../../../src/decision.ts";
import type { Provider } from "../../../src/plugin.ts";
import { readBody } from "../../../src/http/body.ts";
import { checkSecretKeys } from "../../../src/options/check-secrets.ts";
import { createSigner } from "../../../src/crypto/signer.ts";
import { ConfigurationError, type IntegrationSource, isIntegrationSource } from "./integration-source.ts";

/** The options of {@linkcode pushEndpoint}. */
export interface PushEndpointOptions {
  /** The secret keys: any of them may have signed what is pushed. */
  readonly secretKeys: readonly string[];
  /** The source that delivers to the providers what is pushed. */
  readonly source: IntegrationSource;
  /** How long what is pushed may be, in bytes. @default {4194304} */
  readonly maxBytes?: number;
  /** How long what is pushed may take, in milliseconds. @default {5000} */
  readonly timeoutMs?: number;
}

const pushSchema = v.object({
  integrationInfo: v.pipe(v.string(), v.regex(/^(?:[0-9a-fA-F]{2})*$/)),
  hash: v.string(),
});

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
 * import { integrationSource, pushEndpoint, queueIt } from "@stanchion/stanchion/queue-it";
 *
 * const source = integrationSource();
 * const secretKeys = ["your-secret-key"];
 * const plugins = [
 *   pushEndpoint({ secretKeys, source }),
 *   queueIt({ customerId: "example", secretKeys, integrationConfig: source }),
 * ];
 * ```
 */
export function pushEndpoint(options: PushEndpointOptions): Provider {
  checkOptions(subject, options, ["secretKeys", "source", "maxBytes", "timeoutMs"]);
  const { secretKeys, source, maxBytes = 4_194_304, timeoutMs = 5000 } = options;
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
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    const push = v.safeParse(pushSchema, value);
    if (!push.success) return undefined;
    const { integrationInfo, hash } = push.output;
    return signer.verifies(integrationInfo, hash) ? decodedHex(integrationInfo) : undefined;
  }

  return {
    name: "queue-it-push",
    decide(ctx) {
      if (ctx.request.method !== "PUT" || !ctx.path.includes("__push_queueit_config")) return undefined;
      const body = readBody(ctx.request, { maxBytes, timeoutMs });
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
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
