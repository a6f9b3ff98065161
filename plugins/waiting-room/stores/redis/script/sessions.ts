/** `machine/sessions.ts`: those who are inside. */
export const sessions = `
local lateMs, checkMs, leftMark = 60000, 60000, 0.5

local function renewed(number, until_) return format('{"is":"renewed","number":%s,"until":%s}', text(number), text(until_)) end

local function revive(command, member, now)
  local number, until_ = command.number, command.until_
  local hasLeft = (score(spent, member) or 0) > number
  local isLost = now < s.recoverUntil and until_ > now
  local isLate = command.isLatePost and now > until_ and now <= until_ + lateMs
  if hasLeft or not (isLost or isLate) then return simple('ended', number) end
  if isLost then s.ghosts = max(0, s.ghosts - 1) end
  leaveFront(member)
  take(spent, member)
  local ends = isLost and max(until_, min(now + s.limits.sessionMs, command.latest)) or now + lateMs
  put(sessions, member, 4 * (ends + spareMs) + confirmed)
  return renewed(number, ends)
end

local function renew(command, now)
  local number, member = command.number, command.member
  local value = score(sessions, member)
  if not value then return revive(command, member, now) end
  local endsAt, kind = sessionOf(value)
  if kind == left then return simple('ended', number) end
  local ends = endsAt - spareMs
  if command.isLatePost and now > command.until_ then ends = max(ends, now + lateMs)
  elseif command.isLonger or kind == claim then ends = max(ends, min(now + s.limits.sessionMs, command.latest)) end
  put(sessions, member, 4 * (ends + spareMs) + confirmed)
  return renewed(number, ends)
end

local function leave(command, now)
  local member = command.member
  leaveFront(member)
  local value = score(sessions, member)
  if value then
    local endsAt, kind = sessionOf(value)
    if kind ~= left then
      put(sessions, member, 4 * min(endsAt, now + checkMs + spareMs) + left)
      s.left = s.left + 1
    end
  end
  return simple('left', command.number)
end
`;
