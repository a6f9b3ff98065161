import { secretError, type Subject } from "./check.ts";
import { isUnset } from "./secret-kind.ts";

/** Refuses what is not a list of secrets, each accepted by `accepts`. What is wrong is never shown, but of what kind it is. */
export function checkSecretList(
  subject: Subject,
  option: string,
  value: unknown,
  must: string,
  accepts: (secret: string) => boolean,
  maxCount: number = Number.POSITIVE_INFINITY,
): void {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= maxCount;
  const isSecret = (secret: unknown) => typeof secret === "string" && !isUnset(secret) && accepts(secret);
  // A place that was left out, as between two commas, is one that no method of lists looks at.
  if (!isList || ![...value].every(isSecret)) throw secretError(subject, option, must, value);
}

/** Refuses secret keys that are not a list of texts. */
export function checkSecretKeys(subject: Subject, secretKeys: unknown): void {
  const must = "a list of secret keys, none of them empty";
  checkSecretList(subject, "secretKeys", secretKeys, must, (key) => key.trim() !== "");
}
