import { isToken } from "./page-url.ts";

/** Looks at the properties of a value from outside; what is no object has none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  // Every property is read as unknown, whatever the object is.
  return typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {};
}

/**
 * What an error answer says, for a message. Only plain words pass: tokens, keys, addresses and URLs are none.
 *
 * @returns The text with a colon before it, or nothing.
 */
export function complaintOf(answer: unknown): string {
  const { error, message } = fieldsOf(answer);
  const text = [error, message].find((said) => typeof said === "string" && said !== "");
  if (typeof text !== "string") return "";
  const words = text.slice(0, 200).trim().split(/\s+/);
  return `: ${words.map((word) => isPlain(word) ? word : "…").join(" ")}`;
}

function isPlain(word: string): boolean {
  const [letters = ""] = /[A-Za-z]+/.exec(word) ?? [];
  return /^["'(]*(?:[A-Za-z][a-z]{0,15}|[A-Z]{2,5})["').,:;!?]*$/.test(word) &&
    (/^tokens?$/.test(letters) || !isToken(letters));
}
