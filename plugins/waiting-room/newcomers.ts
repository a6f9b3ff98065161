import { chain } from "../../src/async/maybe-promise.ts";
import type { Context } from "../../src/context.ts";
import { GateError } from "../../src/errors.ts";
import { isResponse } from "../../src/pipeline/answer.ts";
import { type CookieAttributes, forgetCookie, readRawCookie, writeCookie } from "../../src/http/cookies.ts";
import type { WaitingRoomOptions } from "./options.ts";
import { createNewcomers, createPuzzle, createTags, type Puzzle, type PuzzleView } from "./tickets/mod.ts";
import { lazily } from "./lazily.ts";
import type { Visit } from "./visit.ts";

/** How newcomers are met. */
export interface DoorOptions {
  readonly challenge: WaitingRoomOptions["challenge"];
  readonly now: () => number;
}

/** What a newcomer gets: the tag with which to ask for a number, or what has to be done before. */
export type Welcome =
  | { readonly tag: string }
  | { readonly puzzle: PuzzleView; readonly cookie: string; readonly cookieName: string }
  | { readonly response: Response };

/** Meets newcomers. */
export interface Door {
  welcome(room: string, visit: Visit, keys: readonly string[]): Welcome | Promise<Welcome>;
}

/** How long a challenge is kept by the browser, in seconds. */
const keptSeconds = 60;

/**
 * Makes the door. Of an address from which very many come, each further one has to do something first, which a person hardly notices:
 * nobody is refused.
 */
export function createDoor({ challenge, now }: DoorOptions): Door {
  const newcomers = lazily(createNewcomers);
  // Waiting costs a program nothing, and it may wait a thousand times at once: an address gets as many numbers by that as it gets at once.
  const patient = lazily(createNewcomers);
  const newTag = createTags();
  let puzzle: { readonly keys: readonly string[]; readonly puzzle: Puzzle } | undefined;

  function puzzleOf(keys: readonly string[]): Puzzle {
    if (puzzle?.keys !== keys) puzzle = { keys, puzzle: createPuzzle(keys) };
    return puzzle.puzzle;
  }

  return {
    welcome(room, visit, keys) {
      const { ctx } = visit;
      const cookieName = puzzleCookie(room);
      const bound = () => JSON.stringify([ctx.address ?? "", visit.binding]);
      // Puzzles go by the clock of the nodes: newcomers are met before anybody asks the store.
      const at = now();
      const brought = readRawCookie(ctx.cookieHeader, cookieName);
      if (brought !== undefined && challenge === undefined) {
        const solved = puzzleOf(keys).check(room, brought, bound(), at);
        if (solved?.by === "patience" && !patient().take(ctx.address, at)) {
          visit.note(() => "very many have waited at the visitor's address, so this one waits once more");
        } else if (solved !== undefined) {
          visit.note(() => `the visitor has earned a number by ${solved.by}`);
          visit.cookie(forgetCookie(cookieName, placeOf(ctx)));
          return { tag: solved.tag };
        }
      }
      if (newcomers().take(ctx.address, at)) return { tag: newTag() };
      visit.note(() => "very many come from the visitor's address");
      if (challenge !== undefined) {
        return chain(challenge(ctx), (response: unknown): Welcome => {
          if (response === undefined) return { tag: newTag() };
          if (isResponse(response)) return { response };
          throw new GateError("internal", '"challenge" must return a Response, or nothing');
        });
      }
      const view = puzzleOf(keys).show(room, bound(), at);
      return { puzzle: view, cookie: cookieOf(ctx, cookieName, view.challenge), cookieName };
    },
  };
}

function puzzleCookie(room: string): string {
  return `stanchion_puzzle_${room}`;
}

/** The page's script writes the solution into it, so it is open to scripts. */
function cookieOf(ctx: Context, name: string, challenge: string): string {
  return writeCookie(name, challenge, { ...placeOf(ctx), maxAgeSeconds: keptSeconds });
}

function placeOf({ href }: Context): CookieAttributes {
  return { path: "/", secure: href.startsWith("https:"), sameSite: "Lax" };
}
