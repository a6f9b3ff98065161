import { stateForm } from "../../../machine/mod.ts";
import { refreshMs, stateSeconds } from "./constants.ts";

/** `machine/step.ts`: one step, and then all that has changed is written at once. Before that nothing is. */
export const step: string = `
function m.answer(command, now)
  local is = command.is
  if is == 'e' then return m.enter(command, now)
  elseif is == 'c' then return m.checkIn(command, now)
  elseif is == 'r' then return m.renew(command, now), true
  elseif is == 'l' then return m.leave(command, now), true
  else return m.control(command, now), true end
end

local clock = tonumber(ARGV[1])
if not clock then
  local time = call('TIME')
  clock = time[1] * 1000 + floor(time[2] / 1000)
end

local packed = call('GET', KEYS[1])
call('STRLEN', KEYS[2])
if packed then
  local isPacked, unpacked = pcall(cmsgpack.unpack, packed)
  if not isPacked or type(unpacked) ~= 'table' or type(unpacked.form) ~= 'number' then return { 'wrong', 'it is none' } end
  if unpacked.form > ${stateForm} then return { 'newer', m.text(unpacked.form) } end
  s = unpacked
else
  s = m.createState(m.readRoom(ARGV[2]), clock)
  -- Whatever else is there belongs to a state that is gone.
  for _, set in ipairs(all) do if set.size > 0 then m.clear(set) end end
end
local faulty = m.complete(s)
if faulty then return { 'wrong', 'it has a "' .. faulty .. '" that is none' } end
interval, burst = m.paceOf(s.limits)
m.attach(s, 1)
if s.priority then m.attach(s.priority, 2) elseif s.configured.priority then m.beginPriority(s.configured.priority.weight) end
local commands = m.readCommands()
local before = m.markOf()
m.recover(m.readSeen(ARGV[3]), commands, clock)
local now = m.tellTime(clock)
m.configure(ARGV[2], now)
m.passTime(now)
m.tune(m.readReport(ARGV[4]), now)
m.moveFrontier(now)
local outcomes, isInTurn = {}, true
for at, command in ipairs(commands) do
  local outcome, isRight = m.answer(command, now)
  outcomes[at] = outcome
  isInTurn = isInTurn and isRight
end
local fault = m.complaint(before, now) or not isInTurn and 'somebody was admitted out of turn'
if fault then return { 'wrong', fault } end

local told = m.statusOf(now)
for _, lane in ipairs(lanes) do m.detach(lane) end
local isRefreshed = not packed or call('PTTL', KEYS[1]) < ${refreshMs}
-- First what needs memory: a server that has none refuses this, and nothing has been written.
if isRefreshed then call('SET', KEYS[1], cmsgpack.pack(s), 'EX', ${stateSeconds})
else call('SET', KEYS[1], cmsgpack.pack(s), 'KEEPTTL') end
call('SET', KEYS[2], told, 'EX', ${stateSeconds})
for _, set in ipairs(all) do if set.dropped or set.changes > 0 or isRefreshed then m.write(set, isRefreshed) end end
return { 'ok', told, '1[' .. table.concat(outcomes, ',') .. ']' }
`;
