import { priorityBase, sessionKind } from "../../../machine/mod.ts";
import { quietMs, servedMs, spareMs } from "./constants.ts";

const holdMs = 3000;

/** `machine/recovery.ts`: what is done when Redis has lost some of what it knew, or all. */
export const recovery: string = `
function m.beginEpoch(epoch)
  s.epoch = epoch
  for _, lane in ipairs(lanes) do m.dropLane(lane, m.baseOf(lane)) end
  if s.priority then s.priority.ahead = 0 end
  m.dropRegistrations()
  m.clear(expiry)
end

function m.hold(lost, now)
  m.emptyBucket(now)
  s.heldUntil = now + ${holdMs}
  s.recoverUntil = now + s.limits.sessionMs
  for _, lane in ipairs(lanes) do
    lane.quietUntil = max(lane.quietUntil, now + ${quietMs})
    lane.lastPresent = lane.front.size
    lane.admittedSince, lane.inflight = 0, 0
  end
  if s.limits.capacity >= 0 then
    s.ghosts = max(lost, m.ghostsNow(now))
    s.ghostsAtFirst, s.ghostsUntil = s.ghosts, s.recoverUntil
  end
  for _, member in ipairs(m.upTo(sessions, 4 * (now + ${servedMs} + ${spareMs}) + 3, sessions.size)) do
    local endsAt, kind = m.sessionOf(m.score(sessions, member))
    if kind == ${sessionKind.claim} then m.put(sessions, member, 4 * max(endsAt, s.recoverUntil) + kind) end
  end
end

function m.isBehind(seen)
  if seen.epoch ~= s.epoch then return seen.epoch > s.epoch end
  return seen.revision > s.revision or seen.issued > s.issued or seen.frontier > s.frontier or seen.passed > s.passed or
    seen.admitted > s.admitted or seen.renewed > s.renewed or m.isLaneBehind(seen.priority) or seen.now > s.last
end

function m.restore(seen, told)
  m.readRestOfSeen(seen)
  local now = max(told, seen.now)
  m.setBack(now - told)
  s.last = now
  local isOtherLine = seen.epoch > s.epoch
  if isOtherLine then m.beginEpoch(seen.epoch) end
  m.restoreLottery(seen, isOtherLine)
  m.restoreTuning(seen, now)
  if seen.revision > s.revision then
    s.revision = seen.revision
    s.mode, s.note = seen.mode, seen.note
    s.opensAt, s.closesAt, s.openedAt = seen.opensAt, seen.closesAt, seen.openedAt
    m.setLimits(seen.limits, now)
  end
  local inside = seen.sessions + seen.ghosts
  local unknown = m.ghostsNow(now) + max(0, seen.admitted - s.admitted)
  local lost = max(0, inside - sessions.size, min(unknown, inside))
  for _, name in ipairs({ 'issued', 'frontier', 'passed', 'admitted', 'renewed' }) do s[name] = max(s[name], seen[name]) end
  s.lastPassed = max(s.lastPassed, s.passed)
  for at, value in ipairs(s.line) do s.line[at] = max(value, seen.lapseLine) end
  m.restoreLane(seen.priority)
  m.hold(lost, now)
  s.recoveries = s.recoveries + 1
  return now
end

-- What visitors prove by tickets that this state cannot have given: the highest number of each lane, and since when there are any.
function m.proofOf(commands)
  local best
  for _, command in ipairs(commands) do
    if command.is == 'c' or command.is == 'r' then
      local epoch, number, issuedAt = command.epoch, command.number, command.issuedAt
      local isPriority = number > ${priorityBase}
      if isPriority then m.beginPriority(1) end
      local isNew = epoch > s.epoch or (epoch == s.epoch and not (number <= m.laneOf(number).issued and issuedAt >= s.knownSince))
      if isNew and not (best and epoch < best.epoch) then
        if not best or epoch > best.epoch then best = { epoch = epoch, number = 0, priority = 0, issuedAt = issuedAt } end
        best.number, best.priority = max(isPriority and 0 or number, best.number), max(isPriority and number or 0, best.priority)
        best.issuedAt = min(issuedAt, best.issuedAt)
      end
    end
  end
  return best
end

function m.lostPlaces(issuedAt, now)
  local mayBeInside = now < s.base + s.limits.sessionMs or issuedAt > now - s.limits.sessionMs
  return mayBeInside and max(0, s.limits.capacity - sessions.size) or 0
end

function m.recover(seen, commands, clock)
  local isLess = seen and m.isBehind(seen)
  local now = m.tellTime(clock)
  if isLess then now = m.restore(seen, now) end
  local proof = m.proofOf(commands)
  if not proof then return end
  if proof.epoch > s.epoch then m.beginEpoch(proof.epoch) end
  if now >= s.recoverUntil then
    m.hold(m.lostPlaces(proof.issuedAt, now), now)
    s.recoveries = s.recoveries + 1
  end
  s.issued = max(s.issued, proof.number)
  if s.priority then s.priority.issued = max(s.priority.issued, proof.priority) end
  s.knownSince = min(s.knownSince, proof.issuedAt)
end
`;
