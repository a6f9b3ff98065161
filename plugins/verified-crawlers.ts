/**
 * Lets crawlers of search engines in that are what they say.
 *
 * @module
 */

import { withDeadline } from "../src/async/deadline.ts";
import { createSingleFlight } from "../src/async/single-flight.ts";
import type { Context } from "../src/context.ts";
import { createMemo } from "../src/crypto/memo.ts";
import type { Decision } from "../src/decision.ts";
import { ServiceError } from "../src/errors.ts";
import {
  checkFunction,
  checkNumber,
  checkOptions,
  checkStrings,
  shapeError,
  type Subject,
  valueError,
} from "../src/options/check.ts";
import type { Decider } from "../src/plugin.ts";
import { parseAddress, spell, trustOf } from "../src/url/ip-address.ts";
import { isHostName } from "../src/url/host-name.ts";
export type * from "../src/contract.ts";

/** A crawler, and by what it is verified. */
export interface Crawler {
  /** What it calls itself in `User-Agent`. The flags `g` and `y` have no effect. */
  readonly agent: RegExp;
  /** The domains in which the names of its addresses are, such as `googlebot.com`. They take the option `dns`. */
  readonly domains?: readonly string[];
  /** The addresses from which it comes, as CIDRs. */
  readonly ranges?: readonly string[];
}

/** How names and addresses are looked up, such as by `node:dns/promises` or `Deno.resolveDns`. A name or address that is unknown throws. */
export interface CrawlerDns {
  /** The names of an address. */
  readonly reverse: (address: string) => Promise<readonly string[]>;
  /** The addresses of a name, of both kinds. */
  readonly addresses: (name: string) => Promise<readonly string[]>;
}

/** The options of {@linkcode verifiedCrawlers}. */
export interface VerifiedCrawlersOptions {
  /**
   * The crawlers.
   *
   * @default {those of Google, Bing, Yandex, Apple, Baidu and Petal, by the domains that they publish}
   */
  readonly crawlers?: readonly Crawler[];
  /** How names and addresses are looked up. Without it crawlers are verified by their `ranges` alone. */
  readonly dns?: CrawlerDns;
  /**
   * How long a verification may take, in milliseconds.
   *
   * @default {1000}
   */
  readonly timeoutMs?: number;
  /**
   * How long it counts, in milliseconds; ten minutes at most where it failed, and half a minute where nobody answered in time.
   *
   * @default {86_400_000}
   */
  readonly ttlMs?: number;
}

const subject: Subject = "verified-crawlers plugin";

/**
 * What search engines publish about their crawlers, such as
 * https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot. Domains in which others get names as well, as those of
 * clouds, prove nothing.
 */
const wellKnown: readonly Crawler[] = [
  { agent: /Googlebot/i, domains: ["googlebot.com"] },
  { agent: /bingbot|BingPreview|adidxbot|msnbot/i, domains: ["search.msn.com"] },
  { agent: /Yandex\w*Bot|YandexImages/i, domains: ["yandex.ru", "yandex.net", "yandex.com"] },
  { agent: /Applebot/i, domains: ["applebot.apple.com"] },
  { agent: /Baiduspider/i, domains: ["crawl.baidu.com", "crawl.baidu.jp"] },
  { agent: /PetalBot/i, domains: ["petalsearch.com"] },
];

/** Anybody may call himself a crawler: so many verifications are under way at most, and so many are remembered. */
const maxPending = 32;
const maxKnown = 4096;

/** What was found out about an address. */
interface Verdict {
  readonly isGenuine: boolean;
  readonly untilMs: number;
}

/** For how long it counts that an address is none of a crawler's, in milliseconds. */
const refusedMs = 600_000;
/** For how long it counts that nobody could tell in time: a crawler that is genuine must not be one of many for ten minutes because of that. */
const lateMs = 30_000;

/**
 * Lets crawlers in that are what they say, so that a page stays in the index while there is a queue before it. A crawler is verified by the
 * ranges of its addresses, or as search engines ask for it: the address has a name in a domain of the engine, and that name the address.
 *
 * Put it before the provider, and `clientIp()` before both. Only GET and HEAD are let in. Whoever is not verified, because the name is
 * forged, nobody answers in time or too many are asked about, is a visitor like any other.
 *
 * @param options Which crawlers, and how they are verified.
 * @returns The plugin.
 * @throws {TypeError} When an option has the wrong shape, or nothing could ever be verified.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { verifiedCrawlers } from "stanchion/verified-crawlers";
 *
 * const plugin = verifiedCrawlers({ crawlers: [{ agent: /Googlebot/, ranges: ["66.249.64.0/19"] }] });
 * ```
 */
