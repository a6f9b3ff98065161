import {
  compileConfiguration,
  type ConfigurationReport,
  integrationFaults,
  otherDocument,
  otherText,
} from "../plugins/queue-it/configuration/mod.ts";
import type { Reading } from "./command.ts";
import { lookAtJson } from "./json.ts";

/** Something about a configuration that somebody should know. */
export interface Finding {
  /** `fault`: it cannot be used. `finding`: it does not do what it seems to. `note`: look whether it is meant so. */
  readonly level: "fault" | "finding" | "note";
  readonly code: string;
  /** Where; `""` for the text as a whole. */
  readonly path: string;
  /** The name of the integration; `""` if it has none. */
  readonly name: string;
  readonly message: string;
}

/** What was found. */
export interface Findings {
  readonly version: number | undefined;
  readonly integrations: number;
  readonly findings: readonly Finding[];
}

/** A configuration that was read. */
export interface Loaded {
  readonly configuration: unknown;
  /** What was found out about the text. */
  readonly findings: readonly Finding[];
}

/** What pulled sources and pushes take, unless their owner allows more. */
const usualBytes = 4_194_304;

/** Reads the text of a configuration, which may be wrapped as it is pushed. */
export function loadConfiguration(given: string): Loaded {
  const text = given.startsWith("\ufeff") ? given.slice(1) : given;
  const findings: Finding[] = [];
  const find = (level: Finding["level"], code: string, path: string, message: string) =>
    findings.push({ level, code, path, name: "", message });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { fault } = lookAtJson(text);
    const where = fault === undefined
      ? ""
      : ` (line ${fault.line}, column ${fault.column}: ${fault.message})`;
    find("fault", "not-json", "", `The text is not JSON${where}${otherText(text)}`);
    return { configuration: undefined, findings };
  }
  if (typeof value === "string") {
    find("fault", "unreadable", "", otherDocument(value));
    return { configuration: undefined, findings };
  }
  for (const path of lookAtJson(text).repeated) {
    find("finding", "repeated", path, "The member stands twice in its object, and only the last one counts");
  }
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > usualBytes) {
    find(
      "finding",
      "long",
      "",
      `The text has ${bytes} bytes; sources take ${usualBytes} unless "maxBytes" says more`,
    );
  }
  const pushed = pushedText(value);
  if (pushed === undefined) return { configuration: value, findings };
  const inner = loadConfiguration(pushed);
  return { configuration: inner.configuration, findings: [...findings, ...inner.findings] };
}

/** The configuration within a document as Queue-it pushes it. Its signature is not looked at. */
function pushedText(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("integrationInfo" in value)) return undefined;
  const hex = value.integrationInfo;
  if (typeof hex !== "string" || !/^(?:[0-9a-f]{2})+$/i.test(hex)) return undefined;
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new TextDecoder().decode(bytes);
}

/** The customer's id by the command line, else by the configuration. */
export function customerOf(
  configuration: unknown,
  { customerId }: Pick<Reading, "customerId">,
): string | undefined {
  if (customerId !== undefined) return customerId;
  const own = memberOf(configuration, "CustomerId");
  return typeof own === "string" && /^[\w.-]{1,128}$/.test(own) ? own : undefined;
}

/** Checks and lints a configuration. */
export function findingsOf(text: string, reading: Omit<Reading, "config" | "json">): Findings {
  const { configuration, findings: before } = loadConfiguration(text);
  if (before.some(({ level }) => level === "fault")) {
    return { version: undefined, integrations: 0, findings: before };
  }
  const customerId = customerOf(configuration, reading) ?? "customer";
  // Nobody is sent anywhere, so nobody is told which software it was.
  const compiled = compileConfiguration(
    configuration,
    { customerId, profile: reading.profile, sdk: "" },
    reading,
  );
  if ("message" in compiled) {
    const { path, message } = compiled;
    const fault: Finding = { level: "fault", code: "unreadable", path, name: "", message };
    return { version: undefined, integrations: 0, findings: [...before, fault] };
  }
  const list = integrationsOf(configuration);
  const reports = compiled.reports.flatMap((report) => fromReport(report, list));
  const findings = [...before, ...reports, ...sameNames(list)];
  const order = { fault: 0, finding: 1, note: 2 } as const;
  findings.sort((one, other) => order[one.level] - order[other.level]);
  return { version: compiled.version, integrations: list.length, findings };
}

/** The places of the integrations that the provider passes over, because they have faults. */
export function skippedOf({ findings }: Findings): ReadonlySet<number> {
  return new Set(
    findings.filter(({ code }) => code === "malformed").map(({ path }) =>
      Number(/^Integrations\.(\d+)/.exec(path)?.[1])
    ),
  );
}

/** The integrations as they stand in the configuration. */
export function integrationsOf(configuration: unknown): readonly unknown[] {
  const list = memberOf(configuration, "Integrations");
  return Array.isArray(list) ? list : [];
}

/** A member of what may be an object. */
export function memberOf(value: unknown, name: string): unknown {
  // Own members only, read as unknown.
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

const levels: Readonly<Record<ConfigurationReport["code"], Finding["level"]>> = {
  malformed: "fault",
  unusable: "fault",
  damaged: "fault",
  "unknown-validator": "finding",
  "unknown-operator": "finding",
  "unknown-part": "finding",
  "unknown-logic": "finding",
  "unknown-action": "finding",
  "operand-type": "finding",
  "flag-type": "finding",
  impossible: "finding",
  literal: "finding",
  "negated-wildcard": "finding",
  "empty-contains": "finding",
  "empty-and": "finding",
  never: "finding",
  shadowed: "finding",
  "other-customer": "finding",
  always: "note",
  empty: "note",
  "no-action": "note",
  evadable: "note",
};

/** Those that the provider skips at their first fault are looked at to their end. */
function fromReport(report: ConfigurationReport, list: readonly unknown[]): readonly Finding[] {
  const { code, path, name, message, integration } = report;
  const level = levels[code];
  if (code !== "malformed" || integration === undefined) return [{ level, code, path, name, message }];
  return integrationFaults(list[integration]).map((fault) => ({
    level,
    code,
    path: `Integrations.${integration}${fault.path === "" ? "" : `.${fault.path}`}`,
    name,
    message: `${fault.message}; the integration is skipped`,
  }));
}

function sameNames(list: readonly unknown[]): readonly Finding[] {
  const findings: Finding[] = [];
  const first = new Map<string, number>();
  for (const [index, entry] of list.entries()) {
    const given = memberOf(entry, "Name");
    const name = typeof given === "string" ? given : "";
    const other = first.get(name);
    if (name !== "" && other !== undefined) {
      const path = `Integrations.${index}.Name`;
      const message = `Integration ${other} has the same name, so logs cannot tell them apart`;
      findings.push({ level: "finding", code: "same-name", path, name, message });
    }
    if (other === undefined) first.set(name, index);
  }
  return findings;
}
