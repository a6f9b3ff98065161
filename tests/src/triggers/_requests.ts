import process from "node:process";

import { share } from "../../support/runtime-share.ts";
import { factsOf, type FactSource, type RequestFacts } from "../../../src/triggers/facts.ts";

/** A request as the recorded cases and the generators describe it. */
export interface SimpleRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  readonly body: string;
}

/** RequestFacts about it. With `names`, cookies and headers can be listed; each question is noted in `asked`. */
export function simpleFacts(
  request: SimpleRequest,
  names: boolean = true,
  asked: string[] = [],
): RequestFacts {
  const source: FactSource = {
    url: request.url,
    header(name) {
      asked.push(`header ${name}`);
      return Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    },
    cookie(name) {
      asked.push(`cookie ${name}`);
      return Object.hasOwn(request.cookies, name) ? request.cookies[name] : undefined;
    },
  };
  if (!names) return factsOf(source);
  return factsOf({
    ...source,
    headerNames: () => Object.keys(request.headers),
    cookieNames: () => Object.keys(request.cookies),
  });
}

/** How often a property is tried here, of so many times on all runtimes: `--runs=100000`, or `RUNS=100000` in the environment, for more. */
export function runs(usual: number): number {
  const given = process.argv.find((arg) => arg.startsWith("--runs="))?.slice(7) ?? process.env.RUNS;
  return given === undefined ? share(usual) : Number(given);
}

/** Where the random cases start: `--seed=…` or `SEED` in the environment, to repeat them. */
export function seed(): number {
  const given = process.argv.find((arg) => arg.startsWith("--seed="))?.slice(7) ?? process.env.SEED;
  return given === undefined ? Date.now() & 0x7fff_ffff : Number(given);
}
