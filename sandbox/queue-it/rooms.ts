/**
 * Queue-it's waiting rooms: a hall each, and the phase that the room is in.
 *
 * @module
 */
import { createHall, type Visit } from "../hall.ts";
import type { QueueItRoom, QueueItRoomPhase } from "./options.ts";
import type { QueueItRoomChange, QueueItRoomState } from "./state.ts";

/** What a room tells a visitor. */
export type Arrival =
  | { readonly kind: "pass"; readonly redirectType: string }
  | { readonly kind: "wait"; readonly visit: Visit & { readonly promoted: false } }
  | { readonly kind: "closed"; readonly phase: "before" | "after" };

/** A room at work. */
export interface LiveQueueItRoom {
  readonly options: QueueItRoom;
  readonly message: string | null;
  readonly ratePerMinute: number;
  /** What the room does with visitors at a time. */
  phase(now: number): QueueItRoomPhase;
  /** Lets a visitor pass, or tells why not; `isNew` is somebody who has not been seen before. */
  arrive(queueId: string, now: number, isNew: boolean): Arrival;
  promote(now: number, queueId?: string): number;
  leave(queueId: string): void;
  change(change: QueueItRoomChange, now: number): void;
  state(now: number): QueueItRoomState;
}

/**
 * Creates a room.
 *
 * @param options Its settings.
 * @param openedAt When the clock starts, in Unix milliseconds.
 * @returns The room.
 */
export function createQueueItRoom(options: QueueItRoom, openedAt: number): LiveQueueItRoom {
  const { eventId, title } = options;
  const activeFrom = instant(options.activeFrom, -Infinity);
  const activeUntil = instant(options.activeUntil, Infinity);
  const hall = createHall({ ...options, opensAt: instant(options.opensAt, -Infinity) }, openedAt);
  let { message, phase: wanted } = options;

  function phase(now: number): QueueItRoomPhase {
    if (wanted !== "queue" && wanted !== "safetynet") return wanted;
    if (now < activeFrom) return "before";
    return now < activeUntil ? wanted : "after";
  }

  return {
    options,
    phase,
    get message(): string | null {
      return message;
    },
    get ratePerMinute(): number {
      return hall.ratePerMinute;
    },
    arrive(queueId, now, isNew): Arrival {
      const current = phase(now);
      switch (current) {
        case "before":
        case "after":
          return { kind: "closed", phase: current };
        case "idle":
        case "disabled":
        case "afterevent":
          hall.leave(queueId);
          return { kind: "pass", redirectType: current };
        case "queue":
        case "safetynet": {
          const visit = hall.visit(queueId, now);
          if (!visit.promoted) return { kind: "wait", visit };
          return { kind: "pass", redirectType: isNew ? current : "queue" };
        }
      }
    },
    promote: hall.promote,
    leave: hall.leave,
    change(change, now): void {
      hall.change(change, now);
      wanted = change.phase ?? wanted;
      if (change.message !== undefined) message = change.message;
    },
    state: (now) => ({ eventId, title, phase: phase(now), ...hall.state(now) }),
  };
}

function instant(text: string | null, otherwise: number): number {
  return text === null ? otherwise : Date.parse(text);
}
