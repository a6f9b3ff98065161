import { setSeconds } from "./constants.ts";

/**
 * The sets of a room. What changes is kept aside and written at the end, so that a batch that fails has changed nothing:
 *
 * - `stored`: how many Redis has, 0 once they are dropped; `size`: how many there are with all changes
 * - `known`: the scores that were read or changed, `false` for nobody; `changed`: whose score is another than the stored one
 * - `gone` and `came`, of sets in which ranks are counted: the stored scores that count no more, and those that came instead
 */
export const sets: string = `
function m.setOf(key, isRanked)
  local size = call('ZCARD', key)
  local set = { key = key, stored = size, size = size, known = {}, changed = {}, changes = 0, head = {}, at = 1, read = 0 }
  if isRanked then set.gone, set.came = { sorted = 0 }, { sorted = 0 } end
  return set
end

function m.clear(set)
  set.dropped = true
  set.stored, set.size, set.known, set.changed, set.changes = 0, 0, {}, {}, 0
  if set.gone then set.gone, set.came = { sorted = 0 }, { sorted = 0 } end
end

function m.score(set, member)
  local found = set.known[member]
  if found ~= nil then return found end
  found = false
  if set.stored > 0 then
    local text = call('ZSCORE', set.key, member)
    if text then found = tonumber(text) end
  end
  set.known[member] = found
  return found
end

-- Reads many scores at once.
function m.prefetch(set, members)
  if set.stored == 0 or #members == 0 then return end
  for from = 1, #members, 1000 do
    local to = min(#members, from + 999)
    local found = call('ZMSCORE', set.key, unpack(members, from, to))
    for at = from, to do
      local member, text = members[at], found[at - from + 1]
      if set.known[member] == nil then set.known[member] = text and tonumber(text) or false end
    end
  end
end

-- Puts a list in order: it is, but for the last ones.
function m.settle(list)
  local count = #list
  if count - list.sorted > 16 then table.sort(list)
  else
    for at = list.sorted + 1, count do
      local value, to = list[at], at
      while to > 1 and list[to - 1] > value do
        list[to] = list[to - 1]
        to = to - 1
      end
      list[to] = value
    end
  end
  list.sorted = count
end

-- How many of a list are less.
function m.countBelow(list, value)
  if list.sorted < #list then m.settle(list) end
  local low, high = 1, #list + 1
  while low < high do
    local middle = floor((low + high) / 2)
    if list[middle] < value then low = middle + 1 else high = middle end
  end
  return low - 1
end

function m.note(set, member, old, new)
  if set.gone then
    if not set.changed[member] then
      if old then table.insert(set.gone, old) end
    elseif old then
      table.remove(set.came, m.countBelow(set.came, old) + 1)
      set.came.sorted = #set.came
    end
    if new then table.insert(set.came, new) end
  end
  if not set.changed[member] then
    set.changed[member] = true
    set.changes = set.changes + 1
  end
  set.known[member] = new
end

function m.put(set, member, new)
  local old = m.score(set, member)
  if old == new then return end
  if not old then set.size = set.size + 1 end
  m.note(set, member, old, new)
end

function m.take(set, member)
  local old = m.score(set, member)
  if not old then return false end
  set.size = set.size - 1
  m.note(set, member, old, false)
  return true
end

-- How many have a score below this one, which may be at hand as text.
function m.below(set, value, word)
  local count = 0
  if set.stored > 0 then count = call('ZCOUNT', set.key, '-inf', '(' .. (word or m.text(value))) - m.countBelow(set.gone, value) end
  return count + m.countBelow(set.came, value)
end

-- The lowest score, or nil where there is nobody.
function m.lowest(set)
  local least
  if set.stored > 0 then
    while true do
      local member = set.head[set.at]
      if not member then
        if set.read >= set.stored then break end
        set.head, set.at = call('ZRANGE', set.key, set.read, set.read + 31, 'WITHSCORES'), 1
        set.read = set.read + 32
      elseif set.changed[member] then set.at = set.at + 2
      else
        least = tonumber(set.head[set.at + 1])
        break
      end
    end
  end
  if set.came.sorted < #set.came then m.settle(set.came) end
  local first = set.came[1]
  if first and (not least or first < least) then least = first end
  return least
end

-- By bytes, whatever the language of the server is.
function m.isBefore(one, other)
  local count = min(#one, #other)
  for at = 1, count do
    local a, b = string.byte(one, at), string.byte(other, at)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- The members with a score up to this one, the lowest first, and no more than the limit.
function m.upTo(set, most, limit)
  local known, changed, found = set.known, set.changed, {}
  if set.stored > 0 then
    local stored = call('ZRANGEBYSCORE', set.key, '-inf', m.text(most), 'WITHSCORES', 'LIMIT', 0, limit + set.changes)
    for at = 1, #stored, 2 do
      local member = stored[at]
      if not changed[member] then
        known[member] = tonumber(stored[at + 1])
        found[#found + 1] = member
      end
    end
  end
  if set.changes == 0 then return found end
  for member in pairs(changed) do
    local value = known[member]
    if value and value <= most then found[#found + 1] = member end
  end
  table.sort(found, function(one, other)
    local a, b = known[one], known[other]
    if a ~= b then return a < b end
    return one ~= other and m.isBefore(one, other)
  end)
  for at = #found, limit + 1, -1 do found[at] = nil end
  return found
end

-- Writes what has changed.
function m.write(set, isRefreshed)
  if set.dropped then call('UNLINK', set.key) end
  local added, removed = {}, {}
  for member in pairs(set.changed) do
    local value = set.known[member]
    if value then
      added[#added + 1] = m.text(value)
      added[#added + 1] = member
    else removed[#removed + 1] = member end
  end
  for from = 1, #removed, 1000 do call('ZREM', set.key, unpack(removed, from, min(#removed, from + 999))) end
  for from = 1, #added, 1000 do call('ZADD', set.key, unpack(added, from, min(#added, from + 999))) end
  if set.size > 0 and (isRefreshed or set.stored == 0) then call('EXPIRE', set.key, ${setSeconds}) end
end
`;
