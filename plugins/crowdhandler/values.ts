const wellFormedToken = /^tok[A-Za-z0-9_-]{1,124}$/;

/** Looks at the properties of a value from outside; what is no object has none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Every property is read as unknown, whatever the object is.
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}

/** Tells whether a value from wherever is a token. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && wellFormedToken.test(value);
}

/** Tells whether a text can be one segment of a path: encoding helps against slashes, but not against dots. */
export function isSegment(text: unknown): text is string {
  return typeof text === "string" && text !== "" && text.length <= 512 && text.isWellFormed() &&
    text !== "." && text !== "..";
}
