import * as v from "valibot";
import { withDeadline } from "../../src/_deadline.ts";
import { ServiceError } from "../../src/errors.ts";
import { comparable, type Page } from "./_page.ts";
import { canonicalHost } from "./_places.ts";

/** A room of the account, compiled. */
export interface Room {
  readonly slug: string;
  /** The activation time as the feed spells it; `undefined` where it is missing, and no signature can be checked. */
  readonly activates: string | undefined;
  /** The lifetime of a session in minutes; `undefined` where it is missing, and nothing is valid locally. */
  readonly timeoutMinutes: number | undefined;
  covers(page: Page, text: string): boolean;
  isCheckout(page: Page, text: string): boolean;
}

/** All rooms in their order of precedence. */
export type Feed = readonly Room[];

const nullable = v.fallback(v.nullish(v.string()), undefined);

const roomSchema = v.object({
  domain: v.string(),
  slug: v.pipe(v.string(), v.nonEmpty()),
  patternType: v.string(),
  urlPattern: nullable,
  queueActivatesOn: v.fallback(v.optional(v.string()), undefined),
  timeout: v.fallback(v.optional(v.pipe(v.number(), v.finite())), undefined),
  checkout: nullable,
});

const feedSchema = v.object({ result: v.array(v.unknown()) });

/**
 * Compiles a rooms feed. A room that cannot be understood is skipped and reported; the others work.
 *
 * @throws {ServiceError} `malformed`, when there is no list of rooms.
 */
export function readFeed(value: unknown, warn: (message: string) => void): Feed {
  const feed = v.safeParse(feedSchema, value);
  if (!feed.success) throw new ServiceError("malformed", "CrowdHandler answered with an unusable rooms feed");
  return feed.output.result.flatMap((entry, index) => {
    const room = v.safeParse(roomSchema, entry);
    if (!room.success) {
      const path = v.getDotPath(room.issues[0]) ?? "";
      warn(`crowdhandler: room ${index} of the feed is skipped, its ${path} is not usable`);
      return [];
    }
    try {
      return [compileRoom(room.output)];
    } catch {
      warn(
        `crowdhandler: room "${room.output.slug}" of the feed is skipped, its pattern is no regular expression`,
      );
      return [];
    }
  });
}

function compileRoom(room: v.InferOutput<typeof roomSchema>): Room {
  const isHost = hostTest(room.domain);
  const matches = patternTest(room.patternType, room.urlPattern ?? undefined);
  const checkout = room.checkout ? new RegExp(room.checkout) : undefined;
  return {
    slug: room.slug,
    activates: room.queueActivatesOn,
    timeoutMinutes: room.timeout,
    covers: (page, text) => isHost(page.host) && matches(text),
    isCheckout: (page, text) => checkout !== undefined && isHost(page.host) && checkout.test(text),
  };
}

function hostTest(domain: string): (host: string) => boolean {
  const host = canonicalHost(domain.replace(/^https?:\/\//i, "").replace(/\/.*$/s, ""));
  if (!host.startsWith("*.")) return (other) => other === host;
  const suffix = host.slice(1);
  return (other) => other.length > suffix.length && other.endsWith(suffix);
}

function patternTest(type: string, pattern: string | undefined): (text: string) => boolean {
  switch (type) {
    case "all":
      return () => true;
    case "contains":
      return pattern ? (text) => text.includes(pattern) : () => false;
    case "regex": {
      if (pattern === undefined) return () => false;
      // Without flags there is no state between two visitors.
      const regex = new RegExp(pattern);
      return (text) => regex.test(text);
    }
    default:
      return () => false;
  }
}

/** Finds the room of a page: the first that covers it. */
export function roomOf(feed: Feed, page: Page): Room | undefined {
  const text = comparable(page.target);
  return feed.find((room) => room.covers(page, text));
}

/** Tells whether a page ends the session. */
export function isCheckout(feed: Feed, page: Page): boolean {
  const text = comparable(page.target);
  return feed.some((room) => room.isCheckout(page, text));
}

/** After a failed fetch, how long the next one waits, so that an outage does not slow every page. */
const retryMs = 5000;

/** Keeps the rooms feed: fetched in the background while there is a usable copy, once for all who wait for it. */
export class FeedCache {
  readonly #load: () => Promise<Feed>;
  readonly #ttlMs: number;
  readonly #maxStaleMs: number;
  readonly #timeoutMs: number;
  #feed: Feed | undefined;
  #loadedAt = 0;
  #failure: unknown;
  #failedAt = Number.NEGATIVE_INFINITY;
  #loading: Promise<Feed> | undefined;
  #loadingSince = 0;

  constructor(load: () => Promise<Feed>, ttlMs: number, maxStaleMs: number, timeoutMs: number) {
    this.#load = load;
    this.#ttlMs = ttlMs;
    this.#maxStaleMs = maxStaleMs;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Gives the feed, at once when a copy is at hand.
   *
   * @param keepAlive Is handed the refresh that goes on in the background.
   */
  get(now: number, keepAlive: (work: Promise<unknown>) => void): Feed | Promise<Feed> {
    const age = now - this.#loadedAt;
    const feed = this.#feed;
    if (feed !== undefined && age >= 0 && age < this.#ttlMs) return feed;
    const waits = now >= this.#failedAt && now - this.#failedAt < retryMs;
    if (feed !== undefined && age < this.#ttlMs + this.#maxStaleMs) {
      if (!waits) keepAlive(this.#refresh(now).catch(() => {}));
      return feed;
    }
    // Who waits for a fetch that another request began has a time limit of their own: platforms may end that one.
    return waits
      ? Promise.reject(this.#failure)
      : withDeadline(this.#refresh(now), this.#timeoutMs, "The rooms feed");
  }

  #refresh(now: number): Promise<Feed> {
    if (this.#loading !== undefined && Math.abs(now - this.#loadingSince) < 2 * this.#timeoutMs) {
      return this.#loading;
    }
    this.#loadingSince = now;
    const loading = this.#load().then(
      (feed) => {
        this.#feed = feed;
        this.#loadedAt = now;
        if (this.#loading === loading) this.#loading = undefined;
        return feed;
      },
      (failure: unknown) => {
        this.#failure = failure;
        this.#failedAt = now;
        if (this.#loading === loading) this.#loading = undefined;
        throw failure;
      },
    );
    return this.#loading = loading;
  }
}
