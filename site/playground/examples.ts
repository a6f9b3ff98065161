/** What the playground begins with. Each is a file, which the compiler reads. */

import crowdhandler from "./examples/crowdhandler.ts?raw";
import plugin from "./examples/plugin.ts?raw";
import queueIt from "./examples/queue-it.ts?raw";
import waitingRoom from "./examples/waiting-room.ts?raw";

/** An example. */
export interface Example {
  readonly title: string;
  readonly code: string;
  /** The page that is asked for first. */
  readonly url: string;
}

/** The examples by their names. */
export const examples: Readonly<Record<string, Example>> = {
  "waiting-room": {
    title: "Our own waiting room, in memory",
    code: waitingRoom,
    url: "https://shop.example.com/tickets",
  },
  crowdhandler: {
    title: "CrowdHandler, by the sandbox",
    code: crowdhandler,
    url: "https://shop.example.com/tickets",
  },
  "queue-it": { title: "Queue-it, by the sandbox", code: queueIt, url: "https://shop.example.com/tickets" },
  plugin: { title: "A plugin of your own", code: plugin, url: "https://shop.example.com/tickets" },
};
