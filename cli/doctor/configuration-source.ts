import { UsageError } from "../arguments.ts";
import { textOf } from "../files.ts";
import { customerOf, loadConfiguration, memberOf } from "../findings.ts";
import type { Host } from "../host.ts";
import { type CallTelling, tellCalls, tellMalformed } from "./answers.ts";
import type { Findings } from "./check.ts";
import type { QueueItDoctor } from "./command.ts";
import { type Answer, answersOf, type Probe } from "./probe.ts";
import { tellProxy, tellWay, wayTo } from "./way.ts";

/** A configuration, and what was heard on the way to it. */
export interface LoadedConfiguration {
  /** Where the service was asked; `""` where it was not. */
  readonly api: string;
  /** Where the text comes from, for messages. */
  readonly from: string;
  /** `undefined` where none could be had. */
  readonly text: string | undefined;
  readonly answers: readonly Answer[];
}

const telling: CallTelling = {
  key: "api key",
  limitMs: 4000,
  slow: "Visitors wait for the configuration only until there is a first one.",
};

/** Gets the configuration from a file, from an address or from the service; a file is compared with that of the service. */
export async function loadFor(
  findings: Findings,
  command: QueueItDoctor,
  host: Host,
  apiKey: string | undefined,
  probe: Probe,
): Promise<LoadedConfiguration> {
  const { config, apiUrl } = command;
  if (config !== undefined && /^https?:/i.test(config)) {
    return await ask(findings, host, config, apiKey, probe);
  }
  const text = config === undefined ? undefined : await textOf(config, host);
  const customerId = text === undefined
    ? command.customerId
    : customerOf(loadConfiguration(text).configuration, command);
  if (text === undefined && apiKey === undefined) {
    throw new UsageError(
      "Where is the configuration? STANCHION_API_KEY in the environment or --api-key-file, by which the service is asked " +
        "for it; or --config with a file or an address",
    );
  }
  if (customerId === undefined) {
    if (text === undefined) throw new UsageError("Whose configuration? --customer-id <id>");
    tellUnasked(findings);
    return { api: "", from: config === "-" ? "(standard input)" : config ?? "", text, answers: [] };
  }
  const base = apiUrl ?? `https://${customerId}.queue-it.net`;
  const url = `${base}/status/integrationconfig/secure/${encodeURIComponent(customerId)}`;
  if (apiKey === undefined) {
    return {
      ...await greet(findings, host, url, probe),
      from: config === "-" ? "(standard input)" : config ?? "",
      text,
    };
  }
  const asked = await ask(findings, host, url, apiKey, probe);
  if (text === undefined) return asked;
  if (asked.text !== undefined) compare(findings, text, asked.text);
  return { ...asked, from: config === "-" ? "(standard input)" : config ?? "", text };
}

function tellUnasked(findings: Findings): void {
  const message =
    "The service was not asked, for nobody says whose configuration this is: neither way nor clock are known.";
  findings.note("way", "not-asked", message, "Give --customer-id.");
}

async function ask(
  findings: Findings,
  host: Host,
  url: string,
  apiKey: string | undefined,
  probe: Probe,
): Promise<LoadedConfiguration> {
  const { origin } = new URL(url);
  const way = await wayTo(url, host, probe.timeoutMs);
  const headers: Record<string, string> = { accept: "application/json", "user-agent": "queueit-connector" };
  if (apiKey !== undefined) headers["api-key"] = apiKey;
  const heard = await probe.repeat({ what: "The integration configuration", url, headers }, 3);
  const answers = answersOf(heard);
  tellWay(findings, way, answers.length > 0);
  if (answers.length === 0) tellProxy(findings, host);
  const text = tellCalls(findings, heard, { ...telling, fault: way.fault?.kind });
  const loaded = { api: origin, from: origin, text: undefined, answers };
  if (text === undefined) return loaded;
  const { configuration } = loadConfiguration(text);
  if (!Array.isArray(memberOf(configuration, "Integrations"))) {
    tellMalformed(findings, "The integration configuration", text);
    return loaded;
  }
  if (apiKey !== undefined) findings.ok("key", "accepted", "The service accepts the api key.");
  return { ...loaded, text };
}

/** Finds out without a key whether the service is there, and what time it is: by what refuses, and opens nothing. */
async function greet(
  findings: Findings,
  host: Host,
  url: string,
  probe: Probe,
): Promise<Pick<LoadedConfiguration, "api" | "answers">> {
  const way = await wayTo(url, host, probe.timeoutMs);
  const heard = await probe.repeat({ what: "The service", url, method: "HEAD" }, 2);
  const answers = answersOf(heard);
  tellWay(findings, way, answers.length > 0);
  if (answers.length === 0) tellProxy(findings, host);
  // Without a key it refuses, which is an answer.
  const refusals = answers.filter(({ status }) => status === 401 || status === 403);
  if (refusals.length < answers.length || answers.length === 0) {
    tellCalls(findings, heard, { ...telling, fault: way.fault?.kind });
  } else {
    const times = refusals.map(({ ms }) => ms).join(" and ");
    findings.ok(
      "way",
      "answered",
      `The service answers, in ${times} ms; without an api key it tells no configuration.`,
    );
  }
  return { api: new URL(url).origin, answers };
}

function compare(findings: Findings, ours: string, theirs: string): void {
  const versionOf = (text: string) => memberOf(loadConfiguration(text).configuration, "Version");
  const [own, served] = [versionOf(ours), versionOf(theirs)];
  if (own === served) {
    return findings.ok(
      "configuration",
      "same-version",
      `The service has the same version as the file, ${own}.`,
    );
  }
  const message = `The file has version ${own}, and the service ${served}.`;
  findings.problem(
    "configuration",
    "other-version",
    message,
    "Fetch the file again, or let the gate do it: pulledSource().",
  );
}
