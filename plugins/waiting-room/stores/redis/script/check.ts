/** `machine/check.ts`: what is true of every room at any time. Tells what is not. */
export const check: string = `
function m.markOf()
  local mark = { epoch = s.epoch }
  for at, lane in ipairs(lanes) do mark[at] = { issued = lane.issued, frontier = lane.frontier, passed = lane.passed } end
  return mark
end

function m.complaintOfLane(lane, before)
  if before then
    if lane.issued < before.issued then return 'numbers went back' end
    if lane.frontier < before.frontier then return 'the frontier went back' end
    if lane.passed < before.passed then return 'those who were passed went back' end
  end
  if not (lane.issued >= lane.frontier and lane.frontier >= lane.passed) then
    return 'more were called than there are, or passed than were called'
  end
  for at, value in ipairs(lane.line) do
    if value > (lane.line[at + 1] or lane.passed) then return 'the lapse line is out of order' end
  end
end

function m.complaint(before, now)
  if s.epoch < before.epoch then return 'the epoch went back' end
  local present = 0
  for at, lane in ipairs(lanes) do
    local fault = m.complaintOfLane(lane, s.epoch == before.epoch and before[at])
    if fault then return fault end
    present = present + lane.front.size + lane.asleep.size
  end
  if s.registered > s.issued then return 'more are registered than there are' end
  if s.frontier ~= 0 and m.isUndrawn() then return 'somebody was called before the order was drawn' end
  if present ~= expiry.size then return 'somebody is present without an end' end
  if not (burst == 0 or s.tat <= (now - s.base) * 1000 + 2 * burst * interval) then return 'too much is owed' end
end
`;
