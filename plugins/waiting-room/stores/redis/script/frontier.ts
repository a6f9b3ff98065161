/** `machine/frontier.ts`: how many are called. */
export const frontier = `
local moveMs, aheadSeconds, more, earlyMs = 250, 60, 10, 60000
local comingMs, memoryMs, speedMs = 10000, 60000, 120000
local expectedShare, leastWeight, leastShare = 0.7, 2, 0.001

local function decay(ms, ofMs) return ofMs / (ofMs + ms) end

local function wanted(now)
  local byRate = 0
  if interval ~= 0 then byRate = aheadSeconds * 1e6 / interval end
  local byPlaces = max(0, freePlaces(now)) + s.endRate * aheadSeconds
  return min(byRate, byPlaces) + more
end

local function isCalling(now)
  if s.mode == 'scheduled' then return s.opensAt > 0 and now >= s.opensAt - earlyMs end
  return s.mode == 'open' or s.mode == 'draining'
end

local function learnEnds(ms)
  local kept = decay(ms, memoryMs)
  s.endRate = kept * s.endRate + (1 - kept) * s.ended * 1000 / ms
  s.ended = 0
end

local function measure(flow, ms, now)
  local isMoving = isAdmitting(now)
  local kept = isMoving and decay(ms, speedMs) or 1
  s.seconds = kept * s.seconds + (isMoving and ms / 1000 or 0)
  s.numbers = kept * s.numbers + (s.passed - s.lastPassed)
  s.people = kept * s.people + flow
  s.lastPassed = s.passed
end

local function callNext(ms, now)
  local present, want = front.size, wanted(now)
  local remaining = s.inflight * decay(ms, comingMs)
  local kept, flow = decay(ms, memoryMs), s.admittedSince
  s.matured = kept * s.matured + (s.inflight - remaining)
  s.came = kept * s.came + max(-present, flow + present - s.lastPresent)
  s.inflight = remaining
  s.lastPresent = present
  s.admittedSince = 0
  local weight = max(leastWeight, want / 4)
  local share = (s.came + expectedShare * weight) / (s.matured + weight)
  s.share = min(1, max(leastShare, share))
  local lacking = ceil((want - present - s.share * s.inflight) / s.share)
  local most = min(s.issued - s.frontier, ceil(2 * want / s.share))
  local move = max(0, min(lacking, most))
  if move > 0 then
    s.frontier = s.frontier + move
    s.inflight = s.inflight + move
    s.quietUntil = now + quietMs
  end
  measure(flow, ms, now)
end

local function moveFrontier(now)
  local ms = now - s.tick
  if ms < moveMs then return end
  s.tick = now
  learnEnds(ms)
  if isCalling(now) then callNext(ms, now)
  else
    s.lastPresent = front.size
    s.admittedSince = 0
  end
end
`;
