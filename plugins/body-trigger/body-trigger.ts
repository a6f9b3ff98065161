/**
 * Limits the provider to requests whose body contains, matches or satisfies something.
 *
 * @module
 */

import {
  checkChoice,
  checkFunction,
  checkOptions,
  checkStrings,
  shapeError,
  valueError,
} from "../../src/options/check.ts";
import { chain, isLate } from "../../src/async/maybe-promise.ts";
import type { BodyText, Context } from "../../src/context.ts";
import type { Decision } from "../../src/decision.ts";
import type { Decider } from "../../src/plugin.ts";
import { bodyForms, needleForms } from "../../src/http/body-views.ts";
import { linearPattern } from "../../src/patterns/linear-pattern.ts";

/** The options of {@linkcode bodyTrigger}. At least one of the three rules is needed; any that holds is enough. */
export interface BodyTriggerOptions {
  /**
   * Texts one of which the body contains, in any case. One that names a field, as a form has it or as JSON, is found
   * however the field was sent.
   */
  readonly contains?: string | readonly string[];
  /**
   * An expression that the body matches. The work for a body grows with its length alone, unless the expression has
   * look-around, back references or the flag `u` or `v`: such ones are the engine's, and must be kept from backtracking.
   */
  readonly matches?: RegExp;
  /**
   * A test of the body as it was sent; everything but `false` is a match. One that throws is a fault, on which the
   * failure policy decides: it must cope with whatever a visitor sends.
   */
  readonly test?: (body: BodyText, ctx: Context) => boolean;
  /**
   * The methods whose bodies are looked at, in upper case.
   *
   * @default {all: whoever sends a body might be served}
   */
  readonly methods?: readonly string[];
  /**
   * What becomes of requests with other methods than `methods`: they `bypass` the gate, or the provider is asked
   * (`protect`).
   *
   * @default {"bypass"}
   */
  readonly otherwise?: "bypass" | "protect";
}

const subject = "body-trigger plugin";

const unmatched: Decision = { action: "bypass", reason: "body-trigger/unmatched" };
const otherMethod: Decision = { action: "bypass", reason: "body-trigger/other-method" };

/**
 * Lets a request bypass the gate unless its body matches. Put it before the provider.
 *
 * A body is looked at in several forms, whatever the content type says: as it was sent, with percent-encodings and
 * JSON's escapes undone, as JSON is written without blanks and with numbers in one spelling, and with its fields written as a form
 * and as JSON, however they were sent. One that cannot be read to its end (it is longer than the limit of `requestBody`,
 * slow, broken, compressed or not UTF-8), or whose fields and numbers cannot be told (parts that parsers read in different ways or in an encoding
 * of their own, numbers beyond a double, thousands of fields), counts as matching, so that nobody escapes the waiting room. Encodings of other
 * formats, such as the character references of XML, are the business of `test`. A language within the body, such as
 * GraphQL, has more spellings than texts can name: protect its endpoint by the path.
 *
 * @param options What a body must have in it.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape, or when there is no rule.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { bodyTrigger, requestBody } from "stanchion";
 *
 * const plugins = [
 *   requestBody({ maxBytes: 16_384 }),
 *   bodyTrigger({ contains: ["action=checkout", '"action":"checkout"'] }),
 * ];
 * ```
 */
export function bodyTrigger(options: BodyTriggerOptions): Decider {
  const { contains = [], matches, test, methods, otherwise = "bypass" } = checked(options);
  const needles = (typeof contains === "string" ? [contains] : contains).flatMap(needleForms);
  const lowerNeedles = needles.map((needle) => needle.toLowerCase());
  const pattern = matches && compiled(matches);

  function hasNeedle(view: string): boolean {
    // Lower case alone is not enough: a sigma has another one at the end of a word.
    if (needles.some((needle) => view.includes(needle))) return true;
    const lower = view.toLowerCase();
    return lowerNeedles.some((needle) => lower.includes(needle));
  }

  function isMatch(body: BodyText, ctx: Context): boolean {
    for (const form of bodyForms(body.text)) {
      if (form === undefined || hasNeedle(form.text) || pattern?.test(form.text)) return true;
    }
    const said: unknown = test !== undefined && test(body, ctx);
    // Nobody waits for a promise, which is everything but `false` as well.
    return isLate(said) || said !== false;
  }

  function judge(body: BodyText, ctx: Context): Decision | undefined {
    if (isMatch(body, ctx)) {
      ctx.note?.("the body matches");
      return undefined;
    }
    if (body.complete) return unmatched;
    ctx.note?.("the body could not be read to its end, so it counts as matching");
    return undefined;
  }

  return {
    name: "body-trigger",
    decide(ctx) {
      if (methods !== undefined && !methods.includes(ctx.request.method)) {
        return otherwise === "bypass" ? otherMethod : undefined;
      }
      return chain(ctx.body(), (body) => judge(body, ctx));
    },
  };
}

/** Bodies are long and come from visitors: where it can be, the work for one grows with its length alone. */
function compiled({ source, flags }: RegExp): { test(text: string): boolean } {
  return linearPattern(source, flags) ?? new RegExp(source, flags.replace(/[gy]/g, ""));
}

function checked(options: BodyTriggerOptions): BodyTriggerOptions {
  checkOptions(subject, options, ["contains", "matches", "test", "methods", "otherwise"]);
  const { contains, matches, test, methods, otherwise } = options;
  if (contains === undefined && matches === undefined && test === undefined) {
    throw new TypeError(`Cannot create ${subject}: one of "contains", "matches", "test" must be given`);
  }
  if (contains !== undefined) {
    const must = "a text or a list of texts, none of them empty";
    checkStrings(subject, "contains", typeof contains === "string" ? [contains] : contains, must, isNotEmpty);
    if (contains.length === 0) throw valueError(subject, "contains", must, contains);
  }
  if (matches !== undefined && !(matches instanceof RegExp)) {
    throw shapeError(subject, "matches", "a regular expression", matches);
  }
  if (test !== undefined) checkFunction(subject, "test", test);
  if (methods !== undefined) {
    const must = "a list of methods in upper case";
    checkStrings(subject, "methods", methods, must, (text) => /^[A-Z][A-Z-]*$/.test(text));
    if (methods.length === 0) throw valueError(subject, "methods", must, methods);
  }
  if (otherwise !== undefined) {
    checkChoice(subject, "otherwise", otherwise, ["bypass", "protect"]);
    if (methods === undefined) {
      throw shapeError(
        subject,
        "otherwise",
        'given together with "methods", from which it tells the rest',
        otherwise,
      );
    }
  }
  return options;
}

function isNotEmpty(text: string): boolean {
  return text !== "";
}
