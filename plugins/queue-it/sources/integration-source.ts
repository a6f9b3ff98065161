/**
 * Where integration configurations come from.
 *
 * @module
 */

import { checkOptions, checkSyncFunction } from "../../../src/options/check.ts";
import { GateError } from "../../../src/errors.ts";

/** A configuration that cannot be used. The one before it stays in use. */
export class ConfigurationError extends GateError {
  /** The name of the class. */
  override readonly name: string = "ConfigurationError";
  /** Where in the configuration the fault is, such as `Integrations`; `""` for the text as a whole. */
  readonly path: string;

  /**
   * Creates the fault of a configuration.
   *
   * @param path Where in the configuration the fault is.
   * @param message What is wrong there.
   */
  constructor(path: string, message: string) {
    super("malformed", `The integration configuration cannot be used${path && `, at ${path}`}: ${message}`);
    this.path = path;
  }
}

/** Makes a configuration ready for use, and returns what puts it to use. Throws for one that cannot be used. */
export type Prepare = (configuration: unknown) => () => void;

/** How a source is doing. */
export interface SourceStatus {
  /** Whether there is a configuration. */
  readonly isLoaded: boolean;
  /** How long ago the configuration in use was last confirmed, in milliseconds; `undefined` if there is none. */
  readonly ageMs: number | undefined;
  /** Why the last attempt to get one failed; `undefined` if it did not. */
  readonly lastError: Error | undefined;
}

/**
 * Delivers integration configurations to the providers that use it. Each is delivered to all of them or to none; one
 * that cannot be used leaves the last good one in use.
 */
export interface IntegrationSource {
  /**
   * Is called by the provider.
   *
   * @param prepare Makes each configuration ready. A configuration that is there already is handed over at once.
   */
  subscribe(prepare: Prepare): void;

  /**
   * Is called by the provider on each request, for sources that refresh themselves.
   *
   * @param keepAlive Is handed the work that goes on after the request.
   * @returns A promise to wait for when there is no configuration yet and one is on its way; otherwise `undefined`.
   */
  visited?(keepAlive: (work: Promise<unknown>) => void): Promise<void> | undefined;

  /** How long a promise of `visited()` may take, in milliseconds. @default {0} */
  readonly longestMs?: number;

  /**
   * Delivers a configuration that came in another way, such as the push endpoint.
   *
   * @param configuration The configuration, as JSON text or parsed.
   * @throws {ConfigurationError} When a provider cannot use it.
   */
  deliver(configuration: unknown): void;

  /**
   * Tells how old the configuration is.
   *
   * @returns The status.
   */
  status(): SourceStatus;

  /** Stops whatever goes on in the background. The last configuration stays in use. */
  close(): void;
}

/** A source that gets its configurations by itself. */
export interface RefreshingSource extends IntegrationSource {
  /**
   * Gets the configuration now, for instance before the first request is served.
   *
   * @returns When it is in use.
   * @throws {Error} When it could not be had or used; the last good one stays in use.
   */
  refresh(): Promise<void>;
}

/** The options of {@linkcode integrationSource}. */
export interface IntegrationSourceOptions {
  /** Tells the time in Unix milliseconds. @default {the platform's clock} */
  readonly now?: () => number;
}

/**
 * Makes a source that delivers what it is given, for configurations that come from elsewhere.
 *
 * @param options The clock.
 * @returns The source. Until it is given a configuration, each request is a failure.
 * @throws {TypeError} When an option has the wrong shape.
 *
 * @example
 * ```ts
 * import { integrationSource } from "stanchion/queue-it";
 *
 * const source = integrationSource();
 * source.deliver({ Version: 1, Integrations: [] });
 * ```
 */
export function integrationSource(options: IntegrationSourceOptions = {}): IntegrationSource {
  checkOptions("integration source", options, ["now"]);
  if (options.now !== undefined) checkSyncFunction("integration source", "now", options.now);
  return createFeed(options.now ?? Date.now);
}

/** A source whose owner tells it of failures. */
export interface Feed extends IntegrationSource {
  /** Says that an attempt failed. */
  failed(error: unknown): void;
  /** Says that the last configuration is still the newest. */
  confirm(): void;
}

/** Makes a source for one that gets its configurations by itself. */
export function createFeed(now: () => number): Feed {
  const subscribers: Prepare[] = [];
  let last: { readonly configuration: unknown } | undefined;
  let confirmedAt = 0;
  let lastError: Error | undefined;

  function confirm(): void {
    confirmedAt = now();
    lastError = undefined;
  }

  function failed(error: unknown): void {
    lastError = error instanceof Error
      ? error
      : new GateError("internal", "The source failed", { cause: error });
  }

  return {
    subscribe(prepare) {
      if (last !== undefined) prepare(last.configuration)();
      subscribers.push(prepare);
    },
    deliver(configuration) {
      try {
        // All of them first, so that none gets what another one cannot use.
        const commits = subscribers.map((prepare) => prepare(configuration));
        for (const commit of commits) commit();
      } catch (error) {
        failed(error);
        throw error;
      }
      last = { configuration };
      confirm();
    },
    status() {
      const isLoaded = last !== undefined;
      return { isLoaded, ageMs: isLoaded ? Math.max(0, now() - confirmedAt) : undefined, lastError };
    },
    close() {},
    failed,
    confirm,
  };
}

/** Tells whether something is a source. */
export function isIntegrationSource(value: unknown): value is IntegrationSource {
  return typeof value === "object" && value !== null && "subscribe" in value &&
    typeof value.subscribe === "function";
}
