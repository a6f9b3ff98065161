/** What is asked, as `encode.ts` writes it: words, and last what may be any text. */
export const commands = `
local function number(word) return assert(tonumber(word), 'not a number') end
local function optional(word) if word ~= '-' then return number(word) end end
local function isTrue(word) return word == '1' end

local limitWords = '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) '

local function limitsOf(rate, burst, capacity, session, back, recovery)
  return { admitPerMinute = optional(rate), burstSeconds = optional(burst), capacity = optional(capacity),
    sessionMs = optional(session), returnMs = optional(back), recovery = recovery ~= '-' and recovery or nil }
end

local function readRoom(line)
  local rate, burst, capacity, session, back, recovery, opensAt, closesAt, since, note =
    match(line, '^' .. limitWords .. '(%S+) (%S+) (%S+) (.*)$')
  return { limits = limitsOf(rate, burst, capacity, session, back, recovery),
    opensAt = number(opensAt), closesAt = number(closesAt), since = number(since), note = note }
end

local function readSeen(line)
  if line == '' then return nil end
  local rate, burst, capacity, session, back, recovery, epoch, revision, now, issued, frontier, passed, lapseLine, admitted,
    sessions, ghosts, mode, opensAt, closesAt, openedAt, note = match(line, '^' .. limitWords ..
    '(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  return { limits = limitsOf(rate, burst, capacity, session, back, recovery), epoch = number(epoch), revision = number(revision),
    now = number(now), issued = number(issued), frontier = number(frontier), passed = number(passed), lapseLine = number(lapseLine),
    admitted = number(admitted), sessions = number(sessions), ghosts = number(ghosts), mode = mode, opensAt = number(opensAt), closesAt = number(closesAt),
    openedAt = number(openedAt), note = note }
end

local readers = {
  e = function(line)
    local isIdentity, servesPage, tag = match(line, '^e (%d) (%d) (.*)$')
    return { is = 'enter', isIdentity = isTrue(isIdentity), servesPage = isTrue(servesPage), tag = tag }
  end,
  c = function(line)
    local epoch, n, issuedAt, isHidden, servesPage, tag = match(line, '^c (%S+) (%S+) (%S+) (%d) (%d) (.*)$')
    return { is = 'checkIn', epoch = number(epoch), number = number(n), issuedAt = number(issuedAt),
      isHidden = isTrue(isHidden), servesPage = isTrue(servesPage), tag = tag }
  end,
  r = function(line)
    local epoch, n, issuedAt, until_, latest, isLonger, isLatePost, tag =
      match(line, '^r (%S+) (%S+) (%S+) (%S+) (%S+) (%d) (%d) (.*)$')
    return { is = 'renew', epoch = number(epoch), number = number(n), issuedAt = number(issuedAt), until_ = number(until_),
      latest = number(latest), isLonger = isTrue(isLonger), isLatePost = isTrue(isLatePost), tag = tag }
  end,
  l = function(line)
    local n, tag = match(line, '^l (%S+) (.*)$')
    return { is = 'leave', number = number(n), tag = tag }
  end,
  m = function(line)
    local rate, burst, capacity, session, back, recovery, revision, mode, opensAt, closesAt, dropsLine, hasNote, note =
      match(line, '^m ' .. limitWords .. '(%S+) (%S+) (%S+) (%S+) (%d) (%d) (.*)$')
    return { is = 'control', limits = limitsOf(rate, burst, capacity, session, back, recovery), revision = optional(revision),
      mode = mode ~= '-' and mode or nil, opensAt = optional(opensAt), closesAt = optional(closesAt),
      dropsLine = isTrue(dropsLine), note = isTrue(hasNote) and note or nil }
  end,
}

local function readCommands()
  local commands, members, tags, identities = {}, {}, {}, {}
  for at = 4, #ARGV do
    local command = assert(readers[sub(ARGV[at], 1, 1)], 'not a command')(ARGV[at])
    if command.number then
      command.member = memberOf(command.number, command.tag)
      members[#members + 1] = command.member
    elseif command.is == 'enter' then
      local list = command.isIdentity and identities or tags
      list[#list + 1] = command.tag
    end
    commands[#commands + 1] = command
  end
  return commands, members, tags, identities
end
`;
