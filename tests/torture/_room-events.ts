/** What the door and the visitors tell of rooms under torture: lines of JSON. Times are Unix milliseconds of this machine. */

/** The application served somebody: said by its handler, behind the gate. */
export interface Served {
  readonly is: "served";
  readonly at: number;
  /** The request, by the name that the visitor gave it. */
  readonly visit: string;
}

/** What the answer of a process gave a visitor: said by the server, in front of the gate. */
export interface Given {
  readonly is: "given";
  readonly at: number;
  readonly visit: string;
  /** The value of the room's cookie; `""` where it was taken away. */
  readonly cookie: string;
}

/** A process began, or its clock jumped; then it got an answer about a room, and until then it did not know the room's time. */
export interface Reached {
  readonly is: "began" | "reached";
  readonly at: number;
  /** The process, by its number. */
  readonly node: number;
  /** `""` where it began, or its clock jumped. */
  readonly room: string;
}

/** What visitors ask for: a page, their turn, to go, or what only pages ask for. */
export type What = "page" | "check-in" | "leave" | "resource";

/** A request of a visitor, and what came of it. */
export interface Asked {
  readonly is: "asked";
  readonly visit: string;
  /** Who asked; tabs and thieves of a cookie are others. */
  readonly who: string;
  readonly role: string;
  readonly room: string;
  readonly what: What;
  /** The process, by its number. */
  readonly node: number;
  readonly sentAt: number;
  readonly gotAt: number;
  /** The cookie that was brought; `""` for none. */
  readonly cookie: string;
  readonly isHidden: boolean;
  /** Whether the answer was lost on the way. */
  readonly isLost: boolean;
  readonly status: number;
  /** `served`, or why not, in the room's word; `failed` where the failure policy answered. */
  readonly situation: string;
  /** When the room wants to be asked again, where it said so. */
  readonly nextMs: number | undefined;
  /** The cookie that was given; `""` where it was taken away. */
  readonly given: string | undefined;
}

export type RoomEvent = Served | Given | Reached | Asked;

/** The word behind which events stand. */
export const eventMarker = "@room ";

/** The time, by a clock that does not jump. All processes of a machine agree on it. */
export function machineTime(): number {
  return performance.timeOrigin + performance.now();
}

/** The value that an answer gives to the cookie of a room, if it does; `""` where it takes it away. */
export function givenCookie(setCookies: readonly string[]): string | undefined {
  return setCookies.map((text) => /^__Host-stanchion-(?:rate|hall)=([^;]*)/.exec(text)?.[1])
    .findLast((value) => value !== undefined);
}
