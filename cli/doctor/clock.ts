import type { Findings, Report } from "./check.ts";
import type { Answer } from "./probe.ts";

/** A difference that nobody notices, and one by which signatures are refused, in seconds. */
const noticed = 5;
const refused = 60;

/** Finds out by the `Date` of answers how far this machine's clock is before that of the service. */
export function clockOf(answers: readonly Answer[]): Report["clock"] {
  const known = answers.flatMap(({ headers, atMs, halfMs }) => {
    const date = Date.parse(headers.get("date") ?? "");
    const age = Number(headers.get("age") ?? 0);
    if (Number.isNaN(date)) return [];
    // Its seconds are cut off, so half of one is added. What a cache kept is older than its date says.
    const theirs = date + 500 + (Number.isFinite(age) ? age * 1000 : 0);
    return [{ aheadMs: atMs - theirs, withinMs: halfMs + 500 }];
  }).sort((one, other) => one.withinMs - other.withinMs);
  const best = known[0];
  if (best === undefined) return null;
  return { aheadSeconds: tenths(best.aheadMs), withinSeconds: tenths(best.withinMs) };
}

/** Says what the difference means. */
export function tellClock(
  findings: Findings,
  clock: Report["clock"],
  meaning: { ahead: string; behind: string },
): void {
  if (clock === null) {
    findings.note(
      "clock",
      "unknown",
      "No answer says what time it is, so this machine's clock was compared with none.",
    );
    return;
  }
  const { aheadSeconds, withinSeconds } = clock;
  const size = Math.abs(aheadSeconds);
  if (size <= withinSeconds + 1) {
    findings.ok(
      "clock",
      "right",
      `This machine's clock agrees with that of the service, to ${withinSeconds} s.`,
    );
    return;
  }
  const isAhead = aheadSeconds > 0;
  const message = `This machine's clock is ${size} s ${
    isAhead ? "ahead of" : "behind"
  } that of the service (to ${withinSeconds} s).`;
  if (size <= noticed) return findings.ok("clock", "near", `${message} Signatures are not affected.`);
  const advice = "Let the machine take its time from a server (NTP).";
  const words = `${message} ${isAhead ? meaning.ahead : meaning.behind}`;
  if (size <= refused) findings.note("clock", "off", words, advice);
  else findings.problem("clock", "wrong", words, advice);
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}
