/** `machine/control.ts`: changes of a room. */
export const control = `
local limitNames = { 'admitPerMinute', 'burstSeconds', 'capacity', 'sessionMs', 'returnMs', 'recovery' }

local function setMode(mode, now)
  if mode == 'open' and s.openedAt == 0 then s.openedAt = now end
  if mode == 'scheduled' then s.openedAt = 0
  elseif s.opensAt > now then s.opensAt = now end
  s.mode = mode
end

local function apply(change, now)
  s.revision = s.revision + 1
  local limits = {}
  for name, value in pairs(s.limits) do limits[name] = value end
  for name, value in pairs(change.limits) do limits[name] = value end
  setLimits(limits, now)
  if change.note then s.note = change.note end
  if change.closesAt then s.closesAt = change.closesAt end
  if change.opensAt then
    s.opensAt = change.opensAt
    if s.mode == 'open' or s.mode == 'scheduled' then setMode(s.opensAt > now and 'scheduled' or 'open', now) end
  end
  if change.mode then setMode(change.mode, now) end
  if change.dropsLine then beginEpoch(s.epoch + 1) end
end

local function control(command, now)
  if command.revision and command.revision ~= s.revision then
    return format('{"is":"conflict","revision":%.0f}', s.revision)
  end
  apply(command, now)
  return format('{"is":"ok","revision":%.0f}', s.revision)
end

local function changes(new, known, names, found)
  local isOther = false
  for _, name in ipairs(names) do
    if new[name] ~= known[name] then
      found[name] = new[name]
      isOther = true
    end
  end
  return isOther
end

local function configure(room, now)
  local known = s.configured
  if room.since <= known.since then return end
  s.configured = room
  local change = { limits = {} }
  local hasFields = changes(room, known, { 'note', 'opensAt', 'closesAt' }, change)
  if changes(room.limits, known.limits, limitNames, change.limits) or hasFields then apply(change, now) end
end
`;
