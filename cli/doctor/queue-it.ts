import { withoutValues } from "../../src/telemetry/plain-explanation.ts";
import { UsageError } from "../arguments.ts";
import { explain, type Explained } from "../explain.ts";
import { type Finding, findingsOf, loadConfiguration, skippedOf } from "../findings.ts";
import type { Host } from "../host.ts";
import { keyOf } from "../keys.ts";
import { tellAddress } from "./address.ts";
import { createFindings, type Findings, isWell, type Report } from "./check.ts";
import { clockOf, tellClock } from "./clock.ts";
import type { QueueItDoctor } from "./command.ts";
import { loadFor } from "./configuration-source.ts";
import type { Curtain } from "../curtain.ts";
import { seePage } from "./gate.ts";
import { answersOf, createProbe, type Probe } from "./probe.ts";
import { type Configured, tellTokens, withoutToken } from "./queue-it-tokens.ts";
import { tellWay, wayTo } from "./way.ts";

/** What the doctor found out about Queue-it. */
export interface QueueItReport extends Report {
  /** The configuration that was looked at; `null` where none could be had. */
  readonly configuration:
    | { readonly from: string; readonly version: number | null; readonly integrations: number }
    | null;
  readonly findings: readonly Finding[];
  /** What a new visitor would get, and why. */
  readonly explained: Explained | null;
  /** The status with which the waiting room answered to a new visitor; `null` where it was not asked. */
  readonly roomStatus: number | null;
}

/** The keys and the token of a command. */
export interface QueueItKeys {
  readonly secretKey: string | undefined;
  readonly apiKey: string | undefined;
  readonly token: string | undefined;
}

const clockMeaning = {
  ahead:
    "Tokens of the service count as too old so much too early (error/timestamp), and visitors queue again.",
  behind: "Tokens of the service are accepted so much longer than they should be.",
};

/** Looks at a page by Queue-it's integration configuration, with the owner's keys. */
export async function askQueueIt(
  command: QueueItDoctor,
  host: Host,
  curtain: Curtain,
): Promise<QueueItReport> {
  const keys = await keysOf(command, host, curtain);
  const findings = createFindings();
  const probe = createProbe(host, command.timeoutMs);
  const page = await seePage(command, host.now);
  const loaded = await loadFor(findings, command, host, keys.apiKey, probe);
  const clock = clockOf(loaded.answers);
  if (loaded.answers.length > 0) tellClock(findings, clock, clockMeaning);
  const looked = loaded.text === undefined
    ? undefined
    : await look(findings, { ...command, address: page.address ?? command.address }, host, keys, loaded.text);
  tellAddress(findings, command, page.address);
  const roomStatus = looked === undefined
    ? null
    : await tellRoom(findings, command, host, { location: looked.location, api: loaded.api, probe });
  return {
    ok: isWell(findings.checks),
    service: "Queue-it",
    page: withoutValues(command.url),
    api: loaded.api,
    checks: findings.checks,
    calls: probe.calls,
    clock,
    configuration: looked === undefined
      ? null
      : { from: loaded.from, version: looked.version ?? null, integrations: looked.integrations },
    findings: looked?.findings ?? [],
    explained: looked?.explained ?? null,
    roomStatus,
  };
}

async function keysOf(
  { secretKey: secret, apiKey: api, token: brought, url }: QueueItDoctor,
  host: Host,
  curtain: Curtain,
): Promise<QueueItKeys> {
  const secretKey = await keyOf(secret, host);
  const apiKey = await keyOf(api, host);
  const given = await keyOf(brought, host);
  const token = given ?? (withoutToken(url).token || undefined);
  for (const each of [secretKey, apiKey, token]) curtain.add(each);
  if (apiKey !== undefined && !/^[!-~]{1,1024}$/.test(apiKey)) {
    throw new UsageError(
      "The api key must be one word of printable characters, without quotes and blanks around it",
    );
  }
  return { secretKey, apiKey, token };
}

interface Looked {
  readonly version: number | undefined;
  readonly integrations: number;
  readonly findings: readonly Finding[];
  readonly explained: Explained | null;
  /** Where a new visitor is sent, as far as it may be told. */
  readonly location: string | undefined;
}

async function look(
  findings: Findings,
  command: QueueItDoctor,
  host: Host,
  keys: QueueItKeys,
  text: string,
): Promise<Looked> {
  const found = findingsOf(text, command);
  const { version, integrations } = found;
  tellFindings(findings, found.findings);
  const known = { version, integrations, findings: found.findings };
  if (version === undefined) return { ...known, explained: null, location: undefined };
  const { configuration } = loadConfiguration(text);
  const configured: Configured = {
    asked: { ...command, url: withoutToken(command.url).url, method: "GET" },
    files: {
      configuration,
      skipped: skippedOf(found),
      secretKey: keys.secretKey,
      body: undefined,
      now: host.now,
    },
  };
  const explained = await explain(configured.asked, configured.files);
  tellMatch(findings, explained);
  await tellTokens(findings, configured, explained, keys, host.now);
  const location = explained.decision["location"];
  return {
    ...known,
    explained,
    location: typeof location === "string" && explained.decision["action"] === "queue" ? location : undefined,
  };
}