export function verifiedCrawlers(options: VerifiedCrawlersOptions): Decider {
  const { crawlers = wellKnown, dns, timeoutMs = 1000, ttlMs = 86_400_000 } = checked(options);
  const known = crawlers.map((crawler, at) => ({
    agent: new RegExp(crawler.agent.source, crawler.agent.flags.replace(/[gy]/g, "")),
    domains: crawler.domains?.map((domain) => `.${domain.toLowerCase().replace(/^\./, "")}`) ?? [],
    isInRange: crawler.ranges === undefined
      ? nowhere
      : trustOf(subject, `crawlers[${at}].ranges`, crawler.ranges),
  }));
  const verdicts = createMemo<Verdict>(maxKnown);
  const verifications = createSingleFlight<boolean>({ most: maxPending, lostMs: 2 * timeoutMs });

  /** Verifies an address, and remembers what was found: for a shorter time where nobody could tell. */
  async function verify(
    dns: CrawlerDns,
    ctx: Context,
    key: string,
    address: string,
    domains: readonly string[],
  ): Promise<boolean> {
    const { isGenuine, forMs } = await withDeadline(
      isNamed(dns, address, domains),
      timeoutMs,
      "The verification of a crawler",
    ).then(
      (isGenuine) => ({ isGenuine, forMs: isGenuine ? ttlMs : refusedMs }),
      (cause: unknown) => ({ isGenuine: false, forMs: cause instanceof ServiceError ? lateMs : refusedMs }),
    );
    verdicts.set(key, { isGenuine, untilMs: ctx.now() + Math.min(ttlMs, forMs) });
    return isGenuine;
  }

  function decide(ctx: Context): Decision | undefined | Promise<Decision | undefined> {
    const { method, headers } = ctx.request;
    if (method !== "GET" && method !== "HEAD") return undefined;
    const agent = headers.get("user-agent") ?? "";
    const at = agent.length > maxAgent ? -1 : known.findIndex((crawler) => crawler.agent.test(agent));
    const crawler = known[at];
    const address = crawler && parseAddress(ctx.address ?? "");
    if (crawler === undefined || address === undefined) return undefined;
    if (crawler.isInRange(address)) return genuine;
    const own = spell(address);
    const key = `${at} ${own}`;
    const verdict = verdicts.get(key);
    if (verdict !== undefined && verdict.untilMs > ctx.now()) return verdict.isGenuine ? genuine : undefined;
    if (dns === undefined || crawler.domains.length === 0) return undefined;
    const found = ctx.dryRun
      ? undefined
      : verifications.join(key, ctx.now(), () => verify(dns, ctx, key, own, crawler.domains));
    if (found === undefined) ctx.note?.("says that it is a crawler, which was not verified");
    return found?.then((isGenuine) => isGenuine ? genuine : undefined);
  }

  return { name: "verified-crawlers", longestMs: timeoutMs, decide };
}

const genuine: Decision = { action: "admit", reason: "verified-crawlers/genuine" };

/** Longer names are nobody's. */
const maxAgent = 1024;

function nowhere(): boolean {
  return false;
}

/** Whether an address has a name in one of the domains, and that name the address. */
async function isNamed(dns: CrawlerDns, address: string, domains: readonly string[]): Promise<boolean> {
  const names = (await dns.reverse(address)).slice(0, maxNames).map((name) =>
    name.toLowerCase().replace(/\.$/, "")
  );
  // Who owns an address writes what is told here, and may write what is no name.
  const name = names.find((name) => isHostName(name) && domains.some((domain) => name.endsWith(domain)));
  if (name === undefined) return false;
  return (await dns.addresses(name)).some((text) => {
    const found = parseAddress(text);
    return found !== undefined && spell(found) === address;
  });
}

/** So many names of one address are looked at. */
const maxNames = 8;

function checked(options: VerifiedCrawlersOptions): VerifiedCrawlersOptions {
  checkOptions(subject, options, ["crawlers", "dns", "timeoutMs", "ttlMs"]);
  const { crawlers, dns, timeoutMs, ttlMs } = options;
  if (dns !== undefined) {
    checkOptions(subject, dns, ["reverse", "addresses"], "dns.");
    checkFunction(subject, "dns.reverse", dns.reverse);
    checkFunction(subject, "dns.addresses", dns.addresses);
  }
  if (timeoutMs !== undefined) checkNumber(subject, "timeoutMs", timeoutMs, 1, 60_000);
  if (ttlMs !== undefined) checkNumber(subject, "ttlMs", ttlMs, 0, 30 * 86_400_000);
  const listMust = "a list of crawlers, each with an agent and with domains or ranges";
  if (crawlers !== undefined && !Array.isArray(crawlers)) {
    throw shapeError(subject, "crawlers", listMust, crawlers);
  }
  if (crawlers?.length === 0) throw valueError(subject, "crawlers", listMust, crawlers);
  for (const [at, crawler] of (crawlers ?? []).entries()) {
    const prefix = `crawlers[${at}].`;
    checkOptions(subject, crawler, ["agent", "domains", "ranges"], prefix);
    const { agent, domains, ranges } = crawler;
    if (!(agent instanceof RegExp)) throw shapeError(subject, `${prefix}agent`, "a pattern", agent);
    if (domains !== undefined) {
      checkStrings(
        subject,
        `${prefix}domains`,
        domains,
        "a list of domains",
        (text) => isHostName(text) && text.includes("."),
      );
    }
    if (ranges !== undefined) checkStrings(subject, `${prefix}ranges`, ranges, "a list of CIDRs");
    if (!ranges?.length && !domains?.length) throw valueError(subject, "crawlers", listMust, crawlers);
  }
  const isVerifiable = dns !== undefined || (crawlers ?? wellKnown).every(({ ranges }) => ranges?.length);
  if (!isVerifiable) {
    const must = "given where crawlers are verified by their domains, as those are by default";
    throw shapeError(subject, "dns", must, dns);
  }
  return options;
}
