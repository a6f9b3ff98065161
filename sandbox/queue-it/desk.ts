/**
 * Queue-it's service without its HTTP side: who is in line, who passes, with which token.
 *
 * @module
 */
import { normalizeIp } from "../normalize-ip.ts";
import { createVisitors } from "../visitors.ts";
import type { ResolvedOptions } from "../options.ts";
import { type Arrival, createQueueItRoom, type LiveQueueItRoom } from "./rooms.ts";
import { createSigner, type Signer } from "./token.ts";

/** A visitor at a room's door. */
export interface Entrance {
  readonly queueId: string;
  readonly arrival: Arrival;
  /** The token, for whoever passes. */
  readonly token?: string;
}

/** How a token is to be issued that no visitor waited for. */
export interface IssueOptions {
  /** The queue id. @default a new one */
  readonly queueId?: string | undefined;
  /** How the visitor is said to have come through. @default "queue" */
  readonly redirectType?: string | undefined;
  /** How long the token is accepted; negative for one that is already too old. @default the room's `tokenSeconds` */
  readonly expiresInSeconds?: number | undefined;
  /** How long the session lasts, whatever the room says. @default the room's `fixedCookieMinutes` */
  readonly fixedCookieMinutes?: number | null | undefined;
  /** Address to bind the token to. @default none */
  readonly address?: string | undefined;
}

/** The service. */
export interface Desk {
  readonly signer: Signer;
  readonly rooms: readonly LiveQueueItRoom[];
  /** How many queue ids are remembered. */
  readonly visitors: number;
  /** How often each queue id was used. */
  readonly uses: ReadonlyMap<string, number>;
  room(eventId: string | undefined): LiveQueueItRoom | undefined;
  /** Whether a queue id is one of ours that is still good. */
  knows(queueId: string): boolean;
  /** Lets a visitor come to the door. */
  enter(room: LiveQueueItRoom, queueId: string | undefined, address: string | undefined): Entrance;
  /** A token for a visitor who need not wait, as long as nobody else has to. */
  passDirectly(room: LiveQueueItRoom, address: string | undefined): string | undefined;
  issue(room: LiveQueueItRoom, options: IssueOptions): string;
  /** Gives up a place; says whether there was one. */
  cancel(queueId: string): boolean;
  /** Notes the identifier of an enqueue token; says whether it is new. */
  spend(identifier: string): boolean;
  /** Counts a use of a queue id; one that was used too often is forgotten, so that its visitor gets a new one. */
  use(
    queueId: string,
    limit: number | null,
  ): { readonly actionAllowed: boolean; readonly usedQueueIdCount: number };
}

/**
 * Creates the service.
 *
 * @param options The sandbox's options.
 * @returns The service.
 */
export function createDesk(options: ResolvedOptions): Desk {
  const { now, maxVisitors, queueIt } = options;
  const signer = createSigner(queueIt.secretKey);
  const rooms = queueIt.rooms.map((room) => createQueueItRoom(room, now()));
  const createQueueId = queueIds(options.random);
  const uses = new Map<string, number>();
  const spent = new Set<string>();
  const visitors = createVisitors({
    lifetimeMs: options.tokenMinutes * 60_000,
    max: maxVisitors,
    createToken: createQueueId,
    onDrop: (queueId) => rooms.forEach((room) => room.leave(queueId)),
  });

  function issue(room: LiveQueueItRoom, pass: IssueOptions): string {
    const { eventId, tokenSeconds, fixedCookieMinutes } = room.options;
    return signer.issue({
      eventId,
      queueId: pass.queueId ?? createQueueId(),
      redirectType: pass.redirectType ?? "queue",
      expiresAt: Math.floor(now() / 1000) + (pass.expiresInSeconds ?? tokenSeconds),
      fixedCookieMinutes: pass.fixedCookieMinutes === undefined
        ? fixedCookieMinutes
        : pass.fixedCookieMinutes,
      address: pass.address,
    });
  }

  function boundTo(room: LiveQueueItRoom, address: string | undefined): string | undefined {
    return room.options.bindAddress && address !== undefined ? normalizeIp(address) : undefined;
  }

  return {
    signer,
    rooms,
    uses,
    issue,
    get visitors(): number {
      return visitors.size;
    },
    room: (eventId) => rooms.find(({ options }) => options.eventId === eventId),
    knows: (queueId) => visitors.has(queueId, now()),
    enter(room, given, address): Entrance {
      const at = now();
      const { token: queueId } = visitors.resolve(given, at);
      const arrival = room.arrive(queueId, at, queueId !== given);
      if (arrival.kind !== "pass") return { queueId, arrival };
      const { redirectType } = arrival;
      return {
        queueId,
        arrival,
        token: issue(room, { queueId, redirectType, address: boundTo(room, address) }),
      };
    },
    passDirectly(room, address): string | undefined {
      const at = now();
      const { token: queueId } = visitors.resolve(undefined, at);
      const passes = room.options.directPass && room.arrive(queueId, at, true).kind === "pass";
      if (!passes) visitors.drop(queueId);
      return passes
        ? issue(room, { queueId, redirectType: "directlink", address: boundTo(room, address) })
        : undefined;
    },
    cancel: visitors.drop,
    spend(identifier): boolean {
      if (spent.has(identifier)) return false;
      spent.add(identifier);
      const [oldest] = spent;
      if (spent.size > maxVisitors && oldest !== undefined) spent.delete(oldest);
      return true;
    },
    use(queueId, limit): { actionAllowed: boolean; usedQueueIdCount: number } {
      const count = (uses.get(queueId) ?? 0) + 1;
      uses.delete(queueId);
      uses.set(queueId, count);
      const [oldest] = uses.keys();
      if (uses.size > maxVisitors && oldest !== undefined) uses.delete(oldest);
      const actionAllowed = limit === null || count <= limit;
      if (!actionAllowed) visitors.drop(queueId);
      return { actionAllowed, usedQueueIdCount: count };
    },
  };
}

/** Makes queue ids: UUIDs with a counter at the end, so that even a constant `random` never makes the same one twice. */
function queueIds(random: () => number): () => string {
  let issued = 0;
  function hex(length: number): string {
    return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
  }
  return () => {
    const variant = "89ab".charAt(Math.floor(random() * 4));
    const counter = (issued++ % 16 ** 8).toString(16).padStart(8, "0");
    return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(4)}${counter}`;
  };
}
