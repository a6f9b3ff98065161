/** A part of a header that lists what a client wants, and how much it wants it: from 0, not at all, to 1. */
export interface Wish {
  /** In lower case. */
  readonly value: string;
  readonly q: number;
}

/** The parts of a header such as `Accept` or `Accept-Language`, the most wanted first (RFC 9110, section 12.4.2). */
export function qualityList(header: string): readonly Wish[] {
  // What is quoted may have commas in it, and is never a quality.
  return header.replaceAll(/"(?:[^"\\]|\\.)*"?/g, "").split(",").map((element) => {
    const [value = "", ...parameters] = element.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((each) => /^q\s*=/.test(each))?.replace(/^q\s*=\s*/, "") ?? "";
    return { value, q: qualityOf(quality) };
  }).toSorted((a, b) => b.q - a.q);
}

/** What is no number counts as if it were not there. */
function qualityOf(text: string): number {
  const q = text === "" ? 1 : Number(text);
  return Number.isNaN(q) ? 1 : Math.min(Math.max(q, 0), 1);
}
