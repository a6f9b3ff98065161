/** Raw HTTP-shaped input for whole gates: nobody gets in without a proof, and nothing is a failure. */

import process from "node:process";
import fc from "../support/random-cases.ts";
import { isResponse } from "../../src/pipeline/answer.ts";
import { bodyFault, faultOf, mayBypass } from "./_invariants.ts";
import { moreWorlds } from "./_more-worlds.ts";
import { type Budget, type Part, seedOf } from "./_part.ts";
import { body, type BodyRecipe, type Recipe, recipe } from "./_recipes.ts";
import { type Input, inputsOf } from "./_requests.ts";
import { connection, findings, type World, worlds } from "./_worlds.ts";

/** Longer than this no decision keeps a processor busy. */
const slowestMs = 2000;
/** When a promise counts as one that is never settled. */
const hangsMs = 10_000;

/** The part. */
export const part: Part = {
  name: "property",
  describe: "hostile input causes no fault, no open door and no odd answer",
  runtimes: ["node", "deno", "bun"],
  share: 4,
  leastMs: 3000,
  run,
};

/** What was counted. */
interface Counts {
  inputs: number;
  admitted: number;
  bypassed: number;
  sessions: number;
  readonly reasons: Set<string>;
  slowestMs: number;
}

async function run(budget: Budget): Promise<void> {
  const counts: Counts = {
    inputs: 0,
    admitted: 0,
    bypassed: 0,
    sessions: 0,
    reasons: new Set(),
    slowestMs: 0,
  };
  const begun = performance.now();
  const all = [...worlds(), ...moreWorlds()];
  if (budget.only !== undefined) {
    const [name = "", round = "0"] = budget.only.split("@");
    const world = all.find((each) => each.name === name);
    if (world === undefined) throw new Error(`There is no case "${name}"`);
    await attempt(world, Number(round), budget, counts);
    return;
  }
  const broken = new Set<World>();
  for (let round = 0; performance.now() - begun < budget.ms * 0.9; round++) {
    for (const world of all) {
      if (!broken.has(world) && !(await attempt(world, round, budget, counts))) broken.add(world);
      // The first round goes through all of them, however slow the machine: else what they have to reach need not be reached.
      if (round > 0 && performance.now() - begun > budget.ms) break;
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  const { report } = budget;
  const some = (value: number) => ({ value, target: "at least one", held: value > 0 });
  report({ name: "inputs", value: counts.inputs, unit: "inputs", held: true });
  report({
    name: "inputs per second",
    value: Math.round(counts.inputs / seconds),
    unit: "inputs/s",
    held: true,
  });
  report({ name: "admitted, each with a proof", unit: "inputs", ...some(counts.admitted) });
  report({ name: "bypassed, each rightly", unit: "inputs", ...some(counts.bypassed) });
  report({ name: "given a session, each with a proof", unit: "inputs", ...some(counts.sessions) });
  const reasons = [...counts.reasons].sort();
  report({
    name: "reasons of decisions",
    value: reasons.length,
    unit: `reached: ${reasons.join(", ")}`,
    held: true,
  });
  report({
    name: "slowest decision",
    value: Math.round(counts.slowestMs),
    unit: "ms",
    target: `at most ${slowestMs} ms`,
    held: counts.slowestMs <= slowestMs,
  });
}

/** Tries some dozens of samples; tells whether all went well. */
async function attempt(world: World, round: number, budget: Budget, counts: Counts): Promise<boolean> {
  const name = `${world.name}@${round}`;
  const settings = {
    seed: seedOf(budget, name),
    numRuns: world.isSync ? 40 : 12,
    ...(budget.path === undefined ? {} : { path: budget.path }),
  };
  const bodies: fc.Arbitrary<readonly (BodyRecipe | undefined)[]> = world.readsBodies === true
    ? fc.array(body, { minLength: 1, maxLength: 2 })
    : fc.constant([undefined]);
  const details = await fc.check(
    fc.asyncProperty(
      // Small values are drawn often enough, and most slices are short.
      fc.noBias(recipe),
      fc.noBias(bodies),
      (drawn, drawnBodies) => Promise.resolve(sample(world, drawn, drawnBodies, counts)),
    ),
    settings,
  );
  await world.gate.idle();
  if (!details.failed) return true;
  const path = details.counterexamplePath ?? undefined;
  const { errorInstance } = details;
  const why = errorInstance instanceof Error
    ? errorInstance.stack ?? errorInstance.message
    : String(errorInstance);
  budget.fail(`${world.name}: ${why}`, { only: name, ...(path === undefined ? {} : { path }) });
  return false;
}

/** Sends every combination of what was drawn through a gate. */
function sample(
  world: World,
  drawn: Recipe,
  bodies: readonly (BodyRecipe | undefined)[],
  counts: Counts,
): Promise<void> | void {
  const works: Promise<void>[] = [];
  for (const input of inputsOf(drawn, bodies)) {
    counts.inputs++;
    try {
      const work = visit(world, input, counts);
      if (work !== undefined) works.push(work);
    } catch (cause) {
      // What goes on beside it is of no interest any more.
      for (const work of works) work.catch(() => {});
      throw cause;
    }
  }
  if (works.length === 0) return reportToConsole(world);
  return inTime(Promise.all(works)).then(() => reportToConsole(world));
}

function reportToConsole(world: World): void {
  const complaint = world.complaint();
  if (complaint !== undefined) throw new Error(complaint);
}

/** One input through the gate, and a look at what came of it. */
function visit(world: World, input: Input, counts: Counts): void | Promise<void> {
  let servedAs: string | undefined;
  const begun = performance.now();
  const before = process.cpuUsage();
  let answer: unknown;
  try {
    answer = world.gate(input.request, (_ctx, decision) => {
      servedAs = decision.action === "bypass" ? "bypass" : decision.reason;
      return new Response("page");
    }, connection);
  } catch (cause) {
    throw wrong(input, `the gate threw ${String(cause)}`);
  }
  const tookMs = performance.now() - begun;
  if (tookMs > counts.slowestMs) {
    // What others take from this process is not the decision's.
    const { user, system } = process.cpuUsage(before);
    counts.slowestMs = Math.max(counts.slowestMs, Math.min(tookMs, (user + system) / 1000));
  }
  if (isResponse(answer)) return judge(world, input, answer, servedAs, counts);
  if (!(answer instanceof Promise)) throw wrong(input, `the gate gave ${String(answer)}`);
  return answer.then(async (response: unknown) => {
    if (!isResponse(response)) throw wrong(input, `the gate gave ${String(response)}`);
    judge(world, input, response, servedAs, counts);
    if (servedAs !== undefined || response.body === null) return;
    const fault = bodyFault(input, response, new Uint8Array(await response.arrayBuffer()));
    if (fault !== undefined) throw wrong(input, fault);
  }, (cause) => {
    throw wrong(input, `the gate rejected with ${String(cause)}`);
  });
}

function judge(
  world: World,
  input: Input,
  response: Response,
  servedAs: string | undefined,
  counts: Counts,
): void {
  const { address = "", reason = "" } = findings.get(input.request) ?? {};
  if (reason !== "") counts.reasons.add(reason);
  if (
    world.isDirect === true && !/^(?:|gate\/.*)$/.test(reason) && address !== connection.remoteAddr.hostname
  ) {
    throw wrong(input, `the visitor counts as one from ${address}`);
  }
  if (servedAs === "bypass") {
    if (!(world.mayBypass ?? mayBypass)(input)) throw wrong(input, "a protected page bypassed the gate");
    counts.bypassed++;
    return;
  }
  const isProven = () => world.proves(input, address);
  if (servedAs !== undefined) {
    if (world.excuses?.(servedAs, input) === true) return;
    if (!/^(?:crowdhandler\/(?:promoted|checkout)|queue-it\/accepted)$/.test(servedAs) || !isProven()) {
      throw wrong(input, `the page was served: ${servedAs}`);
    }
    counts.admitted++;
  } else {
    const fault = faultOf(input, response);
    if (fault !== undefined) throw wrong(input, `${reason}: ${fault}`);
  }
  if (!givesSession(response)) return;
  if (!isProven()) throw wrong(input, `${reason}: a session was given: ${response.headers.getSetCookie()}`);
  counts.sessions++;
}

/** Whether a response sets a cookie with which its visitor will be admitted. */
function givesSession({ headers }: Response): boolean {
  return headers.getSetCookie().some((line) =>
    /^QueueITAccepted-[^=]*=[^;]/.test(line) || /^__Host-stanchion=/.test(line) ||
    (line.startsWith("crowdhandler=%7B") && !/%22signatures%22%3A%5B%5D/.test(line))
  );
}

function wrong({ target, cookie, headers, method, body }: Input, what: string): Error {
  return new Error(`${what}\n${JSON.stringify({ method, target, cookie, headers, body })}`);
}

/** Rejects when a promise is never settled. */
async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${hangsMs} ms`)), hangsMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
