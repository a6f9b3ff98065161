import type { EventEmitter } from "node:events";
import { at, field } from "../../src/pipeline/hand-over.ts";

/** Whether nothing can be answered any more. HTTP/2 tells it of the stream, and not of the response. */
export function isGone(outgoing: EventEmitter): boolean {
  return field(outgoing, "destroyed") === true || at(outgoing, ["stream", "destroyed"]) === true;
}
