import type { Findings } from "./check.ts";
import { faultAdvice, type FaultKind, faultWords } from "./faults.ts";
import { answersOf, type Heard } from "./probe.ts";

/** From here on an answer is slow, and from here on nobody waits for it any more, in milliseconds. */
const slowMs = 500;

/** What is to be said of calls. The fault of the way is told already. */
export interface CallTelling {
  /** The key by which the service was asked, such as `public key`. */
  readonly key: string;
  /** How long the gate waits for such an answer, in milliseconds. */
  readonly limitMs: number;
  /** What it means when the service is slow. */
  readonly slow: string;
  readonly fault?: FaultKind | undefined;
}

/**
 * Tells whether calls were answered, how fast, and whether the key was accepted.
 *
 * @returns The body of the last answer that is one of success.
 */
export function tellCalls(
  findings: Findings,
  heard: readonly Heard[],
  telling: CallTelling,
): string | undefined {
  const [first] = heard;
  if (first === undefined) return undefined;
  const { what } = first;
  const answers = answersOf(heard);
  const times = answers.map(({ ms }) => ms);
  const silent = heard.find((each) => each.kind === "silence");
  if (silent !== undefined && !(answers.length === 0 && silent.fault === telling.fault)) {
    tellSilence(findings, what, answers.length, heard.length, silent.fault);
  }
  const last = answers.at(-1);
  if (last === undefined) return undefined;
  const statuses = [...new Set(answers.map(({ status }) => status))];
  const took = `in ${times.join(", ").replace(/, (?=\d+$)/, " and ")} ms`;
  const message = `${what} was answered with HTTP ${statuses.join(" and ")}, ${took}.`;
  const good = answers.filter(({ status }) => status >= 200 && status <= 299);
  if (good.length === answers.length) tellTime(findings, message, times, telling);
  else {tellStatus(
      findings,
      message,
      answers.find(({ status }) => status < 200 || status > 299)?.status ?? 0,
      telling,
    );}
  return good.at(-1)?.body;
}

function tellSilence(
  findings: Findings,
  what: string,
  answered: number,
  asked: number,
  fault: FaultKind,
): void {
  const message = answered === 0
    ? `${what} was not answered: ${faultWords[fault]}.`
    : `${what} was answered ${answered} times of ${asked} only: once, ${faultWords[fault]}.`;
  findings.problem("way", fault, message, faultAdvice[fault]);
}

function tellTime(
  findings: Findings,
  message: string,
  times: readonly number[],
  { limitMs, slow }: CallTelling,
): void {
  // The first call makes the connection, which the others use as well.
  const usual = Math.min(...times);
  if (Math.max(...times) >= limitMs) {
    findings.problem("way", "too-slow", `${message} The gate waits for ${limitMs} ms. ${slow}`);
  } else if (usual >= slowMs) findings.note("way", "slow", `${message} ${slow}`);
  else findings.ok("way", "answered", message);
}

function tellStatus(findings: Findings, message: string, status: number, { key }: CallTelling): void {
  if (status === 401 || status === 403) {
    findings.ok("way", "answered", message);
    const advice =
      `Compare the ${key} with that of the control panel, and look whether it is that of this account and of this address.`;
    findings.problem("key", "refused", `The service refuses the ${key} (HTTP ${status}).`, advice);
  } else if (status === 404) {
    const advice = "Look at --api-url and, for Queue-it, at --customer-id.";
    findings.problem("way", "not-found", `${message} There is no such service at this address.`, advice);
  } else if (status === 429) {
    const advice = "Ask again later. If it stays so, the gate asks too often: hybrid mode, or bulkhead().";
    findings.problem("way", "throttled", `${message} The service is asked too often.`, advice);
  } else if (status < 400) {
    const advice =
      "Write the address that it leads to as --api-url: the gate follows no redirect, because it would carry the key along.";
    findings.problem("way", "redirected", `${message} That is no answer of the service.`, advice);
  } else {
    const advice = status >= 500
      ? "Look at the service's status page, and at proxies between."
      : "Look at --api-url.";
    findings.problem("way", "failed", message, advice);
  }
}

/** Says that an answer is none of the service. */
export function tellMalformed(findings: Findings, what: string, body: string): void {
  const looks = /^\s*(?:\ufeff)?\s*</.test(body)
    ? "a page of HTML"
    : body.trim() === ""
    ? "nothing"
    : "something else";
  findings.problem(
    "way",
    "malformed",
    `${what} was answered with ${looks} where JSON of the service is expected.`,
    "Look at --api-url, and at proxies and firewalls between, which answer with pages of their own.",
  );
}
