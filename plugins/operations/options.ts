import { checkFunction, checkRules, integer, type Rule, shapeError, text } from "../../src/options/check.ts";
import type { Gate } from "../../src/gate.ts";
import type { GateHealth } from "../../src/health.ts";
import type { ModeControl } from "../../src/mode.ts";
import { checkSecretList } from "../../src/options/check-secrets.ts";
import { isSecret } from "../../src/crypto/bearer.ts";

/** What the text of metrics comes from, such as the plugin `metrics()`. */
export interface MetricsText {
  /**
   * Gives the metrics.
   *
   * @param gate The gate, whose health belongs to them.
   * @returns The text, in Prometheus' format 0.0.4.
   */
  text(gate: Gate): string | Promise<string>;
}

/** The options of {@linkcode operations}. */
export interface OperationsOptions {
  /**
   * The secrets, each of 16 to 512 printable characters without spaces. Any of them is accepted, so that they can be
   * changed one after the other.
   */
  readonly secrets: readonly string[];
  /** What `/metrics` shows. @default {none, and /metrics is not there} */
  readonly metrics?: MetricsText;
  /** What `/mode` shows and sets. @default {none, and /mode is not there} */
  readonly modes?: ModeControl;
  /** What the paths begin with. @default {"/.stanchion"} */
  readonly path?: string;
  /**
   * Tells whether the gate is fit to serve, which makes `/health` answer 200 or 503.
   *
   * @default {no plugin's health has failed: true or ready: false}
   */
  readonly isHealthy?: (health: GateHealth) => boolean;
  /** How many explanations are made at a time. @default {4} */
  readonly maxExplains?: number;
  /** How long a body may be, in bytes. @default {65536} */
  readonly maxBytes?: number;
  /** How long a body, an explanation or the metrics may take, in milliseconds. @default {5000} */
  readonly timeoutMs?: number;
}

/** Who takes these options. */
export const subject = "operations";

const secretsRule: Rule = (subject, option, value) => {
  const must = "a list of 1 to 16 secrets, each of 16 to 512 printable characters without spaces";
  checkSecretList(subject, option, value, must, isSecret, 16);
};

/** The rule of an object with certain functions. */
function having(...names: readonly string[]): Rule {
  return (subject, option, value) => {
    if (typeof value !== "object" || value === null) throw shapeError(subject, option, "an object", value);
    // The member is looked at, whatever it is.
    for (const name of names) checkFunction(subject, `${option}.${name}`, value[name as keyof typeof value]);
  };
}

const rules: Readonly<Record<keyof OperationsOptions, Rule>> = {
  secrets: secretsRule,
  metrics: having("text"),
  modes: having("set", "state"),
  path: text(
    'a path such as "/.stanchion", without a slash at its end',
    (path) => path.length <= 128 && /^(?:\/[\w.~-]*[\w~-][\w.~-]*)+$/.test(path),
  ),
  isHealthy: checkFunction,
  maxExplains: integer(1, 1000),
  maxBytes: integer(1, 1_048_576),
  timeoutMs: integer(1, 60_000),
};

/** Refuses what is no gate, and wrong options. */
export function checkOperations(gate: Gate, options: OperationsOptions): void {
  if (typeof gate !== "function" || typeof gate.explain !== "function" || typeof gate.health !== "function") {
    throw shapeError(subject, "gate", "a gate", gate);
  }
  checkRules(subject, options, rules);
  if (options.secrets === undefined) secretsRule(subject, "secrets", undefined);
}