function tellFindings(findings: Findings, found: readonly Finding[]): void {
  const serious = found.filter(({ level }) => level !== "note");
  for (const { level, path, name, message } of found.slice(0, 20)) {
    const where = [path, name === "" ? "" : `(${JSON.stringify(name)})`].filter((word) => word !== "").join(
      " ",
    );
    const words = where === "" ? `${message}.` : `${where}: ${message}.`;
    if (level === "note") findings.note("configuration", "lint", words);
    else findings.problem("configuration", "lint", words, "stanchion check tells more.");
  }
  if (found.length > 20) {
    findings.note(
      "configuration",
      "more",
      `There are ${found.length - 20} further findings.`,
      "stanchion check tells them all.",
    );
  }
  if (serious.length === 0) {
    findings.ok(
      "configuration",
      "sound",
      "The configuration has no faults, and its rules do what they seem to.",
    );
  }
}

function tellMatch(findings: Findings, { integrations, decision, failure, remarks }: Explained): void {
  const matched = integrations.find(({ outcome }) => outcome === "matches");
  if (failure !== null) {
    const advice = "Mend the integration, or the options of the gate; stanchion explain shows every step.";
    findings.problem(
      "page",
      "failed",
      `The gate fails for this page: ${failure["message"]} [${failure["code"]}].`,
      advice,
    );
    return;
  }
  if (matched === undefined) {
    const message = "No integration matches the page: everybody is let in.";
    findings.note(
      "page",
      "no-match",
      message,
      "If the page is to be protected, compare its URL with the triggers; stanchion explain shows each.",
    );
    return;
  }
  for (const remark of remarks.filter((each) => /verifyAction/.test(each))) {
    findings.note("page", "verified", `${remark}.`);
  }
  const { integration, name, action, triggers } = matched;
  const trigger = triggers.findIndex(({ holds }) => holds);
  const parts = (triggers[trigger]?.parts ?? []).filter(({ holds }) => holds).map(({ says }) => says);
  const by = trigger === -1 ? "" : ` by trigger ${trigger}: ${parts.slice(0, 5).join("; ")}`;
  findings.ok(
    "page",
    "matched",
    `Integration ${integration} ${JSON.stringify(name)} (${action || "no action"}) matches the page${by}.`,
  );
  const location = decision["location"];
  const place = location === undefined ? "" : `, and is sent to ${location}`;
  findings.ok(
    "visit",
    String(decision["action"]),
    `A new visitor gets: ${decision["action"]} (${decision["reason"]})${place}.`,
  );
}

/** Looks for the way to the waiting room, and opens its page where that is allowed. */
async function tellRoom(
  findings: Findings,
  command: QueueItDoctor,
  host: Host,
  { location, api, probe }: {
    readonly location: string | undefined;
    readonly api: string;
    readonly probe: Probe;
  },
): Promise<number | null> {
  if (location === undefined || !URL.canParse(location)) return null;
  const url = withSchemeOf(api, location);
  if (new URL(url).origin !== api) tellWay(findings, await wayTo(url, host, command.timeoutMs), false);
  if (!command.visit) {
    const message = "The waiting room was not asked: its page opens a place in line for whoever looks at it.";
    findings.note("visit", "not-asked", message, "--visit opens the page, and one place in line.");
    return null;
  }
  const [answer] = answersOf([await probe.ask({ what: "The page of the waiting room", url })]);
  if (answer === undefined) {
    findings.problem(
      "visit",
      "no-room",
      "The page of the waiting room was not answered: visitors who wait see an error.",
    );
    return null;
  }
  const { status } = answer;
  const message = `The page of the waiting room is answered with HTTP ${status}.`;
  if (status < 400) findings.ok("visit", "room", message);
  else {
    const advice =
      "Look whether the waiting room of this event id exists, whether its domain is that of the customer, and whether it wants " +
      "an enqueue token, which the gate makes by enqueueToken.";
    findings.problem("visit", "room-failed", message, advice);
  }
  return status;
}

/** A waiting room on the machine of the service is asked as that is: a sandbox may not be encrypted. */
function withSchemeOf(api: string, location: string): string {
  const isSame = api !== "" && new URL(api).host === new URL(location).host;
  return isSame ? `${api}${location.slice(new URL(location).origin.length)}` : location;
}
