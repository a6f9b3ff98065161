import * as v from "valibot";
import { modeNames } from "../../src/mode.ts";
import { isPrintableName } from "../../src/options/printable-name.ts";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
/** Without line breaks and other control characters, as a header has them. */
const headerValue = /^[\t -~\x80-\xff]{0,8192}$/;

const pair = v.strictTuple([
  v.pipe(v.string(), v.regex(token, "must be the name of a header")),
  v.pipe(v.string(), v.regex(headerValue, "must be the value of a header")),
]);

/** Headers as an object, or as pairs, where a name may come several times. */
const headers = v.pipe(
  v.union([
    v.pipe(v.record(v.string(), v.string()), v.transform((given) => Object.entries(given))),
    v.array(v.unknown()),
  ], "must be an object of texts, or a list of pairs"),
  v.maxLength(100, "must be 100 at most"),
  v.array(pair),
);

/** A request that is to be explained. */
export const questionSchema: v.GenericSchema<unknown, Question> = v.strictObject({
  url: v.pipe(
    v.string(),
    v.maxLength(8192, "must have 8192 characters at most"),
    v.check((url) => /^https?:\/\//i.test(url) && URL.canParse(url), "must be an absolute http or https URL"),
  ),
  method: v.optional(v.pipe(v.string(), v.maxLength(32), v.regex(token, "must be a method")), "GET"),
  headers: v.optional(headers, []),
  address: v.optional(v.pipe(v.string(), v.ip("must be an IP address"))),
});

/** The same, read. */
export interface Question {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly address?: string | undefined;
}

/** A change of the mode. */
export const changeSchema: v.GenericSchema<unknown, Change> = v.strictObject({
  mode: v.picklist(modeNames, `must be one of ${modeNames.join(", ")}`),
  forMs: v.exactOptional(
    v.pipe(
      v.number(),
      v.safeInteger("must be an integer"),
      v.minValue(1, "must be at least 1"),
      v.maxValue(2_147_483_647, "must be at most 2147483647"),
    ),
  ),
  by: v.exactOptional(
    v.pipe(v.string(), v.check(isPrintableName, "must be 1 to 80 printable characters, not only spaces")),
  ),
});

/** The same, read. */
export interface Change {
  readonly mode: typeof modeNames[number];
  readonly forMs?: number;
  readonly by?: string;
}

/** Makes the request that is described; `undefined` where none can be. It is never sent. */
export function requestOf({ url, method, headers }: Question): Request | undefined {
  try {
    const made = new Headers();
    const cookies: string[] = [];
    for (const [name, value] of headers) {
      if (name.toLowerCase() === "cookie") cookies.push(value);
      else made.append(name, value);
    }
    // Servers join several lines so.
    if (cookies.length > 0) made.set("cookie", cookies.join("; "));
    const request = new Request(url, { method, headers: made });
    // Some platforms take a method that they do not know for GET.
    return request.method.toUpperCase() === method.toUpperCase() ? request : undefined;
  } catch {
    return undefined;
  }
}
