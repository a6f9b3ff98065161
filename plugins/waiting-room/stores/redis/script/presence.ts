/** `machine/presence.ts`: who is there, in which order, and who is let in. */
export const presence = `
local spareMs, claimMs, servedMs, hiddenMs = 5000, 60000, 300000, 90000
local soonestMs, usualMs, longestMs, stillMs = 1000, 15000, 60000, 5000
local mostRecent = 100000

local function admitted(number, until_, again, rank, free)
  return format('{"is":"admitted","number":%.0f,"until":%s,"again":%s,"rank":%.0f,"free":%s}',
    number, text(until_), tostring(again), rank, text(free)), rank < free
end
local function lapse(number, wasUsed)
  return format('{"is":"lapsed","number":%.0f,"wasUsed":%s}', number, tostring(wasUsed))
end
local function simple(is, number) return format('{"is":"%s","number":%s}', is, text(number)) end
local closed = '{"is":"closed"}'

local function leaveFront(member)
  if not take(expiry, member) then return end
  if not take(front, member) then take(asleep, member) end
end

local function mostReserved()
  local capacity = s.limits.capacity
  return max(1, ceil(capacity == unlimited and burst / 6 or capacity / 100))
end

local function reserve()
  if asleep.size == 0 then return 0 end
  return min(below(asleep, s.passed + 1), mostReserved())
end

local function admissionsPerSecond()
  if interval == 0 then return 0 end
  local rate, capacity = 1e6 / interval, s.limits.capacity
  if capacity == unlimited then return rate end
  return min(rate, max(s.endRate, min(rate, (capacity - sessions.size) / 10), 0.05))
end

local function waitMs(dueMs)
  local most = max(usualMs, min(longestMs, dueMs / 10))
  return floor(0.5 + min(most, max(soonestMs, dueMs < 2 * soonestMs and dueMs or dueMs / 2)))
end

local function nextCallMs(rank, free, now)
  local perSecond, nextMs = admissionsPerSecond(), usualMs
  if perSecond ~= 0 then nextMs = waitMs(max(0, rank - max(free, 1) + 1) / perSecond * 1000) end
  if isAdmitting(now) and perSecond > 0 and freePlaces(now) > 0 then return nextMs end
  return max(nextMs, rank >= 10 * burst and usualMs or stillMs)
end

local function letIn(member, number, rank, free, servesPage, now)
  leaveFront(member)
  local until_ = now + min(s.limits.sessionMs, servesPage and servedMs or claimMs)
  put(sessions, member, 4 * (until_ + spareMs) + claim)
  s.admitted = s.admitted + 1
  return admitted(number, until_, false, rank, free)
end

-- The second answer: whether the number was used up.
local function inside(member, number)
  local value = score(sessions, member)
  if not value then return nil end
  local endsAt, kind = sessionOf(value)
  if kind == left then return lapse(number, true), true end
  return admitted(number, endsAt - spareMs, true, 0, 1), false
end

local function seat(member, number, isEntering, isHidden, servesPage, now)
  local rank, all = below(front, number), freeNow(now)
  local free = isHidden and all or max(0, all - reserve())
  local isFirst = not isEntering or (asleep.size == 0 and now >= s.quietUntil)
  if rank < free and isFirst then
    leaveFront(member)
    takeToken(now)
    local least = lowest(front)
    s.passed = max(s.passed, least and min(least, number) or number)
    s.admittedSince = s.admittedSince + 1
    return letIn(member, number, rank, free, servesPage, now)
  end
  local nextMs = nextCallMs(rank, all, now)
  if isHidden then
    take(front, member)
    put(asleep, member, number)
    put(expiry, member, now + hiddenMs)
  else
    take(asleep, member)
    put(front, member, number)
    put(expiry, member, now + ceil(nextMs * 6 / 5) + 1000)
  end
  return format('{"is":"waiting","number":%.0f,"rank":%.0f,"nextMs":%.0f}', number, rank, nextMs), true
end

-- The further answers: whether nobody was admitted out of turn, and whether the place is lost.
local function comeBack(number, member, isHidden, servesPage, now)
  local known, isUsed = inside(member, number)
  if known then return known, true, isUsed end
  if score(spent, member) then
    s.lapsed = s.lapsed + 1
    return lapse(number, true), true, true
  end
  if s.mode == 'closed' or s.mode == 'sold-out' then return closed, true end
  if s.mode == 'bypass' then return letIn(member, number, 0, 1, servesPage, now) end
  if number > s.frontier then return simple('far', number), true end
  if number <= s.line[1] and not score(front, member) and not score(asleep, member) then
    s.lapsed = s.lapsed + 1
    return lapse(number, false), true, true
  end
  return seat(member, number, false, isHidden, servesPage, now)
end

local function enter(command, now)
  local tag, servesPage = command.tag, command.servesPage
  local known = score(command.isIdentity and identities or recent, tag)
  if known then
    local again, isRight, hasLapsed = comeBack(known, memberOf(known, tag), false, servesPage, now)
    if not hasLapsed then return again, isRight end
  end
  if s.mode == 'closed' or s.mode == 'sold-out' or s.mode == 'draining' then return closed, true end
  if now < s.heldUntil then return format('{"is":"later","seconds":%.0f}', ceil((s.heldUntil - now) / 1000)), true end
  local number = s.issued + 1
  s.issued = number
  s.joined = s.joined + 1
  if command.isIdentity then put(identities, tag, number)
  else
    put(recent, tag, number)
    if recent.size > mostRecent then for _, old in ipairs(upTo(recent, number, 2)) do take(recent, old) end end
  end
  local member = memberOf(number, tag)
  if s.mode == 'bypass' then return letIn(member, number, 0, 1, servesPage, now) end
  if s.frontier ~= number - 1 or front.size >= wanted(now) or not isCalling(now) then return simple('far', number), true end
  s.frontier = number
  return seat(member, number, true, false, servesPage, now)
end

local function checkIn(command, now)
  local number, member = command.number, command.member
  if command.epoch ~= s.epoch or not (number >= 1 and number <= s.issued) then
    local known = inside(member, number)
    return known or simple('unknown', number), true
  end
  return comeBack(number, member, command.isHidden, command.servesPage, now)
end
`;
