/** What all that stands before a server of Node does with a request. */

import { isPromise } from "../../src/async/maybe-promise.ts";
import type { Begun, Passage } from "../../src/begun.ts";
import type { Gate } from "../../src/gate.ts";
import { show } from "../../src/options/check.ts";
import { isOver, partsIn } from "../../src/pipeline/held-answer.ts";
import { Visit } from "../visit.ts";
import { changeHead, type NodeResponse } from "./change-head.ts";
import { isGone } from "./is-gone.ts";
import { requestOf } from "./message-request.ts";
import { sendAnswer, sendParts } from "./send-answer.ts";
import type { NodeRequest } from "./target.ts";

/** Where a visit is kept, on the request. */
const visitKey: unique symbol = Symbol("stanchion");

/** A request, on which a visit may be kept. */
type Visited = NodeRequest & { [visitKey]?: Visit };

/** What was kept of a visit on its request. */
export function visitIn(incoming: NodeRequest): Visit | undefined {
  return (incoming as Visited)[visitKey];
}

/**
 * Lets a request in or answers it.
 *
 * @param platform What tells of the connection: on a server of Node, the request first.
 * @param go Calls the application; there is no passage where this gate was passed before.
 * @param answer Called in its place, with what sends the gate's answer.
 * @param whole The target that was asked for, where a framework keeps it elsewhere than on the request.
 */
export function enter(
  gate: Gate,
  incoming: NodeRequest,
  outgoing: NodeResponse,
  platform: readonly unknown[],
  go: (passage?: Passage) => void,
  answer: (send: () => Promise<void>) => void,
  whole?: string,
): void {
  if (Visit.hasPassed(gate, visitIn(incoming))) return go();
  const begun = gate.begin(requestOf(incoming, outgoing, whole), ...platform);
  if (isPromise(begun)) void begun.then(decided);
  else decided(begun);

  function decided(begun: Begun): void {
    const parts = partsIn(begun);
    if (parts !== undefined) return answer(() => Promise.resolve(sendParts(incoming, outgoing, parts)));
    if (begun.answer !== undefined) {
      const given = begun.answer;
      return answer(() => sendAnswer(incoming, outgoing, given));
    }
    (incoming as Visited)[visitKey] = new Visit(begun.ctx, begun.decision, gate);
    // A request that ended before it was whole has nobody behind it any more.
    if (!isGone(outgoing) && (!incoming.destroyed || incoming.complete)) {
      if (!isOver(begun)) changeHead(outgoing, begun);
      return go(begun);
    }
    begun.left();
    answer(() => Promise.resolve());
  }
}

/** Refuses what is no gate. */
export function checkNodeGate(gate: unknown): void {
  if (typeof gate === "function" && "begin" in gate) return;
  throw new TypeError(
    `Cannot put gate before a server of Node: the gate must be what createGate() made, received ${
      show(gate)
    }`,
  );
}
