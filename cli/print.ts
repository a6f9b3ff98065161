import type { Explained, IntegrationView } from "./explain.ts";
import type { Finding, Findings } from "./findings.ts";

/** More integrations than this are named only, but for the one that decides. */
const shown = 20;

/** What a terminal would obey, or show in another place, is spelled out. */
export function plain(text: string): string {
  return text.replaceAll(
    /[^\P{C}\n]|\p{Zl}|\p{Zp}/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same within a line, which a line break would end. */
export function plainInLine(text: string): string {
  return plain(text).replaceAll("\n", "\\u{a}");
}

/** The same for JSON, whose readers understand it. */
export function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /[^\P{C}\n]|\p{Zl}|\p{Zp}/gu,
    (character) =>
      [...Array(character.length).keys()].map((at) =>
        `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`
      ).join(""),
  );
}

/** The findings, one on a line. */
export function printFindings({ version, integrations, findings }: Findings, config: string): string {
  const count = (level: Finding["level"]) =>
    counted(findings.filter((each) => each.level === level).length, level);
  const lines = findings.map(({ level, code, path, name, message }) => {
    const where = [path || config, ...(name === "" ? [] : [`(${JSON.stringify(name)})`])].join(" ");
    return `${level.padEnd(7)}  ${where}: ${message} [${code}]`;
  });
  const what = version === undefined
    ? config
    : `${config}: version ${version}, ${counted(integrations, "integration")}`;
  lines.push(`${what}: ${count("fault")}, ${count("finding")}, ${count("note")}`);
  return lines.join("\n");
}

/** The explanation, from the rules to the decision. */
export function printExplained(explained: Explained): string {
  const { request, version, integrations, mode: _mode, steps, decision, failure, headers, remarks } =
    explained;
  const lines = [`${request.method} ${request.url}`, "", `Integrations, in version ${version}`];
  if (integrations.length === 0) lines.push("  none");
  const isShort = integrations.length <= shown;
  for (const view of integrations) lines.push(...viewLines(view, isShort || view.outcome === "matches"));
  if (!isShort) lines.push("  (--json tells every part of every trigger)");
  lines.push("", "The gate");
  for (const { hook, plugin, said, notes } of steps) {
    lines.push(
      `  ${hook.padEnd(8)} ${plugin.padEnd(15)} ${said}`,
      ...notes.map((note) => `${" ".repeat(27)}${note}`),
    );
  }
  if (failure !== null) lines.push("", `Failure: ${failure["message"]} [${failure["code"]}]`);
  lines.push("", `Decision: ${decision["action"]}, because ${decision["reason"]}`);
  for (const name of ["location", "status"]) {
    if (decision[name] !== undefined) lines.push(`  ${name} ${decision[name]}`);
  }
  for (const [name, value] of headers) lines.push(`  ${name}: ${value}`);
  if (remarks.length > 0) lines.push("", ...remarks);
  return lines.join("\n");
}

const outcomes: Readonly<Record<IntegrationView["outcome"], string>> = {
  matches: "matches",
  no: "does not match",
  later: "not asked, an earlier one matches",
  skipped: "skipped, because it has faults; see stanchion check",
};

function viewLines(
  { integration, name, action, outcome, triggers }: IntegrationView,
  isLong: boolean,
): string[] {
  const lines = [`  ${integration} ${JSON.stringify(name)} (${action || "no action"}): ${outcomes[outcome]}`];
  if (!isLong || outcome === "later" || outcome === "skipped") return lines;
  for (const [at, trigger] of triggers.entries()) {
    lines.push(`    trigger ${at} (${trigger.operator}): ${trigger.holds ? "holds" : "does not hold"}`);
    for (const part of trigger.parts) lines.push(`      ${part.holds ? "yes" : "no "} ${part.says}`);
  }
  return lines;
}

/** A number of things. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
