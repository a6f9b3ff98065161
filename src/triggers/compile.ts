import { canonicalUrl } from "../url/readings.ts";
import { evaluate, isOfUrl, type Rule, type Trigger, yes } from "./condition.ts";
import { type Assume, type Body, createEngine, type Engine, type Found } from "./engine.ts";
import type { RequestFacts } from "./facts.ts";
import { lint } from "./lint.ts";
import type { TriggerMatch, TriggerMatcher, TriggerReport } from "./matcher.ts";
import { exemptTrigger, isOfHost, isToAddress, looksAtHost, strictRules, withAnyHost } from "./strict.ts";

/** What is known of rules that were read. */
export interface CompileOptions {
  /** What reading them found. */
  readonly reports?: readonly TriggerReport[];
  /** Whether a rule protects what it matches, by its place in the list; left out, all of them do. */
  readonly protects?: (rule: number) => boolean;
}

/** Rules that were made strict, in one sense of case. */
interface Strict {
  readonly engine: Engine;
  readonly needsExact: boolean;
  /** The same for requests to an address, compiled when the first one comes. */
  address: Engine | undefined;
  /** The triggers that exempt in other forms, compiled when the first one is asked for. */
  readonly exempting: Map<Trigger, Trigger>;
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

  /** What the rules say of a URL as they are written. */
  function matchExactly(facts: RequestFacts, body: Body, assume: Assume): Found {
    const engine = exact ??= createEngine(rules);
    return engine.find(facts, engine.page(facts), body, assume);
  }

  /** What the first form of a URL says that settles it, otherwise what the URL itself says. */
  function matchAny(strict: Strict, facts: RequestFacts, body: Body, assume: Assume): Found {
    const { engine } = strict;
    const page = engine.page(facts);
    const own = engine.find(facts, page, body, assume);
    if (page?.isPlain) return own;
    const { url, readings } = facts;
    // The canonical form comes first. For pages that everybody reads alike it is all there is.
    if ((readings.length === 1 && readings[0] === url) || (settles(own) && canonicalUrl(url) === url)) {
      return own;
    }
    for (const reading of readings) {
      if (reading === url) continue;
      const found = matchReading(engine, facts, reading, body, assume);
      if (found === undefined) continue;
      if (settles(own) || !isExempt(strict, own, found, facts.by(reading), body)) return found;
    }
    return own;
  }

  /** Whether the trigger that exempts a URL as it was written does so for another form of it, before what was found. */
  function isExempt(
    { exempting }: Strict,
    own: TriggerMatch | undefined,
    found: Found,
    facts: RequestFacts,
    body: Body,
  ): boolean {
    if (own === undefined || typeof found !== "object" || found.integration < own.integration) return false;
    const trigger = triggerOf(own);
    if (trigger === undefined) return false;
    const made = exempting.get(trigger) ?? exemptTrigger(trigger, facts.source.caseSensitive ?? false);
    exempting.set(trigger, made);
    return made !== trigger && evaluate(made, facts, body) === yes;
  }

  /** What was settled by a form of the URL. */
  function matchReading(
    engine: Engine,
    facts: RequestFacts,
    reading: string,
    body: Body,
    assume: Assume,
  ): Found {
    const read = facts.by(reading);
    const found = engine.find(read, engine.page(read), body, assume);
    if (!settles(found)) return undefined;
    return found === "needs-body" ? found : Object.freeze({ ...found, reading });
  }

  /** What would be said if the host were any of those that the rules name. */
  function matchAddress(strict: Strict, facts: RequestFacts, body: Body, assume: Assume): Found {
    const { caseSensitive = false } = facts.source;
    const engine = strict.address ??= createEngine(
      strictRules(rules, { protects, caseSensitive, forAddress: true }).rules,
    );
    for (const reading of new Set(facts.readings.map(withAnyHost))) {
      const found = matchReading(engine, facts, reading, body, assume);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The trigger that was met, as it is written. */
  function triggerOf({ integration, trigger }: TriggerMatch): Trigger | undefined {
    return rules[integration]?.triggers.find(({ index }) => index === trigger);
  }

  /** Whether a match is owed to the host of the request, which a rule names. */
  function namesHost(match: TriggerMatch): boolean {
    const all = triggerOf(match)?.parts ?? [];
    return match.parts.some((at) => {
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
      if (facts.isExact) return matchExactly(facts, body, assume);
      const strict = strictFor(facts.source.caseSensitive ?? false);
      let found = matchAny(strict, facts, body, assume);
      if (settles(found)) return found;
      // Before anything is exempt, the rules are asked as they are written.
      if (strict.needsExact) found = matchExactly(facts, body, assume);
      if (!usesHost || settles(found) || !isToAddress(facts.url)) return found;
      if (found !== undefined && namesHost(found)) return found;
      return matchAddress(strict, facts, body, assume) ?? found;
    },
  };
}

function compileStrict(
  rules: readonly Rule[],
  protects: (rule: number) => boolean,
  caseSensitive: boolean,
): Strict {
  const { rules: made, needsExact } = strictRules(rules, { protects, caseSensitive, forAddress: false });
  return { engine: createEngine(made), needsExact, address: undefined, exempting: new Map() };
}
