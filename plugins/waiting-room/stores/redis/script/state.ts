import { lineLength, marksLength, priorityBase, stateForm } from "../../../machine/mod.ts";

/** The scalars that are numbers. */
const numbers = [
  "epoch",
  "revision",
  "opensAt",
  "closesAt",
  "openedAt",
  "committedFor",
  "registered",
  "base",
  "knownSince",
  "offset",
  "setBack",
  "last",
  "tat",
  "issued",
  "frontier",
  "passed",
  "lineAt",
  "lineAdmitted",
  "advancedAt",
  "silentFrom",
  "silentUntil",
  "marksAt",
  "tick",
  "inflight",
  "came",
  "matured",
  "share",
  "endRate",
  "ended",
  "admittedSince",
  "lastPresent",
  "quietUntil",
  "seconds",
  "numbers",
  "people",
  "lastPassed",
  "heldUntil",
  "recoverUntil",
  "ghosts",
  "ghostsAtFirst",
  "ghostsUntil",
  "recoveries",
  "joined",
  "admitted",
  "renewed",
  "lapsed",
  "left",
];

/** The scalars of a room: `s`, a table by their names. */
export const state: string = `
function m.sessionOf(value)
  local endsAt = floor(value / 4)
  return endsAt, value - 4 * endsAt
end

function m.numberOf(member) return tonumber(string.match(member, '^[^.]*')) end

-- Microseconds between two admissions, and how many may come at once.
function m.paceOf(limits)
  if not (limits.admitPerMinute > 0) then return 0, 0 end
  local interval = ceil(60e6 / limits.admitPerMinute)
  return interval, max(3, floor(limits.burstSeconds * 1e6 / interval) + 1)
end

-- One that others share begins with one admission, for it may take the place of one that was lost.
function m.createState(room, now)
  local interval, burst = m.paceOf(room.limits)
  local isOpen = room.opensAt <= now
  local new = { form = ${stateForm}, epoch = 1, limits = room.limits, note = room.note, configured = room,
    opensAt = room.opensAt, closesAt = room.closesAt, mode = isOpen and 'open' or 'scheduled', order = room.order or 'arrival', registered = m.registeredAtFirst(room.order, room.opensAt, now), openedAt = isOpen and now or 0,
    base = now, knownSince = now, last = now, tat = burst > 0 and (burst - 1) * interval or 0,
    line = m.list(${lineLength}, 0), lineAt = now, advancedAt = now, marks = m.list(${marksLength}, 0), marksAt = now, tick = now, share = 0.7 }
  return new
end

-- The scalars of the priority lane as they begin.
function m.newLane(weight)
  local base = ${priorityBase}
  return { issued = base, frontier = base, passed = base, line = m.list(${lineLength}, base), lineAdmitted = 0,
    marks = m.list(${marksLength}, base), inflight = 0, came = 0, matured = 0, share = 0.7, admittedSince = 0, lastPresent = 0,
    quietUntil = 0, seconds = 0, numbers = 0, people = 0, lastPassed = base, admitted = 0, weight = weight, ahead = 0 }
end

-- The same for the priority lane, where there is one.
function m.completeLane(lane)
  if type(lane) ~= 'table' then return 'priority' end
  for name, usual in pairs(m.newLane(1)) do
    if lane[name] == nil then lane[name] = usual elseif type(lane[name]) ~= type(usual) then return name end
  end
end

-- What a younger version added stays; what this one added has its usual value. Tells the name of what is none.
function m.complete(s)
  local fault = s.priority ~= nil and m.completeLane(s.priority)
  if fault then return fault end
  -- Nearly always all is there, and adds up.
  if type(s.mode) == 'string' and type(s.note) == 'string' and type(s.order) == 'string' and type(s.commitment) == 'string' and
    type(s.drawnBy) == 'string' and type(s.beacon) == 'string' and type(s.limits) == 'table' and type(s.configured) == 'table' and
    type(s.line) == 'table' and type(s.marks) == 'table' and type(s.tuned or {}) == 'table' and type(s.heard or {}) == 'table' and
    pcall(function() return ${numbers.map((name) => `s.${name}`).join(" + ")} end) then
    return nil
  end
  for name in string.gmatch('${numbers.join(" ")}', '%a+') do
    local kind = type(s[name])
    if kind == 'nil' then s[name] = name == 'share' and 0.7 or name == 'epoch' and 1 or 0
    elseif kind ~= 'number' then return name end
  end
  for name, usual in pairs({ mode = 'open', note = '', order = 'arrival', commitment = '', drawnBy = '', beacon = '' }) do
    if s[name] == nil then s[name] = usual elseif type(s[name]) ~= 'string' then return name end
  end
  for _, name in ipairs({ 'limits', 'configured', 'line', 'marks' }) do if type(s[name]) ~= 'table' then return name end end
  for _, name in ipairs({ 'tuned', 'heard' }) do if type(s[name] or {}) ~= 'table' then return name end end
end
`;
