/** `machine/time.ts`: what time does to a room. */
export const time = `
local mostExpiries, lineParts, markMs = 1000, 5, 10000

local function openOrClose(now)
  local mode = s.mode
  if mode == 'scheduled' and s.opensAt > 0 and now >= s.opensAt then
    s.mode = 'open'
    s.openedAt = now
  end
  if s.closesAt == 0 or now < s.closesAt then return end
  s.closesAt = 0
  if mode ~= 'bypass' and mode ~= 'sold-out' then s.mode = 'closed' end
end

local function expire(now)
  local absent = upTo(expiry, now, mostExpiries)
  prefetch(front, absent)
  prefetch(asleep, absent)
  for _, member in ipairs(absent) do
    take(expiry, member)
    if not take(front, member) then take(asleep, member) end
  end
  local over = upTo(sessions, 4 * now + 3, mostExpiries)
  prefetch(spent, over)
  for _, member in ipairs(over) do
    local _, kind = sessionOf(score(sessions, member))
    take(sessions, member)
    s.ended = s.ended + 1
    local number = numberOf(member)
    if kind ~= claim and number > s.line[1] then put(spent, member, kind == left and number + leftMark or number) end
  end
end

local function moveLine(now)
  local partMs, parts = s.limits.returnMs / lineParts, 0
  if not isAdmitting(now) then s.lineAt = s.lineAt + (now - s.advancedAt) end
  while now - s.lineAt >= partMs and parts < #s.line do
    parts = parts + 1
    s.lineAt = s.lineAt + partMs
    if s.admitted ~= s.lineAdmitted then
      s.lineAdmitted = s.admitted
      remove(s.line, 1)
      insert(s.line, s.passed)
    end
  end
  if now - s.lineAt >= partMs then s.lineAt = now end
end

local function moveMarks(now)
  local marks = 0
  while now - s.marksAt >= markMs and marks < #s.marks do
    marks = marks + 1
    s.marksAt = s.marksAt + markMs
    remove(s.marks, 1)
    insert(s.marks, s.issued)
  end
  if now - s.marksAt >= markMs then s.marksAt = now end
  for _, tag in ipairs(upTo(recent, s.marks[1], mostExpiries)) do take(recent, tag) end
end

local function passTime(now)
  openOrClose(now)
  expire(now)
  moveLine(now)
  moveMarks(now)
  for _, member in ipairs(upTo(spent, s.line[1] + leftMark, mostExpiries)) do take(spent, member) end
  for _, tag in ipairs(upTo(identities, s.line[1], mostExpiries)) do take(identities, tag) end
  s.advancedAt = now
end
`;
