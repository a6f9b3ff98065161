import type { Provider } from "../../src/plugin.ts";
import { type ActionSettings, queueAction } from "./configuration/mod.ts";
import { checkEvent, checkSettings } from "./check-options.ts";
import { validateByAction } from "./validation/validate.ts";
import { createQueueItProvider } from "./provider.ts";
import { createConnector } from "./validation/connector.ts";
import type { QueueItEventOptions } from "./options.ts";

const subject = "queue-it-event plugin";

/**
 * Creates the Queue-it provider for one waiting room, whose settings stand in code: every request that comes to it is
 * protected. It comes last in the pipeline.
 *
 * Its decisions are those of {@linkcode queueIt}.
 *
 * @param options The customer, the secrets and the waiting room.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { queueItEvent } from "stanchion/queue-it";
 *
 * const gate = createGate({
 *   plugins: [
 *     cookieTokens(),
 *     failOpen(),
 *     queueItEvent({
 *       customerId: "example",
 *       secretKeys: ["your-secret-key"],
 *       eventId: "event1",
 *       queueDomain: "example.queue-it.net",
 *       validityMinutes: 15,
 *     }),
 *   ],
 * });
 * ```
 */
export function queueItEvent(options: QueueItEventOptions): Provider {
  checkEvent(subject, options);
  const settings = settingsOf(options);
  checkSettings(subject, settings, "queue", options.profile ?? "v5", {
    roomId: "eventId",
    otherRoomIds: "allowedEventIds",
    queueDomain: "queueDomain",
    pathPrefix: "queuePathPrefix",
    cookieDomain: "cookieDomain",
    validityMinutes: "validityMinutes",
  });
  const connector = createConnector(options);
  const action = queueAction(connector, settings);
  return createQueueItProvider(options, {
    name: "queue-it-event",
    connector,
    validate: (visit) => validateByAction(connector, action, visit),
  });
}

function settingsOf(options: QueueItEventOptions): ActionSettings {
  return {
    name: options.actionName,
    roomId: options.eventId,
    otherRoomIds: options.allowedEventIds,
    queueDomain: options.queueDomain,
    pathPrefix: options.queuePathPrefix,
    version: options.version,
    culture: options.culture,
    layout: options.layoutName,
    cookieDomain: options.cookieDomain ?? "",
    cookieHttpOnly: options.cookieHttpOnly ?? false,
    cookieSecure: options.cookieSecure ?? false,
    validityMinutes: options.validityMinutes ?? 20,
    extends: options.extendValidity ?? true,
    verifies: options.verifyQueueId ?? false,
    usageLimit: options.queueIdUsageLimit ?? null,
    target: options.targetUrl,
  };
}
