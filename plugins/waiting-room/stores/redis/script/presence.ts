import { sessionKind } from "../../../machine/mod.ts";
import { hiddenMs, servedMs, spareMs, unlimited } from "./constants.ts";

const claimMs = 60000;
const soonestMs = 1000;
const usualMs = 15000;
const longestMs = 60000;
const stillMs = 5000;
const mostRecent = 100000;
const mostIdentities = 250000;
const closed = '{"is":"closed"}';

/** `machine/presence.ts`: who is there, in which order, and who is let in. */
export const presence: string = `
-- Numbers that are only told are handed on as the texts that they come in: \`word\`.
function m.admitted(word, until_, again, isConfirmed, rank, free)
  return '{"is":"admitted","number":' .. word ..
    format(',"until":%.17g,"again":%s,"isConfirmed":%s,"rank":%.0f,"free":%.17g}',
      until_, tostring(again), tostring(isConfirmed), rank, free), rank < free
end
function m.lapse(word, wasUsed)
  return '{"is":"lapsed","number":' .. word .. ',"wasUsed":' .. tostring(wasUsed) .. '}'
end
function m.simple(is, word) return '{"is":"' .. is .. '","number":' .. word .. '}' end

function m.leaveFront(member)
  if not m.take(expiry, member) then return end
  local lane = s.priority and m.laneOf(m.numberOf(member)) or s
  if not m.take(lane.front, member) then m.take(lane.asleep, member) end
end

function m.sleepersBefore(lane, own, number)
  if lane.asleep.size == 0 or (lane ~= own and not m.isOthersTurn(own)) then return 0 end
  local following = number
  if lane ~= own then following = m.lowest(lane.front) end
  return m.below(lane.asleep, following and min(lane.passed + 1, following) or lane.passed + 1)
end

function m.reserve(own, number, now)
  local sleeping = 0
  for _, lane in ipairs(lanes) do sleeping = sleeping + lane.asleep.size end
  if sleeping == 0 then return 0 end
  local isByRate, passedBy = m.tokens(now) <= m.freePlaces(now), 0
  for _, lane in ipairs(lanes) do passedBy = passedBy + m.sleepersBefore(lane, own, number) end
  return min(passedBy, max(1, ceil(isByRate and burst / 6 or s.limits.capacity / 100)))
end

function m.admissionsPerSecond()
  if interval == 0 then return 0 end
  local rate, capacity = 1e6 / interval, s.limits.capacity
  if capacity == ${unlimited} then return rate end
  return min(rate, max(s.endRate, min(rate, (capacity - sessions.size) / 10), 0.05))
end

function m.waitMs(dueMs)
  local most = max(${usualMs}, min(${longestMs}, dueMs / 10))
  return floor(0.5 + min(most, max(${soonestMs}, dueMs < 2 * ${soonestMs} and dueMs or dueMs / 2)))
end

function m.openingCallMs(rank, perSecond, now)
  local free = max(1, min(burst, m.freePlaces(now)))
  local dueMs = s.opensAt - now + max(0, rank - free + 1) / perSecond * 1000
  return floor(0.5 + min(${usualMs}, max(${soonestMs}, dueMs)))
end

function m.nextCallMs(rank, free, now)
  local perSecond, nextMs = m.admissionsPerSecond(), ${usualMs}
  if perSecond ~= 0 then nextMs = m.waitMs(max(0, rank - max(free, 1) + 1) / perSecond * 1000) end
  if m.isAdmitting(now) and perSecond > 0 and m.freePlaces(now) > 0 then return nextMs end
  if s.mode == 'scheduled' and s.opensAt > now and perSecond > 0 then return m.openingCallMs(rank, perSecond, now) end
  return max(nextMs, rank >= 10 * burst and ${usualMs} or ${stillMs})
end

function m.letIn(member, word, rank, free, servesPage, now)
  m.leaveFront(member)
  local until_ = now + min(s.limits.sessionMs, servesPage and ${servedMs} or ${claimMs})
  m.put(sessions, member, 4 * (until_ + ${spareMs}) + ${sessionKind.claim})
  s.admitted = s.admitted + 1
  local lane = s.priority and m.laneOf(m.numberOf(member)) or s
  if lane ~= s then lane.admitted = lane.admitted + 1 end
  -- Whose number is 0 passed nobody either.
  if lane ~= s or string.byte(member) == 48 then s.lineAdmitted = s.lineAdmitted + 1 end
  return m.admitted(word, until_, false, false, rank, free)
end

-- The second answer: whether the number was used up.
function m.inside(member, word)
  local value = m.score(sessions, member)
  if not value then return nil end
  local endsAt, kind = m.sessionOf(value)
  if kind == ${sessionKind.left} then return m.lapse(word, true), true end
  return m.admitted(word, endsAt - ${spareMs}, true, kind == ${sessionKind.confirmed}, 0, 1), false
end

function m.seat(lane, member, number, word, isEntering, isHidden, servesPage, now)
  local ownRank, all = m.below(lane.front, number, word), m.freeNow(now)
  local rank = ownRank + m.othersBefore(lane, ownRank)
  local free = isHidden and all or max(0, all - m.reserve(lane, number, now))
  local isFirst = not isEntering or (lane.asleep.size == 0 and now >= lane.quietUntil)
  if rank < free and isFirst then
    m.leaveFront(member)
    m.takeToken(now)
    m.takeTurn(lane)
    local least = m.lowest(lane.front)
    lane.passed = max(lane.passed, least and min(least, number) or number)
    lane.admittedSince = lane.admittedSince + 1
    return m.letIn(member, word, rank, free, servesPage, now)
  end
  local nextMs = m.nextCallMs(rank, all, now)
  if isHidden then
    m.take(lane.front, member)
    m.put(lane.asleep, member, number)
    m.put(expiry, member, now + ${hiddenMs})
  else
    m.take(lane.asleep, member)
    m.put(lane.front, member, number)
    m.put(expiry, member, now + ceil(nextMs * 6 / 5) + 1000)
  end
  return '{"is":"waiting","number":' .. word .. format(',"rank":%.0f,"nextMs":%.0f}', ownRank, nextMs), true
end

-- The further answers: whether nobody was admitted out of turn, and whether the place is lost.
function m.comeBack(number, word, member, isHidden, servesPage, now)
  local known, isUsed = m.inside(member, word)
  if known then return known, true, isUsed end
  local lane = m.laneOf(number)
  if m.score(lane.spent, member) then
    s.lapsed = s.lapsed + 1
    return m.lapse(word, true), true, true
  end
  if s.mode == 'closed' or s.mode == 'sold-out' then return '${closed}', true end
  if s.mode == 'bypass' then return m.letIn(member, word, 0, 1, servesPage, now) end
  if number > lane.frontier then return m.simple('far', word), true end
  if number <= lane.line[1] and not m.score(lane.front, member) and not m.score(lane.asleep, member) then
    s.lapsed = s.lapsed + 1
    return m.lapse(word, false), true, true
  end
  return m.seat(lane, member, number, word, false, isHidden, servesPage, now)
end

function m.passBy(tag, servesPage, now)
  local member = '0.' .. tag
  local value = m.score(sessions, member)
  if value and value % 4 ~= ${sessionKind.left} then return m.inside(member, '0'), true end
  return m.letIn(member, '0', 0, 1, servesPage, now)
end

function m.refusalNow(now)
  if s.mode == 'closed' or s.mode == 'sold-out' or s.mode == 'draining' then return '${closed}' end
  if now < s.heldUntil then return format('{"is":"later","seconds":%.0f}', ceil((s.heldUntil - now) / 1000)) end
  if s.mode ~= 'bypass' and m.isRegistering() and s.commitment == '' then return '{"is":"later","seconds":1}' end
  return nil
end

function m.identityIn(lane, tag, givesNumbers)
  local other, own = m.otherLane(lane), m.score(lane.identities, tag) or nil
  local number = other and m.score(other.identities, tag) or nil
  if own or not number then return own end
  if lane == s or not givesNumbers or m.score(sessions, m.text(number) .. '.' .. tag) then return number end
  return nil
end

function m.giveUp(lane, tag)
  local number = lane and m.score(lane.identities, tag) or nil
  if not number then return end
  local member = m.text(number) .. '.' .. tag
  m.take(lane.identities, tag)
  m.put(lane.spent, member, number)
  m.leaveFront(member)
end

function m.remember(set, tag, number, most)
  m.put(set, tag, number)
  if set.size > most then for _, old in ipairs(m.upTo(set, number, 2)) do m.take(set, old) end end
end

function m.enter(command, now)
  local tag, servesPage = command.tag, command.servesPage
  if command.bypasses then return m.passBy(tag, servesPage, now) end
  local lane, refusal, known = m.laneToJoin(command.isPriority), m.refusalNow(now), nil
  if command.isIdentity then known = m.identityIn(lane, tag, not refusal) else known = m.score(lane.recent, tag) end
  if known then
    local word = m.text(known)
    if m.isRegistration(known) then
      local there, isUsed = m.inside(word .. '.' .. tag, word)
      if not there or isUsed then return m.simple('registered', word), true end
    end
    local again, isRight, hasLapsed = m.comeBack(known, word, word .. '.' .. tag, false, servesPage, now)
    if not hasLapsed then return again, isRight end
  end
  if refusal then return refusal, true end
  local number = lane.issued + 1
  lane.issued = number
  s.joined = s.joined + 1
  if command.isIdentity then
    m.giveUp(m.otherLane(lane), tag)
    m.remember(lane.identities, tag, number, ${mostIdentities})
  else m.remember(lane.recent, tag, number, ${mostRecent}) end
  local word = m.text(number)
  local member = word .. '.' .. tag
  if s.mode == 'bypass' then
    if lane.frontier == number - 1 and not m.isUndrawn() then lane.frontier = number end
    return m.letIn(member, word, 0, 1, servesPage, now)
  end
  if m.isRegistering() then return m.simple('registered', word), true end
  if lane.frontier ~= number - 1 or lane.front.size >= m.wanted(lane, now) or not m.isCalling(now) then return m.simple('far', word), true end
  lane.frontier = number
  return m.seat(lane, member, number, word, true, false, servesPage, now)
end

function m.checkIn(command, now)
  local number, word, member = command.number, command.word, command.member
  local lane = m.laneOf(number)
  if command.epoch ~= s.epoch or not (number > m.baseOf(lane) and number <= lane.issued) then
    local known = m.inside(member, word)
    return known or m.simple('unknown', word), true
  end
  if command.isRegistration and m.isRegistration(number) then return m.simple('registered', word), true end
  return m.comeBack(number, word, member, command.isHidden, command.servesPage, now)
end
`;
