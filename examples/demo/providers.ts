/**
 * The providers of hosted services, each against its side of the sandbox.
 *
 * @module
 */

import type { Plugin } from "../../mod.ts";
import { crowdhandler } from "../../plugins/crowdhandler/mod.ts";
import { pulledSource, queueIt } from "../../plugins/queue-it/mod.ts";
import type { Sandbox } from "../../sandbox/mod.ts";

/** The names by which the demo knows the hosted services. */
export type ServiceName = "crowdhandler" | "queue-it";

/**
 * Makes a provider's part of the demo's pipeline.
 *
 * @param name The provider.
 * @param sandbox The sandbox.
 * @param sandboxUrl Where it listens.
 * @returns The plugins.
 */
export async function providerOf(
  name: ServiceName,
  sandbox: Sandbox,
  sandboxUrl: string,
): Promise<readonly Plugin[]> {
  switch (name) {
    case "crowdhandler":
      return [
        crowdhandler({
          publicKey: sandbox.publicKey,
          apiUrl: sandboxUrl,
          waitingRoomUrl: sandboxUrl,
          performance: { sample: 1 },
        }),
      ];
    case "queue-it":
      return [unencryptedRoom(), await queueItOf(sandbox, sandboxUrl)];
  }
}

/** The configuration comes from the sandbox's secured endpoint, as a real one comes from Queue-it. */
async function queueItOf({ queueIt: side }: Sandbox, sandboxUrl: string): Promise<Plugin> {
  const { customerId, secretKey, apiKey } = side;
  const host = new URL(sandboxUrl).host;
  const configuration = JSON.parse(side.integrationConfig(host));
  const [protection] = configuration.Integrations;
  side.setIntegrationConfig({ ...configuration, Integrations: [cancelOn("/leave", protection), protection] });

  const url = `${sandboxUrl}/status/integrationconfig/secure/${customerId}`;
  const source = pulledSource({ customerId, apiKey, url });
  const provider = queueIt({ customerId, secretKeys: [secretKey], integrationConfig: source, apiKey });
  await source.refresh();
  return provider;
}

/** Who opens this page gives the place back. */
function cancelOn(
  path: string,
  protection: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    ...protection,
    Name: "leave",
    ActionType: "Cancel",
    Triggers: [{
      LogicalOperator: "And",
      TriggerParts: [{
        ValidatorType: "UrlValidator",
        UrlPart: "PagePath",
        Operator: "Equals",
        ValueToCompare: path,
      }],
    }],
  };
}

/** Queue-it's protocol knows encrypted rooms only; the sandbox of the demo is not. A real site leaves this out. */
function unencryptedRoom(): Plugin {
  return {
    name: "unencrypted-room",
    respond(_ctx, refusal) {
      if (refusal.action !== "queue" && refusal.reason !== "queue-it/cancelled") return undefined;
      if (!("location" in refusal)) return undefined;
      return new Response(null, {
        status: 302,
        headers: { location: refusal.location.replace(/^https:/, "http:") },
      });
    },
  };
}
