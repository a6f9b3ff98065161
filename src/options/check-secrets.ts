import { secretError, type Subject } from "./check.ts";

/** Refuses secrets that are not a list of texts. What is wrong is never shown. */
export function checkSecretKeys(subject: Subject, secretKeys: unknown): void {
  const must = "a list of secret keys, none of them empty";
  if (!Array.isArray(secretKeys) || secretKeys.length === 0) throw secretError(subject, "secretKeys", must);
  for (const key of secretKeys) {
    if (typeof key !== "string" || key.trim() === "") throw secretError(subject, "secretKeys", must);
  }
}
