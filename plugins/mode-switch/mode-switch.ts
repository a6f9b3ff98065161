/**
 * A switch for the gate's mode: turned at run time, for one process or, through a shared storage, for a fleet.
 *
 * @module
 */

import { checkRules } from "../../src/options/check.ts";
import type { GateError } from "../../src/errors.ts";
import type { Mode } from "../../src/gate.ts";
import { followMode } from "../_follow-mode.ts";
import { rules, subject } from "./options.ts";
import type { Schedule } from "../../src/async/refresher.ts";
import type { TokenStorage } from "../storage-tokens/storage-tokens.ts";

/** Where the mode of a fleet is kept: what {@linkcode storageTokens} takes does. */
export type ModeStorage = Pick<TokenStorage, "getItem" | "setItem">;

/** The options of {@linkcode modeSwitch}. */
export interface ModeSwitchOptions {
  /**
   * The mode as long as nobody has chosen another, and again after `forMs`.
   *
   * @default {"enforce"}
   */
  readonly initial?: Mode;
  /**
   * Where a fleet keeps its mode. Whoever can write there can open the gate.
   *
   * @default {none: the switch is this process's own}
   */
  readonly storage?: ModeStorage;
  /**
   * Under which key: letters, digits and `:/._-`.
   *
   * @default {"stanchion/mode"}
   */
  readonly key?: string;
  /**
   * How often the storage is read, in milliseconds, at least 100.
   *
   * @default {5000}
   */
  readonly pollMs?: number;
  /**
   * How long one call to the storage may take, in milliseconds.
   *
   * @default {2000}
   */
  readonly timeoutMs?: number;
  /**
   * Tells the time in Unix milliseconds.
   *
   * @default {Date.now}
   */
  readonly now?: () => number;
  /**
   * Calls back later and returns what calls that off.
   *
   * @default {setTimeout, which does not keep a process alive}
   */
  readonly schedule?: Schedule;
  /** Is told of each change. What it throws is ignored. */
  readonly onChange?: (state: ModeState) => void;
  /**
   * Is told when the storage fails, and of values in it that are none. What it throws is ignored.
   *
   * @default {a line on the console, at most one a second for each cause}
   */
  readonly onError?: (error: GateError) => void;
}

/** How a mode is set. */
export interface SetModeOptions {
  /** For how long, in milliseconds, after which the initial mode holds again. @default {until the next change} */
  readonly forMs?: number;
  /** Who sets it, for logs: up to 80 printable characters. */
  readonly by?: string;
}

/** What a switch stands at. */
export interface ModeState {
  /** The mode. */
  readonly mode: Mode;
  /** The mode as long as nobody has chosen another. */
  readonly initial: Mode;
  /** Until when it holds, in Unix milliseconds; absent if there is no end. */
  readonly untilMs?: number;
  /** Who set it; absent if nobody said so. */
  readonly by?: string;
  /** Whether the storage has it: `false` where a change could not be written yet. Always `true` without a storage. */
  readonly saved: boolean;
  /** How long ago the storage was last read, in milliseconds; absent if it never was. */
  readonly readAgeMs?: number;
}

/** A switch for the gate's mode. */
export interface ModeSwitch {
  /** Gives the mode at once: the option `mode` of `createGate`. */
  readonly mode: () => Mode;

  /**
   * Sets the mode: here at once, then in the storage. Where the storage fails, this process follows nevertheless, and
   * goes on trying to write.
   *
   * @param mode The mode.
   * @param options For how long, and by whom.
   * @returns What the switch stands at, once the storage has taken it or failed; `saved` tells which. Never rejected.
   * @throws {TypeError} When an option has the wrong shape.
   * @throws {RangeError} When the mode is none, or an option has a wrong value.
   */
  set(mode: Mode, options?: SetModeOptions): Promise<ModeState>;

  /**
   * Tells what the switch stands at.
   *
   * @returns Plain values.
   */
  state(): ModeState;

  /**
   * Reads the storage if that is due and nobody does so already. Requests and timers see to it; it is there for a
   * start that waits for the fleet's mode, and for `waitUntil` on Workers.
   *
   * @returns What to wait for, never rejected; `undefined` if there is nothing to do.
   */
  poll(): Promise<void> | undefined;

  /** Stops reading. The mode stays. */
  close(): void;
}

/**
 * Makes a switch for the gate's mode, so that it can be turned without a deployment.
 *
 * With a storage, all processes that share it follow within `pollMs`. It is read in the background, never while a
 * request waits, and one reading at a time. Where it is slow, broken or holds something else, the mode stays and
 * `onError` is told; where it holds nothing, the initial mode is meant. Nothing here keeps a process alive.
 *
 * @param options The storage, and how it is read.
 * @returns The switch.
 * @throws {TypeError} When an option has the wrong shape.
 * @throws {RangeError} When an option has a wrong value.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen, modeSwitch } from "@stanchion/stanchion";
 * import { crowdhandler } from "@stanchion/stanchion/crowdhandler";
 *
 * const modes = modeSwitch({ onChange: ({ mode, by }) => console.log(`The gate's mode is ${mode}, by ${by}`) });
 * const gate = createGate({
 *   mode: modes.mode,
 *   plugins: [cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 *
 * await modes.set("off", { forMs: 15 * 60_000, by: "on-call" });
 * modes.mode(); // "off"
 * ```
 */
export function modeSwitch(options: ModeSwitchOptions = {}): ModeSwitch {
  checkRules(subject, options, rules);
  return followMode(options);
}
