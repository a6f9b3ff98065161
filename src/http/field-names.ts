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
  const php = isLong ? [] : bracketed(bare);
  // What stands behind a NUL, a type or something else that does not belong there is passed over by some.
  const start = name.slice(0, longestName).replace(/^[\s!]+/, "");
  const first = start.split(/[[\].:\0]/).find((part) => part !== "") ?? "";
  const flat = tokens.filter((token) => token !== list);
  return {
    form: distinct([name, withDots(tokens), inBrackets(tokens), withDots(php), inBrackets(php), first]),
    json: distinct([[name], tokens, flat, php, [first]].filter(({ length }) => length > 0), String).map(
      asMember,
    ),
  };
}

/** Nobody looks for a name that is longer. */
const longestName = 256;

/** Every bracket and dot divides. */
function tokensOf(name: string): Path {
  return [...name.matchAll(/\[\s*(?:\d+\s*)?\]|[^[\].]+/g)].map(([token]) =>
    token.startsWith("[") ? list : token.trim().replace(/^'(.*)'$|^"(.*)"$/s, "$1$2")
  );
}

/** As PHP has it: what is no name of a variable becomes an underscore, and what stands behind the brackets is left out. */
function bracketed(name: string): Path {
  const open = name.indexOf("[");
  const isOpen = open > 0 && name.includes("]", open);
  const [head = ""] = (isOpen ? name.slice(0, open) : name).split("\0");
  const path = [head.replace(/[ .[]/g, "_")];
  if (!isOpen) return path;
  const group = /\[\s*([^\]]*)\]/y;
  group.lastIndex = open;
  for (let token = group.exec(name)?.[1]; token !== undefined; token = group.exec(name)?.[1]) {
    path.push(/^\d*\s*$/.test(token) ? list : token);
  }
  return path;
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
