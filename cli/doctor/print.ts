import { type Check, type Report, topics } from "./check.ts";
import { type CrowdhandlerReport, patternOf } from "./crowdhandler.ts";
import type { QueueItReport } from "./queue-it.ts";

const headings: Readonly<Record<Check["topic"], string>> = {
  way: "The way to the service",
  key: "The keys",
  clock: "The clock",
  configuration: "The configuration",
  rooms: "The rooms",
  page: "The page",
  address: "The visitor's address",
  token: "The token",
  visit: "What visitors get",
};

/** More rooms or integrations than this are not listed. */
const shown = 20;

/** The report about CrowdHandler, in sentences. */
export function printCrowdhandler(report: CrowdhandlerReport): string {
  const { rooms } = report;
  const list = rooms.slice(0, shown).map((room) => {
    const mark = room.slug === report.room && room.covers ? "*" : " ";
    const fault = room.fault === null ? "" : ` (skipped: ${room.fault})`;
    return `    ${mark} ${room.slug || "(without a slug)"}: ${patternOf(room)}${fault}`;
  });
  if (rooms.length > shown) list.push(`      and ${rooms.length - shown} more (--json tells all)`);
  return printed(report, { rooms: list });
}

/** The report about Queue-it, in sentences. */
export function printQueueIt(report: QueueItReport): string {
  const { configuration, explained } = report;
  const list: string[] = [];
  if (configuration !== null) {
    const { from, version, integrations } = configuration;
    list.push(
      `    from ${from}, version ${version ?? "unknown"}, ${integrations} integration${
        integrations === 1 ? "" : "s"
      }`,
    );
  }
  for (const { integration, name, action, outcome } of (explained?.integrations ?? []).slice(0, shown)) {
    list.push(
      `    ${outcome === "matches" ? "*" : " "} ${integration} ${JSON.stringify(name)} (${
        action || "no action"
      })`,
    );
  }
  return printed(report, { configuration: list });
}

function printed(
  { service, page, api, checks }: Report,
  lists: Readonly<Partial<Record<Check["topic"], readonly string[]>>>,
): string {
  const lines = [`${service}${api === "" ? "" : ` at ${api}`}, asked about ${page}`];
  for (const topic of topics) {
    const own = checks.filter((check) => check.topic === topic);
    const list = lists[topic] ?? [];
    if (own.length === 0 && list.length === 0) continue;
    lines.push("", headings[topic], ...own.flatMap(linesOf), ...list);
  }
  const count = (level: Check["level"]) => checks.filter((check) => check.level === level).length;
  const [problems, notes] = [count("problem"), count("note")];
  const counted = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  lines.push(
    "",
    problems + notes === 0 ? "All is well." : `${counted(problems, "problem")}, ${counted(notes, "note")}`,
  );
  return lines.join("\n");
}

function linesOf({ level, message, advice }: Check): readonly string[] {
  const line = `  ${level.padEnd(8)} ${message}`;
  return advice === null ? [line] : [line, `${" ".repeat(11)}${advice}`];
}
