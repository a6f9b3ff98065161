import type { Decision } from "../decision.ts";
import { type FailureCode, failureCodes, type GateError, HookError } from "../errors.ts";
import type { Outcome } from "../plugin.ts";

/** What a decision is counted under. Nothing of a visitor is among it. */
export interface DecisionLabels {
  readonly action: Decision["action"];
  readonly reason: string;
  readonly provider: string;
  readonly enforced: boolean;
}

/** What a failure is counted under. */
export interface FailureLabels {
  readonly code: FailureCode;
  readonly plugin: string;
}

/** One value for each set of labels, made when it first occurs, and never more than a bounded number of them. */
export interface LabelSets<L, T> {
  /** The value for what happened. */
  readonly of: (what: L) => T;
  /** All values there are, in the order in which they were made. */
  readonly all: () => readonly T[];
}

/** Stands for whatever is not told apart. */
export const other = "other";

/** How many sets of labels are told apart. Whatever comes later is counted together. */
export const maxSets = 256;

/** Words of letters, each with up to three digits at its end. What is longer or looks like an id was not written by hand. */
const word = String.raw`[a-z]{1,24}\d{0,3}`;
const reasonGrammar = new RegExp(`^${word}(?:-${word})*/${word}(?:-${word})*$`);
const nameGrammar = /^[\w@.:-]{1,64}$/;

/** A reason that may be a label. Plugins make them, and one that put a visitor's data into it must not spread it. */
export function reasonLabel(reason: unknown): string {
  return typeof reason === "string" && reason.length <= 80 && reasonGrammar.test(reason) ? reason : other;
}

/** A plugin's name that may be a label. */
export function nameLabel(name: string): string {
  return nameGrammar.test(name) ? name : other;
}

/**
 * Makes the values for decisions. What occurred before is found by the strings that plugins hold, so that a request
 * builds none; what is not told apart is not remembered.
 */
export function decisionSets<T>(make: (labels: DecisionLabels) => T): LabelSets<Outcome, T> {
  const found = new Map<string, Map<string, readonly (DecisionLabels & { readonly value: T })[]>>();
  const values: T[] = [];

  function known(provider: string, reason: string, action: string, enforced: boolean): T | undefined {
    for (const each of found.get(provider)?.get(reason) ?? []) {
      if (each.action === action && each.enforced === enforced) return each.value;
    }
    return undefined;
  }

  function add(labels: DecisionLabels): T {
    const { provider, reason, action, enforced } = labels;
    const before = known(provider, reason, action, enforced);
    if (before !== undefined) return before;
    if (values.length >= maxSets && (provider !== other || reason !== other)) {
      return add({ action, enforced, provider: other, reason: other });
    }
    const value = make(labels);
    values.push(value);
    let reasons = found.get(provider);
    if (reasons === undefined) found.set(provider, reasons = new Map());
    reasons.set(reason, [...reasons.get(reason) ?? [], { ...labels, value }]);
    return value;
  }

  return {
    of({ decision: { action, reason }, decidedBy, enforced }) {
      return known(decidedBy, reason, action, enforced) ??
        add({ action, enforced, provider: nameLabel(decidedBy), reason: reasonLabel(reason) });
    },
    all: () => values,
  };
}

/** Makes the values for failures, which are rare. */
export function failureSets<T>(make: (labels: FailureLabels) => T): LabelSets<GateError, T> {
  const found = new Map<string, T>();

  function add(labels: FailureLabels): T {
    const key = `${labels.code} ${labels.plugin}`;
    let value = found.get(key);
    if (value !== undefined) return value;
    if (found.size >= maxSets && labels.plugin !== other) return add({ ...labels, plugin: other });
    found.set(key, value = make(labels));
    return value;
  }

  return {
    of: (failure) => add({ code: codeLabel(failure), plugin: nameLabel(pluginOf(failure)) }),
    all: () => [...found.values()],
  };
}

/** The cause of a failure. Plugins need not be type-checked. */
export function codeLabel({ code }: GateError): FailureCode {
  return failureCodes.includes(code) ? code : "internal";
}

/** The plugin in which a failure occurred; `gate` where it was the gate itself. */
export function pluginOf(failure: GateError): string {
  return failure instanceof HookError ? failure.plugin : "gate";
}

/** The class of a status, such as `2xx`; `none` where there was no response. */
export function statusClass(status: number | undefined): string {
  return statusClasses[status === undefined ? 0 : Math.trunc(status / 100)] ?? other;
}

/** The classes of a status, each at the index of its first digit. */
export const statusClasses: readonly string[] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/** A duration as it is measured, in seconds. A clock that goes backwards makes it none. */
export function secondsOf(durationMs: number): number {
  return durationMs > 0 ? durationMs / 1000 : 0;
}
