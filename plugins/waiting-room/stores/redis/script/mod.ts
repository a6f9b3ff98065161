/**
 * The machine of the waiting room as one script of Redis.
 *
 * Its parts are those of the machine, by the same names and with the same order of operations, so that every figure is the same to
 * the last bit. `storeContract()` holds it to that.
 *
 * @module
 */

import { check } from "./check.ts";
import { clock } from "./clock.ts";
import { commands } from "./commands.ts";
import { control } from "./control.ts";
import { frontier } from "./frontier.ts";
import { lanes } from "./lanes.ts";
import { lottery } from "./lottery.ts";
import { presence } from "./presence.ts";
import { rate } from "./rate.ts";
import { recovery } from "./recovery.ts";
import { sessions } from "./sessions.ts";
import { sets } from "./sets.ts";
import { state } from "./state.ts";
import { status } from "./status.ts";
import { step } from "./step.ts";
import { time } from "./time.ts";
import { tuning } from "./tuning.ts";

const head = `-- One step of a waiting room of Stanchion: all of it, or nothing.
--
-- KEYS: the state (packed), the status (JSON), then the sorted sets front, asleep, expiry, sessions, spent, recent, identities, over,
-- and front, asleep, spent, recent, identities of the priority lane, which are not touched where there is none
-- ARGV: the time in Unix milliseconds, empty for the server's; the configuration; what the node saw, empty for nothing; what it
-- heard of its application, the same; then each command
-- Answers { 'ok', status, outcomes }, { 'newer', form } of a state that a younger version wrote, or { 'wrong', what } of one that is none

local floor, ceil, max, min, format, call = math.floor, math.ceil, math.max, math.min, string.format, redis.call
local interval, burst
-- All functions are here, so that each call of the script makes them with few links.
local m = {}
-- The scalars.
local s

-- A number as text, exactly.
function m.text(value)
  if value == floor(value) then return format('%.0f', value) end
  return format('%.17g', value)
end
`;

const names = `
local front, asleep, expiry = m.setOf(KEYS[3], true), m.setOf(KEYS[4], true), m.setOf(KEYS[5])
local sessions, spent, recent, identities = m.setOf(KEYS[6]), m.setOf(KEYS[7]), m.setOf(KEYS[8]), m.setOf(KEYS[9])
local over = m.setOf(KEYS[10])
local all = { front, asleep, expiry, sessions, spent, recent, identities, over }
local lanes = {}
`;

/** The script. */
export const script: string = [
  head,
  sets,
  names,
  lanes,
  state,
  commands,
  clock,
  rate,
  tuning,
  lottery,
  frontier,
  presence,
  sessions,
  recovery,
  control,
  time,
  check,
  status,
  step,
].join("");
