/** The options of the waiting room, as its owner gives them. */

import type { Context } from "../../src/context.ts";
import type { TextTest, TriggerCondition } from "../../src/triggers/rule-types.ts";
import type { BypassOptions, PriorityOptions } from "./lane-options.ts";
import type { StatusCache } from "./node/mod.ts";
import type { PageOptions } from "./page/options.ts";
import type { WaitingView } from "./page/view.ts";
import type { RoomStore } from "./stores/store.ts";

/** What must all be true of a request that a room protects: a condition of `triggers()`, with a short form for the path. */
export interface RoomCondition extends Omit<TriggerCondition, "path"> {
  /** The path: a text means this path and everything below it, in any spelling; otherwise a test of `triggers()`. */
  readonly path?: string | TextTest;
}

/** Which requests a room protects: those that meet a condition, or one of several, or of which a function says so. */
export type RoomMatch =
  | RoomCondition
  | readonly RoomCondition[]
  | ((ctx: Context) => boolean | Promise<boolean>);

/**
 * Makes the page of a visitor who waits. The answer gets the status, the cookie and the headers of the waiting room; a text becomes a
 * page of HTML. Put `view.script` at the end of its body: without it nothing goes on by itself. The script fills elements with these
 * `data-part`s, where there are any: `heading`, `lead`, `place`, `ahead`, `waitLabel`, `wait`, `progress` (its `value`, from 0 to 100), `note`,
 * `checked` (when it looked last) and `live` (what screen readers are told). It shows `numbers` once they are known, `noted` while there is
 * a note, `opens` until the room opens, and `lost` while nothing can be reached. A button `notify` is shown where browsers can notify. A
 * form whose action is the path of `leave` gives the place back, and behind one whose action is that of `carry` stands what takes the place
 * along, once it is asked for.
 *
 * @param view What is known of the visitor and the room.
 * @param ctx The request.
 * @returns The page.
 */
export type PageFunction = (
  view: WaitingView,
  ctx: Context,
) => Response | string | Promise<Response | string>;

/** How the rate of a room follows what its application can take. It is decided about every 10 seconds, once for all processes. */
export interface AutotuneOptions {
  /** How long pages may take on average, in milliseconds, up to the first byte of the answer: beyond, the rate is lowered by 30 %. */
  readonly targetMs: number;
  /**
   * Which share of the visitors may meet errors, from 0 to 1: beyond, the rate is lowered by 30 %. An error is a status from 500 on, and whatever
   * the application throws.
   *
   * @default {0.05}
   */
  readonly maxErrorRate?: number;
  /** The least rate, in admissions a minute, from 0.1 to 600,000. */
  readonly min: number;
  /** The highest rate, in admissions a minute, at least `min`. */
  readonly max: number;
}

/** How a lottery is held. */
export interface LotteryOptions {
  /**
   * What the secrets of the room's lotteries are made of, one for each opening, in 32 bytes at least. All processes need the same.
   *
   * @default {the secretKeys}
   */
  readonly secret?: string;
  /**
   * Gets what nobody knew while people registered, such as the randomness of a public beacon: 1 to 200 printable characters of ASCII without
   * blanks. It is asked for when registration is closed, up to ten seconds at a time.
   *
   * @default {none: the order is verifiable against everyone but the owner}
   */
  readonly beacon?: () => string | Promise<string>;
  /**
   * What happens where there is no beacon 20 seconds before the opening: the order is drawn by the secret alone, or it stays that of the
   * registrations, or the room opens a minute after the beacon is there.
   *
   * @default {"committed"}
   */
  readonly onBeaconFailure: "committed" | "arrival" | "delay";
}

/** The options of one room. At least one of `admitPerMinute` and `capacity` is given. */
export interface RoomOptions {
  /**
   * The name of the room, in cookies, metrics and logs: 1 to 32 lower-case letters, digits and hyphens, but not `grace`, which is the name of
   * another plugin's cookie.
   *
   * @default {"main", for the only room}
   */
  readonly name?: string;
  /**
   * Which requests the room protects. Of several rooms the first that matches counts.
   *
   * @default {all of them}
   */
  readonly match?: RoomMatch;
  /**
   * How many people are let in a minute, from 0 to 600,000; fractions are fine, and 0 holds everybody.
   *
   * @default {the capacity, but at least 60}
   */
  readonly admitPerMinute?: number;
  /**
   * Lets the rate follow what the application can take: `admitPerMinute` is only what it begins with. It goes with a `capacity`, for it cannot
   * help where those who are inside are too many.
   *
   * @default {the rate stays as it is}
   */
  readonly autotune?: AutotuneOptions;
  /**
   * For how long admissions that nobody took are saved up, in seconds, from 0 to 60.
   *
   * @default {3}
   */
  readonly burstSeconds?: number;
  /**
   * How many people may be inside at once, from 0 to 1,000,000.
   *
   * @default {no limit}
   */
  readonly capacity?: number;
  /**
   * How long somebody stays inside after the last request, in minutes, up to 1,440.
   *
   * @default {15}
   */
  readonly sessionMinutes?: number;
  /**
   * How long somebody stays inside at most, in minutes, however many requests are made.
   *
   * @default {4 times sessionMinutes}
   */
  readonly maxSessionMinutes?: number;
  /**
   * For how long others must have been let in past somebody who was called and is away before the place is lost, in minutes.
   *
   * @default {5}
   */
  readonly returnMinutes?: number;
  /** When the room opens: a date, or a text with its time zone, such as `"2027-03-01T09:00:00Z"`. @default {it is open} */
  readonly opensAt?: string | Date;
  /**
   * In which order those come who are there before the opening: as they came, or drawn by a lottery that anybody can check. A lottery needs
   * `opensAt`. Registration closes a minute before it, or earlier where more than 300,000 register.
   *
   * @default {"arrival"}
   */
  readonly order?: "arrival" | "lottery";
  /** How the lottery is held. */
  readonly lottery?: Partial<LotteryOptions>;
  /**
   * A lane for some: while people wait in both, so many of them are let in for each of the others, and no place is lost where one lane is
   * empty. It cannot go with a lottery, which draws one order of all.
   *
   * @default {one line for all}
   */
  readonly priority?: PriorityOptions;
  /**
   * Says who is let in without waiting, whatever the room does: a function, which counts nobody, or {@linkcode BypassOptions}.
   *
   * @default {nobody}
   */
  readonly bypass?: ((ctx: Context) => boolean | Promise<boolean>) | BypassOptions;
  /** When the room closes, in the same form. @default {it does not close} */
  readonly closesAt?: string | Date;
  /** What those who wait are told, in up to 500 characters. @default {nothing} */
  readonly note?: string;
  /** What the page says, or a function that makes it. @default {the plain page} */
  readonly page?: PageOptions | PageFunction;
}

