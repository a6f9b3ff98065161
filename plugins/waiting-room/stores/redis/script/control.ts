import { hiddenMs } from "./constants.ts";

/** `machine/control.ts`: changes of a room. */
export const control: string = `
function m.setMode(mode, now)
  if mode == 'open' and s.openedAt == 0 then s.openedAt = now end
  if mode == 'scheduled' then s.openedAt = 0
  elseif s.opensAt > now then s.opensAt = now end
  local wasShut = m.isShut()
  s.mode = mode
  if wasShut and not m.isShut() then s.silentUntil = max(s.silentUntil, now + ${hiddenMs}) end
end

function m.apply(change, now)
  s.revision = s.revision + 1
  local limits = {}
  for name, value in pairs(s.limits) do limits[name] = value end
  for name, value in pairs(change.limits) do limits[name] = value end
  m.setLimits(limits, now)
  if change.autotune or change.limits.admitPerMinute then m.holdRate(change.autotune ~= 1, now) end
  if change.note then s.note = change.note end
  if change.closesAt then s.closesAt = change.closesAt end
  if change.opensAt then
    if change.opensAt > 0 or s.opensAt > now then s.opensAt = change.opensAt end
    local isToCome = change.opensAt > now
    if isToCome and not change.closesAt and s.closesAt <= change.opensAt then s.closesAt = 0 end
    if s.mode == 'open' or s.mode == 'scheduled' or (s.mode == 'closed' and isToCome) then
      m.setMode(isToCome and 'scheduled' or 'open', now)
    end
  end
  if change.mode then m.setMode(change.mode, now) end
  m.reopenRegistration(now)
  if change.commit then m.commit(change.commit) end
  if change.draw then m.draw(change.draw, now) end
  if change.dropsLine then m.beginEpoch(s.epoch + 1) end
end

function m.control(command, now)
  if command.revision and command.revision ~= s.revision then
    return format('{"is":"conflict","revision":%.0f}', s.revision)
  end
  m.apply(command, now)
  return format('{"is":"ok","revision":%.0f}', s.revision)
end

function m.changes(new, known, names, found)
  local isOther = false
  for _, name in ipairs(names) do
    if new[name] ~= known[name] then
      found[name] = new[name]
      isOther = true
    end
  end
  return isOther
end

function m.configure(line, now)
  local known = s.configured
  if tonumber(string.match(line, '^%S+')) <= known.since then return end
  local room = m.readRoom(line)
  s.configured = room
  local order = room.order or 'arrival'
  if room.priority then m.beginPriority(room.priority.weight).weight = room.priority.weight end
  local isEmpty = true
  for _, lane in ipairs(lanes) do isEmpty = isEmpty and lane.issued == m.baseOf(lane) end
  local isOther = order ~= s.order and isEmpty
  if isOther then s.order = order end
  local change = { limits = {} }
  local hasFields = m.changes(room, known, { 'note', 'opensAt', 'closesAt' }, change)
  local names = { 'admitPerMinute', 'burstSeconds', 'capacity', 'sessionMs', 'returnMs', 'recovery' }
  local hasLimits = m.changes(room.limits, known.limits, names, change.limits)
  if room.autotune then change.autotune = change.limits.admitPerMinute and 1
  elseif s.tuned and s.tuned.heldSince == 0 then
    change.limits.admitPerMinute, hasLimits = room.limits.admitPerMinute, true
  end
  if hasLimits or hasFields or isOther then m.apply(change, now) end
end
`;
