/** `machine/check.ts`: what is true of every room at any time. Tells what is not. */
export const check: string = `
function m.markOf()
  return { epoch = s.epoch, issued = s.issued, frontier = s.frontier, passed = s.passed }
end

function m.complaint(before, now)
  if s.epoch < before.epoch then return 'the epoch went back' end
  if s.epoch == before.epoch then
    if s.issued < before.issued then return 'numbers went back' end
    if s.frontier < before.frontier then return 'the frontier went back' end
    if s.passed < before.passed then return 'those who were passed went back' end
  end
  if not (s.issued >= s.frontier and s.frontier >= s.passed) then
    return 'more were called than there are, or passed than were called'
  end
  if s.registered > s.issued then return 'more are registered than there are' end
  if s.frontier ~= 0 and m.isUndrawn() then return 'somebody was called before the order was drawn' end
  for at, value in ipairs(s.line) do
    if value > (s.line[at + 1] or s.passed) then return 'the lapse line is out of order' end
  end
  if front.size + asleep.size ~= expiry.size then return 'somebody is present without an end' end
  if not (burst == 0 or s.tat <= (now - s.base) * 1000 + 2 * burst * interval) then return 'too much is owed' end
end
`;
