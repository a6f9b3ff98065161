import { buildGate, type BuiltGate } from "../../gateway/build-gate.ts";
import type { GatewayConfig } from "../../gateway/config.ts";
import type { GatewaySecrets } from "../../gateway/secrets.ts";
import { metrics } from "../../plugins/metrics/mod.ts";
import { memoryStore } from "../../plugins/waiting-room/mod.ts";

const key = "a-key-of-the-tests-with-many-letters";

/** Secrets for every provider. */
export const allSecrets: GatewaySecrets = { secretKey: key, roomKey: key, apiKey: key };

/** Makes a gate as the gateway does, with its room in memory. */
export function built(
  config: GatewayConfig,
  secrets: GatewaySecrets,
  warn: (message: string) => void = () => {},
): BuiltGate {
  return buildGate(config, {
    secrets,
    store: memoryStore(),
    madeKey: key,
    metrics: metrics(),
    integrations: {},
    warn,
  });
}
