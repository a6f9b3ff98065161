/** Where there are no cookies, tickets travel in a header: those of the room, in both directions. */

import type { Fetch } from "./browser.ts";

const name = "stanchion-ticket";
/** How many a room looks at. */
const most = 4;

/** Keeps the tickets of each origin, and sends them nowhere else. */
export interface TicketHeader {
  /** The call with what is known. It is sent empty as well: by it a room knows a program. */
  added(input: Parameters<Fetch>[0], init: RequestInit | undefined, origin: string): RequestInit;
  /** Takes note of what a room gave. */
  learn(response: Response, origin: string): void;
}

/** Keeps none at first. */
export function createTicketHeader(): TicketHeader {
  const known = new Map<string, readonly string[]>();
  return {
    added(input, init, origin) {
      const given = init?.headers ??
        (typeof input === "object" && "url" in input ? input.headers : undefined);
      const headers = new Headers(given);
      if (!headers.has(name)) headers.set(name, known.get(origin)?.join(", ") ?? "");
      return { ...init, headers };
    },
    learn({ headers }, origin) {
      const ticket = headers.get(name);
      if (ticket === null) return;
      const others = known.get(origin)?.filter((other) => placeOf(other) !== placeOf(ticket)) ?? [];
      known.set(origin, [ticket, ...others].slice(0, most));
    },
  };
}

/** What the tickets and passes of one place have in common: its epoch, its number and its tag. */
function placeOf(ticket: string): string {
  return ticket.split(".").slice(2, 5).join(".");
}
