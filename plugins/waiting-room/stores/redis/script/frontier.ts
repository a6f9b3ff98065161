import { quietMs } from "./constants.ts";

const moveMs = 250;
const aheadSeconds = 60;
const more = 10;
const earlyMs = 60000;
const comingMs = 10000;
const memoryMs = 60000;
const speedMs = 120000;
const expectedShare = 0.7;
const leastWeight = 2;
const leastShare = 0.001;

/** `machine/frontier.ts`: how many are called. */
export const frontier: string = `
function m.decay(ms, ofMs) return ofMs / (ofMs + ms) end

function m.wanted(now)
  local byRate = 0
  if interval ~= 0 then byRate = ${aheadSeconds} * 1e6 / interval end
  local byPlaces = max(0, m.freePlaces(now)) + s.endRate * ${aheadSeconds}
  return min(byRate, byPlaces) + ${more}
end

function m.isCalling(now)
  if m.isUndrawn() then return false end
  if s.mode == 'scheduled' then return s.opensAt > 0 and now >= s.opensAt - ${earlyMs} end
  return s.mode == 'open' or s.mode == 'draining'
end

function m.learnEnds(ms)
  local kept = m.decay(ms, ${memoryMs})
  s.endRate = kept * s.endRate + (1 - kept) * s.ended * 1000 / ms
  s.ended = 0
end

function m.measure(flow, ms, now)
  local isMoving = m.isAdmitting(now)
  local kept = isMoving and m.decay(ms, ${speedMs}) or 1
  s.seconds = kept * s.seconds + (isMoving and ms / 1000 or 0)
  s.numbers = kept * s.numbers + (s.passed - s.lastPassed)
  s.people = kept * s.people + flow
  s.lastPassed = s.passed
end

function m.callNext(ms, now)
  local present, want = front.size, m.wanted(now)
  local remaining = s.inflight * m.decay(ms, ${comingMs})
  local kept, flow = m.decay(ms, ${memoryMs}), s.admittedSince
  s.matured = kept * s.matured + (s.inflight - remaining)
  s.came = kept * s.came + max(-present, flow + present - s.lastPresent)
  s.inflight = remaining
  s.lastPresent = present
  s.admittedSince = 0
  local weight = max(${leastWeight}, want / 4)
  local share = (s.came + ${expectedShare} * weight) / (s.matured + weight)
  s.share = min(1, max(${leastShare}, share))
  local lacking = ceil((want - present - s.share * s.inflight) / s.share)
  local most = min(s.issued - s.frontier, ceil(2 * want / s.share))
  local move = max(0, min(lacking, most))
  if move > 0 then
    s.frontier = s.frontier + move
    s.inflight = s.inflight + move
    s.quietUntil = now + ${quietMs}
  end
  m.measure(flow, ms, now)
end

function m.moveFrontier(now)
  local ms = now - s.tick
  if ms < ${moveMs} then return end
  s.tick = now
  m.learnEnds(ms)
  if m.isCalling(now) then m.callNext(ms, now)
  else
    s.lastPresent = front.size
    s.admittedSince = 0
  end
end
`;
