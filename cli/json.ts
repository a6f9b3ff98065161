/** What a look at JSON finds that `JSON.parse` does not tell. */
export interface JsonLook {
  /** Where the first fault is; `undefined` if there is none. */
  readonly fault: { readonly line: number; readonly column: number; readonly message: string } | undefined;
  /** The paths of members that stand twice in an object: the last one counts. */
  readonly repeated: readonly string[];
}

interface Level {
  /** The names of an object so far; `undefined` for a list. */
  readonly names: Set<string> | undefined;
  /** The name or the number of what is being read. */
  key: string;
  count: number;
}

const space = /[ \t\r\n]*/y;
const string = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const scalar = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y;

/** Goes through a text of JSON, whatever its depth. */
export function lookAtJson(text: string): JsonLook {
  const levels: Level[] = [];
  const repeated: string[] = [];
  let at = 0;

  function skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function fault(expected: string): JsonLook {
    const before = text.slice(0, at);
    const line = before.split("\n").length;
    const column = at - before.lastIndexOf("\n");
    const found = at >= text.length
      ? "the end"
      : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
    const what = text.charCodeAt(at) === 0xfeff ? "a byte-order mark" : found;
    return { fault: { line, column, message: `${expected} expected, found ${what}` }, repeated };
  }

  /** Reads the name of a member, and what is behind it. */
  function name(level: Level): string | undefined {
    const quoted = skip(string);
    if (quoted === undefined) return "The name of a member";
    level.key = String(JSON.parse(quoted));
    if (level.names?.has(level.key)) {
      const path = levels.map(({ key }) => key).join(".");
      if (repeated.length < 100) repeated.push(path);
    }
    level.names?.add(level.key);
    skip(space);
    if (text[at] !== ":") return '":"';
    at++;
    skip(space);
    return undefined;
  }

  skip(space);
  for (;;) {
    // A value begins here.
    const opening = text[at];
    if (opening === "{" || opening === "[") {
      at++;
      skip(space);
      const level: Level = { names: opening === "{" ? new Set() : undefined, key: "0", count: 0 };
      levels.push(level);
      if (text[at] !== (opening === "{" ? "}" : "]")) {
        const missing = opening === "{" ? name(level) : undefined;
        if (missing !== undefined) return fault(missing);
        continue;
      }
      at++;
      levels.pop();
    } else if ((skip(string) ?? skip(scalar)) === undefined) {
      return fault("A value");
    }
    // A value ended here, and with it perhaps what it stands in.
    for (;;) {
      skip(space);
      const level = levels.at(-1);
      if (level === undefined) return at === text.length ? { fault: undefined, repeated } : fault("The end");
      if (text[at] === ",") {
        at++;
        skip(space);
        level.key = String(++level.count);
        const missing = level.names === undefined ? undefined : name(level);
        if (missing !== undefined) return fault(missing);
        break;
      }
      const closing = level.names === undefined ? "]" : "}";
      if (text[at] !== closing) return fault(`"," or "${closing}"`);
      at++;
      levels.pop();
    }
  }
}
