import type { PlaceInLine } from "../decision.ts";

/** The `type` of the problem document that tells of a waiting room (RFC 9457). */
export const waitingRoomProblem: string = "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem";

/** What a program is told that must wait, as `application/problem+json`. */
export interface WaitingRoomProblem {
  /** Always {@linkcode waitingRoomProblem}. */
  readonly type: string;
  /** For people. */
  readonly title: string;
  /** The status of the response. */
  readonly status: number;
  /** The address of the waiting room, which a browser opens as a page. */
  readonly waitingRoom: string;
  /**
   * The query parameter of `waitingRoom` that says where the visitor returns to. A script puts its page there, because
   * it holds the address of the call.
   */
  readonly returnParameter?: string;
  /**
   * The query parameters that a script leaves out of its page before: what the room told on an earlier return would count before what
   * it tells on the next one. Their names are compared in any case, and without escapes.
   */
  readonly returnWithout?: readonly string[];
  /** Where the visitor stands in the line, and how long that is going to take, as far as the provider knows. */
  readonly place?: PlaceInLine;
  /** Where a program with a place in a room of `waitingRoom()` asks by `POST` whether it is its turn. */
  readonly poll?: string;
  /** Where a program of the site takes a number by `POST`, in a room of `waitingRoom()`, where it has none that counts. */
  readonly join?: string;
  /** After how many seconds it may ask. */
  readonly seconds?: number;
}
