/**
 * Integrations, as the configuration that Queue-it publishes holds them.
 *
 * @module
 */

import { checkBoolean, checkFunction, checkOptions, shapeError } from "../options/check.ts";
import { compileTriggers } from "./compile.ts";
import type { Rule } from "./condition.ts";
import { readIntegration } from "./read-integration.ts";
import type { TriggerMatcher, TriggerReport } from "./matcher.ts";

/** How integrations are compiled. */
export interface IntegrationOptions {
  /**
   * Whether integrations with `IsNormalizationEnabled` match the normalised URL. Connectors before version 5 do not
   * know it.
   *
   * @default {true}
   */
  readonly normalization?: boolean;
  /**
   * Whether `HostName` is the host alone, as for the connectors in Python, PHP and Java, or the authority with user
   * info and port, as for those in JavaScript and .NET.
   *
   * @default {false}
   */
  readonly hostNameWithoutPort?: boolean;
  /**
   * Tells by its place in the list whether an integration protects what it matches. The others exempt from those behind
   * them.
   *
   * @default {an integration protects whose `ActionType` is `Queue` or absent}
   */
  readonly protects?: (integration: number) => boolean;
}

/**
 * Compiles the triggers of an integration configuration.
 *
 * The first integration in the list of which a trigger holds is the match. An integration whose structure is damaged
 * is reported and skipped by the evaluations that reach the damage; the others keep working.
 *
 * @param configuration The configuration, parsed from its JSON. Its `Integrations` are read, whatever their shape.
 * @param options How it is compiled.
 * @returns The matcher; its `reports` name suspicious integrations.
 * @throws {TypeError} When the configuration is no object, its `Integrations` are no list, or an option has the wrong
 * shape.
 *
 * @example
 * ```ts
 * import { compileIntegrations, requestFacts } from "stanchion/triggers";
 *
 * const part = { ValidatorType: "UrlValidator", UrlPart: "PagePath", Operator: "Contains", ValueToCompare: "/event1" };
 * const matcher = compileIntegrations({
 *   Integrations: [{ Name: "event1", Triggers: [{ LogicalOperator: "And", TriggerParts: [part] }] }],
 * });
 * matcher.match(requestFacts(new Request("https://shop.example/event1"))); // { name: "event1", trigger: 0, … }
 * ```
 */
export function compileIntegrations(
  configuration: unknown,
  options: IntegrationOptions = {},
): TriggerMatcher {
  checkOptions(subject, options, ["normalization", "hostNameWithoutPort", "protects"]);
  const { normalization = true, hostNameWithoutPort = false } = options;
  checkBoolean(subject, "normalization", normalization);
  checkBoolean(subject, "hostNameWithoutPort", hostNameWithoutPort);
  if (options.protects !== undefined) checkFunction(subject, "protects", options.protects);
  if (typeof configuration !== "object" || configuration === null) {
    throw shapeError(subject, "configuration", "an object", configuration);
  }
  const integrations = ("Integrations" in configuration ? configuration.Integrations : undefined) || [];
  if (!Array.isArray(integrations)) throw shapeError(subject, "Integrations", "a list", integrations);
  const reports: TriggerReport[] = [];
  const reading = { normalization, hostNameWithoutPort, reports };
  const rules: Rule[] = [];
  for (const [index, integration] of integrations.entries()) {
    rules.push(readIntegration(integration, index, reading));
  }
  const { protects = (index) => isQueue(integrations[index]) } = options;
  // It may be asked for each request: the answers are kept.
  const answers = rules.map((_, index) => protects(index));
  return compileTriggers(rules, {
    reports,
    protects: (index) => answers[index] ?? true,
    byTheLetter: true,
  });
}

function isQueue(integration: unknown): boolean {
  if (typeof integration !== "object" || integration === null || !("ActionType" in integration)) return true;
  const { ActionType } = integration;
  return ActionType === undefined || ActionType === null || ActionType === "" || ActionType === "Queue";
}

const subject = "integration matcher";