/** What all rooms share. */
export interface SharedOptions {
  /**
   * The keys that sign tickets and passes, each of 32 bytes at least: the first signs, all verify, so that they can be rotated.
   *
   * @default {one that is made for this process, or once in a store that others share}
   */
  readonly secretKeys?: readonly string[];
  /**
   * Where the state of the rooms is.
   *
   * @default {memoryStore(): in this process}
   */
  readonly store?: RoomStore;
  /**
   * What the names of the rooms begin with in the store, and the ids of webhooks, so that staging and production stay apart: 1 to 32
   * lower-case letters, digits and hyphens.
   *
   * @default {"stanchion"}
   */
  readonly prefix?: string;
  /**
   * What the paths of the rooms' own endpoints begin with.
   *
   * @default {"/.stanchion"}
   */
  readonly path?: string;
  /**
   * For how long people inside are served on while the store fails, in minutes, from 0 to 60; never beyond the end of their pass.
   *
   * @default {5}
   */
  readonly graceMinutes?: number;
  /**
   * Where the status of a room is kept for a second, for all processes near by, so that not each of them asks the store: `caches.default` on
   * Workers. The names of rooms with their `prefix` tell whose it is, so rooms of different stores must not share both.
   *
   * @default {each process asks the store, once a second while it has visitors}
   */
  readonly cache?: StatusCache;
  /**
   * After how long a store that does not answer has failed, in milliseconds, from 10 to 10,000.
   *
   * @default {what the store says: 250, or 1,500 where it is reached by HTTP}
   */
  readonly storeTimeoutMs?: number;
  /**
   * What happens to the places of people inside whom a loss of the store's state made unknown: they are kept for a whole session, or
   * ever fewer of them. It matters where there is a capacity.
   *
   * @default {"strict"}
   */
  readonly recovery?: "strict" | "linear";
  /**
   * Binds tickets and passes to a text, such as an account: what was given for one is absent for every other.
   *
   * @default {to nothing: whoever has the cookie has the place}
   */
  readonly bind?: (ctx: Context) => string;
  /**
   * Gives each identity, such as an account, one number: it is the same in whatever browser it comes without a ticket. Of the text only a
   * keyed hash is kept, of the last 250,000 identities of a room that took a number. `""` is no identity.
   *
   * What was given for one identity counts for no other. Nobody loses a place by signing in or out: what was given for no identity goes on
   * when its holder signs in, and what was given for one does while nobody is signed in. So an account may use a number that was
   * taken without it, unless everybody has an identity, or `bind` names the account as well.
   *
   * @default {no identities}
   */
  readonly identify?: (ctx: Context) => string;
  /**
   * Is asked about newcomers from an address from which very many come: a response is shown to them in place of a number, nothing
   * lets them go on.
   *
   * @default {a proof of work by the browser, of about a second}
   */
  readonly challenge?: (ctx: Context) => Response | undefined | Promise<Response | undefined>;
  /**
   * How many pages a process tells of changes as they happen, by server-sent events, from 0 to 100,000. Each is a connection that stays
   * open; pages beyond that number ask, as all do without it.
   *
   * @default {0: none}
   */
  readonly eventStreams?: number;
  /**
   * The status of the waiting page.
   *
   * @default {503}
   */
  readonly status?: 503 | 200 | 202 | 429;
  /**
   * The `Domain` of the cookies, for rooms that several hosts share; `""` for the host alone.
   *
   * @default {""}
   */
  readonly domain?: string;
  /** The hosts of the site, as the option of `createGate`. @default {those that are known to the gate} */
  readonly publicHosts?: readonly string[];
  /** Tells the time of this machine in Unix milliseconds. Rooms go by the store's clock. @default {Date.now} */
  readonly now?: () => number;
  /** A number from 0 up to, but without, 1, by which calls are spread. @default {Math.random} */
  readonly random?: () => number;
  /** Is told once of each thing that the owner should know. @default {console.warn} */
  readonly warn?: (message: string) => void;
}

/** The options of {@linkcode waitingRoom}: those of one room, or `rooms`, and what all of them share. */
export type WaitingRoomOptions =
  & SharedOptions
  & (
    | RoomOptions & { readonly rooms?: undefined }
    | { readonly rooms: readonly RoomOptions[] } & { readonly [K in keyof RoomOptions]?: undefined }
  );
