import { keepAlive } from "../../src/async/keep-alive.ts";
import { anything, checkBoolean, checkFunction, choice, shapeError } from "../../src/options/check.ts";
import { crowdCodes, GateError, ServiceError } from "../../src/errors.ts";
import type { Provider } from "../../src/plugin.ts";
import { createHostWarning } from "../../src/options/untrusted-host.ts";
import type { Health } from "../../src/health.ts";
import { requestFacts } from "../../src/triggers/facts.ts";
import { checkCommon } from "./check-options.ts";
import { validateByConfiguration } from "./validation/validate.ts";
import { createConnector } from "./validation/connector.ts";
import type { Validation } from "./validation/visit.ts";
import { createQueueItProvider } from "./provider.ts";
import type { PageVisit } from "./page-visit.ts";
import { compileConfiguration, type Configuration } from "./configuration/mod.ts";
import { ConfigurationError, isIntegrationSource } from "./sources/integration-source.ts";
import type { ConfigurationEvent, QueueItOptions } from "./options.ts";

const subject = "queue-it plugin";

/**
 * Creates the Queue-it provider, which decides by an integration configuration. It comes last in the pipeline. Sessions are
 * bound to the address that `clientIp()` finds, otherwise to the socket's.
 *
 * Its decisions: `queue-it/accepted`, `/no-match`, `/ignored`, `/nothing-to-cancel` (admit), `/queued`, and for the
 * error pages `/hash`, `/eventid`, `/timestamp`, `/ip`, `/qidlimit`, `/sessionstate` (queue), `/cancelled`,
 * `/clean-url`, `/diagnostics` (redirect). While there is no configuration, each request is a failure.
 *
 * A session cookie is as good as a ticket to whoever has it, unless it is bound to an address.
 *
 * Protocol: the public connectors of Queue-it, KnownUser V3, and https://www.npmjs.com/package/@queue-it/connector-javascript.
 *
 * @param options The customer, the secrets and the configuration.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape, or the configuration cannot be used.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { clientIp, cookieTokens, createGate, failOpen, staticFiles } from "stanchion";
 * import { pulledSource, queueIt } from "stanchion/queue-it";
 *
 * const gate = createGate({
 *   plugins: [
 *     staticFiles({ roots: ["/assets"] }),
 *     clientIp({ trustedProxies: 1 }),
 *     cookieTokens(),
 *     failOpen(),
 *     queueIt({
 *       customerId: "example",
 *       secretKeys: ["your-secret-key"],
 *       integrationConfig: pulledSource({ customerId: "example", apiKey: "your-api-key" }),
 *     }),
 *   ],
 * });
 * ```
 */
export function queueIt(options: QueueItOptions): Provider {
  checkQueueIt(options);
  const { integrationConfig, hostNameWithoutPort = false, missingActionType = "ignore" } = options;
  const { warn = (message) => console.warn(message) } = options;
  const { onConfiguration = (event) => warnOf(event, warn) } = options;
  const connector = createConnector(options);
  const warnOfHost = createHostWarning("queue-it", warn);
  let current: Configuration | undefined;

  /** Makes a configuration ready; the previous one stays in use until the new one takes its place in one step. */
  function prepare(given: unknown): () => void {
    const compiled = compileConfiguration(given, connector, { hostNameWithoutPort, missingActionType });
    if ("message" in compiled) {
      const error = new ConfigurationError(compiled.path, compiled.message);
      onConfiguration({ accepted: false, error });
      throw error;
    }
    return () => {
      current = compiled;
      onConfiguration({ accepted: true, version: compiled.version, reports: compiled.reports });
    };
  }

  const source = isIntegrationSource(integrationConfig) ? integrationConfig : undefined;
  if (source !== undefined) source.subscribe(prepare);
  else {
    try {
      prepare(integrationConfig)();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new TypeError(`Cannot create ${subject}: "integrationConfig" cannot be used: ${error.message}`);
    }
  }

  function validateVisit(
    visit: PageVisit,
    cause: unknown = source?.status().lastError,
  ): Validation | Promise<Validation> {
    if (current === undefined) throw unconfigured(cause);
    const { ctx } = visit;
    if (current.matcher.usesHost) warnOfHost(ctx);
    visit.matcher = current.matcher;
    return validateByConfiguration(
      connector,
      current,
      visit,
      requestFacts(ctx.request, visit),
      () => ctx.body(),
    );
  }

  return {
    ...createQueueItProvider(options, {
      name: "queue-it",
      connector,
      waitMs: source?.longestMs,
      validate(visit) {
        const { ctx } = visit;
        const loading = ctx.dryRun ? undefined : source?.visited?.((work) => keepAlive(ctx.platform, work));
        if (loading === undefined) return validateVisit(visit);
        const validateNow = () => validateVisit(visit);
        // Whatever became of the attempt, what counts is whether there is a configuration now.
        return Promise.resolve(loading).then(validateNow, (cause: unknown) => validateVisit(visit, cause));
      },
    }),
    health(): Health {
      const ageMs = source?.status().ageMs;
      return {
        configurationLoaded: current !== undefined,
        ...(current !== undefined && { configurationVersion: current.version }),
        ...(ageMs !== undefined && { configurationAgeMs: Math.round(ageMs) }),
      };
    },
  };
}

/** A crowd that makes servers start, which all ask for the configuration, may be told to ask less often. */
function unconfigured(lastError: unknown): ServiceError {
  const isCrowd = lastError instanceof GateError && crowdCodes.includes(lastError.code);
  return new ServiceError(
    isCrowd ? lastError.code : "unreachable",
    "There is no integration configuration yet",
  );
}

function checkQueueIt(options: QueueItOptions): void {
  checkCommon(subject, options, {
    integrationConfig: anything,
    hostNameWithoutPort: checkBoolean,
    missingActionType: choice("ignore", "queue"),
    onConfiguration: checkFunction,
  });
  const { integrationConfig } = options;
  if (
    typeof integrationConfig !== "string" &&
    (typeof integrationConfig !== "object" || integrationConfig === null)
  ) {
    const must = "a configuration, as text or parsed, or a source of it";
    throw shapeError(subject, "integrationConfig", must, integrationConfig);
  }
}

function warnOf(event: ConfigurationEvent, warn: (message: string) => void): void {
  // What is rejected is told by whoever delivered it.
  if (!event.accepted) return;
  for (const { path, name, message } of event.reports) {
    warn(`queue-it: ${path}${name === "" ? "" : ` (${JSON.stringify(name)})`}: ${message}`);
  }
}
