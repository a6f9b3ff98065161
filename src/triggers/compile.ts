import { canonicalUrl } from "../url/readings.ts";
import { isOfUrl, type Rule } from "./condition.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { RequestFacts } from "./facts.ts";
import { lint } from "./lint.ts";
import type { TriggerMatch, TriggerMatcher, TriggerReport } from "./matcher.ts";
import { isOfHost, isToAddress, looksAtHost, strictRules, withAnyHost } from "./strict.ts";

/** What is known of rules that were read. */
export interface CompileOptions {
  /** What reading them found. */
  readonly reports?: readonly TriggerReport[];
  /** Whether a rule protects what it matches, by its place in the list; left out, all of them do. */
  readonly protects?: (rule: number) => boolean;
}

/** What one request is asked by. */
type Question = readonly [
  body: string | undefined,
  assume: ((integration: number) => boolean) | undefined,
];

type Found = TriggerMatch | "needs-body" | undefined;

/** Rules that were made strict, in one sense of case. */
interface Strict {
  readonly engine: Engine;
  readonly needsExact: boolean;
  /** The same for requests to an address, compiled when the first one comes. */
  address: Engine | undefined;
}

/** Compiles rules that were read. */
export function compileTriggers(rules: readonly Rule[], options: CompileOptions = {}): TriggerMatcher {
  const { reports = [], protects = () => true } = options;
  const usesHost = looksAtHost(rules);
  // Nearly all applications are taken to ignore case; for the others the rules are compiled when the first request comes.
  let folding: Strict | undefined = compileStrict(rules, protects, false);
  let sensitive: Strict | undefined;
  let isFolding = false;
  let exact: Engine | undefined;

  function strictFor(caseSensitive: boolean): Strict {
    if (!caseSensitive) {
      isFolding = true;
      return folding ??= compileStrict(rules, protects, false);
    }
    // A gate asks in one sense: what nobody ever asked takes no memory.
    if (!isFolding) folding = undefined;
    return sensitive ??= compileStrict(rules, protects, true);
  }

  function settles(found: Found): found is TriggerMatch | "needs-body" {
    return found === "needs-body" || (found !== undefined && protects(found.integration));
  }

  /** What the first form of the URL says that settles it, otherwise what the URL itself says. */
  function matchAny(
    engine: Engine,
    facts: RequestFacts,
    readings: readonly string[],
    question: Question,
  ): Found {
    const isCanonical = canonicalUrl(facts.url) === facts.url;
    const own = isCanonical ? engine(facts, ...question) : undefined;
    if (settles(own)) return own;
    for (const reading of readings) {
      if (reading === facts.url) continue;
      const found = engine(facts.by(reading), ...question);
      if (settles(found)) return by(found, reading);
    }
    return isCanonical ? own : engine(facts, ...question);
  }

  /** What would be said if the host were any of those that the rules name. */
  function matchAddress(
    strict: Strict,
    facts: RequestFacts,
    readings: readonly string[],
    question: Question,
  ): Found {
    const { caseSensitive = false } = facts.source;
    const engine = strict.address ??= createEngine(
      strictRules(rules, { protects, caseSensitive, forAddress: true }).rules,
    );
    for (const reading of new Set(readings.map(withAnyHost))) {
      const found = engine(facts.by(reading), ...question);
      if (settles(found)) return by(found, reading);
    }
    return undefined;
  }

  /** Whether a match is owed to the host of the request, which a rule names. */
  function namesHost({ integration, trigger, parts }: TriggerMatch): boolean {
    const all = rules[integration]?.triggers.find(({ index }) => index === trigger)?.parts ?? [];
    return parts.some((at) => {
      const part = all[at];
      return part !== undefined && isOfUrl(part) && !part.negative && isOfHost(part);
    });
  }

  return {
    reports: [...reports, ...lint(rules)].sort((a, b) => a.integration - b.integration),
    usesBody: rules.some(({ triggers }) =>
      triggers.some(({ parts }) => parts.some((part) => part.kind === "text" && part.subject === "body"))
    ),
    usesHost,
    match(facts, body, assume) {
      const { readings, caseSensitive = false } = facts.source;
      if (readings === undefined) return (exact ??= createEngine(rules))(facts, body, assume);
      const strict = strictFor(caseSensitive);
      let found = readings.length === 1 && readings[0] === facts.url
        ? strict.engine(facts, body, assume)
        : matchAny(strict.engine, facts, readings, [body, assume]);
      if (settles(found)) return found;
      // Before anything is exempt, the rules are asked as they are written.
      if (strict.needsExact) found = (exact ??= createEngine(rules))(facts, body, assume);
      if (!usesHost || settles(found) || !isToAddress(facts.url)) return found;
      if (found !== undefined && namesHost(found)) return found;
      return matchAddress(strict, facts, readings, [body, assume]) ?? found;
    },
  };
}

function compileStrict(
  rules: readonly Rule[],
  protects: (rule: number) => boolean,
  caseSensitive: boolean,
): Strict {
  const { rules: made, needsExact } = strictRules(rules, { protects, caseSensitive, forAddress: false });
  return { engine: createEngine(made), needsExact, address: undefined };
}

function by(found: TriggerMatch | "needs-body", reading: string): TriggerMatch | "needs-body" {
  return found === "needs-body" ? found : Object.freeze({ ...found, reading });
}
