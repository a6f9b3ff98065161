import {
  checkFunction,
  checkRules,
  integer,
  type Rule,
  secretError,
  shapeError,
  text,
} from "../../src/options/check.ts";
import type { Gate } from "../../src/gate.ts";
import { isSecret } from "./bearer.ts";
import type { OperationsOptions } from "./operations.ts";

/** Who takes these options. */
export const subject = "operations";

const secretsRule: Rule = (subject, option, value) => {
  const must = "a list of 1 to 16 secrets, each of 16 to 512 printable characters without spaces";
  const isList = Array.isArray(value) && value.length > 0 && value.length <= 16;
  if (!isList || !value.every((secret) => typeof secret === "string" && isSecret(secret))) {
    throw secretError(subject, option, must);
  }
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
