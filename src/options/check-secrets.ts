import { secretError, type Subject } from "./check.ts";

/** Refuses what is not a list of secrets, each accepted by `accepts`. What is wrong is never shown. */
export function checkSecretList(
  subject: Subject,
  option: string,
  value: unknown,
  must: string,
  accepts: (secret: string) => boolean,
  maxCount: number = Number.POSITIVE_INFINITY,
): void {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= maxCount;
  if (!isList || !value.every((secret) => typeof secret === "string" && accepts(secret))) {
    throw secretError(subject, option, must);
  }
}
