/** Where two values differ. */

/** The first difference of two plain values as a sentence, or `undefined` where they are the same. */
export function differenceOf(actual: unknown, expected: unknown, path = ""): string | undefined {
  if (Object.is(actual, expected) || (actual === 0 && expected === 0)) return undefined;
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return `${path === "" ? "it" : path} is ${textOf(actual)}, and should be ${textOf(expected)}`;
  }
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = differenceOf(actual[name], expected[name], path === "" ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
