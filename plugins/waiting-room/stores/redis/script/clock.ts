const smallStepMs = 5000;

/** `tellTime` of `machine/time.ts`: the time of the room, by that of the server. */
export const clock: string = `
function m.tellTime(clock)
  local now = clock + s.offset
  if now >= s.last then
    s.last = now
    return now
  end
  if s.last - now > ${smallStepMs} then s.offset = s.offset + (s.last - now) end
  return s.last
end
`;
