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
  if not m.take(front, member) then m.take(asleep, member) end
end

function m.reserve(now)
  if asleep.size == 0 then return 0 end
  local isByRate = m.tokens(now) <= m.freePlaces(now)
  return min(m.below(asleep, s.passed + 1), max(1, ceil(isByRate and burst / 6 or s.limits.capacity / 100)))
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

function m.seat(member, number, word, isEntering, isHidden, servesPage, now)
  local rank, all = m.below(front, number, word), m.freeNow(now)
  local free = isHidden and all or max(0, all - m.reserve(now))
  local isFirst = not isEntering or (asleep.size == 0 and now >= s.quietUntil)
  if rank < free and isFirst then
    m.leaveFront(member)
    m.takeToken(now)
    local least = m.lowest(front)
    s.passed = max(s.passed, least and min(least, number) or number)
    s.admittedSince = s.admittedSince + 1
    return m.letIn(member, word, rank, free, servesPage, now)
  end
  local nextMs = m.nextCallMs(rank, all, now)
  if isHidden then
    m.take(front, member)
    m.put(asleep, member, number)
    m.put(expiry, member, now + ${hiddenMs})
  else
    m.take(asleep, member)
    m.put(front, member, number)
    m.put(expiry, member, now + ceil(nextMs * 6 / 5) + 1000)
  end
  return '{"is":"waiting","number":' .. word .. format(',"rank":%.0f,"nextMs":%.0f}', rank, nextMs), true
end

-- The further answers: whether nobody was admitted out of turn, and whether the place is lost.
function m.comeBack(number, word, member, isHidden, servesPage, now)
  local known, isUsed = m.inside(member, word)
  if known then return known, true, isUsed end
  if m.score(spent, member) then
    s.lapsed = s.lapsed + 1
    return m.lapse(word, true), true, true
  end
  if s.mode == 'closed' or s.mode == 'sold-out' then return '${closed}', true end
  if s.mode == 'bypass' then return m.letIn(member, word, 0, 1, servesPage, now) end
  if number > s.frontier then return m.simple('far', word), true end
  if number <= s.line[1] and not m.score(front, member) and not m.score(asleep, member) then
    s.lapsed = s.lapsed + 1
    return m.lapse(word, false), true, true
  end
  return m.seat(member, number, word, false, isHidden, servesPage, now)
end

function m.remember(set, tag, number, most)
  m.put(set, tag, number)
  if set.size > most then for _, old in ipairs(m.upTo(set, number, 2)) do m.take(set, old) end end
end

function m.enter(command, now)
  local tag, servesPage = command.tag, command.servesPage
  local known = m.score(command.isIdentity and identities or recent, tag)
  if known then
    local word = m.text(known)
    if m.isRegistration(known) then return m.simple('registered', word), true end
    local again, isRight, hasLapsed = m.comeBack(known, word, word .. '.' .. tag, false, servesPage, now)
    if not hasLapsed then return again, isRight end
  end
  if s.mode == 'closed' or s.mode == 'sold-out' or s.mode == 'draining' then return '${closed}', true end
  if now < s.heldUntil then return format('{"is":"later","seconds":%.0f}', ceil((s.heldUntil - now) / 1000)), true end
  if m.isRegistering() and s.commitment == '' then return '{"is":"later","seconds":1}', true end
  local number = s.issued + 1
  s.issued = number
  s.joined = s.joined + 1
  if command.isIdentity then m.remember(identities, tag, number, ${mostIdentities})
  else m.remember(recent, tag, number, ${mostRecent}) end
  local word = m.text(number)
  if m.isRegistering() then return m.simple('registered', word), true end
  local member = word .. '.' .. tag
  if s.mode == 'bypass' then
    if s.frontier == number - 1 then s.frontier = number end
    return m.letIn(member, word, 0, 1, servesPage, now)
  end
  if s.frontier ~= number - 1 or front.size >= m.wanted(now) or not m.isCalling(now) then return m.simple('far', word), true end
  s.frontier = number
  return m.seat(member, number, word, true, false, servesPage, now)
end

function m.checkIn(command, now)
  local number, word, member = command.number, command.word, command.member
  if command.epoch ~= s.epoch or not (number >= 1 and number <= s.issued) then
    local known = m.inside(member, word)
    return known or m.simple('unknown', word), true
  end
  if command.isRegistration and m.isRegistration(number) then return m.simple('registered', word), true end
  return m.comeBack(number, word, member, command.isHidden, command.servesPage, now)
end
`;
