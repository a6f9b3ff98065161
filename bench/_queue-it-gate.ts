/** The gate of the measurements: apart from the configurations, which are read where nothing of ours may be loaded yet. */

import { clientIp, cookieTokens, createGate, failClosed } from "../mod.ts";
import { queueIt } from "../plugins/queue-it/mod.ts";
import { configuration, customerId, secret } from "./_queue-it.ts";

/** How a gate is made. */
export interface QueueItGateOptions {
  /** How many integrations there are. */
  readonly size: number;
  /** How many sessions are remembered. */
  readonly memoSize: number;
  /** @default {any host} */
  readonly publicHosts?: readonly string[];
}

/** A gate with Queue-it before a page that costs nothing. */
export function queueItGate(
  page: Response,
  { size, memoSize, publicHosts }: QueueItGateOptions,
): (request: Request) => Response | Promise<Response> {
  return createGate({
    ...(publicHosts !== undefined && { publicHosts }),
    plugins: [
      clientIp({ trustedProxies: 1 }),
      cookieTokens(),
      failClosed(),
      queueIt({
        customerId,
        secretKeys: [secret],
        integrationConfig: configuration(size, false),
        memoSize,
      }),
    ],
  }).wrap((_request: Request) => page);
}
