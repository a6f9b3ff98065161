import { isLate } from "../../../src/async/maybe-promise.ts";
import type { Context } from "../../../src/context.ts";
import { GateError } from "../../../src/errors.ts";
import { fieldsOf } from "../values.ts";
import { canonicalUrl } from "../../../src/url/readings.ts";
import type { CheckFacts } from "./client.ts";

/**
 * What a check tells the service of a visitor: what the application says, otherwise what the request says.
 *
 * @param url The URL of the page, as the service is to compare it.
 * @param code The visitor's priority code.
 * @param told What the application's `visitor` returned. Only texts count; an empty one tells nothing.
 */
export function checkFactsOf(
  ctx: Context,
  url: string,
  code: string | undefined,
  told: Readonly<Record<string, unknown>>,
): CheckFacts {
  const { headers } = ctx.request;
  return {
    url,
    code,
    ip: textOf(told["ip"]) ?? ctx.address,
    agent: textOf(told["agent"]) ?? headers.get("user-agent") ?? undefined,
    lang: textOf(told["lang"]) ?? headers.get("accept-language") ?? undefined,
  };
}

/** The URL by which the service finds the room of a page. It takes encrypted pages only; for development, the visitor's may be another. */
export function checkedUrl(url: string): string {
  return canonicalUrl(url).replace(/^http:/, "https:");
}

/**
 * Asks a function of the application about a request.
 *
 * @throws {GateError} When it does not answer at once with an object or nothing. What it throws itself passes.
 */
export function askApplication(
  name: string,
  ask: ((ctx: Context) => unknown) | undefined,
  ctx: Context,
): Readonly<Record<string, unknown>> {
  const said = ask?.(ctx);
  if (said === undefined) return {};
  if (isLate(said) || typeof said !== "object" || Array.isArray(said)) {
    throw new GateError("internal", `"${name}" must return an object, and at once`);
  }
  return fieldsOf(said);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
