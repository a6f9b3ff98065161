import { ServiceError } from "../../../src/errors.ts";
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

/** Whether the service refused a check, perhaps because it was told no address: its guide calls that one mandatory. */
export function isAboutAddress(cause: unknown, { ip }: CheckFacts): cause is ServiceError {
  return !ip && isRefusal(cause) && cause.status !== 404;
}

/**
 * Whether the service refused a check for something of this visitor. The status alone does not say it. It is taken for so
 * when the visitor sent anything out of the ordinary, and when the service took a check just before: then it does not refuse
 * everybody. Else nothing that a visitor chose can be the reason.
 */
export function isAboutVisitor(cause: unknown, told: Told, tookOthers: boolean): cause is ServiceError {
  return isRefusal(cause) && (tookOthers || isOdd(cause.status, told));
}

function isRefusal(cause: unknown): cause is ServiceError {
  return cause instanceof ServiceError && cause.code === "rejected" && !aboutAccount.includes(cause.status);
}

function isOdd(status: number | undefined, { token, facts, further }: Told): boolean {
  const { url, agent = "", lang = "en", code } = facts;
  // A token may be unknown, or ill-formed to the service; an account that is locked is so for all of them.
  if (token !== undefined && status !== 403) return true;
  return code !== undefined || Object.keys(further).length > 0 || !plainUrl.test(url) ||
    ![agent, lang].every((text) => plainHeader.test(text));
}
