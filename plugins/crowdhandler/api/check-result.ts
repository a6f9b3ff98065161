import { ServiceError } from "../../../src/errors.ts";
import { fieldsOf, isSegment, isToken } from "../values.ts";

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

const yes: readonly unknown[] = [1, "1", true];
const no: readonly unknown[] = [0, "0", false];

/**
 * Understands the body of a successful answer. In full mode it runs on every page and is therefore written by hand. `promoted`
 * alone decides: status 6, throttled, says that the crowd is large, which is what a waiting room is for.
 *
 * @throws {ServiceError} `malformed`.
 */
export function readResult(body: string): CheckResult {
  const json = readJson(body);
  const { result } = fieldsOf(json);
  const { promoted, token, slug, responseID, position, status, hash, requested, deployment } = fieldsOf(
    result,
  );
  const mayEnter = yes.includes(promoted);
  if (!mayEnter && !no.includes(promoted)) {
    const part = !isObject(json) ? "body" : isObject(result) ? "result.promoted" : "result";
    const complaint = complaintOf(result) || complaintOf(json);
    throw new ServiceError("malformed", `CrowdHandler answered with an unusable ${part}${complaint}`);
  }
  return {
    promoted: mayEnter,
    token: isToken(token) ? token : undefined,
    slug: isSegment(slug) ? slug : undefined,
    responseId: isSegment(responseID) ? responseID : undefined,
    position: integerOf(position),
    status: integerOf(status),
    hash: textOf(hash),
    requested: textOf(requested),
    deployment: textOf(deployment),
  };
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function integerOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= 512 ? value : undefined;
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

/**
 * What an error answer says, for a message. Only plain words pass: tokens, keys, addresses and URLs are none.
 *
 * @returns The text with a colon before it, or nothing.
 */
export function complaintOf(answer: unknown): string {
  const { error, message } = fieldsOf(answer);
  const text = [error, message].find((said) => typeof said === "string" && said !== "");
  if (typeof text !== "string") return "";
  const words = text.slice(0, 200).trim().split(/\s+/);
  return `: ${words.map((word) => isPlain(word) ? word : "…").join(" ")}`;
}

function isPlain(word: string): boolean {
  const letters = /^["'(]*([A-Za-z][a-z]{0,15}|[A-Z]{2,5})["').,:;!?]*$/.exec(word)?.[1];
  return letters !== undefined && (/^tokens?$/.test(letters) || !isToken(letters));
}
