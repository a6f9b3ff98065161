import { isSecret } from "../../../src/crypto/bearer.ts";
import {
  checkFunction,
  checkNumber,
  checkRules,
  checkSyncFunction,
  group,
  type Rule,
  shapeError,
  text,
  valueError,
} from "../../../src/options/check.ts";
import { checkSecretList } from "../../../src/options/check-secrets.ts";
import type { OperatedRoom } from "../controls/mod.ts";

/** Somebody who may look at the board. */
export interface BoardOperator {
  /** Who it is, for the log of changes: 1 to 80 printable characters. */
  readonly name: string;
  /** Whether they may change rooms. */
  readonly mayChange: boolean;
}

/**
 * Who may look at the board, and change rooms: whoever has one of the secrets, or whom a function knows. Secrets have 16 to 512
 * printable characters without spaces; several are accepted, so that they can be changed one after the other.
 *
 * A function is asked about each request, and tells who it is: the name of somebody who may do everything, or an operator;
 * `undefined` refuses. Take it where a sign-in of your own stands in front. What it throws refuses as well.
 */
export type BoardAuth =
  | {
    /** Whoever has one of these may do everything. */
    readonly secrets: readonly string[];
    /** Whoever has one of these may look, and change nothing. @default {nobody} */
    readonly viewSecrets?: readonly string[];
  }
  | ((request: Request) => BoardOperator | string | undefined | Promise<BoardOperator | string | undefined>);

/** What the board tells of those who came to it. Nothing of it is a secret. */
export interface BoardEvent {
  /** What happened. */
  readonly is: "signed-in" | "changed" | "refused";
  /** When, in Unix milliseconds. */
  readonly atMs: number;
  /** Why somebody was refused. */
  readonly why?: "no-rights" | "wrong-secret" | "too-many-tries" | "other-site" | "auth-failed";
  /** Who it was, where that is known. */
  readonly by?: string;
  /** The room that was to be changed. */
  readonly room?: string;
  /** The address of the connection, where the platform tells it. */
  readonly address?: string;
}

/** The options of {@linkcode roomBoard}. */
export interface BoardOptions {
  /** The rooms, as `waitingRoom().rooms` has them. */
  readonly rooms: readonly OperatedRoom[];
  /** Who may look, and change rooms. There is no default: a board is never open. */
  readonly auth: BoardAuth;
  /** What its paths begin with. @default {"/.stanchion-board"} */
  readonly path?: string;
  /** What the page is called, in up to 80 characters. @default {"Waiting rooms"} */
  readonly title?: string;
  /** For how many hours the figures are kept, from 0.1 to 48, in the memory of this process. @default {6} */
  readonly historyHours?: number;
  /** How long somebody stays signed in, in hours, from 0.1 to 720. @default {12} */
  readonly sessionHours?: number;
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
  /** Is told who signed in, changed a room, or was refused. @default {refusals on the console, at most one a second for each cause} */
  readonly onEvent?: (event: BoardEvent) => void;
}

/** Who takes these options. */
export const subject = "room board";

const secretsRule: Rule = (subject, option, value) => {
  const must = "a list of 1 to 16 secrets, each of 16 to 512 printable characters without spaces";
  checkSecretList(subject, option, value, must, isSecret, 16);
};

const authRule: Rule = (subject, option, value) => {
  if (typeof value === "function") return;
  if (value === undefined) {
    const must = "{ secrets: [...] }, or a function that tells who asks: a board is never open";
    throw shapeError(subject, option, must, value);
  }
  const must = "{ secrets: [...] }, or a function that tells who asks";
  group({ secrets: secretsRule, viewSecrets: secretsRule }, must)(subject, option, value);
  // The group has made sure that it is an object.
  secretsRule(subject, `${option}.secrets`, (value as { readonly secrets?: unknown }).secrets);
};

const roomsRule: Rule = (subject, option, rooms) => {
  const must = "a list of 1 to 1000 rooms, such as waitingRoom(...).rooms";
  if (!Array.isArray(rooms)) throw shapeError(subject, option, must, rooms);
  if (rooms.length === 0 || rooms.length > 1000) throw valueError(subject, option, must, rooms.length);
  for (const room of rooms as readonly Partial<OperatedRoom>[]) {
    if (typeof room?.name !== "string" || typeof room.change !== "function") {
      throw shapeError(subject, option, must, room);
    }
  }
  const names = rooms.map(({ name }: OperatedRoom) => name);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin !== undefined) throw valueError(subject, option, "rooms of different names", twin);
};

function hours(min: number, max: number): Rule {
  return (subject, option, value) => checkNumber(subject, option, value, min, max, false);
}

const rules: Readonly<Record<keyof BoardOptions, Rule>> = {
  rooms: roomsRule,
  auth: authRule,
  path: text(
    'a path such as "/.stanchion-board", without a slash at its end',
    (path) => path.length <= 128 && /^(?:\/[\w.~-]*[\w~-][\w.~-]*)+$/.test(path),
  ),
  title: text("a text of 1 to 80 characters", (title) => title.trim() !== "" && title.length <= 80),
  historyHours: hours(0.1, 48),
  sessionHours: hours(0.1, 720),
  now: checkSyncFunction,
  onEvent: checkFunction,
};

/** Refuses wrong options. */
export function checkBoard(options: BoardOptions): void {
  checkRules(subject, options, rules);
  for (const each of ["rooms", "auth"] as const) rules[each](subject, each, options[each]);
}
