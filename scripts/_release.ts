/** What a release does to texts: pure, so that it can be tested without releasing. */

import { repositoryFields, variable } from "./_repository.mjs";

/** A release that cannot be made. Its message says what to do. */
export class ReleaseError extends Error {
  override readonly name: string = "ReleaseError";
}

const versionForm = /^(\d+)\.(\d+)\.(\d+)(?:-([a-z]+)\.(\d+))?$/;

/** Checks that a version has the right form and does not go back behind the current one. */
export function checkVersion(version: string, current: string): void {
  const wanted = parse(version);
  if (wanted === undefined) {
    throw new ReleaseError(
      `"${version}" is no version. Give one such as 1.2.3 or 1.2.3-rc.1 with --version.`,
    );
  }
  const given = parse(current);
  if (given !== undefined && compare(wanted, given) < 0) {
    throw new ReleaseError(
      `${version} comes before ${current}, the version of the manifests. Give a later one.`,
    );
  }
}

/** Checks that npm can publish by the identity of a workflow, without a token. */
export function checkNpm(version: string): void {
  const given = parse(version.trim());
  if (given === undefined || compare(given, { numbers: [11, 5, 1], label: undefined, count: 0 }) < 0) {
    throw new ReleaseError(
      `npm ${version.trim()} needs a token to publish. Take the Node whose npm is 11.5.1 or later.`,
    );
  }
}

/**
 * What is wrong with where the repository is said to be, if anything.
 *
 * @param isNamed Whether package.json names it.
 * @param address What the variable says; `""` for nothing.
 */
export function repositoryFault(isNamed: boolean, address: string): string | undefined {
  try {
    if (address !== "") repositoryFields(address);
    else if (!isNamed) {
      return "package.json does not say where the public repository is, which npm compares provenance with. " +
        `Set ${variable} to its address, such as https://github.com/owner/name.`;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return `${error.message}.`;
  }
  return undefined;
}

/**
 * What the README says that is no longer true once there is a release.
 *
 * @param readme The text of README.md.
 * @returns What is wrong with it and what to do, or nothing.
 */
export function statusFault(readme: string): string | undefined {
  return /\bnot released\b|\bno package on npm or JSR\b/.test(readme)
    ? 'README.md says under "Status" that nothing is released. Say there what will be true.'
    : undefined;
}

/** Sets the version of a manifest and leaves the rest of its text alone. */
export function withVersion(manifest: string, version: string): string {
  const field = /^( {2}"version": )"[^"]*"/m;
  if (!field.test(manifest)) throw new ReleaseError('The manifest has no line with its "version". Add one.');
  return manifest.replace(field, `$1"${version}"`);
}

/** A changelog ready for a release, and what it says of it. */
export interface Changes {
  readonly text: string;
  /** The section of the version, without its heading. */
  readonly notes: string;
}

/**
 * Gives the section of a version today's date: the one of that version, or the one that is called unreleased.
 *
 * @param today The date, as 2030-01-15.
 */
export function withDate(changelog: string, version: string, today: string): Changes {
  const headings = [...changelog.matchAll(/^## (.+)$/gm)].map(([line, title = ""]) => ({ line, title }));
  const first = headings[0];
  if (first === undefined) throw new ReleaseError(noSection(version));
  const dated = `## ${version} (${today})`;
  const released = headings.find(({ title }) =>
    title.startsWith(`${version} (`) && !/unreleased/i.test(title)
  );
  if (released !== undefined && released.line !== dated) {
    throw new ReleaseError(
      `CHANGELOG.md has "${released.line}". Give the section today's date, ${today}, or release another version.`,
    );
  }
  if (released === undefined && !/^(?:\S+ \(unreleased\)|unreleased)$/i.test(first.title)) {
    throw new ReleaseError(noSection(version));
  }
  const text = released === undefined ? changelog.replace(first.line, dated) : changelog;
  const [, notes = ""] = text.split(`${dated}\n`);
  const section = notes.split(/^## /m)[0]?.trim() ?? "";
  if (section === "") {
    throw new ReleaseError(`The section of ${version} in CHANGELOG.md is empty. Say what changed.`);
  }
  return { text, notes: section };
}

/** Where npm keeps a version: those before a release are not what people get who name none. */
export function distTag(version: string): string {
  return parse(version)?.label ?? "latest";
}

interface Version {
  readonly numbers: readonly number[];
  readonly label: string | undefined;
  readonly count: number;
}

function parse(text: string): Version | undefined {
  const found = versionForm.exec(text);
  if (found === null) return undefined;
  const [, major, minor, patch, label, count] = found;
  return { numbers: [Number(major), Number(minor), Number(patch)], label, count: Number(count ?? 0) };
}

function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.label === b.label) return a.count - b.count;
  // Whatever has a label comes before the version itself.
  if (a.label === undefined || b.label === undefined) return a.label === undefined ? 1 : -1;
  return a.label < b.label ? -1 : 1;
}

function noSection(version: string): string {
  return `CHANGELOG.md has no section for ${version}. Begin it with "## ${version} (unreleased)" and say what changed.`;
}
