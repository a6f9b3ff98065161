/** Spellings of protected pages, for real routers and for gates of every kind, and by raw sockets for the runtime's own server. */

import { message, sendRaw } from "../security/_raw.ts";
import { serve } from "../src/_serve.ts";
import { exemptingGuardsOf } from "../routers/_gates.ts";
import { type Route, routes } from "../routers/_routes.ts";
import { spellingOf } from "../routers/_spellings.ts";
import {
  type Bench,
  createBench,
  describeLeak,
  newTrial,
  type Trial,
  tried,
  tryMany,
} from "../routers/_trial.ts";
import { type Budget, type Part, seedOf } from "./_part.ts";
import { randomOf } from "./_tools.ts";

/** How many spellings are enough; an ordinary run tries as many as it has time for. */
const enough = 1_000_000;
/** How many are tried from one seed, so that a failure is seen again in seconds. */
const perRound = 2000;
/** How many sockets are open at a time. */
const sockets = 24;

/** The part. */
export const part: Part = {
  name: "spellings",
  describe: "no spelling of an address, in URL or Host, reaches a protected page past a gate",
  runtimes: ["node", "deno", "bun"],
  share: 2,
  leastMs: 4000,
  run,
};

async function run(budget: Budget): Promise<void> {
  if (budget.only !== undefined) return void await again(budget, budget.only);
  const begun = performance.now();
  const spent = (share: number) => performance.now() - begun > budget.ms * share;
  const bench = createBench();
  const trial = newTrial();
  await inRounds(budget, trial, "urls", enough, () => spent(0.65), (seed) => {
    return tryMany(bench, trial, seed, perRound);
  });
  const seconds = (performance.now() - begun) / 1000;
  const exempt = newTrial();
  const exempting = createBench(exemptingGuardsOf);
  await inRounds(budget, exempt, "exempt", enough / 5, () => spent(0.8), (seed) => {
    return tryMany(exempting, exempt, seed, perRound);
  });
  const raw = newTrial();
  await inRounds(budget, raw, "sockets", enough / 20, () => spent(0.97), (seed) => {
    return tryRaw(bench, raw, seed, perRound / 10);
  });
  reportUrls(budget, trial, seconds);
  reportTrial(budget, exempt, "for rules that exempt", "passed for a page that needs no protection");
  reportTrial(budget, raw, "by raw sockets", "reached a protected page past a gate, by raw sockets");
}

/** Tries one round after the other, but one at least, however little time is left: a kind that is never tried shows nothing. */
async function inRounds(
  budget: Budget,
  trial: Trial,
  kind: string,
  most: number,
  isOver: () => boolean,
  tryRound: (seed: number) => Promise<void>,
): Promise<void> {
  let round = 0;
  do {
    const only = `${kind}@${round++}`;
    await tryRound(seedOf(budget, only));
    complain(budget, trial, only);
  } while (trial.leaks.length === 0 && trial.spellings < most && !isOver());
}

/** Tries the spellings of one round once more. */
async function again(budget: Budget, only: string): Promise<void> {
  const trial = newTrial();
  const seed = seedOf(budget, only);
  if (only.startsWith("sockets@")) await tryRaw(createBench(), trial, seed, perRound / 10);
  else {await tryMany(
      createBench(only.startsWith("exempt@") ? exemptingGuardsOf : undefined),
      trial,
      seed,
      perRound,
    );}
  complain(budget, trial, only);
}

function complain({ fail }: Budget, { leaks }: Trial, only: string): void {
  for (const leak of leaks.slice(0, 5)) fail(describeLeak(leak), { only });
}

function reportUrls(budget: Budget, trial: Trial, seconds: number): void {
  const { report } = budget;
  reportTrial(budget, trial, "", "reached a protected page past a gate");
  const perSecond = Math.round(trial.spellings / seconds);
  report({ name: "spellings per second", value: perSecond, unit: "spellings/s", held: true });
  for (const [name, count] of [...trial.servedBy].sort(([a], [b]) => a < b ? -1 : 1)) {
    report({ name: `served as a protected page by ${name}`, value: count, unit: "requests", held: true });
  }
}

function reportTrial({ report }: Budget, trial: Trial, how: string, what: string): void {
  const name = (text: string) => how === "" ? text : `${text} ${how}`;
  report({ name: name("spellings"), value: trial.spellings, unit: "spellings", held: true });
  report({
    name: name("requests that some router served as a protected page"),
    value: trial.served,
    unit: "requests",
    target: "at least one",
    held: trial.served > 0,
  });
  report({ name: name("questions to gates about them"), value: trial.gated, unit: "questions", held: true });
  report({
    name: what,
    value: trial.leaks.length,
    unit: "requests",
    target: "none",
    held: trial.leaks.length === 0,
  });
}

/** Values of `Host`: names of the site, odd forms of them, and what reaches into the path where a server joins the two. */
const hosts: readonly (string | undefined)[] = [
  "shop.example.com",
  "SHOP.example.COM",
  "shop.example.com.",
  "shop.example.com..",
  "shop.example.com:80",
  "shop.example.com:0080",
  "shop.example.com:8443",
  "shop.example.com:",
  "localhost",
  "127.0.0.1",
  "127.1",
  "0x7f.1",
  "[::1]",
  "[::ffff:127.0.0.1]:81",
  "a.1..",
  "a.1",
  "xn--caf-dma.example",
  "caf\u00e9.example",
  "sh\u00f6p.example.com",
  "shop%2eexample.com",
  "shop.example.com%2ftickets",
  "shop\u3002example.com",
  "a_b.example",
  "",
  ".",
  "a@b",
  "shop.example.com@evil.example",
  "a b",
  "a,b",
  "[",
  "localhost/x?",
  "localhost/x#",
  "shop.example.com?",
  "shop.example.com#",
  "shop.example.com\\x",
  "shop.example.com/..",
  undefined,
];

/** Sends targets and hosts as they are to a server of the runtime; its handler asks routers and gates about what it is handed. */
async function tryRaw(bench: Bench, trial: Trial, seed: number, count: number): Promise<void> {
  const random = randomOf(seed);
  const server = await serve(async (request: Request) => {
    await Promise.all(tried(bench, trial, request.headers.get("x-target") ?? "", request));
    return new Response("asked");
  });
  const inputs = Array.from({ length: count }, () => inputOf(random));
  try {
    await Promise.all(Array.from({ length: sockets }, async () => {
      for (let input = inputs.pop(); input !== undefined; input = inputs.pop()) {
        trial.spellings++;
        const { target, host } = input;
        const line = `x-target: ${encodeURIComponent(`${host ?? "(none)"} ${target}`)}`;
        await sendRaw(server.port, message(target, host, [line]));
      }
    }));
  } finally {
    await server.close();
  }
}

/** A target that a request line can hold, in origin form or in absolute form, and a host. */
function inputOf(random: () => number): { readonly target: string; readonly host: string | undefined } {
  // The places are those of the lists.
  const route = routes[Math.floor(random() * routes.length)] as Route;
  const host = random() < 0.5 ? "shop.example.com" : hosts[Math.floor(random() * hosts.length)];
  const target = spellingOf(route, random).toWellFormed().replace(/[\r\n\0]/g, "").replaceAll(" ", "%20");
  if (random() < 0.9) return { target, host };
  const scheme = random() < 0.5 ? "http" : "https";
  return { target: `${scheme}://${host ?? "shop.example.com"}${target}`, host };
}
