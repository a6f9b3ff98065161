/** What is going to happen, in order, and the time: nothing of a simulation knows another clock. */
export interface Agenda {
  /** Milliseconds since the beginning. */
  readonly now: number;
  /** How much has happened. */
  readonly events: number;
  /** Lets something happen at a time, or at once where that is over. Of one time the first that was put down comes first. */
  at(time: number, happen: () => void): void;
  /** Lets something happen in so many milliseconds. */
  in(ms: number, happen: () => void): void;
  /** Lets all happen until a time. */
  runUntil(time: number): void;
}

/** Makes an agenda: a binary heap by time and turn. */
export function createAgenda(): Agenda {
  const times: number[] = [];
  const turns: number[] = [];
  const deeds: (() => void)[] = [];
  let turn = 0;
  let now = 0;
  let events = 0;

  const isBefore = (time: number, order: number, at: number) =>
    time < (times[at] as number) || (time === times[at] && order < (turns[at] as number));

  function put(at: number, time: number, order: number, deed: () => void): void {
    times[at] = time;
    turns[at] = order;
    deeds[at] = deed;
  }

  function move(from: number, to: number): void {
    put(to, times[from] as number, turns[from] as number, deeds[from] as () => void);
  }

  function push(time: number, deed: () => void): void {
    const order = turn++;
    let at = times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(time, order, parent)) break;
      move(parent, at);
      at = parent;
    }
    put(at, time, order, deed);
  }

  /** Takes the first one out. There is one. */
  function shift(): () => void {
    const first = deeds[0] as () => void;
    const time = times.pop() as number;
    const order = turns.pop() as number;
    const deed = deeds.pop() as () => void;
    const count = times.length;
    if (count === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && isBefore(times[child + 1] as number, turns[child + 1] as number, child)) {
        child++;
      }
      if (isBefore(time, order, child)) break;
      move(child, at);
      at = child;
    }
    put(at, time, order, deed);
    return first;
  }

  return {
    get now() {
      return now;
    },
    get events() {
      return events;
    },
    at: (time, happen) => push(Math.max(now, time), happen),
    in: (ms, happen) => push(now + Math.max(0, ms), happen),
    runUntil(time) {
      while (times.length > 0 && (times[0] as number) <= time) {
        now = times[0] as number;
        events++;
        shift()();
      }
      now = Math.max(now, time);
    },
  };
}
