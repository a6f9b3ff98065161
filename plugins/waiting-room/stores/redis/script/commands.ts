import { priorityBase } from "../../../machine/mod.ts";

/**
 * What is asked, as `encode.ts` writes it: words, and last what may be any text. What has no number where one must be ends the script
 * where it is reckoned with, which is before anything is written.
 */
const limits = "(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)";

/** Reads the arguments. */
export const commands: string = `
function m.limitsOf(rate, burst, capacity, session, back, recovery)
  return { admitPerMinute = tonumber(rate), burstSeconds = tonumber(burst), capacity = tonumber(capacity),
    sessionMs = tonumber(session), returnMs = tonumber(back), recovery = recovery ~= '-' and recovery or nil }
end

function m.readRoom(line)
  local since, rate, burst, capacity, session, back, recovery, target, errorRate, least, most, opensAt, closesAt, order, weight, note =
    string.match(line, '^(%S+) ${limits} (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  local autotune = tonumber(target) and
    { targetMs = tonumber(target), maxErrorRate = tonumber(errorRate), min = tonumber(least), max = tonumber(most) } or nil
  return { limits = m.limitsOf(rate, burst, capacity, session, back, recovery), autotune = autotune,
    opensAt = tonumber(opensAt), closesAt = tonumber(closesAt), since = tonumber(since), order = order ~= '-' and order or nil,
    priority = tonumber(weight) and { weight = tonumber(weight) } or nil, note = note }
end

function m.readLane(word)
  local weight, issued, frontier, passed, lapseLine, admitted = string.match(word, '^([^,]+),([^,]+),([^,]+),([^,]+),([^,]+),([^,]+)$')
  return { weight = tonumber(weight), issued = tonumber(issued), frontier = tonumber(frontier), passed = tonumber(passed),
    lapseLine = tonumber(lapseLine), admitted = tonumber(admitted) }
end

-- Only what is compared each time, and the rest as it is.
function m.readSeen(line)
  local epoch, revision, issued, frontier, passed, admitted, renewed, now, lane, rest =
    string.match(line, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  if not rest then return nil end
  local priority = lane ~= '-' and m.readLane(lane) or nil
  return { priority = priority, epoch = tonumber(epoch), revision = tonumber(revision), issued = tonumber(issued), frontier = tonumber(frontier),
    passed = tonumber(passed), admitted = tonumber(admitted), renewed = tonumber(renewed), now = tonumber(now), rest = rest }
end

function m.readRestOfSeen(seen)
  local lapseLine, sessions, ghosts, mode, rate, burst, capacity, session, back, recovery, opensAt, closesAt, openedAt,
    at, why, from, visitors, mean, errorRate, used, heldSince, rest = string.match(seen.rest,
      '^(%S+) (%S+) (%S+) (%S+) ${limits} (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.*)$')
  local order, commitment, committedFor, registered, drawnBy, beacon, note = string.match(rest, '^(%S+) =(%S*) (%S+) (%S+) =(%S*) =(%S*) (.*)$')
  seen.order, seen.commitment, seen.committedFor = order, commitment, tonumber(committedFor)
  seen.registered, seen.drawnBy, seen.beacon = tonumber(registered), drawnBy, beacon
  seen.lapseLine, seen.sessions, seen.ghosts = tonumber(lapseLine), tonumber(sessions), tonumber(ghosts)
  seen.mode, seen.note, seen.limits = mode, note, m.limitsOf(rate, burst, capacity, session, back, recovery)
  seen.opensAt, seen.closesAt, seen.openedAt = tonumber(opensAt), tonumber(closesAt), tonumber(openedAt)
  if tonumber(at) then
    seen.tuned = { at = tonumber(at), why = why, from = tonumber(from), visitors = tonumber(visitors), meanMs = tonumber(mean),
      errorRate = tonumber(errorRate), used = tonumber(used), heldSince = tonumber(heldSince) }
  end
end

function m.readReport(line)
  local visitors, timed, sum, errors = string.match(line, '^(%S+) (%S+) (%S+) (%S+)$')
  if not errors then return nil end
  return { visitors = tonumber(visitors), timed = tonumber(timed), sumMs = tonumber(sum), errors = tonumber(errors) }
end

function m.readCommand(line)
  local letter = string.sub(line, 1, 1)
  if letter == 'c' then
    local epoch, number, issuedAt, isHidden, servesPage, isRegistration, tag =
      string.match(line, '^c (%S+) (%S+) (%S+) (%d) (%d) (%d) (.*)$')
    return { is = letter, epoch = tonumber(epoch), number = tonumber(number), issuedAt = tonumber(issuedAt),
      isHidden = isHidden == '1', servesPage = servesPage == '1', isRegistration = isRegistration == '1', word = number, member = number .. '.' .. tag }
  elseif letter == 'r' then
    local epoch, number, issuedAt, until_, latest, isLonger, isLatePost, tag =
      string.match(line, '^r (%S+) (%S+) (%S+) (%S+) (%S+) (%d) (%d) (.*)$')
    return { is = letter, epoch = tonumber(epoch), number = tonumber(number), issuedAt = tonumber(issuedAt),
      until_ = tonumber(until_), latest = tonumber(latest), isLonger = isLonger == '1', isLatePost = isLatePost == '1',
      word = number, member = number .. '.' .. tag }
  elseif letter == 'e' then
    local flags, tag = string.match(line, '^e (%d+) (.*)$')
    local isIdentity, isPriority, bypasses, servesPage = string.byte(flags, 1, 4)
    return { is = letter, isIdentity = isIdentity == 49, isPriority = isPriority == 49, bypasses = bypasses == 49,
      servesPage = servesPage == 49, tag = tag }
  elseif letter == 'l' then
    local number, tag = string.match(line, '^l (%S+) (.*)$')
    return { is = letter, number = tonumber(number), word = number, member = number .. '.' .. tag }
  end
  local rate, burst, capacity, session, back, recovery, revision, mode, opensAt, closesAt, tunes, dropsLine, rest =
    string.match(line, '^m ${limits} (%S+) (%S+) (%S+) (%S+) (%S+) (%d) (.*)$')
  local commitment, madeFor, epoch, registered, drawnBy, beacon, hasNote, note =
    string.match(rest, '^(%S+) (%S+) (%S+) (%S+) (%S+) =(%S*) (%d) (.*)$')
  return { is = letter, limits = m.limitsOf(rate, burst, capacity, session, back, recovery), revision = tonumber(revision),
    mode = mode ~= '-' and mode or nil, opensAt = tonumber(opensAt), closesAt = tonumber(closesAt), dropsLine = dropsLine == '1',
    commit = commitment ~= '-' and { commitment = commitment, opensAt = tonumber(madeFor) } or nil,
    draw = drawnBy ~= '-' and { epoch = tonumber(epoch), registered = tonumber(registered), drawnBy = drawnBy, beacon = beacon } or nil,
    autotune = tonumber(tunes), note = hasNote == '1' and note or nil }
end

-- Reads all commands, and what the sets have of those who give them.
function m.readCommands()
  local commands, there, waiting, tags, identified = {}, {}, {}, {}, {}
  for at = 5, #ARGV do
    local command = m.readCommand(ARGV[at])
    local is, member = command.is, command.member
    if member then there[#there + 1] = member end
    local isOther = command.isPriority or command.number and command.number > ${priorityBase}
    -- What is asked of the priority lane is looked for one by one.
    if is == 'c' and not isOther then waiting[#waiting + 1] = member
    elseif is == 'e' and not isOther then
      local list = command.isIdentity and identified or tags
      list[#list + 1] = command.tag
    end
    commands[at - 4] = command
  end
  m.prefetch(sessions, there)
  for _, set in ipairs({ front, expiry, asleep, spent }) do m.prefetch(set, waiting) end
  m.prefetch(recent, tags)
  m.prefetch(identities, identified)
  return commands
end
`;
