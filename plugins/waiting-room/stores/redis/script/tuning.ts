const everyMs = 10000;
const mostMs = 60000;
const fewest = 5;
const fewErrors = 3;
const lowering = 0.7;
const raising = 0.02;
const usedUp = 0.9;

/** `machine/tuning.ts`: the rate of a room that follows what its application can take. */
export const tuning: string = `
function m.beginTuning(now)
  local rate = s.limits.admitPerMinute
  local isHeld = rate ~= s.configured.limits.admitPerMinute
  return { at = 0, why = isHeld and 'held' or 'new', from = rate, visitors = 0, meanMs = 0, errorRate = 0, used = 0,
    heldSince = isHeld and now or 0 }
end

function m.beginHearing(now)
  return { since = now, admitted = s.admitted, visitors = 0, timed = 0, sumMs = 0, errors = 0 }
end

function m.setRate(rate, now)
  local bounds, limits = s.configured.autotune, {}
  local next = max(bounds.min, min(bounds.max, rate))
  if next == s.limits.admitPerMinute then return end
  for name, value in pairs(s.limits) do limits[name] = value end
  limits.admitPerMinute = next
  m.setLimits(limits, now)
end

function m.reasonOf(tuned, heard)
  local autotune = s.configured.autotune
  if heard.errors > ${fewErrors} and tuned.errorRate > autotune.maxErrorRate then return 'errors' end
  if heard.timed < ${fewest} then return 'few' end
  if tuned.meanMs > autotune.targetMs then return 'slow' end
  return tuned.used >= ${usedUp} and 'used' or 'unused'
end

function m.decide(heard, now)
  local from = s.limits.admitPerMinute
  local possible = from * ((now - heard.since) / 60000)
  local tuned = { at = now, from = from, visitors = heard.visitors, meanMs = heard.timed > 0 and heard.sumMs / heard.timed or 0,
    errorRate = heard.visitors > 0 and heard.errors / heard.visitors or 0,
    used = possible > 0 and (s.admitted - heard.admitted) / possible or 0, heldSince = 0 }
  tuned.why = m.reasonOf(tuned, heard)
  return tuned
end

function m.rateAfter(rate, why)
  if why == 'slow' or why == 'errors' then return rate * ${lowering} end
  if why == 'used' then return rate + max(1, rate * ${raising}) end
  return rate
end

function m.tune(report, now)
  if not s.configured.autotune then
    s.tuned, s.heard = nil, nil
    return
  end
  s.tuned = s.tuned or m.beginTuning(now)
  local heard, heldSince = s.heard or m.beginHearing(now), s.tuned.heldSince
  if report then for name, value in pairs(report) do heard[name] = heard[name] + value end end
  local ms, rate = now - heard.since, s.limits.admitPerMinute
  s.heard = m.isAdmitting(now) and heard or nil
  if s.heard and ms >= ${everyMs} then
    local decided = m.decide(heard, now)
    local why = decided.why
    if why ~= 'few' or ms >= ${mostMs} then
      if heldSince > 0 then decided.why, decided.heldSince = 'held', heldSince end
      s.tuned, s.heard, rate = decided, m.beginHearing(now), m.rateAfter(rate, why)
    end
  end
  if heldSince == 0 then m.setRate(rate, now) end
end

function m.holdRate(isHeld, now)
  if not s.configured.autotune then return end
  s.tuned = s.tuned or m.beginTuning(now)
  s.tuned.why, s.tuned.heldSince = isHeld and 'held' or 'new', isHeld and now or 0
  s.heard = m.beginHearing(now)
end

function m.restoreTuning(seen, now)
  s.heard = nil
  if not seen.tuned or seen.revision < s.revision then return end
  if seen.revision > s.revision then s.tuned = seen.tuned
  elseif seen.tuned.at > (s.tuned and s.tuned.at or 0) then
    local limits = {}
    for name, value in pairs(s.limits) do limits[name] = value end
    limits.admitPerMinute = seen.limits.admitPerMinute
    m.setLimits(limits, now)
    s.tuned = seen.tuned
  end
end
`;
