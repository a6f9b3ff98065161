/** Functions of the waiting page's script, without the page. */

import { plainSource as source } from "../../../plugins/waiting-room/page/script-variants.ts";
import type { Texts } from "../../../plugins/waiting-room/page/texts.ts";

/** What the script has from its page, by the names that it has there. */
export type Given = Readonly<Record<string, unknown>>;

/** Functions of the script, taken out of it, with the words of a language. */
export function ofScript<T>(texts: Texts, names: readonly string[], given: Given = {}): T {
  const start = source.slice(source.indexOf("  const { language }"), source.indexOf("  const part ="));
  const numbers = source.slice(source.indexOf("  const count ="), source.indexOf("  function estimate("));
  const parts = names.map((name) => {
    const at = source.indexOf(`  function ${name}(`);
    return source.slice(at, source.indexOf("\n  }\n", at) + 4);
  });
  const all: Given = { texts, view: {}, document: undefined, ...given };
  // The text is ours; only here it is more than a text.
  const made = new Function(
    ...Object.keys(all),
    `${start}${numbers}${parts.join("\n")}; return { ${names} };`,
  );
  return made(...Object.values(all)) as T;
}
