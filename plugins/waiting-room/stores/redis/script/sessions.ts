import { sessionKind } from "../../../machine/mod.ts";
import { lateMs, spareMs } from "./constants.ts";

const checkMs = 60000;

/** `machine/sessions.ts`: those who are inside. */
export const sessions: string = `
function m.renewed(word, until_)
  s.renewed = s.renewed + 1
  return '{"is":"renewed","number":' .. word .. format(',"until":%.17g}', until_)
end

function m.revive(command, member, now)
  local until_ = command.until_
  local isLost = now < s.recoverUntil and until_ > now
  local isLate = command.isLatePost and now > until_ and now <= until_ + ${lateMs}
  local value, kind = m.score(over, member), nil
  if value then kind = value % 4 end
  if kind == ${sessionKind.left} or not (isLost or isLate and kind) then return m.simple('ended', command.word) end
  if isLost then s.ghosts = max(0, s.ghosts - 1) end
  m.leaveFront(member)
  m.take(m.laneOf(command.number).spent, member)
  m.take(over, member)
  local ends = isLost and max(until_, min(now + s.limits.sessionMs, command.latest)) or now + ${lateMs}
  m.put(sessions, member, 4 * (ends + ${spareMs}) + ${sessionKind.confirmed})
  return m.renewed(command.word, ends)
end

function m.renew(command, now)
  local member = command.member
  local value = m.score(sessions, member)
  if not value then return m.revive(command, member, now) end
  local endsAt, kind = m.sessionOf(value)
  if kind == ${sessionKind.left} then return m.simple('ended', command.word) end
  local ends = endsAt - ${spareMs}
  if command.isLatePost and now > command.until_ then ends = max(ends, now + ${lateMs})
  elseif command.isLonger or kind == ${sessionKind.claim} then ends = max(ends, min(now + s.limits.sessionMs, command.latest)) end
  m.put(sessions, member, 4 * (ends + ${spareMs}) + ${sessionKind.confirmed})
  return m.renewed(command.word, ends)
end

function m.leave(command, now)
  local member = command.member
  m.leaveFront(member)
  local value = m.score(sessions, member)
  if value then
    local endsAt, kind = m.sessionOf(value)
    if kind ~= ${sessionKind.left} then
      m.put(sessions, member, 4 * min(endsAt, now + ${checkMs} + ${spareMs}) + ${sessionKind.left})
      m.put(over, member, 4 * (endsAt + ${lateMs}) + ${sessionKind.left})
      s.left = s.left + 1
    end
  end
  return m.simple('left', command.word)
end
`;
