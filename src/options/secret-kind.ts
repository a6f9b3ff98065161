/** What may be said of a secret: never itself, only what kind of thing it is. */

/** What becomes of a variable that is not set when it is put into a text. */
const unset: readonly unknown[] = ["", "undefined", "null", "NaN", "[object Object]"];

/** Whether a text is what an environment leaves behind that does not know a variable. */
export function isUnset(text: string): boolean {
  return unset.includes(text.trim());
}

/** Describes what was given in place of a secret, by its length or its kind. */
export function kindOfSecret(value: unknown): string {
  if (value === undefined) return "undefined: is the variable set?";
  if (typeof value === "string") return kindOfText(value);
  if (Array.isArray(value)) {
    const wrong = value.findIndex((each) => typeof each !== "string" || isUnset(each));
    const also = wrong === -1
      ? lengthsOf(value)
      : `, of which number ${wrong} is ${kindOfSecret(value[wrong])}`;
    return value.length === 0 ? "an empty list" : `a list of ${value.length}${also}`;
  }
  return value === null ? "null" : `something of the type ${typeof value} (not shown)`;
}

function lengthsOf(texts: readonly string[]): string {
  const lengths = texts.slice(0, 16).map((text) => text.length).join(", ");
  return `, with ${lengths} characters (not shown)`;
}

function kindOfText(text: string): string {
  if (isUnset(text)) {
    return `${text.trim() === "" ? "an empty text" : `the text "${text.trim()}"`}: is the variable set?`;
  }
  const [odd] = oddities.find(([, pattern]) => pattern.test(text)) ?? [""];
  return `a text of ${text.length} characters${odd} (not shown)`;
}

/** What befalls a secret on its way through shells, files and consoles. */
const oddities: readonly (readonly [what: string, pattern: RegExp])[] = [
  [" with a byte-order mark", /^\ufeff/],
  [" with a line break", /[\r\n]/],
  [" in quotation marks", /^(["'`]).*\1$/],
  [" with a blank at an end", /^\s|\s$/],
  [" with a blank", /\s/],
  [" with others than those of ASCII", /[^\0-\x7f]/],
];

/** Words that stand in examples, and in templates of configuration, for a secret of one's own. */
const placeholders: readonly RegExp[] = [
  // "your-public-key", "<api key>", "${KEY}", "{{ secret }}", "xxxx"
  /^(?:your|my|insert|enter|replace|put|paste|add)[-_ ]/i,
  /^(?:<.*>|\{.*\}|\[.*\]|\$\{?\w+\}?|\$\(.*\)|%\w+%)$/,
  /^(?:x{3,}|\*{3,}|\.{3,}|-{3,}|_{3,}|0{3,}|12345\d*)$/i,
  /^(?:change[-_ ]?(?:me|it|this)|to[-_]?do|tbd|fix[-_]?me|place[-_]?holder|example|sample|dummy|foo|bar)$/i,
  /^(?:the[-_ ]?)?(?:public|private|secret|api|access)[-_ ]?(?:key|secret|token)$/i,
  // The name of the variable in place of its value.
  /^(?=.*_)[A-Z][A-Z0-9_]*(?:KEY|SECRET|TOKEN)S?$/,
];

/** Whether a secret looks like a word that stands for one. Real ones are random: none of them does. */
export function isPlaceholder(secret: string): boolean {
  return placeholders.some((pattern) => pattern.test(secret.trim()));
}
