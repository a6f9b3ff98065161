import { sessionKind } from "../../../machine/mod.ts";
import { hiddenMs, lateMs } from "./constants.ts";

const mostExpiries = 1000;
const lineParts = 5;
const markMs = 10000;
const silenceMs = 2000;
const keptOnce = 0.5;
const againMs = 30000;

/** `machine/time.ts`: what time does to a room. */
export const time: string = `
function m.openOrClose(now)
  m.closeRegistration(now)
  local mode = s.mode
  if mode == 'scheduled' and s.opensAt > 0 and now >= s.opensAt and not m.isUndrawn() then
    s.mode = 'open'
    s.openedAt = now
  end
  if s.closesAt == 0 or now < s.closesAt then return end
  s.closesAt = 0
  if mode ~= 'bypass' and mode ~= 'sold-out' then s.mode = 'closed' end
end

function m.isShut()
  return s.mode == 'closed' or s.mode == 'sold-out'
end

function m.hear(now)
  if m.isShut() then s.silentUntil = now + ${hiddenMs}
  elseif now - s.advancedAt > ${silenceMs} then s.silentUntil = max(s.silentUntil, now) end
end

function m.expireFront(now, wasShut)
  local isKept, isSoonLost = m.isShut(), s.limits.returnMs < ${hiddenMs}
  local absent = m.upTo(expiry, now, ${mostExpiries})
  m.prefetch(front, absent)
  m.prefetch(asleep, absent)
  for _, member in ipairs(absent) do
    local at, number = m.score(expiry, member), m.numberOf(member)
    local lane = m.laneOf(number)
    local wasShown = m.take(lane.front, member)
    if not wasShown then m.take(lane.asleep, member) end
    local wasSilent = at <= s.silentUntil and (wasShut or at == floor(at))
    if (isSoonLost or number <= lane.passed) and (isKept or wasSilent) then
      m.put(lane.asleep, member, number)
      m.put(expiry, member, now + ${hiddenMs} + (isKept and 0 or ${keptOnce}))
    elseif wasShown and number <= lane.line[2] then
      m.put(lane.asleep, member, number)
      m.put(expiry, member, now + ${againMs} + ${keptOnce})
    else m.take(expiry, member) end
  end
end

function m.expireSessions(now)
  local past = m.upTo(sessions, 4 * now + 3, ${mostExpiries})
  m.prefetch(spent, past)
  m.prefetch(over, past)
  for _, member in ipairs(past) do
    local endsAt, kind = m.sessionOf(m.score(sessions, member))
    if kind == ${sessionKind.confirmed} and now < s.recoverUntil then
      m.put(sessions, member, 4 * s.recoverUntil + kind)
    else
      m.take(sessions, member)
      s.ended = s.ended + 1
      local number = m.numberOf(member)
      local lane = m.laneOf(number)
      if kind == ${sessionKind.confirmed} then m.put(over, member, 4 * (endsAt + ${lateMs}) + kind) end
      if kind ~= ${sessionKind.claim} and number > lane.line[1] then m.put(lane.spent, member, number) end
    end
  end
  for _, member in ipairs(m.upTo(over, 4 * now + 3, ${mostExpiries})) do m.take(over, member) end
end

function m.moveLine(now)
  local partMs, parts = s.limits.returnMs / ${lineParts}, 0
  if not m.isAdmitting(now) then s.lineAt = s.lineAt + (now - s.advancedAt) end
  while now - s.lineAt >= partMs and parts < #s.line do
    parts = parts + 1
    s.lineAt = s.lineAt + partMs
    for _, lane in ipairs(lanes) do
      if lane.admitted ~= lane.lineAdmitted then
        lane.lineAdmitted = lane.admitted
        table.remove(lane.line, 1)
        table.insert(lane.line, lane.passed)
      end
    end
  end
  if now - s.lineAt >= partMs then s.lineAt = now end
end

function m.moveMarks(now)
  local marks = 0
  while now - s.marksAt >= ${markMs} and marks < #s.marks do
    marks = marks + 1
    s.marksAt = s.marksAt + ${markMs}
    for _, lane in ipairs(lanes) do
      table.remove(lane.marks, 1)
      table.insert(lane.marks, lane.issued)
    end
  end
  if now - s.marksAt >= ${markMs} then s.marksAt = now end
  for _, lane in ipairs(lanes) do
    for _, tag in ipairs(m.upTo(lane.recent, lane.marks[1], ${mostExpiries})) do m.take(lane.recent, tag) end
  end
end

function m.passTime(now)
  m.openOrClose(now)
  local wasShut = s.silentUntil > s.advancedAt
  m.hear(now)
  m.expireFront(now, wasShut)
  m.expireSessions(now)
  m.moveLine(now)
  m.moveMarks(now)
  for _, lane in ipairs(lanes) do
    local registered = lane == s and s.registered or 0
    local lapseLine, known = lane.line[1], lane.identities
    for _, member in ipairs(m.upTo(lane.spent, lapseLine, ${mostExpiries})) do m.take(lane.spent, member) end
    for _, tag in ipairs(m.upTo(known, lapseLine < registered and 0 or lapseLine, ${mostExpiries})) do m.take(known, tag) end
  end
  s.advancedAt = now
end
`;
