import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import { shapeError, type Subject, textError, valueError } from "../../src/options/check.ts";
import { matchRequest } from "../../src/triggers/match-request.ts";
import { compileTriggers } from "../../src/triggers/compile.ts";
import { Place, readCondition } from "../../src/triggers/read-rules.ts";
import type { TriggerCondition } from "../../src/triggers/rule-types.ts";
import { isBelow, pathStart } from "../../src/url/plain-path.ts";
import type { RoomCondition, RoomMatch } from "./options.ts";
import { requestTest } from "./owner-says.ts";

const subject: Subject = "waiting-room plugin";
const plain = { usesHost: false, reports: [] };

/** Tells whether a room protects a request. */
export interface MatchRoom {
  (ctx: Context): boolean | Promise<boolean>;
  /** Whether it depends on the host, which is the visitor's word unless the hosts of the site are known. */
  readonly usesHost: boolean;
  /** What is suspicious about it, in words. */
  readonly reports: readonly string[];
}

/** Compiles what an owner says of the requests that a room protects. */
export function roomMatcher(match: RoomMatch | undefined, option: string): MatchRoom {
  if (match === undefined) return Object.assign(() => true, plain);
  if (typeof match === "function") {
    return Object.assign(requestTest(subject, option, match), plain);
  }
  const isList = Array.isArray(match);
  // Array.isArray does not tell a readonly list from a single condition.
  const conditions = (isList ? match : [match]) as readonly RoomCondition[];
  const must = "a condition or a list of conditions";
  if (conditions.length === 0) throw valueError(subject, option, must, match);
  const tests = [...conditions].map((condition, at) =>
    conditionOf(condition, isList ? `${option}[${at}]` : option)
  );
  const any = (ctx: Context, from: number): boolean | Promise<boolean> => {
    const test = tests[from];
    if (test === undefined) return false;
    return chain(test(ctx), (holds) => holds || any(ctx, from + 1));
  };
  return Object.assign((ctx: Context) => any(ctx, 0), {
    usesHost: tests.some(({ usesHost }) => usesHost),
    reports: tests.flatMap(({ reports }) => reports),
  });
}

function conditionOf(condition: RoomCondition, option: string): MatchRoom {
  if (typeof condition !== "object" || condition === null) {
    throw shapeError(subject, option, 'a condition, such as { path: "/tickets" }', condition);
  }
  const { path, ...others } = condition;
  if (typeof path !== "string") return ruleOf(others as TriggerCondition, path, option);
  const isIn = pathTest(path, `${option}.path`);
  if (Object.keys(others).length === 0) return Object.assign(isIn, plain);
  const rest = ruleOf(others, undefined, option);
  return Object.assign((ctx: Context) => isIn(ctx) && rest(ctx), {
    usesHost: rest.usesHost,
    reports: rest.reports,
  });
}

function ruleOf(others: TriggerCondition, path: TriggerCondition["path"], option: string): MatchRoom {
  const condition = path === undefined ? others : { ...others, path };
  const parts = readCondition(condition, false, new Place(subject, option));
  const matcher = compileTriggers([{ name: option, triggers: [{ index: 0, any: false, parts }] }]);
  const holds = (ctx: Context) => chain(matchRequest(matcher, ctx), (match) => match !== undefined);
  const told = matcher.reports.filter(({ code }) => code !== "always" && code !== "shadowed");
  const reports = told.map(({ message }) => `waiting-room: ${option}: ${message}`);
  return Object.assign(holds, { usesHost: matcher.usesHost, reports });
}

/** Whether a path is this one or below it, by any form in which programs may know the URL. */
function pathTest(given: string, option: string): (ctx: Context) => boolean {
  const must =
    'a path that begins with a slash, without query, fragment and "*", such as "/tickets", which means everything below it as well';
  if (!/^\/[^?#*\\\s]*$/.test(given) || !URL.canParse(given, "http://a")) {
    throw textError(subject, option, must, given);
  }
  const path = new URL(given, "http://a/").pathname;
  const exact = [path.length > 1 ? path.replace(/\/$/, "") : path];
  const folded = exact.map((each) => each.toLowerCase());
  return ({ readings, caseSensitive }) =>
    readings.some((url) => {
      const text = caseSensitive ? url : url.toLowerCase();
      return isBelow(text, pathStart(text), caseSensitive ? exact : folded);
    });
}
