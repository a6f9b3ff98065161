/** The protected routes of the trial, and the rules that name them. */

import type { TriggerCondition } from "../../plugins/triggers.ts";

/** A page of the application that stands behind the gate. */
export interface Route {
  readonly name: string;
  /** Its path, decoded; `:id` stands for a segment and `*` at the end for all that is below. */
  readonly pattern: string;
  /** A path that leads there. */
  readonly path: string;
  /** The parameter by which the page becomes the protected one, where the path alone does not make it so. */
  readonly query?: readonly [name: string, value: string];
  /** What its owner writes to protect it. */
  readonly rule:
    | { readonly on: "path" | "url"; readonly equals: string }
    | { readonly on: "path" | "url"; readonly contains: string };
}

/** The routes. Each has a gate of its own, lest the rule of one cover what that of another misses. */
export const routes: readonly Route[] = [
  { name: "plain", pattern: "/tickets", path: "/tickets", rule: { on: "path", equals: "/tickets" } },
  {
    name: "parameter",
    pattern: "/seats/:id",
    path: "/seats/7",
    rule: { on: "path", contains: "/seats/" },
  },
  {
    name: "deep",
    pattern: "/shop/tickets/checkout",
    path: "/shop/tickets/checkout",
    rule: { on: "path", equals: "/shop/tickets/checkout" },
  },
  {
    name: "below",
    pattern: "/members/*",
    path: "/members/area",
    rule: { on: "path", contains: "/members/" },
  },
  { name: "accent", pattern: "/caffè", path: "/caffè", rule: { on: "path", equals: "/caffè" } },
  { name: "escaped", pattern: "/menù", path: "/menù", rule: { on: "url", contains: "/men%C3%B9" } },
  { name: "blank", pattern: "/late night", path: "/late night", rule: { on: "path", equals: "/late night" } },
  { name: "capital", pattern: "/Sale2026", path: "/Sale2026", rule: { on: "path", equals: "/Sale2026" } },
  {
    name: "query",
    pattern: "/basket",
    path: "/basket",
    query: ["buy", "7"],
    rule: { on: "url", contains: "buy=7" },
  },
  {
    name: "words",
    pattern: "/search",
    path: "/search",
    query: ["show", "late night"],
    rule: { on: "url", contains: "show=late night" },
  },
];

/** Finds a route by its name. */
export function routeOf(name: string): Route {
  const found = routes.find((route) => route.name === name);
  if (found === undefined) throw new Error(`There is no route "${name}"`);
  return found;
}

/** A route's rule for `triggers()`. */
export function conditionOf({ rule: { on, ...test } }: Route): TriggerCondition {
  return { [on]: test };
}

/** The patterns by which a router is told of a route: some compare what stands in the URL, others what it says. */
export function patternsOf({ pattern }: Route): readonly string[] {
  return [...new Set([pattern, encodeURI(pattern)])];
}

/** Tells whether the parameters of a request make the page the protected one. */
export function isAsked({ query }: Route, read: (name: string) => unknown): boolean {
  return query === undefined || read(query[0]) === query[1];
}
