import { isSecret } from "../../src/crypto/bearer.ts";
import { meant, UsageError } from "../arguments.ts";
import type { Host } from "../host.ts";
import { keyOf } from "../keys.ts";
import { asJson, plain, plainInLine } from "../print.ts";
import { type Board, boardAt, type Changed, type RoomView } from "./board.ts";
import { boardOf, type RoomsCommand, type Wish } from "./command.ts";
import { printRooms } from "./print.ts";

/** What becomes of a room, and what somebody should know before; nothing where it hurts nobody. */
interface Change {
  readonly order: Readonly<Record<string, unknown>>;
  /** What is different, such as `rate: 60 → 120`. */
  readonly says: string;
  readonly hurts?: string;
}

/**
 * Runs `stanchion rooms`: tells what the rooms of a board are like, or changes one.
 *
 * @returns The exit code: 1 where a room is not well, or was not changed.
 */
export async function roomsCommand(command: RoomsCommand, host: Host): Promise<number> {
  const address = command.board ?? boardOf(host.env("STANCHION_BOARD"), "STANCHION_BOARD");
  if (address === undefined) {
    throw new UsageError("Which board? --board <address>, or STANCHION_BOARD in the environment");
  }
  const secret = await keyOf(command.secret, host);
  if (secret === undefined) {
    throw new UsageError("Which secret? STANCHION_BOARD_SECRET in the environment, or --secret-file <file>");
  }
  if (!isSecret(secret)) {
    throw new UsageError("The secret of a board has 16 to 512 printable characters without spaces");
  }
  const board = boardAt(address, secret, command.timeoutMs, host);
  const views = await board.rooms();
  const { wish } = command;
  if (wish.is === "status") return tell(command, views, host);
  return await change({ ...command, wish }, views, board, host);
}

function tell({ room, json }: RoomsCommand, views: readonly RoomView[], host: Host): number {
  const wanted = room === undefined ? views : [viewOf(views, room)];
  host.out(json ? asJson(wanted) : printRooms(wanted));
  return wanted.some(({ verdicts }) => verdicts.some(({ level }) => level === "bad")) ? 1 : 0;
}

function viewOf(views: readonly RoomView[], room: string | undefined): RoomView {
  const names = views.map(({ name }) => name);
  const found = views.find(({ name }) => name === room);
  if (found !== undefined) return found;
  if (room !== undefined) {
    throw new UsageError(`The board has no room "${room}"${meant(room, names.slice(0, 50), "")}`);
  }
  const [only, another] = views;
  if (only === undefined || another !== undefined) {
    throw new UsageError(`Which room? The board has ${names.slice(0, 50).join(", ")}`);
  }
  return only;
}

