import { GateError, ServiceError } from "../../../src/errors.ts";
import { isAbsence, tellsShortage } from "../../../src/pipeline/shortage.ts";
import { parseAddress } from "../../../src/url/ip-address.ts";
import type { CheckFacts } from "./client.ts";

/** What a check told the service. */
export interface Told {
  readonly token: string | undefined;
  readonly facts: CheckFacts;
  readonly further: Readonly<Record<string, unknown>>;
}

/** Statuses that speak of the account and of the way to the service, whoever the visitor is. */
const aboutAccount: readonly (number | undefined)[] = [401, 402, 407];

/** Nobody's firewall or parser minds texts like these; what browsers send of themselves mostly is one. */
const plainHeader = /^[\w ().,;:=*/+-]{1,300}$/;
const plainUrl = /^[\w.:/~-]{1,512}(?:\?[\w.~&=+-]{0,512})?$/;

/**
 * Whether the service refused a check, perhaps because it was told no address, or something that is none: its guide calls that one
 * mandatory.
 */
export function isAboutAddress(cause: unknown, { ip = "" }: CheckFacts): cause is ServiceError {
  return isRefusal(cause) && cause.status !== 404 && parseAddress(ip) === undefined;
}

/**
 * Whether a visitor can be the reason for a failure: it is a refusal, an error of the service, something that cannot be understood,
 * such as the page of a firewall, or a connection that such a one breaks off.
 */
export function isAnswer(cause: unknown): boolean {
  if (!(cause instanceof GateError)) return !isAbsence(cause) && !tellsShortage(cause);
  return isRefusal(cause) || cause.code === "malformed" ||
    (cause instanceof ServiceError && cause.code === "unreachable" && cause.status !== undefined);
}

function isRefusal(cause: unknown): cause is ServiceError {
  return cause instanceof ServiceError && cause.code === "rejected" && !aboutAccount.includes(cause.status);
}

/**
 * Whether the service refused a check in which the visitor sent something out of the ordinary. Else what it answers to others must
 * tell.
 */
export function isOdd(cause: unknown, { token, facts, further }: Told): boolean {
  if (!isRefusal(cause)) return false;
  const { status } = cause;
  const { url, agent = "", lang = "en", code } = facts;
  // A token may be unknown, or ill-formed to the service; an account that is locked is so for all of them.
  if (token !== undefined && status !== 403) return true;
  return code !== undefined || Object.keys(further).length > 0 || !plainUrl.test(url) ||
    ![agent, lang].every((text) => plainHeader.test(text));
}
