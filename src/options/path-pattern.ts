/**
 * What other tools write for many paths at once, and what no folder is called: globs, the parameters of routers, and the signs of
 * regular expressions.
 */
const signs = /[*{}|^]|\/:\w|\/\[[^/]*\]|\(\?|\.\+|\$$|\\[dwsb]/;

/** Tells whether a path was meant for a pattern. */
export function isPathPattern(path: string): boolean {
  return signs.test(path);
}

/** The path in front of the first segment that is a pattern; `""` where there is none. */
export function beforePattern(path: string): string {
  const segments = path.split("/");
  const first = segments.findIndex((_, at) => isPathPattern(segments.slice(0, at + 1).join("/")));
  return segments.slice(0, first === -1 ? segments.length : first).join("/");
}
