/** Sees rooms in Redis from behind the store, and takes them back to what they were. */

import { setNames, type StateRecord } from "../../plugins/waiting-room/machine/mod.ts";
import type { RedisCommands } from "../../plugins/waiting-room/stores/redis/mod.ts";
import type { TestedStore } from "../../plugins/waiting-room/testing/mod.ts";

const names = ["state", "status", ...setNames];

/** Tells the packed state as JSON, with all digits of its numbers. */
const readState = `
local function json(value)
  if type(value) == 'number' then return string.format('%.17g', value) end
  if type(value) ~= 'table' then return cjson.encode(value) end
  local parts = {}
  if value[1] ~= nil then
    for _, each in ipairs(value) do parts[#parts + 1] = json(each) end
    return '[' .. table.concat(parts, ',') .. ']'
  end
  for name, each in pairs(value) do parts[#parts + 1] = cjson.encode(name) .. ':' .. json(each) end
  return '{' .. table.concat(parts, ',') .. '}'
end
local packed = redis.call('GET', KEYS[1])
local answer = { packed and '1' .. json(cmsgpack.unpack(packed)) or false }
for at = 2, #KEYS do answer[at] = redis.call('ZRANGE', KEYS[at], 0, -1, 'WITHSCORES') end
return answer`;

/** Copies what is there from the first half of the keys to the second. */
const copy = `
for at = 1, #KEYS / 2 do
  redis.call('DEL', KEYS[at + #KEYS / 2])
  redis.call('COPY', KEYS[at], KEYS[at + #KEYS / 2])
end
return 'OK'`;

/** The hooks of `storeContract()` for a store with the usual prefix. */
export function roomsInRedis(send: RedisCommands): Required<Pick<TestedStore, "inspect" | "keep">> {
  let kept = 0;
  return {
    async inspect(room) {
      const keys = ["state", ...setNames].map((name) => `stanchion:{${room}}:${name}`);
      // The script answers so.
      const [state, ...sets] = await send(["EVAL", readState, String(keys.length), ...keys]) as [
        string | null,
        ...string[][],
      ];
      if (state === null) return undefined;
      const record: Record<string, readonly (readonly [string, number])[]> = {};
      for (const [at, name] of setNames.entries()) {
        const flat = sets[at] ?? [];
        record[name] = Array.from({ length: flat.length / 2 }, (_, pair) => [
          String(flat[2 * pair]),
          Number(flat[2 * pair + 1]),
        ]);
      }
      // It has each of the sets.
      return { scalars: JSON.parse(state.slice(1)), sets: record as StateRecord["sets"] };
    },
    async keep(room) {
      const id = kept++;
      const keys = names.map((name) => `stanchion:{${room}}:${name}`);
      const copies = names.map((name) => `kept:{${room}}:${name}:${id}`);
      const copied = (from: readonly string[], to: readonly string[]) =>
        send(["EVAL", copy, String(2 * names.length), ...from, ...to]);
      await copied(keys, copies);
      return async () => void await copied(copies, keys);
    },
  };
}
