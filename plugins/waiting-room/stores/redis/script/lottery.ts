const leastMs = 60000;
const peoplePerSecond = 5000;
const leastCallMs = 15000;

/** `machine/lottery.ts`: a registration, after which the order is drawn. */
export const lottery: string = `
function m.registeredAtFirst(order, opensAt, now)
  return order == 'lottery' and now < opensAt - ${leastMs} and -1 or 0
end

function m.isRegistering() return s.order == 'lottery' and s.registered < 0 end

function m.isUndrawn()
  return s.order == 'lottery' and (s.registered < 0 or (s.registered > 0 and s.drawnBy == ''))
end

function m.isRegistration(number)
  return s.mode ~= 'bypass' and s.order == 'lottery' and (s.registered < 0 or number <= s.registered)
end

function m.closeRegistration(now)
  if not m.isRegistering() or now < s.heldUntil then return end
  if now < s.opensAt - max(${leastMs}, ceil(s.issued * 1000 / ${peoplePerSecond})) then return end
  s.registered = s.issued
  s.revision = s.revision + 1
end

function m.reopenRegistration(now)
  if s.issued > 0 or s.registered < 0 or m.registeredAtFirst(s.order, s.opensAt, now) >= 0 then return end
  s.registered, s.commitment, s.committedFor = -1, '', 0
end

function m.restoreLottery(seen, isOtherLine)
  if seen.issued > 0 then s.order = seen.order end
  if seen.commitment ~= '' then s.commitment, s.committedFor = seen.commitment, seen.committedFor end
  s.registered = isOtherLine and seen.registered or max(s.registered, seen.registered)
  if seen.drawnBy ~= '' then s.drawnBy, s.beacon = seen.drawnBy, seen.beacon end
  if max(s.frontier, seen.frontier) > 0 and m.isUndrawn() then s.registered = 0 end
end

function m.dropRegistrations()
  if s.registered > 0 then s.registered = 0 end
  s.drawnBy, s.beacon = '', ''
end

function m.commit(promised)
  if s.order ~= 'lottery' or s.commitment ~= '' then return end
  s.commitment, s.committedFor = promised.commitment, promised.opensAt
end

function m.draw(drawn, now)
  if s.epoch ~= drawn.epoch or s.registered ~= drawn.registered or drawn.registered <= 0 or not m.isUndrawn() then return end
  s.drawnBy, s.beacon = drawn.drawnBy, drawn.beacon
  if s.mode == 'scheduled' and s.opensAt - now < ${leastCallMs} then s.opensAt = now + ${leastMs} end
end
`;
