/**
 * Takes the place of `node:test` within workerd: it keeps what test files define, for somebody outside to run. It has
 * what the test files use.
 */

type Run = () => void | Promise<void>;
type Options = { readonly skip?: boolean | string };

/** A test that was defined. */
export interface Collected {
  readonly name: string;
  readonly skip: boolean;
  readonly run: Run;
}

const collected: Collected[] = [];
const groups: string[] = [];
const marks: string[] = [];

/** Everything that was defined so far. */
export function all(): readonly Collected[] {
  return collected;
}

/** Says from which file the tests are that follow. */
export function mark(file: string): void {
  marks.push(file);
}

/** Defines a test. */
export function test(name: string, ...rest: readonly (Options | Run)[]): void {
  const run = rest.find((each): each is Run => typeof each === "function") ?? (() => {});
  const options = rest.find((each): each is Options => typeof each === "object");
  collected.push({
    name: `${marks.at(-1)}: ${[...groups, name].join(" > ")}`,
    skip: Boolean(options?.skip),
    run,
  });
}

/** Defines a group of tests. */
export function describe(name: string, ...rest: readonly (Options | Run)[]): void {
  groups.push(name);
  rest.find((each): each is Run => typeof each === "function")?.();
  groups.pop();
}

/** What has to be set up is not for here: files that need it are left out. */
export function before(): void {
  throw new Error("Test files with hooks are not for workerd");
}

/** As {@linkcode before}. */
export const after = before;
