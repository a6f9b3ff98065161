import { priorityBase } from "../../../machine/mod.ts";

/**
 * `machine/lane.ts` and `machine/lanes.ts`: the lanes of a room. `lanes` has them in their order, the state itself first. While the script
 * runs, each has its sets as well.
 */
export const lanes: string = `
function m.attach(lane, at)
  if lane == s then
    lane.front, lane.asleep, lane.spent, lane.recent, lane.identities = front, asleep, spent, recent, identities
  else
    lane.front, lane.asleep, lane.spent = m.setOf(KEYS[11], true), m.setOf(KEYS[12], true), m.setOf(KEYS[13])
    lane.recent, lane.identities = m.setOf(KEYS[14]), m.setOf(KEYS[15])
    for _, set in ipairs({ lane.front, lane.asleep, lane.spent, lane.recent, lane.identities }) do all[#all + 1] = set end
  end
  lanes[at] = lane
end

function m.detach(lane)
  lane.front, lane.asleep, lane.spent, lane.recent, lane.identities = nil, nil, nil, nil, nil
end

function m.list(count, value)
  local list = {}
  for at = 1, count do list[at] = value end
  return list
end

function m.beginPriority(weight)
  local lane = s.priority
  if lane then return lane end
  lane = m.newLane(weight)
  s.priority = lane
  m.attach(lane, 2)
  -- Whatever is there belongs to a state that is gone.
  for _, set in ipairs({ lane.front, lane.asleep, lane.spent, lane.recent, lane.identities }) do if set.size > 0 then m.clear(set) end end
  return lane
end

function m.laneOf(number) return number > ${priorityBase} and s.priority or s end

function m.baseOf(lane) return lane == s and 0 or ${priorityBase} end

function m.laneToJoin(isPriority) return isPriority and s.order ~= 'lottery' and s.priority or s end

function m.dropLane(lane, base)
  lane.issued, lane.frontier, lane.passed, lane.lastPassed, lane.inflight, lane.lastPresent = base, base, base, base, 0, 0
  lane.line, lane.marks = m.list(#lane.line, base), m.list(#lane.marks, base)
  for _, set in ipairs({ lane.front, lane.asleep, lane.spent, lane.recent, lane.identities }) do m.clear(set) end
end

function m.otherLane(lane)
  if lane == s then return s.priority or nil end
  return s
end

function m.partOf(lane)
  local priority = s.priority
  if not priority then return 1 end
  local other = lane == s and priority or s
  if other.front.size == 0 and other.frontier >= other.issued then return 1 end
  return (lane == s and 1 or priority.weight) / (1 + priority.weight)
end

function m.isOthersTurn(lane)
  local priority = s.priority
  return priority ~= nil and (lane == priority) == (priority.ahead > 0)
end

function m.othersBefore(lane, rank)
  local priority = s.priority
  if not priority then return 0 end
  local ahead, weight, other = priority.ahead, priority.weight, lane == s and priority or s
  local turns = lane == s and floor(rank * weight - ahead) + 1 or ceil((ahead + rank) / weight)
  return min(other.front.size, max(0, turns))
end

function m.isEmpty(lane)
  return lane.front.size == 0 and (lane.asleep.size == 0 or m.below(lane.asleep, lane.passed + 1) == 0)
end

function m.takeTurn(lane)
  local priority = s.priority
  if not priority then return end
  local weight = priority.weight
  local ahead = priority.ahead + (lane == s and -weight or 1)
  if m.isEmpty(priority) then ahead = max(0, ahead) end
  if m.isEmpty(s) then ahead = min(0, ahead) end
  priority.ahead = min(burst * weight, max(-burst, ahead))
end

function m.isLaneBehind(seen)
  if not seen then return false end
  local lane, base = s.priority, ${priorityBase}
  if not lane then return seen.issued > base or seen.frontier > base or seen.passed > base or seen.admitted > 0 end
  return seen.issued > lane.issued or seen.frontier > lane.frontier or seen.passed > lane.passed or seen.admitted > lane.admitted
end

function m.restoreLane(seen)
  if not seen then return end
  local lane = m.beginPriority(seen.weight)
  for _, name in ipairs({ 'issued', 'frontier', 'passed', 'admitted' }) do lane[name] = max(lane[name], seen[name]) end
  lane.lastPassed = max(lane.lastPassed, lane.passed)
  for at, value in ipairs(lane.line) do lane.line[at] = max(value, seen.lapseLine) end
end
`;
