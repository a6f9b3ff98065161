/**
 * The check behind every endpoint: may this visitor open this page?
 *
 * @module
 */
import type { ResolvedOptions } from "../options.ts";
import type { RoomStatus } from "../state.ts";
import type { Visit } from "../hall.ts";
import { createVisitors, type Visitors } from "../visitors.ts";
import { createIds, createSigner } from "./tokens.ts";
import { findRoom, type LiveRoom } from "./rooms.ts";

/** A question to the service. */
export interface Question {
  /** Where the visitor wants to go: a URL, or a room. */
  readonly target: URL | LiveRoom;
  readonly token?: string | undefined;
  readonly ip?: string | undefined;
  readonly code?: string | undefined;
}

/** The service's answer: the API's `result`, and for our own pages the room and the place in line behind it. */
export interface Answer {
  readonly result: Readonly<Record<string, unknown>> & { readonly promoted: 0 | 1; readonly status: number };
  readonly token?: string;
  readonly room?: LiveRoom;
  readonly visit?: Visit;
  /** What the browser carries back when promoted. */
  readonly pass?: { readonly token: string; readonly signature: string; readonly requested: string };
}

/** The service without its HTTP side. */
export interface Checker {
  readonly visitors: Visitors;
  /** Addresses that are never let in, and the status they get. */
  readonly blockedIps: Map<string, 3 | 4>;
  check(question: Question): Answer;
  /** Whom an answer went to. */
  issued(responseID: string): { readonly token: string; readonly slug: string } | undefined;
}

const MAX_RESPONSES = 10_000;

/**
 * Creates the service.
 *
 * @param options The sandbox's options.
 * @param rooms The rooms, by precedence.
 * @returns The service.
 */
export function createChecker(options: ResolvedOptions, rooms: readonly LiveRoom[]): Checker {
  const { now, random } = options;
  const sign = createSigner(options.privateKey);
  const ids = createIds(random);
  const answers = new Map<string, { token: string; slug: string }>();
  const blockedIps = new Map<string, 3 | 4>();
  const visitors = createVisitors({
    lifetimeMs: options.tokenMinutes * 60_000,
    max: options.maxVisitors,
    createToken: ids.token,
    onDrop: (token) => rooms.forEach((room) => room.leave(token)),
  });

  function remember(token: string, slug: string): string {
    const responseID = ids.response();
    answers.set(responseID, { token, slug });
    const [oldest] = answers.keys();
    if (answers.size > MAX_RESPONSES && oldest !== undefined) answers.delete(oldest);
    return responseID;
  }

  function inRoom(room: LiveRoom, question: Question): Answer {
    const at = now();
    const { token, ip } = visitors.resolve(question.token, at, question.ip);
    const code = question.code !== undefined && room.options.priorityCodes.includes(question.code)
      ? question.code
      : undefined;
    const forced = room.status;
    const blocked = ip === undefined ? undefined : blockedIps.get(ip);
    if (forced === 0) return { result: sparse(token), token, room };

    const refused = blocked ?? (forced === null || forced < 3 ? undefined : forced);
    const free = at < Date.parse(room.options.queueActivatesOn);
    const visit: Visit | undefined = refused !== undefined
      ? undefined
      : free
      ? { promoted: true }
      : room.visit(token, at, code !== undefined);
    const promoted = visit?.promoted === true;
    const requested = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
    const { slug, queueActivatesOn } = room.options;
    const signature = promoted ? sign(slug, queueActivatesOn, token, requested) : null;
    return {
      result: {
        status: refused ?? statusOf(visit, forced),
        token,
        title: room.options.title,
        position: visit?.promoted === false ? visit.position : null,
        promoted: promoted ? 1 : 0,
        urlRedirect: null,
        onsale: room.options.onsale,
        message: room.message,
        slug,
        priority: code ?? null,
        priorityAvailable: room.options.priorityCodes.length > 0 ? 1 : 0,
        logo: room.options.logo,
        responseID: remember(token, slug),
        captchaRequired: 0,
        rate: Math.round(room.ratePerMinute),
        ttl: 60,
        hash: signature,
        requested,
        deployment: "sandbox",
        domain: room.options.domain,
      },
      token,
      room,
      ...(visit === undefined ? {} : { visit }),
      ...(signature === null ? {} : { pass: { token, signature, requested } }),
    };
  }

  return {
    visitors,
    blockedIps,
    check(question): Answer {
      const { target } = question;
      const room = target instanceof URL ? findRoom(rooms, target) : target;
      if (room === undefined) return { result: sparse(null) };
      if (room !== "unprotected") return inRoom(room, question);
      const { token } = visitors.resolve(question.token, now(), question.ip);
      return { result: sparse(token), token };
    },
    issued: (responseID) => answers.get(responseID),
  };
}

/** The short answer about a page that nothing protects. */
function sparse(
  token: string | null,
): { status: number; token: string | null; responseID: null; promoted: 1 } {
  return { status: 0, token, responseID: null, promoted: 1 };
}

function statusOf(visit: Visit | undefined, forced: RoomStatus): number {
  if (forced !== null) return forced;
  return visit?.promoted === false && visit.full ? 5 : 1;
}
