import type { Sample } from "../../src/telemetry/histogram.ts";

/** What belongs under one name. */
export interface Family {
  /** Without `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** With which the name ends. */
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What is counted, under the name of the gate. */
export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `stanchion_${name}`, type: "counter", help, samples };
}

/** What is measured, under the name of the gate. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: `stanchion_${name}`, type: "gauge", help, samples };
}

/** The forms in which metrics are written. */
export type Format = "text" | "openmetrics";

/** Their media types. */
export const mediaTypes: Readonly<Record<Format, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** Writes labels as they stand in braces. The names are ours, the values are anybody's. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`).join(",");
}

/**
 * Writes families in the text format 0.0.4 of Prometheus, or in OpenMetrics 1.0, which names counters without
 * `_total`, writes every bound of a bucket as a float, and ends with a mark.
 */
export function expose(families: readonly Family[], format: Format): string {
  const isOpen = format === "openmetrics";
  const lines: string[] = [];
  for (const { name, type, unit, help, samples } of families) {
    const counted = type === "counter" ? `${name}_total` : name;
    const title = isOpen ? name : counted;
    lines.push(`# HELP ${title} ${help}`, `# TYPE ${title} ${type}`);
    if (isOpen && unit !== undefined) lines.push(`# UNIT ${title} ${unit}`);
    for (const { suffix = "", labels = "", le, value } of samples) {
      const bound = le === undefined ? "" : `le="${boundText(le, isOpen)}"`;
      const all = labels !== "" && bound !== "" ? `${labels},${bound}` : labels + bound;
      lines.push(`${counted}${suffix}${all === "" ? "" : `{${all}}`} ${numberText(value)}`);
    }
  }
  if (isOpen) lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

/**
 * The format that an `Accept` header asks for: OpenMetrics only where it is named in a version that we write, and
 * wanted at least as much as the plain one.
 */
export function formatFor(accept: string | null): Format {
  let open = 0;
  let text = 0;
  for (const range of (accept ?? "").slice(0, 2000).toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const valueOf = (name: string) =>
      parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1).replaceAll('"', "");
    const weight = valueOf("q") ?? "1";
    const q = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
    const version = valueOf("version");
    if (type === "application/openmetrics-text") {
      if (version === undefined || version === "1.0.0") open = Math.max(open, q);
    } else if (
      type === "text/plain" ? version === undefined || version === "0.0.4" : /^(?:text|\*)\/\*$/.test(type)
    ) {
      text = Math.max(text, q);
    }
  }
  return open > 0 && open >= text ? "openmetrics" : "text";
}

function escaped(value: string): string {
  return value.toWellFormed().replaceAll(/[\\"\n]/g, (char) => char === "\n" ? "\\n" : `\\${char}`);
}

function boundText(le: number, isFloat: boolean): string {
  return isFloat && Number.isInteger(le) && le < 1e21 ? `${le}.0` : numberText(le);
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
