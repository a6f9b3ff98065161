/** The process of the visitors: `_room-crowd.ts <settings as JSON>`. It ends when its input does. */

import process from "node:process";
import type { Street } from "./_room-browser.ts";
import { eventMarker } from "./_room-events.ts";
import { type RoomVisits, visitRoom } from "./_room-programs.ts";
import { randomOf } from "./_tools.ts";

/** How the crowd is started. */
export interface CrowdSettings {
  readonly ports: readonly number[];
  readonly seed: number;
  readonly rooms: readonly RoomVisits[];
}

// The harness writes it.
const { ports, seed, rooms } = JSON.parse(process.argv[2] ?? "") as CrowdSettings;
let isOpen = true;
process.stdin.on("end", () => isOpen = false).resume();

const street: Street = {
  ports,
  random: randomOf(seed),
  tell: (event) => void process.stdout.write(`${eventMarker}${JSON.stringify(event)}\n`),
};
await Promise.race([
  Promise.all(rooms.map((visits) => visitRoom(street, visits, () => isOpen))),
  // Who waits for long does not keep the others.
  new Promise<void>((resolve) => process.stdin.on("end", () => setTimeout(resolve, 1500))),
]);
process.stdout.write("closed\n", () => process.exit(0));
