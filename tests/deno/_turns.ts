import { setImmediate } from "node:timers";

/**
 * Lets the loop turn. `FakeTime` holds timers and not that, and what a timer began may wait for a turn: a limit that has passed gives an
 * answer that has arrived already its chance.
 */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
}
