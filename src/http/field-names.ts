/**
 * The names of fields of forms, in which applications see members of members: `a[b]`, `a[b][]`, `a.b`. Each kind of parser
 * has rules of its own for what is not written properly.
 */

/** A name in the notations in which an owner may have written it. */
export interface Names {
  /** As forms have it, before `=`. */
  readonly form: readonly string[];
  /** As JSON has it: what stands before the value, and behind. */
  readonly json: readonly (readonly [before: string, after: string])[];
}

/** Members from the outermost to the innermost; {@linkcode list} stands for an element of a list. */
type Path = readonly string[];

/** Stands in a path for an element of a list, whichever it is. */
const list = "[]";

/** Names that have no structure, and so no other notation. */
export function isPlainName(name: string): boolean {
  return /^[\w-]*$/.test(name);
}

/** Tells the notations of a name; the first is the name itself. */
export function namesOf(name: string): Names {
  if (isPlainName(name)) return { form: [name], json: [asMember([name])] };
  // Of a name of enormous length the ends count, where the innermost member stands and the outermost.
  const isLong = name.length > longestName;
  const bare = (isLong ? name.slice(-longestName) : name).replace(/^[\s!]+/, "");
  const tokens = tokensOf(bare);
  const groups = isLong ? [] : groupsOf(bare, /\[\s*([^[\]]*)\]/g);
  const php = (isLong ? [] : groupsOf(bare, /\[\s*([^\]]*)\]/gy)).map((token, at) =>
    at === 0 ? asVariable(token) : token
  );
  // What stands behind a NUL, a type or something else that does not belong there is passed over by some.
  const start = name.slice(0, longestName).replace(/^[\s!]+/, "");
  const first = start.split(/[[\].:\0]/).find((part) => part !== "") ?? "";
  const paths = [[name], tokens, groups, php, [first]];
  const flat = paths.map((path) => path.filter((token) => token !== list));
  return {
    form: distinct([
      name,
      ...[tokens, php, groups].flatMap((path) => [withDots(path), inBrackets(path)]),
      first,
    ]),
    json: distinct([...paths, ...flat].filter(({ length }) => length > 0), String).map(asMember),
  };
}

/** Nobody looks for a name that is longer. */
const longestName = 256;

/** Every bracket and dot divides. */
function tokensOf(name: string): Path {
  return [...name.matchAll(/\[\s*(?:\d+\s*)?\]|[^[\].]+/g)].map(([token]) =>
    token.startsWith("[") ? list : token.trim().replace(/^'(.*)'$|^"(.*)"$/s, "$1$2")
  ).filter((token) => token !== "");
}

/** Only brackets divide, and what stands between and behind them is left out; to some it ends the name. */
function groupsOf(name: string, group: RegExp): Path {
  const open = name.indexOf("[");
  if (open === -1 || !name.includes("]", open)) return [name];
  const path = open === 0 ? [] : [name.slice(0, open)];
  for (const [, token = ""] of name.slice(open).matchAll(group)) {
    path.push(/^\d*\s*$/.test(token) ? list : token);
  }
  return path;
}

/** As PHP has it: a NUL ends a name, and what stands in no name of a variable becomes an underscore. */
function asVariable(name: string): string {
  return (name.split("\0")[0] ?? "").replace(/[ .[]/g, "_");
}

/** A path without the elements of lists, which is how most look at the only one. */
function withDots(path: Path): string {
  return path.filter((name) => name !== list).join(".");
}

function inBrackets(path: Path): string {
  return path.map((name, at) => at === 0 || name === list ? name : `[${name}]`).join("");
}

function asMember(path: Path): readonly [before: string, after: string] {
  let before = "";
  let after = "";
  path.forEach((name, at) => {
    const isElement = name === list && at > 0;
    if (at > 0) {
      before += isElement ? "[" : "{";
      after = (isElement ? "]" : "}") + after;
    }
    if (!isElement) before += `${JSON.stringify(name)}:`;
  });
  return [before, after];
}

function distinct<T>(values: readonly T[], key: (value: T) => unknown = (value) => value): readonly T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()].filter((value) => value !== "");
}
