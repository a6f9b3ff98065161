/** `machine/rate.ts`: how many may be admitted now. The pace of the limits in force is at hand as `interval` and `burst`. */
export const rate = `
local quietMs, unlimited = 10000, -1
local interval, burst

local function isAdmitting(now)
  return (s.mode == 'open' or s.mode == 'draining') and now >= s.heldUntil
end

local function ghostsNow(now)
  if now >= s.ghostsUntil then return 0 end
  if s.limits.recovery == 'strict' then return s.ghosts end
  local remaining = s.ghostsAtFirst * (s.ghostsUntil - now) / s.limits.sessionMs
  return max(0, ceil(remaining - (s.ghostsAtFirst - s.ghosts)))
end

local function freePlaces(now)
  local capacity = s.limits.capacity
  if capacity == unlimited then return huge end
  return capacity - sessions.size - ghostsNow(now)
end

local function tokens(now)
  if burst == 0 then return 0 end
  local time = (now - s.base) * 1000
  return floor((time + (burst - 1) * interval - max(s.tat, time)) / interval) + 1
end

local function freeNow(now)
  if not isAdmitting(now) then return 0 end
  return max(0, min(tokens(now), freePlaces(now)))
end

local function takeToken(now)
  s.tat = max(s.tat, (now - s.base) * 1000) + interval
end

local function emptyBucket(now)
  s.tat = max(s.tat, (now - s.base) * 1000 + burst * interval)
end

local function setLimits(limits, now)
  local oldInterval, oldBurst = interval, burst
  s.limits = limits
  interval, burst = paceOf(limits)
  if oldInterval == interval and oldBurst == burst then return end
  local time = (now - s.base) * 1000
  if oldBurst == 0 or burst == 0 then
    s.tat = time + burst * interval
    return
  end
  local owed = max(0, s.tat - time) / (oldBurst * oldInterval)
  s.tat = time + ceil(owed * (burst * interval))
  s.numbers = s.numbers * (oldInterval / interval)
  s.people = s.people * (oldInterval / interval)
end
`;
