import { shapeError, type Subject, valueError } from "./check.ts";
import { failureCodes } from "../errors.ts";

/** Refuses what is not a list of causes of failures. */
export function checkCodes(subject: Subject, option: string, value: unknown): void {
  const must = `a list of at least one of ${failureCodes.join(", ")}`;
  if (!Array.isArray(value)) throw shapeError(subject, option, must, value);
  if (value.length === 0 || [...value].some((code) => !failureCodes.includes(code))) {
    throw valueError(subject, option, must, value);
  }
}
