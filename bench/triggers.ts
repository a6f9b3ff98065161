/**
 * What does a request cost that no integration matches, and how does that grow with their number?
 *
 * Ours, `@queue-it/connector-javascript` 5.0.1 by its entry point, which takes the configuration as text, and its
 * evaluator alone on the parsed configuration. Each is measured in processes of its own, in alternating order; the
 * floor is the making of the facts, with nothing matched. The medians of all rounds are printed before the ratios.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import process from "node:process";

import { do_not_optimize, measure } from "mitata";

import { compileIntegrations, requestFacts } from "../plugins/triggers.ts";

const sizes = [1, 10, 100, 1000, 10_000];
const variants = ["floor", "ours", "evaluator", "entry point"] as const;
type Variant = (typeof variants)[number];
type Work = () => unknown;

const url = "https://shop.example.com/products/shoes/running?color=red&size=42&from=newsletter";
const userAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
const request = new Request(url, {
  headers: { "user-agent": userAgent, cookie: "theme=dark; basket=17; lang=en" },
});

/** Integrations of four common kinds, none of which matches. */
function configuration(size: number): object {
  const url = { ValidatorType: "UrlValidator", UrlPart: "PageUrl", Operator: "Contains" };
  const path = { ...url, UrlPart: "PagePath" };
  const host = { ...url, UrlPart: "HostName", Operator: "Equals", ValueToCompare: "shop.example.com" };
  const robot = { ValidatorType: "UserAgentValidator", Operator: "Contains", ValueToCompare: "googlebot" };
  const kinds = [
    (at: number) => [
      { ...url, ValueToCompare: `/event-${at}`, IsIgnoreCase: true },
      { ...robot, IsNegative: true, IsIgnoreCase: true },
    ],
    (at: number) => [{ ...path, Operator: "EqualsAny", ValuesToCompare: [`/tickets/${at}`, `/seats/${at}`] }],
    (at: number) => [host, { ...path, ValueToCompare: `/products/sale-${at}/` }],
    (at: number) => [
      { ...url, ValueToCompare: `campaign=${at}` },
      { ValidatorType: "CookieValidator", CookieName: "staff", Operator: "Equals", ValueToCompare: "" },
    ],
  ];
  const Integrations = Array.from({ length: size }, (_, at) => ({
    Name: `integration ${at}`,
    ActionType: "Queue",
    EventId: `event${at}`,
    CookieDomain: "",
    LayoutName: null,
    Culture: "",
    ExtendCookieValidity: true,
    CookieValidityMinute: 20,
    QueueDomain: "customer.queue-it.net",
    RedirectLogic: "AllowTParameter",
    ForcedTargetUrl: "",
    IsNormalizationEnabled: false,
    Triggers: [{ LogicalOperator: at % 4 === 1 ? "Or" : "And", TriggerParts: kinds[at % 4]?.(at) }],
  }));
  return { Description: "", Integrations, CustomerId: "customer", AccountId: "customer", Version: 3 };
}

async function workOf(variant: Variant, size: number): Promise<Work> {
  const parsed = configuration(size);
  if (variant === "floor") return () => requestFacts(request);
  if (variant === "ours") {
    const matcher = compileIntegrations(parsed);
    return () => matcher.match(requestFacts(request));
  }
  const name = "@queue-it/connector-javascript";
  const { KnownUser } = await import(name);
  const { IntegrationEvaluator } = await import(`${name}/dist/IntegrationConfig/integrationConfigHelpers.js`);
  const seen = {
    getUserAgent: () => userAgent,
    getHeader: () => "",
    getAbsoluteUri: () => url,
    getUserHostAddress: () => "198.51.100.23",
    getCookieValue: () => "",
    getRequestBodyAsString: () => "",
  };
  const host = {
    getHttpRequest: () => seen,
    getHttpResponse: () => ({ setCookie() {} }),
    getCryptoProvider: () => ({ getSha256Hash: () => "" }),
    getEnqueueTokenProvider: () => null,
  };
  if (variant === "evaluator") {
    const evaluator = new IntegrationEvaluator();
    return () => evaluator.getMatchedIntegrationConfig(parsed, url, host);
  }
  const text = JSON.stringify(parsed);
  return () => KnownUser.validateRequestByIntegrationConfig(url, "", text, "customer", "secret", host, "");
}

/** In a process of its own: the median of each size, in nanoseconds. */
async function measured(variant: Variant): Promise<number[]> {
  const medians: number[] = [];
  for (const size of sizes) {
    const work = await workOf(variant, size);
    const result = await work();
    if (variant === "ours" ? result !== undefined : variant === "evaluator" && result !== null) {
      throw new Error("An integration matches where none should");
    }
    const stats = variant === "entry point"
      ? await measure(async () => do_not_optimize(await work()))
      : await measure(() => do_not_optimize(work()));
    medians.push(stats.p50);
  }
  return medians;
}

/** The middle of what was measured in several rounds. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function line(title: string, cells: readonly string[]): void {
  console.log(title.padEnd(34) + cells.map((cell) => cell.padStart(12)).join(""));
}

function compileOnce(): void {
  const parsed = configuration(10_000);
  const bytes = JSON.stringify(parsed).length;
  const share = configuration(Math.round(10_000 * 1_000_000 / bytes));
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    compileIntegrations(share);
    times.push(performance.now() - start);
  }
  line("compiling 1 MB of JSON, ms", times.map((time) => time.toFixed(1)));
}

function main(): void {
  const rounds = 3;
  const raw = new Map<Variant, number[][]>(variants.map((variant) => [variant, []]));
  const script = process.argv[1] ?? "";
  const deno = "Deno" in globalThis ? ["run", "-A", "--no-check"] : [];
  for (let round = 0; round < rounds; round++) {
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const output = execFileSync(process.execPath, [...deno, script, variant], { encoding: "utf8" });
      raw.get(variant)?.push(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
    }
  }
  line("integrations", sizes.map(String));
  const medians = new Map<Variant, number[]>();
  for (const [variant, results] of raw) {
    for (const [round, result] of results.entries()) {
      line(`${variant}, ns, round ${round + 1}`, result.map((ns) => ns.toFixed(0)));
    }
    medians.set(variant, sizes.map((_, at) => median(results.map((result) => result[at] ?? Number.NaN))));
  }
  const ours = medians.get("ours") ?? [];
  for (const other of ["entry point", "evaluator"] as const) {
    const ratios = medians.get(other)?.map((ns, at) => ns / (ours[at] ?? Number.NaN)) ?? [];
    line(`${other} ÷ ours`, ratios.map((ratio) => ratio.toFixed(1)));
  }
  line("ours ÷ ours at 100", ours.map((ns) => (ns / (ours[2] ?? Number.NaN)).toFixed(2)));
  compileOnce();
}

const chosen = variants.find((variant) => variant === process.argv[2]);
if (chosen === undefined) main();
else console.log(JSON.stringify(await measured(chosen)));
