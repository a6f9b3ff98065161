import * as v from "valibot";
import { ServiceError } from "../../src/errors.ts";
import { complaintOf, fieldsOf } from "./_fields.ts";
import { isToken } from "./_page.ts";

/** What CrowdHandler answers about a visitor. What did not arrive, or not in its documented form, is `undefined`. */
export interface CheckResult {
  /** Whether the visitor may enter: the one attribute that decides. */
  readonly promoted: boolean;
  /** The visitor's token. */
  readonly token: string | undefined;
  /** The slug of the waiting room. */
  readonly slug: string | undefined;
  /** Identifies the answer, for the performance record. */
  readonly responseId: string | undefined;
  /** Place in the queue. */
  readonly position: number | undefined;
  /** The status number, for diagnostics. */
  readonly status: number | undefined;
  /** The room's signature, present on promotion. */
  readonly hash: string | undefined;
  /** The time that goes into the signature. */
  readonly requested: string | undefined;
  /** An opaque mark that goes into hybrid cookies. */
  readonly deployment: string | undefined;
}

// Only a few functions of valibot are used, so that little of it is bundled.
const text = optional((value) => typeof value === "string" && value !== "" && value.length <= 512);
/** What becomes a segment of a path. */
const segment = optional(isSegment);
const integer = v.optional(v.fallback(v.custom<number | undefined>(Number.isInteger), undefined));
const yes: readonly unknown[] = [1, "1", true];
const no: readonly unknown[] = [0, "0", false];

const answer = v.object({
  result: v.object({
    promoted: v.custom<0 | 1 | "0" | "1" | boolean>((value) => yes.includes(value) || no.includes(value)),
    token: text,
    slug: segment,
    responseID: segment,
    position: integer,
    status: integer,
    hash: text,
    requested: text,
    deployment: text,
  }),
});

/** A text that counts as absent where it does not have its form. */
export function optional(accepts: (value: unknown) => boolean): v.GenericSchema<unknown, string | undefined> {
  return v.optional(v.fallback(v.custom<string | undefined>(accepts), undefined));
}

/**
 * Understands the body of a successful answer.
 *
 * @throws {ServiceError} `malformed` or `throttled`.
 */
export function readResult(body: string): CheckResult {
  const json = readJson(body);
  const parsed = v.safeParse(answer, json);
  if (!parsed.success) {
    const path = v.getDotPath(parsed.issues[0]) ?? "body";
    const complaint = complaintOf(fieldsOf(json)["result"]) || complaintOf(json);
    throw new ServiceError("malformed", `CrowdHandler answered with an unusable ${path}${complaint}`);
  }
  const { token, responseID, status, ...rest } = parsed.output.result;
  const promoted = yes.includes(rest.promoted);
  if (status === 6 && !promoted) throw new ServiceError("throttled", "CrowdHandler answered with status 6");
  return {
    promoted,
    token: isToken(token) ? token : undefined,
    slug: rest.slug,
    responseId: responseID,
    position: rest.position,
    status,
    hash: rest.hash,
    requested: rest.requested,
    deployment: rest.deployment,
  };
}

/** Tells whether a text can be one segment of a path: encoding helps against slashes, but not against dots. */
export function isSegment(text: unknown): text is string {
  return typeof text === "string" && text !== "" && text.length <= 512 && text.isWellFormed() &&
    text !== "." && text !== "..";
}

/**
 * Parses JSON text, with or without byte-order mark.
 *
 * @throws {ServiceError} `malformed`.
 */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body.startsWith("\ufeff") ? body.slice(1) : body);
  } catch {
    throw new ServiceError("malformed", "CrowdHandler answered with something that is not JSON");
  }
}
