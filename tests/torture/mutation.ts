/** Genuine proofs of promotion, changed in every way: each is refused, or says what it said before. */

import { type Kind, kinds } from "./_kinds.ts";
import { bytewise, fieldwise, type Mutant, spliced } from "./_mutants.ts";
import { type Budget, type Part, seedOf } from "./_part.ts";

/** The part. */
export const part: Part = {
  name: "mutation",
  describe: "changed proofs of promotion are refused, or mean the same",
  runtimes: ["node", "deno", "bun"],
  leastMs: 3000,
  run,
};

/** What became of the mutants of a kind. */
interface Tally {
  tried: number;
  refused: number;
  /** Those that mean the same, by what was done. */
  readonly tolerated: Map<string, number>;
  /** Those whose meaning the protocol cannot keep. */
  permitted: number;
}

async function run(budget: Budget): Promise<void> {
  const all = kinds();
  let mutants = 0;
  for (const kind of all) {
    if (budget.only !== undefined && !budget.only.startsWith(`${kind.name}: `)) continue;
    const tally = await attack(kind, budget, budget.ms * 0.9 / all.length);
    mutants += tally.tried;
    const tolerated = [...tally.tolerated.values()].reduce((sum, count) => sum + count, 0);
    const { report } = budget;
    report({ name: `${kind.name}: mutants`, value: tally.tried, unit: "mutants", held: true });
    report({
      name: `${kind.name}: refused`,
      value: tally.refused,
      unit: "mutants",
      target: "all that do not mean the same",
      held: tally.refused + tolerated + tally.permitted === tally.tried && tally.refused > 0,
    });
    const how = [...tally.tolerated].map(([how, count]) => `${how} ${count}`).join(", ");
    report({
      name: `${kind.name}: mean the same`,
      value: tolerated,
      unit: how === "" ? "mutants" : `mutants: ${how}`,
      held: true,
    });
    if (kind.permits === undefined) continue;
    report({
      name: `${kind.name}: accepted as the protocol reads it`,
      value: tally.permitted,
      unit: "mutants",
      held: true,
    });
  }
  budget.report({ name: "mutants", value: mutants, unit: "mutants", held: true });
}

async function attack(kind: Kind, budget: Budget, ms: number): Promise<Tally> {
  const tally: Tally = { tried: 0, refused: 0, tolerated: new Map(), permitted: 0 };
  for (const genuine of kind.genuine) {
    for (const spell of kind.spellings) {
      const sent = spell(genuine);
      if (await kind.admits(sent) && kind.meaning(sent) !== undefined) continue;
      budget.fail(`${kind.name}: a genuine one is refused: ${sent}`, { only: `${kind.name}: ` });
    }
  }
  const originals = new Set(kind.genuine.map((text) => JSON.stringify(kind.meaning(text))));
  const known = new Set(kind.genuine.flatMap((text) => kind.spellings.map((spell) => spell(text))));
  let total = 0;
  for (const _ of mutantsOf(kind)) total++;
  // Where the time does not suffice for all of them, every so many-th is tried, from a place that the seed tells.
  const begun = performance.now();
  let stride = 1;
  let next = Math.abs(seedOf(budget, kind.name)) % 7;
  let at = -1;
  let failures = 0;
  let since = { at: begun, tried: 0 };
  for (const { how, text } of mutantsOf(kind)) {
    at++;
    if (budget.only !== undefined && budget.only !== `${kind.name}: ${at}`) continue;
    if (budget.only === undefined && at < next) continue;
    next = at + stride;
    if (tally.tried - since.tried >= 500) {
      const now = performance.now();
      const each = (now - since.at) / (tally.tried - since.tried);
      stride = Math.max(1, Math.ceil((total - at) * each / Math.max(1, begun + ms - now)));
      since = { at: now, tried: tally.tried };
    }
    if (known.has(text)) continue;
    tally.tried++;
    const said = kind.admits(text);
    if (!(typeof said === "boolean" ? said : await said)) {
      tally.refused++;
      continue;
    }
    const meaning = kind.meaning(text);
    if (meaning !== undefined && originals.has(JSON.stringify(meaning))) {
      tally.tolerated.set(how, (tally.tolerated.get(how) ?? 0) + 1);
    } else if (meaning !== undefined && kind.permits?.(meaning) === true) {
      tally.permitted++;
    } else if (++failures <= 5) {
      budget.fail(`${kind.name}, ${how}: accepted as ${JSON.stringify(meaning)}: ${JSON.stringify(text)}`, {
        only: `${kind.name}: ${at}`,
      });
    }
  }
  return tally;
}

function* mutantsOf({ genuine, spellings, shape }: Kind): Generator<Mutant> {
  // What is spelled as it stands, and what is percent-encoded, once over; the fields of all of them.
  for (const [at, text] of genuine.entries()) {
    for (const spell of spellings) {
      if (at === 0 || spell === spellings[at % spellings.length]) yield* bytewise(spell(text));
    }
    if (shape === undefined) continue;
    const fields = shape.read(text);
    yield* fieldwise(shape.fields, fields);
    for (const other of genuine) if (other !== text) yield* spliced(shape.fields, fields, shape.read(other));
  }
}
