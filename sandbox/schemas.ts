import * as v from "valibot";
import { isSync, syncMust } from "../src/options/check.ts";
import { normalizeIp } from "./normalize-ip.ts";
import { parseUrl } from "./parse-url.ts";

export const text: v.GenericSchema<string> = v.pipe(
  v.string("must be a string"),
  v.nonEmpty("must not be empty"),
);
export const minutes: v.GenericSchema<number> = v.pipe(
  v.number("must be a number of minutes"),
  v.gtValue(0, "must be more than 0 minutes"),
  v.finite("must be finite"),
);
export const count: v.GenericSchema<number> = v.pipe(
  v.number("must be a non-negative integer"),
  v.safeInteger("must be a non-negative integer"),
  v.minValue(0, "must be a non-negative integer"),
);
export const instant: v.GenericSchema<string> = v.pipe(
  v.string("must be an ISO 8601 time such as 2030-01-15T12:00:00Z"),
  v.check(
    (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value)),
    "must be an ISO 8601 time such as 2030-01-15T12:00:00Z",
  ),
);
export const pattern: v.GenericSchema<string> = v.pipe(
  v.string("must be a string or null"),
  v.check(isRegExp, "must be the source of a regular expression"),
);
export const ip: v.GenericSchema<string> = v.pipe(
  v.string("must be an IP address"),
  v.check((value) => normalizeIp(value) !== undefined, "must be an IP address"),
);
export const fn: v.GenericSchema<() => number> = v.pipe(
  v.custom<() => number>((value) => typeof value === "function", "must be a function"),
  v.check((call) => isSync(call), `must be ${syncMust}`),
);

export const rate: v.GenericSchema<number> = v.pipe(
  v.number("must be a number"),
  v.minValue(0, "must not be negative"),
  v.finite("must be finite"),
);
export const crowd: v.GenericSchema<number> = v.pipe(
  count,
  v.maxValue(10_000, "must be at most 10000"),
);
export const note: v.GenericSchema<string | null> = v.nullable(v.string("must be a string or null"));
export const logo: v.GenericSchema<string | null> = v.nullable(
  v.pipe(v.string("must be a string or null"), v.check(isHttps, "must be an https URL")),
);
export const domain: v.GenericSchema<string> = v.pipe(
  v.string("must be a string"),
  v.check(isDomain, "must be https:// and a host, as in https://shop.example.com or https://*.example.com"),
);
export const origin: v.GenericSchema<string> = v.pipe(
  v.string("must be a string"),
  v.check(isOrigin, "must be an origin such as http://localhost:8080"),
);
export const httpUrl: v.GenericSchema<string> = v.pipe(
  v.string("must be a string"),
  v.check(isHttp, "must be an http or https URL"),
);

/** Whether a text is the source of a regular expression. */
export function isRegExp(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

function isDomain(value: string): boolean {
  const url = parseUrl(value.replace("://*.", "://"));
  return url?.protocol === "https:" && url.pathname === "/" && /^https:\/\/(\*\.)?[^/?#@*]+$/i.test(value);
}

function isOrigin(value: string): boolean {
  return isHttp(value) && parseUrl(value)?.origin === value.toLowerCase();
}

function isHttp(value: string): boolean {
  return /^https?:$/.test(parseUrl(value)?.protocol ?? "");
}

function isHttps(value: string): boolean {
  return parseUrl(value)?.protocol === "https:";
}
