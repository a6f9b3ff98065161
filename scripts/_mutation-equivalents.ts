/** The survivors that docs/mutation-equivalent.json lists, because no test can notice them. */

import { readFileSync } from "node:fs";
import { root } from "./_tools.ts";

/** A file that Stryker changed, as far as its report is read here. */
export interface ChangedFile {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

/** One change of a file. */
export interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Changes that make no difference, for one reason. */
interface Equivalents {
  readonly reason: string;
  readonly mutants: readonly Change[];
}

/** A change, wherever it is made in a line with this text. Blanks count as one, and long texts are cut. */
interface Change {
  /** The line in which it begins. */
  readonly line: string;
  readonly mutator: string;
  /** What was replaced, and by what. */
  readonly from: string;
  readonly to: string;
}

// Written by hand, by file.
const listed = JSON.parse(readFileSync(`${root}docs/mutation-equivalent.json`, "utf8")) as Readonly<
  Record<string, readonly Equivalents[]>
>;

function listedOf(file: string): readonly Change[] {
  return (listed[file] ?? []).flatMap(({ mutants }) => mutants);
}

/** Whether a mutant survived, and is listed. */
export function isEquivalent(file: string, source: string, mutant: Mutant): boolean {
  return survived(mutant) && listedOf(file).some((each) => isSame(each, changeOf(source, mutant)));
}

/** What is listed for a file, and is no survivor: a test notices it after all, or the source was changed. */
export function unusedEquivalents(file: string, { source, mutants }: ChangedFile): readonly string[] {
  const changes = mutants.filter(survived).map((mutant) => changeOf(source, mutant));
  return listedOf(file)
    .filter((each) => !changes.some((change) => isSame(each, change)))
    .map(({ line, mutator, from, to }) => `${mutator} of "${from}" to "${to}" in "${line}"`);
}

function survived({ status }: Mutant): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** A change, as it is listed. */
export function changeOf(source: string, mutant: Mutant): Change {
  const { mutatorName: mutator, replacement = "", location: { start, end } } = mutant;
  const lines = source.split("\n");
  const at = ({ line, column }: Place) =>
    lines.slice(0, line - 1).join("\n").length + (line > 1 ? column : column - 1);
  return {
    line: inShort(lines[start.line - 1] ?? ""),
    mutator,
    from: inShort(source.slice(at(start), at(end))),
    to: inShort(replacement),
  };
}

function inShort(text: string): string {
  return text.trim().replaceAll(/\s+/g, " ").slice(0, 160);
}

function isSame(a: Change, b: Change): boolean {
  return a.line === b.line && a.mutator === b.mutator && a.from === b.from && a.to === b.to;
}
