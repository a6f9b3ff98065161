/** Tries spellings: whatever a router serves as a protected page, every gate with a rule for that page must refuse. */

import { randomOf } from "../torture/_tools.ts";
import { type Guard, guardsOf, refuses, requestFor } from "./_gates.ts";
import type { Oracle } from "./_oracle.ts";
import { oracles } from "./_oracles.ts";
import { type Route, routes } from "./_routes.ts";
import { spellingOf } from "./_spellings.ts";

/** A spelling by which a page is reached past a gate. */
export interface Leak {
  readonly target: string;
  /** The URL that the gate saw. */
  readonly url: string;
  readonly route: string;
  readonly guard: string;
  readonly oracles: readonly string[];
}

/** What came of a trial. */
export interface Trial {
  spellings: number;
  /** Requests with them that some router served as a protected page; what a server parses makes two of one spelling. */
  served: number;
  /** How many of them each router served. */
  readonly servedBy: Map<string, number>;
  /** Questions to gates, each about a page that would have been served. */
  gated: number;
  readonly leaks: Leak[];
}

const origin = "http://shop.example.com";
/** More than so many leaks tell nothing new. */
const maxLeaks = 50;

/** The routers, and a set of gates for each route. */
export interface Bench {
  readonly oracles: readonly Oracle[];
  readonly guards: ReadonlyMap<string, readonly Guard[]>;
}

/** Sets everything up. */
export function createBench(guards: (route: Route) => readonly Guard[] = guardsOf): Bench {
  return { oracles: oracles(), guards: new Map(routes.map((route) => [route.name, guards(route)])) };
}

/** Begins a trial. */
export function newTrial(): Trial {
  return { spellings: 0, served: 0, servedBy: new Map(), gated: 0, leaks: [] };
}

/** Tries so many spellings that follow from a seed. */
export async function tryMany(bench: Bench, trial: Trial, seed: number, count: number): Promise<void> {
  const random = randomOf(seed);
  for (let each = 0; each < count && trial.leaks.length < maxLeaks; each++) {
    // The remainder is the place of a route.
    const route = routes[each % routes.length] as Route;
    await tryOne(bench, trial, spellingOf(route, random));
  }
}

/** Tries one request target, as a server hands it over that does nothing to it, and as one that parses it. */
export function tryOne(bench: Bench, trial: Trial, target: string): void | Promise<void> {
  trial.spellings++;
  const url = origin + target;
  const parsed = URL.parse(url)?.href;
  const works = [
    ...tried(bench, trial, target, requestFor(url)),
    ...(parsed === undefined || parsed === url ? [] : tried(bench, trial, target, requestFor(parsed))),
  ];
  if (works.length > 0) return Promise.all(works).then(() => {});
}

/**
 * Tries one request, as a server made it of a target. A router looks at its URL as it stands there, or parses it. Whoever is
 * asked by promises is waited for by the caller.
 */
export function tried(
  bench: Bench,
  trial: Trial,
  target: string,
  request: Request,
): readonly Promise<void>[] {
  const { url } = request;
  const parsed = URL.parse(url);
  const byRaw = servedBy(bench, targetIn(url), url);
  const serving = parsed === null || parsed.href === url
    ? byRaw
    : merged(byRaw, servedBy(bench, targetIn(parsed.href), parsed.href));
  if (serving.size === 0) return [];
  trial.served++;
  for (const name of new Set([...serving.values()].flat())) {
    trial.servedBy.set(name, (trial.servedBy.get(name) ?? 0) + 1);
  }
  return asked(bench, trial, target, request, serving);
}

/** What stands behind the host of a URL; some servers hand over no host at all. */
function targetIn(url: string): string {
  return url.replace(/^https?:\/\/[^/?#\\]*/i, "") || "/";
}

/** The routers by the route that they serve. */
type Serving = ReadonlyMap<string, readonly string[]>;

const nobody: Serving = new Map();

function servedBy({ oracles }: Bench, target: string, url: string): Serving {
  let found: Map<string, string[]> | undefined;
  for (const oracle of oracles) {
    const route = oracle.serves(target, url);
    if (route === undefined) continue;
    const names = (found ??= new Map()).get(route);
    if (names === undefined) found.set(route, [oracle.name]);
    else names.push(oracle.name);
  }
  return found ?? nobody;
}

function merged(one: Serving, other: Serving): Serving {
  const all = new Map(one);
  for (const [route, names] of other) all.set(route, [...new Set([...all.get(route) ?? [], ...names])]);
  return all;
}

/** Asks the gates of every route that is served. */
function asked(
  bench: Bench,
  trial: Trial,
  target: string,
  request: Request,
  serving: Serving,
): Promise<void>[] {
  const works: Promise<void>[] = [];
  for (const [route, oracles] of serving) {
    for (const guard of bench.guards.get(route) ?? []) {
      trial.gated++;
      const note = (refused: boolean) => {
        if (!refused) trial.leaks.push({ target, url: request.url, route, guard: guard.name, oracles });
      };
      const refused = refuses(guard, request);
      if (typeof refused === "boolean") note(refused);
      else works.push(refused.then(note));
    }
  }
  return works;
}

/** Puts a leak into words. */
export function describeLeak({ target, url, route, guard, oracles }: Leak): string {
  return `${visible(target)}, seen as ${visible(url)}, is ${route} to ${
    oracles.join("; ")
  }, and ${guard} lets it pass`;
}

/** A text as it stands in a program, without what nobody sees. */
function visible(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
