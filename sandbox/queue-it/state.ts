/**
 * What the sandbox shows of its Queue-it side.
 *
 * @module
 */
import type { HallState } from "../hall.ts";
import type { QueueItRoomPhase } from "./options.ts";

/** What may be changed about a room while the sandbox runs. */
export interface QueueItRoomChange {
  /** Visitors on the site at once. */
  readonly capacity?: number | undefined;
  /** Visitors let in per minute. */
  readonly ratePerMinute?: number | undefined;
  /** Simulated visitors in line. */
  readonly crowd?: number | undefined;
  /** What the room does with visitors. */
  readonly phase?: QueueItRoomPhase | undefined;
  /** The organiser's note. */
  readonly message?: string | null | undefined;
}

/** A room as it stands. */
export interface QueueItRoomState extends HallState {
  /** The id of the waiting room. */
  readonly eventId: string;
  /** Its name on the queue page. */
  readonly title: string;
  /** What the room does right now, its times considered. */
  readonly phase: QueueItRoomPhase;
}

/** What a push came to. */
export interface PushReport {
  /** When, ISO 8601. */
  readonly at: string;
  /** Where it went. */
  readonly url: string;
  /** The connector's status; 0 if it could not be reached. */
  readonly status: number;
  /** The beginning of its answer, or why there is none. */
  readonly answer: string;
}

/** Everything that the Queue-it side knows, without its keys. */
export interface QueueItState {
  /** The account that is played. */
  readonly customerId: string;
  /** The rooms as they stand. */
  readonly rooms: readonly QueueItRoomState[];
  /** How many queue ids are remembered. */
  readonly visitors: number;
  /** `Version` of the integration configuration; `null` while it is a text that has none. */
  readonly integrationConfigVersion: number | null;
  /** How often the verify endpoint was asked about each of the latest queue ids. */
  readonly uses: Readonly<Record<string, number>>;
  /** The latest pushes, oldest first, at most 20. */
  readonly pushes: readonly PushReport[];
}
