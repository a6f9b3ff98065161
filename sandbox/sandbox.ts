/**
 * What a sandbox can do.
 *
 * @module
 */

import type { NotedDecision } from "./decisions.ts";
import type { Faults } from "./faults.ts";
import type { QueueItSandbox } from "./queue-it/queue-it.ts";
import type { RoomChange, RoomState, SandboxState } from "./state.ts";

/** A running sandbox. */
export interface Sandbox {
  /** The key integrations use. */
  readonly publicKey: string;
  /** The key integrations in hybrid mode use. */
  readonly privateKey: string;
  /** The Queue-it side. */
  readonly queueIt: QueueItSandbox;
  /** What fails on purpose. */
  readonly faults: Faults;
  /** What the sandbox knows right now. */
  readonly state: SandboxState;
  /**
   * Answers a request: CrowdHandler's API under `/v1`, the own control endpoints under `/sandbox`, Queue-it's pages
   * and endpoints by their addresses, CrowdHandler's waiting rooms elsewhere.
   *
   * @param request The request.
   * @param env What the platform hands over; leave it out in process.
   * @returns The response.
   * @throws {TypeError} If the fault `reset` is played in process.
   */
  fetch(request: Request, env?: unknown): Promise<Response>;
  /**
   * Notes what a gate decided, for the board: `decisionLog({ write: sandbox.noteDecision })`. A gate in another process tells it by
   * {@linkcode tellSandbox}.
   *
   * @param record A record of `decisionLog()`.
   * @throws {TypeError} If it is none.
   */
  noteDecision(this: void, record: NotedDecision): void;
  /**
   * Lets a visitor in at once, or everybody in line.
   *
   * @param token The visitor's token or queue id; everybody when left out.
   * @returns How many were let in.
   */
  promote(token?: string): number;
  /**
   * Changes a room.
   *
   * @param slug The room.
   * @param change What to change.
   * @returns The room as it now stands.
   * @throws {RangeError} If there is no such room.
   */
  updateRoom(slug: string, change: RoomChange): RoomState;
  /**
   * Refuses an address.
   *
   * @param ip The address.
   * @param status What the API answers: 3 or 4.
   * @throws {RangeError} If it is not an address.
   */
  blockIp(ip: string, status?: 3 | 4): void;
  /**
   * Accepts an address again.
   *
   * @param ip The address.
   */
  unblockIp(ip: string): void;
  /** Ends everything that is being delayed. */
  close(): void;
}
