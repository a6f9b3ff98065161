import { canonicalUrl } from "../url/readings.ts";
import { type Body, evaluate, isOfUrl, type Rule, type Trigger, yes } from "./condition.ts";
import { type Assume, createEngine, type Engine, type Found } from "./engine.ts";
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
  /** Whether others compare the rules letter by letter, and the owner is told what those never find. @default {false} */
  readonly byTheLetter?: boolean;
}

/** Compiles rules that were read. */
export function compileTriggers(rules: readonly Rule[], options: CompileOptions = {}): TriggerMatcher {
  const { reports = [], protects = () => true, byTheLetter = false } = options;
  const found = [...reports, ...lint(rules, { protects, byTheLetter })];
  return new Matcher(rules, found.sort((a, b) => a.integration - b.integration), protects);
}

/** Rules that were made strict, in one sense of case. */
interface Strict {
  readonly engine: Engine;
  readonly needsExact: boolean;
  readonly caseSensitive: boolean;
  /** The same for requests to an address, compiled when the first one comes. */
  address: Engine | undefined;
  /** The triggers that exempt, in the other forms of their operands, compiled when they are first asked for. */
  readonly exempting: Map<Trigger, Trigger>;
}

class Matcher implements TriggerMatcher {
  readonly reports: readonly TriggerReport[];
  readonly usesBody: boolean;
  readonly usesHost: boolean;
  readonly #rules: readonly Rule[];
  readonly #protects: (rule: number) => boolean;
  // Nearly all applications are taken to ignore case; for the others the rules are compiled when the first request comes.
  #folding: Strict | undefined;
  #sensitive: Strict | undefined;
  #hasFolded = false;
  #exact: Engine | undefined;

  constructor(
    rules: readonly Rule[],
    reports: readonly TriggerReport[],
    protects: (rule: number) => boolean,
  ) {
    this.#rules = rules;
    this.#protects = protects;
    this.reports = reports;
    this.usesBody = rules.some(({ triggers }) =>
      triggers.some(({ parts }) => parts.some((part) => part.kind === "text" && part.subject === "body"))
    );
    this.usesHost = looksAtHost(rules);
    this.#folding = this.#compile(false);
  }

  match(facts: RequestFacts, body?: Body, assume?: (integration: number) => boolean): Found {
    if (facts.isExact) return this.#matchExactly(facts, body, assume);
    const strict = this.#strict(facts.source.caseSensitive ?? false);
    let found = this.#matchAny(strict, facts, body, assume);
    if (this.#settles(found)) return found;
    // Before anything is exempt, the rules are asked as they are written.
    if (strict.needsExact) found = this.#matchExactly(facts, body, assume);
    if (!this.usesHost || this.#settles(found) || !isToAddress(facts.url)) return found;
    if (found !== undefined && this.#namesHost(found)) return found;
    return this.#matchAddress(strict, facts, body, assume) ?? found;
  }

  #strict(caseSensitive: boolean): Strict {
    if (!caseSensitive) {
      this.#hasFolded = true;
      return this.#folding ??= this.#compile(false);
    }
    // A gate asks in one sense: what nobody ever asked takes no memory.
    if (!this.#hasFolded) this.#folding = undefined;
    return this.#sensitive ??= this.#compile(true);
  }

  #compile(caseSensitive: boolean): Strict {
    const strictness = { protects: this.#protects, caseSensitive, forAddress: false };
    const { rules, needsExact } = strictRules(this.#rules, strictness);
    return {
      engine: createEngine(rules),
      needsExact,
      caseSensitive,
      address: undefined,
      exempting: new Map(),
    };
  }

  /** Whether nothing that comes after can say otherwise. */
  #settles(found: Found): found is TriggerMatch | "needs-body" {
    return found === "needs-body" || (found !== undefined && this.#protects(found.integration));
  }

  /** What the rules say of a URL as they are written. */
  #matchExactly(facts: RequestFacts, body: Body, assume: Assume): Found {
    const engine = this.#exact ??= createEngine(this.#rules);
    return engine.find(facts, engine.page(facts), body, assume);
  }

  /** What the first form of a URL says that settles it, otherwise what the URL itself says. */
  #matchAny(strict: Strict, facts: RequestFacts, body: Body, assume: Assume): Found {
    const { engine } = strict;
    const page = engine.page(facts);
    const own = engine.find(facts, page, body, assume);
    const { url, readings } = facts;
    const isSettled = this.#settles(own);
    // The canonical form comes first. For pages that everybody reads alike it is all there is.
    if ((readings.length === 1 && readings[0] === url) || (isSettled && canonicalUrl(url) === url)) {
      return own;
    }
    for (const reading of readings) {
      const found = reading === url ? undefined : this.#matchReading(engine, facts, reading, body, assume);
      if (found === undefined) continue;
      if (isSettled || !this.#isExempt(strict, own, found, facts.by(reading), body)) return found;
    }
    return own;
  }

  /** What was settled by a form of the URL. */
  #matchReading(engine: Engine, facts: RequestFacts, reading: string, body: Body, assume: Assume): Found {
    const read = facts.by(reading);
    const found = engine.find(read, engine.page(read), body, assume);
    if (!this.#settles(found)) return undefined;
    return found === "needs-body" ? found : Object.freeze({ ...found, reading });
  }

  /** Whether the trigger that exempts a URL as it was written does so for another form of it, before what was found. */
  #isExempt(
    { exempting, caseSensitive }: Strict,
    own: Found,
    found: TriggerMatch | "needs-body",
    facts: RequestFacts,
    body: Body,
  ): boolean {
    if (typeof own !== "object" || typeof found !== "object" || found.integration < own.integration) {
      return false;
    }
    const trigger = this.#triggerOf(own);
    if (trigger === undefined) return false;
    const made = exempting.get(trigger) ?? exemptTrigger(trigger, caseSensitive);
    exempting.set(trigger, made);
    return made !== trigger && evaluate(made, facts, body) === yes;
  }

  /** What would be said if the host were any of those that the rules name. */
  #matchAddress(strict: Strict, facts: RequestFacts, body: Body, assume: Assume): Found {
    const { caseSensitive } = strict;
    const engine = strict.address ??= createEngine(
      strictRules(this.#rules, { protects: this.#protects, caseSensitive, forAddress: true }).rules,
    );
    for (const reading of new Set(facts.readings.map(withAnyHost))) {
      const found = this.#matchReading(engine, facts, reading, body, assume);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether a match is owed to the host of the request, which a rule names. */
  #namesHost(match: TriggerMatch): boolean {
    const all = this.#triggerOf(match)?.parts ?? [];
    return match.parts.some((at) => {
      const part = all[at];
      return part !== undefined && isOfUrl(part) && !part.negative && isOfHost(part);
    });
  }

  /** The trigger that was met, as it is written. */
  #triggerOf({ integration, trigger }: TriggerMatch): Trigger | undefined {
    return this.#rules[integration]?.triggers.find(({ index }) => index === trigger);
  }
}
