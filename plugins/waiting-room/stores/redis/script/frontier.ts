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

function m.wanted(lane, now)
  local byRate = 0
  if interval ~= 0 then byRate = ${aheadSeconds} * 1e6 / interval end
  local byPlaces = max(0, m.freePlaces(now)) + s.endRate * ${aheadSeconds}
  return min(byRate, byPlaces) * m.partOf(lane) + ${more}
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

function m.measure(lane, flow, ms, now)
  local isMoving = m.isAdmitting(now)
  local kept = isMoving and m.decay(ms, ${speedMs}) or 1
  lane.seconds = kept * lane.seconds + (isMoving and ms / 1000 or 0)
  lane.numbers = kept * lane.numbers + (lane.passed - lane.lastPassed)
  lane.people = kept * lane.people + flow
  lane.lastPassed = lane.passed
end

function m.callNext(lane, ms, now)
  local present, want = lane.front.size, m.wanted(lane, now)
  local remaining = lane.inflight * m.decay(ms, ${comingMs})
  local kept, flow = m.decay(ms, ${memoryMs}), lane.admittedSince
  lane.matured = kept * lane.matured + (lane.inflight - remaining)
  lane.came = kept * lane.came + max(-present, flow + present - lane.lastPresent)
  lane.inflight = remaining
  lane.lastPresent = present
  lane.admittedSince = 0
  local weight = max(${leastWeight}, want / 4)
  local share = (lane.came + ${expectedShare} * weight) / (lane.matured + weight)
  lane.share = min(1, max(${leastShare}, share))
  local lacking = ceil((want - present - lane.share * lane.inflight) / lane.share)
  local most = min(lane.issued - lane.frontier, ceil(2 * want / lane.share))
  local move = max(0, min(lacking, most))
  if move > 0 then
    lane.frontier = lane.frontier + move
    lane.inflight = lane.inflight + move
    lane.quietUntil = now + ${quietMs}
  end
  m.measure(lane, flow, ms, now)
end

function m.moveFrontier(now)
  local ms = now - s.tick
  if ms < ${moveMs} then return end
  s.tick = now
  m.learnEnds(ms)
  for _, lane in ipairs(lanes) do
    if m.isCalling(now) then m.callNext(lane, ms, now)
    else
      lane.lastPresent = lane.front.size
      lane.admittedSince = 0
    end
  end
end
`;
