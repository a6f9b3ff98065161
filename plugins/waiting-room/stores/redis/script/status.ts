const looksPerSecond = 5000;
const soonest = 20;
const latest = 1800;
const leastLooking = 0.3;

/** `machine/status-of.ts`: what a room tells of itself, as JSON. A figure in front keeps clients from taking it apart themselves. */
export const status: string = `
function m.tunedOf()
  local tuned = s.tuned
  if not tuned then return '' end
  return format(',"tuned":{"at":%.17g,"why":"%s","from":%.17g,"visitors":%.17g,"meanMs":%.17g,"errorRate":%.17g,"used":%.17g,' ..
    '"heldSince":%.17g}', tuned.at, tuned.why, tuned.from, tuned.visitors, tuned.meanMs, tuned.errorRate, tuned.used, tuned.heldSince)
end

function m.laneStatus()
  local lane = s.priority
  if not lane then return '' end
  local isMeasured = lane.seconds > 0
  return format(',"priority":{"weight":%.17g,"issued":%.0f,"frontier":%.0f,"passed":%.0f,"lapseLine":%.0f,"present":%.0f,"asleep":%.0f,' ..
    '"pace":%.17g,"flow":%.17g,"share":%.17g,"admitted":%.0f}', lane.weight, lane.issued, lane.frontier, lane.passed, lane.line[1],
    lane.front.size, lane.asleep.size, isMeasured and lane.numbers / lane.seconds or 0, isMeasured and lane.people / lane.seconds or 0,
    lane.share, lane.admitted)
end

function m.statusOf(now)
  local limits, lookers = s.limits, 0
  for _, lane in ipairs(lanes) do
    lookers = lookers + ceil((lane.issued - lane.frontier) * max(lane.share, ${leastLooking})) + lane.front.size
  end
  local isMeasured = s.seconds > 0
  return format('1{"epoch":%.0f,"revision":%.0f,"now":%.17g,"mode":"%s","limits":{"admitPerMinute":%.17g,"burstSeconds":%.17g,' ..
    '"capacity":%.17g,"sessionMs":%.17g,"returnMs":%.17g,"recovery":"%s"},"note":%s,"opensAt":%.17g,"closesAt":%.17g,' ..
    '"openedAt":%.17g,"order":"%s","commitment":"%s","committedFor":%.17g,"registered":%.0f,"drawnBy":"%s","beacon":%s,"issued":%.0f,"frontier":%.0f,"passed":%.0f,"lapseLine":%.0f,"present":%.0f,"asleep":%.0f,"sessions":%.0f,' ..
    '"ghosts":%.17g,"free":%.17g,"pace":%.17g,"flow":%.17g,"share":%.17g,"endRate":%.17g,"poll":%.0f,"joined":%.0f,' ..
    '"admitted":%.0f,"renewed":%.0f,"lapsed":%.0f,"left":%.0f,"recoveries":%.0f%s%s}',
    s.epoch, s.revision, now, s.mode, limits.admitPerMinute, limits.burstSeconds, limits.capacity, limits.sessionMs, limits.returnMs,
    limits.recovery, cjson.encode(s.note), s.opensAt, s.closesAt, s.openedAt, s.order, s.commitment, s.committedFor,
    s.registered, s.drawnBy, cjson.encode(s.beacon), s.issued, s.frontier, s.passed, s.line[1], front.size,
    asleep.size, sessions.size, m.ghostsNow(now), m.freeNow(now), isMeasured and s.numbers / s.seconds or 0,
    isMeasured and s.people / s.seconds or 0, s.share, s.endRate,
    min(${latest}, max(${soonest}, ceil(lookers / ${looksPerSecond}))), s.joined, s.admitted, s.renewed, s.lapsed, s.left, s.recoveries,
    m.tunedOf(), m.laneStatus())
end
`;
