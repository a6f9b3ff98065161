/**
 * What a sandbox shows of itself.
 *
 * @module
 */
import type { NotedDecision } from "./decisions.ts";
import type { Fault, SandboxEndpoint } from "./faults.ts";
import type { QueueItState } from "./queue-it/state.ts";

/**
 * A status that a room is made to answer: 0 nothing to check, 1 and 2 the normal answer, 3 and 4 blocked, 5 room full,
 * 6 throttled; `null` lets the room decide.
 */
export type RoomStatus = 0 | 1 | 2 | 3 | 4 | 5 | 6 | null;

/** What may be changed about a room while the sandbox runs. */
export interface RoomChange {
  /** Promoted visitors at once. */
  readonly capacity?: number | undefined;
  /** Visitors let in per minute. */
  readonly ratePerMinute?: number | undefined;
  /** Simulated visitors in line. */
  readonly crowd?: number | undefined;
  /** Forced status. */
  readonly status?: RoomStatus | undefined;
  /** The organiser's note. */
  readonly message?: string | null | undefined;
}

/** A room as it stands. */
export interface RoomState {
  /** The part of the address by which the room is known. */
  readonly slug: string;
  /** Its name on the waiting page. */
  readonly title: string;
  /** The site that it protects, scheme included. */
  readonly domain: string;
  /** What it does right now. */
  readonly status: RoomStatus;
  /** How many promoted visitors it holds. */
  readonly capacity: number;
  /** How many are let in each minute. */
  readonly ratePerMinute: number;
  /** Up to how many simulated visitors fill a shorter line. */
  readonly crowd: number;
  /** Visitors in line, simulated ones included. */
  readonly waiting: number;
  /** Promoted visitors who hold a place. */
  readonly inside: number;
}

/** A call that the API received. */
export interface ReceivedCall {
  /** When, ISO 8601. */
  readonly at: string;
  /** The endpoint that was called. */
  readonly endpoint: SandboxEndpoint;
  /** The HTTP method. */
  readonly method: string;
  /** The path, without the query. */
  readonly path: string;
  /** The parameters of the query. */
  readonly query: Readonly<Record<string, string>>;
  /** The parsed body, or its beginning as text when it could not be parsed or was long. */
  readonly body?: unknown;
  /** Status answered; absent while the answer is pending, and when there was none. */
  readonly status?: number;
  /** The fault that was played. */
  readonly fault?: string;
}

/** A performance report. */
export interface RecordedResponse {
  /** The id that the API gave with the check. */
  readonly responseID: string;
  /** The visitor's token. */
  readonly token: string;
  /** The room of the check. */
  readonly slug: string;
  /** Status served: `code`, else `httpCode`, else 200. */
  readonly code: number;
  /** Time to serve the page, in milliseconds. */
  readonly time?: number;
  /** How many page views this report stands for. */
  readonly sampleRate?: number;
}

/** What happened in two seconds. Where nothing did and nobody looked, there is no point. */
export interface FlowPoint {
  /** When they began, in Unix milliseconds. */
  readonly atMs: number;
  /** Decisions that let somebody through: `admit` and `bypass`. */
  readonly admitted: number;
  /** Decisions that sent somebody to wait: `queue`. */
  readonly queued: number;
  /** All other decisions: `redirect`, `reject` and `respond`. */
  readonly answered: number;
  /** Those of all decisions that were made after a fault. */
  readonly failures: number;
  /** Calls of the services. */
  readonly calls: number;
  /** Those of the calls on which a fault was played. */
  readonly faults: number;
  /** Visitors in line in all rooms when they began, simulated ones included. */
  readonly waiting: number;
  /** Visitors inside in all rooms when they began. */
  readonly inside: number;
}

/** Everything a sandbox knows, without its secrets. */
export interface SandboxState {
  /** The sandbox's clock, ISO 8601. */
  readonly now: string;
  /** The key that integrations use. */
  readonly publicKey: string;
  /** The rooms as they stand. */
  readonly rooms: readonly RoomState[];
  /** How many tokens are remembered. */
  readonly visitors: number;
  /** Blocked addresses and the status each is answered with. */
  readonly blockedIps: Readonly<Record<string, 3 | 4>>;
  /** What fails on purpose, by endpoint. */
  readonly faults: Readonly<Partial<Record<SandboxEndpoint, Fault>>>;
  /** The Queue-it side. */
  readonly queueIt: QueueItState;
  /** The latest calls of the APIs and arrivals at the queue, oldest first, at most 200. */
  readonly calls: readonly ReceivedCall[];
  /** The latest decisions that a gate told, oldest first, at most 200. */
  readonly decisions: readonly NotedDecision[];
  /** What happened in the last ten minutes, each two seconds in which something did, oldest first, at most 300. */
  readonly flow: readonly FlowPoint[];
  /** The latest performance reports, oldest first, at most 1000. */
  readonly responses: readonly RecordedResponse[];
}
