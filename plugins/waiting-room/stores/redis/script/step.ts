/** `machine/step.ts`: one step, and then all that has changed is written at once. Before that nothing is. */
export const step = `
local function answer(command, now)
  local is = command.is
  if is == 'enter' then return enter(command, now)
  elseif is == 'checkIn' then return checkIn(command, now)
  elseif is == 'renew' then return renew(command, now), true
  elseif is == 'leave' then return leave(command, now), true
  else return control(command, now), true end
end

local clock = tonumber(ARGV[1])
if not clock then
  local time = call('TIME')
  clock = time[1] * 1000 + floor(time[2] / 1000)
end
local room, seen = readRoom(ARGV[2]), readSeen(ARGV[3])
local commands, members, tags, tagsOfIdentities = readCommands()

local packed = call('GET', KEYS[1])
call('STRLEN', KEYS[2])
if packed then
  local isPacked, unpacked = pcall(cmsgpack.unpack, packed)
  if not isPacked or type(unpacked) ~= 'table' or type(unpacked.form) ~= 'number' then return { 'wrong', 'it is none' } end
  if unpacked.form > form then return { 'newer', text(unpacked.form) } end
  s = unpacked
else
  s = createState(room, clock)
  -- Whatever else is there belongs to a state that is gone.
  for _, set in ipairs(all) do if set.size > 0 then clear(set) end end
end
local faulty = complete(s)
if faulty then return { 'wrong', 'it has a "' .. faulty .. '" that is none' } end
interval, burst = paceOf(s.limits)
if #members > 1 then for _, set in ipairs({ front, asleep, expiry, sessions, spent }) do prefetch(set, members) end end
if #tags > 1 then prefetch(recent, tags) end
if #tagsOfIdentities > 1 then prefetch(identities, tagsOfIdentities) end

local before = markOf()
recover(seen, commands, clock)
local now = tellTime(clock)
configure(room, now)
passTime(now)
moveFrontier(now)
local outcomes, isInTurn = {}, true
for at, command in ipairs(commands) do
  local outcome, isRight = answer(command, now)
  outcomes[at] = outcome
  isInTurn = isInTurn and isRight
end
local fault = complaint(before, now) or not isInTurn and 'somebody was admitted out of turn'
if fault then return { 'wrong', fault } end

local told = statusOf(now)
local isRefreshed = not packed or call('PTTL', KEYS[1]) < refreshMs
-- First what needs memory: a server that has none refuses this, and nothing has been written.
if isRefreshed then call('SET', KEYS[1], cmsgpack.pack(s), 'EX', stateSeconds)
else call('SET', KEYS[1], cmsgpack.pack(s), 'KEEPTTL') end
call('SET', KEYS[2], told, 'EX', stateSeconds)
for _, set in ipairs(all) do if set.dropped or set.changes > 0 or isRefreshed then write(set, isRefreshed) end end
return { 'ok', told, '1[' .. concat(outcomes, ',') .. ']' }
`;
