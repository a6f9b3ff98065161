import { unlimited } from "./constants.ts";

/** `machine/rate.ts`: how many may be admitted now. The pace of the limits in force is at hand as `interval` and `burst`. */
export const rate: string = `

function m.isAdmitting(now)
  return (s.mode == 'open' or s.mode == 'draining') and now >= s.heldUntil
end

function m.ghostsNow(now)
  if now >= s.ghostsUntil then return 0 end
  if s.limits.recovery == 'strict' then return s.ghosts end
  local remaining = s.ghostsAtFirst * (s.ghostsUntil - now) / s.limits.sessionMs
  return max(0, ceil(remaining - (s.ghostsAtFirst - s.ghosts)))
end

function m.freePlaces(now)
  local capacity = s.limits.capacity
  if capacity == ${unlimited} then return math.huge end
  return capacity - sessions.size - m.ghostsNow(now)
end

function m.tokens(now)
  if burst == 0 then return 0 end
  local time = (now - s.base) * 1000
  return floor((time + (burst - 1) * interval - max(s.tat, time)) / interval) + 1
end

function m.freeNow(now)
  if not m.isAdmitting(now) then return 0 end
  return max(0, min(m.tokens(now), m.freePlaces(now)))
end

function m.takeToken(now)
  s.tat = max(s.tat, (now - s.base) * 1000) + interval
end

function m.emptyBucket(now)
  s.tat = max(s.tat, (now - s.base) * 1000 + burst * interval)
end

function m.setLimits(limits, now)
  local oldInterval, oldBurst = interval, burst
  s.limits = limits
  interval, burst = m.paceOf(limits)
  if oldInterval == interval and oldBurst == burst then return end
  local time = (now - s.base) * 1000
  if oldBurst == 0 or burst == 0 then
    s.tat = time + burst * interval
    return
  end
  local owed = max(0, s.tat - time) / (oldBurst * oldInterval)
  s.tat = time + ceil(owed * (burst * interval))
  for _, lane in ipairs(lanes) do
    lane.numbers = lane.numbers * (oldInterval / interval)
    lane.people = lane.people * (oldInterval / interval)
  end
end
`;