async function change(
  command: RoomsCommand & { readonly wish: Exclude<Wish, { is: "status" }> },
  views: readonly RoomView[],
  board: Board,
  host: Host,
): Promise<number> {
  const { wish, revision, isSure, json } = command;
  if (wish.is === "note" && command.room === undefined && views.some(({ name }) => name === wish.text)) {
    throw new UsageError(`Which note for room "${wish.text}"? stanchion rooms note ${wish.text} "a text"`);
  }
  const view = viewOf(views, command.room);
  const { name, room } = view;
  const seen = revision ?? room?.["revision"];
  if (room === undefined || typeof seen !== "number") {
    throw new Error(`the board knows nothing of room "${name}" yet: its store does not answer`);
  }
  const { order, says, hurts } = changeOf(wish, name, room);
  if (hurts !== undefined && !isSure && !(await confirmed(`${name}, ${says}. ${hurts}`, host))) {
    host.err("Nothing was changed");
    return 1;
  }
  // In containers a variable may be there, and empty.
  const names = ["STANCHION_BY", "USER", "USERNAME"].map(host.env);
  const by = command.by ?? names.find((each) => each !== undefined && each !== "") ?? "the command line";
  const changed = await board.change(name, { order, revision: seen, by }).catch((error: unknown) => {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}. The change may be in force all the same: look at the room, stanchion rooms`);
  });
  return report(changed, { name, says, json, by, saw: seen }, host);
}

function report(
  changed: Changed,
  { name, says, json, by, saw }: {
    readonly name: string;
    /** The revision by which it was decided. */
    readonly saw: number;
    readonly says: string;
    readonly json: boolean;
    readonly by: string;
  },
  host: Host,
): number {
  if (json) host.out(asJson({ room: name, ...changed }));
  if (changed.is === "conflict") {
    if (!json) host.err(plainInLine(conflictText(changed, saw)));
    return 1;
  }
  if (!json) {
    host.out(
      plainInLine(
        `${name}, ${says}. In force on all processes within two seconds, as ordered by ${by}, revision ${changed.revision}`,
      ),
    );
  }
  if (!changed.isRecorded) host.err("The change is in force, but the log of changes could not be written");
  return 0;
}

function conflictText({ last, revision }: Extract<Changed, { is: "conflict" }>, saw: number): string {
  if (saw > Number(revision)) {
    return `Nothing was changed: the room is at revision ${revision}, which is before ${saw}: look at it, and decide anew`;
  }
  const { by, order } = Object(last) as { readonly by?: unknown; readonly order?: unknown };
  const who = typeof by === "string" ? `${by} was faster` : "somebody was faster";
  const what = order === undefined ? "" : ` with ${JSON.stringify(order).slice(0, 300)}`;
  return `Nothing was changed: ${who}${what}. The room is at revision ${revision} now; look at it, and decide anew`;
}

/** Asks somebody who is there. */
async function confirmed(question: string, host: Host): Promise<boolean> {
  const answer = await host.ask?.(plain(`${question}\nIs that meant? (yes/no) `));
  if (answer !== undefined) return /^\s*y(?:es)?\s*$/i.test(answer);
  throw new UsageError(`${question} Nobody can be asked here whether that is meant: add --yes`);
}

function changeOf(
  wish: Exclude<Wish, { is: "status" }>,
  name: string,
  room: Readonly<Record<string, unknown>>,
): Change {
  const { mode, note, limits } = room;
  const modeIs = (to: string) => `${mode} → ${to}`;
  switch (wish.is) {
    case "mode":
      return { order: { mode: wish.mode }, says: modeIs(wish.mode), hurts: wish.effect };
    case "resume":
      if (mode !== "paused") {
        throw new UsageError(
          `Room "${name}" is not paused, it is ${mode}. To let people in by its limits: stanchion rooms open ${name}`,
        );
      }
      return { order: { mode: "open" }, says: modeIs("open") };
    case "open":
      return wish.at === undefined
        ? {
          order: { mode: "open" },
          says: modeIs("open"),
          hurts: "People are let in as the limits allow, from now on.",
        }
        : {
          order: { opensAt: wish.at },
          says: `opens ${wish.at}`,
          hurts: "Who waits keeps the place. If that is yet to come, nobody is let in before.",
        };
    case "note":
      return {
        order: { note: wish.text },
        says: `note: ${JSON.stringify(note ?? "")} → ${JSON.stringify(wish.text)}`,
      };
    case "limit":
      return limited(wish, Object(limits));
  }
}

function limited(
  { limit, value }: Extract<Wish, { is: "limit" }>,
  limits: Readonly<Record<string, unknown>>,
): Change {
  if (limit === "rate" && typeof value === "string") {
    return {
      order: { rate: value },
      says: value === "held" ? "the rate is held" : "the rate follows the application",
    };
  }
  const field = limit === "rate" ? "admitPerMinute" : "capacity";
  const known = limits[field];
  // The board tells no limit as a number below 0.
  const before = typeof known === "number" && known < 0 ? "unlimited" : known;
  const change = { order: { [field]: value }, says: `${limit}: ${before} → ${value}` };
  const hurts = harmOf(before, value);
  return hurts === undefined ? change : { ...change, hurts };
}

/** A slip of a finger lets in ten times as many, or nobody. */
function harmOf(before: unknown, value: number | string): string | undefined {
  if (value === 0) return "Nobody is let in.";
  if (value === "unlimited") return "Any number of people may be inside.";
  if (typeof before === "number" && typeof value === "number" && value > 2 * before) {
    return "That is more than twice as many as now.";
  }
  return undefined;
}
