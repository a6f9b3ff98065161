import type { Plugin } from "../plugin.ts";
import { show, type Subject } from "./check.ts";

/** Refuses what is no provider, for those who wrap one. */
export function checkProvider(subject: Subject, place: string, provider: unknown): void {
  const { name, decide, recover, match, final } = membersOf(provider);
  if (typeof name !== "string" || name === "" || typeof decide !== "function") {
    throw new TypeError(
      `Cannot create ${subject}: ${place} must be a provider, a plugin with a name and a "decide" hook, received ${
        show(provider)
      }`,
    );
  }
  if (recover !== undefined || match !== undefined) {
    const hook = recover === undefined ? "match" : "recover";
    throw new TypeError(
      `Cannot create ${subject}: ${place} (${name}) has a "${hook}" hook, which belongs into a plugin of its own`,
    );
  }
  if (final !== "decide") {
    throw new TypeError(
      `Cannot create ${subject}: ${place} (${name}) does not say that it always decides, by final: "decide"`,
    );
  }
}

/** Refuses what is no provider, and one that calls no service: nobody can stand guard over it. */
export function checkServiceProvider(subject: Subject, place: string, provider: unknown): void {
  checkProvider(subject, place, provider);
  const { name, service, wraps } = membersOf(provider);
  if (typeof service === "string" && service !== "") return;
  if (Array.isArray(wraps) && wraps.some((each) => membersOf(each).service !== undefined)) {
    throw new TypeError(
      `Cannot create ${subject}: ${place} (${name}) calls several services, whose outages are not each other's; ` +
        "put it around each of its providers instead",
    );
  }
  throw new TypeError(
    `Cannot create ${subject}: ${place} (${name}) names no service, so there are no calls to guard; a provider that ` +
      `makes its calls by the argument "calls" names their service by service: "..."`,
  );
}

function membersOf(provider: unknown): Partial<Record<keyof Plugin | "service", unknown>> {
  // Each member is looked at, whatever it is.
  return typeof provider === "object" && provider !== null ? provider : {};
}
