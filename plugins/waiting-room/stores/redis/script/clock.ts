const smallStepMs = 5000;

/** `tellTime` of `machine/time.ts`: the time of the room, by that of the server. */
export const clock: string = `
function m.setBack(byMs)
  s.offset = s.offset + byMs
  s.setBack = s.setBack + byMs
end

function m.tellTime(clock)
  local byMs = clock + s.offset - s.last
  if byMs < -${smallStepMs} then m.setBack(-byMs)
  elseif s.setBack > 0 and byMs >= s.setBack then m.setBack(-s.setBack) end
  s.last = max(s.last, clock + s.offset)
  return s.last
end
`;
