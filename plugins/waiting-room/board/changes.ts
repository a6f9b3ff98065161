/** Changes of rooms, as the board is asked for them. */

import * as v from "valibot";
import { GateError } from "../../../src/errors.ts";
import { type JsonBody, readJsonBody } from "../../../src/http/json-body.ts";
import { type Answer, answer, problem } from "../../../src/http/problem.ts";
import { isPrintableName } from "../../../src/options/printable-name.ts";
import type { OperatedRoom, RoomOrder } from "../controls/mod.ts";
import type { Known } from "./sign-in.ts";

/** How long what is sent may be, in bytes, and how long it may take, in milliseconds: a note has 500 characters. */
const limits = { maxBytes: 8192, timeoutMs: 5000 };

const schema = v.strictObject({
  order: v.record(v.string(), v.unknown()),
  revision: v.pipe(v.number(), v.safeInteger("must be an integer"), v.minValue(0, "must be at least 0")),
  by: v.exactOptional(
    v.pipe(v.string(), v.check(isPrintableName, "must be 1 to 80 printable characters, not only spaces")),
  ),
});

/**
 * Changes a room as a request says: `{ order, revision }`, and `by` of a program, which has no name of its own.
 *
 * @returns The answer, and who changed the room where somebody did.
 */
export async function changeRoom(
  room: OperatedRoom,
  request: Request,
  known: Known,
): Promise<{ readonly answer: Answer; readonly by?: string }> {
  const asked = read(await readJsonBody(request, limits));
  if ("status" in asked) return { answer: asked };
  const { order, revision, by: said } = asked;
  const by = known.isProgram ? said : known.name;
  if (by === undefined) return { answer: wrong([{ path: "by", message: "must be given: who wants it" }]) };
  try {
    // What an order has is looked at before anything is done.
    const result = await room.change(order as RoomOrder, { by, revision });
    if (result.is === "changed") {
      return {
        answer: answer(200, {
          is: "changed",
          revision: result.status.revision,
          isRecorded: result.isRecorded,
        }),
        by,
      };
    }
    if (revision > result.status.revision) {
      // That of a room whose store lost what it knew, or of another one.
      const detail =
        `Nothing was changed: the room is at revision ${result.status.revision}, which is before ${revision}: look at it, and decide anew`;
      return { answer: problem(409, { detail, is: "conflict", revision: result.status.revision }) };
    }
    const records = await room.records().catch(() => []);
    // Of what was not seen yet, that of somebody else: one's own change may have come behind it.
    const unseen = records.filter((record) => (record.revision ?? 0) > revision);
    const last = unseen.findLast((record) => record.by !== by) ?? unseen.at(-1);
    const detail = "Somebody else changed the room first, and nothing was changed: look at it as it is now";
    return { answer: problem(409, { detail, is: "conflict", revision: result.status.revision, last }) };
  } catch (cause) {
    return { answer: failed(cause) };
  }
}

function read(body: JsonBody): v.InferOutput<typeof schema> | Answer {
  if ("status" in body) return problem(body.status, { detail: body.detail });
  const parsed = v.safeParse(schema, body.value, { abortPipeEarly: true });
  if (parsed.success) return parsed.output;
  return wrong(
    parsed.issues.slice(0, 20).map((issue) => ({ path: v.getDotPath(issue) ?? "", message: issue.message })),
  );
}

function wrong(errors: readonly { readonly path: string; readonly message: string }[]): Answer {
  return problem(400, { detail: "The body is not what this endpoint takes", errors });
}

function failed(cause: unknown): Answer {
  if (cause instanceof GateError) {
    const detail = "The store did not answer. The change may be in force all the same: look at the room";
    return problem(503, { detail }, { "retry-after": "2" });
  }
  if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
  const message = cause.message.replace(/^Cannot create change of a room: /, "");
  return wrong([{ path: "order", message }]);
}
