/** `machine/status-of.ts`: what a room tells of itself, as JSON. A figure in front keeps clients from taking it apart themselves. */
export const status = `
local looksPerSecond, soonest, latest, leastLooking = 5000, 20, 1800, 0.3

local function statusOf(now)
  local limits = s.limits
  local lookers = ceil((s.issued - s.frontier) * max(s.share, leastLooking)) + front.size
  local isMeasured = s.seconds > 0
  return concat({ '1{"epoch":', text(s.epoch), ',"revision":', text(s.revision), ',"now":', text(now), ',"mode":"', s.mode,
    '","limits":{"admitPerMinute":', text(limits.admitPerMinute), ',"burstSeconds":', text(limits.burstSeconds),
    ',"capacity":', text(limits.capacity), ',"sessionMs":', text(limits.sessionMs), ',"returnMs":', text(limits.returnMs),
    ',"recovery":"', limits.recovery, '"},"note":', cjson.encode(s.note), ',"opensAt":', text(s.opensAt),
    ',"closesAt":', text(s.closesAt), ',"openedAt":', text(s.openedAt), ',"issued":', text(s.issued),
    ',"frontier":', text(s.frontier), ',"passed":', text(s.passed), ',"lapseLine":', text(s.line[1]),
    ',"present":', text(front.size), ',"asleep":', text(asleep.size), ',"sessions":', text(sessions.size),
    ',"ghosts":', text(ghostsNow(now)), ',"free":', text(freeNow(now)),
    ',"pace":', text(isMeasured and s.numbers / s.seconds or 0), ',"flow":', text(isMeasured and s.people / s.seconds or 0),
    ',"share":', text(s.share), ',"endRate":', text(s.endRate),
    ',"poll":', text(min(latest, max(soonest, ceil(lookers / looksPerSecond)))), ',"joined":', text(s.joined),
    ',"admitted":', text(s.admitted), ',"lapsed":', text(s.lapsed), ',"left":', text(s.left),
    ',"recoveries":', text(s.recoveries), '}' })
end
`;
