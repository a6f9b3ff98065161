/** What is asked of a room, and what it answers. All times are Unix milliseconds by the clock of the store. */

import type { Limits } from "./limits.ts";

/** What a room does. */
export type RoomMode =
  /** Numbers are given, nobody is admitted; 60 s before `opensAt` people are called, and at `opensAt` it is `open`. */
  | "scheduled"
  | "open"
  /** Numbers are given; nobody is called, nobody is admitted, and nobody's time to come back runs. */
  | "paused"
  /** No new numbers; whoever has one is admitted as usual. */
  | "draining"
  /** No numbers, no admissions; passes stay good to their end. */
  | "closed"
  /** The same, with other words. */
  | "sold-out"
  /** Everybody is admitted, and counted. */
  | "bypass";

/**
 * Who somebody is to a room: a number in the line, and eight characters that a node drew. After a loss of the store's state two
 * tickets may have one number; by their tags they stay two people.
 */
export interface Holder {
  /** The line that the number belongs to. */
  readonly epoch: number;
  /** The number in the line. */
  readonly number: number;
  /** What the node drew. */
  readonly tag: string;
  /** When the ticket or pass was made. One that is older than the state proves that the state was lost. */
  readonly issuedAt: number;
}

/** Asks for a number, and for admission where nobody waits. */
export interface Enter {
  /** A number is asked for. */
  readonly do: "enter";
  /** Eight characters of base64url. A tag that got a number in the last minute gets the same one again. */
  readonly tag: string;
  /** Whether `tag` stands for an identity, which has one number as long as that counts. */
  readonly isIdentity?: boolean;
  /** Whether a number of the priority lane is asked for, where the room has one. */
  readonly isPriority?: boolean;
  /** Whether somebody is let in whatever the room does and its limits are, and only counted: without a number, which is 0. */
  readonly bypasses?: boolean;
  /** Whether the page itself is the answer, so that the pass may be shown minutes later. */
  readonly servesPage?: boolean;
}

/** Says that somebody with a number is there. */
export interface CheckIn extends Holder {
  /** Somebody is there. */
  readonly do: "checkIn";
  /** Whether the page is hidden, so that the browser wakes it once a minute. */
  readonly isHidden?: boolean;
  /** Whether the page itself is the answer, so that the pass may be shown minutes later. */
  readonly servesPage?: boolean;
  /** Whether the number is a registration, and no place in the line. */
  readonly isRegistration?: boolean;
}

/** Says that somebody inside is still there. */
export interface Renew extends Holder {
  /** Somebody is still inside. */
  readonly do: "renew";
  /** Until when the pass in hand says it is good. */
  readonly until: number;
  /** The latest end that it may get, by the longest session. */
  readonly latest: number;
  /** Whether there was a request other than a ping since the last time: only then the pass becomes good for longer. */
  readonly extends: boolean;
  /** Whether a form that was sent at most a minute too late is to be taken. */
  readonly isLatePost?: boolean;
}

/** Gives a place back. */
export interface Leave extends Holder {
  /** Somebody leaves. */
  readonly do: "leave";
}

/** Changes the room. */
export interface Control {
  /** The room is changed. */
  readonly do: "control";
  /** What becomes other. */
  readonly change: RoomChange;
  /** The revision that whoever changes it saw; `undefined` for whatever it is. */
  readonly revision: number | undefined;
}

/** What can be changed about a room; what is left out stays. */
export interface RoomChange {
  /** What the room does. */
  readonly mode?: RoomMode;
  /** The limits that change. */
  readonly limits?: Partial<Limits>;
  /** What those who wait are told. */
  readonly note?: string;
  /** When it opens; 0 for no time. */
  readonly opensAt?: number;
  /** When it closes; 0 for no time. */
  readonly closesAt?: number;
  /**
   * Whether the rate follows what the application can take again, where the room is configured so: whoever changes the rate holds it, until
   * this is `true` or another configuration is deployed.
   */
  readonly autotune?: boolean;
  /** Begins a new epoch: the line is dropped, and everybody in it has to join anew. */
  readonly dropsLine?: boolean;
  /** Binds a lottery to a secret before anybody registers; the first one counts. */
  readonly commit?: Commit;
  /** Decides the order of a lottery; the first one counts. */
  readonly draw?: Draw;
}

/** Binds a lottery to a secret. */
export interface Commit {
  /** What is published of the secret. */
  readonly commitment: string;
  /** The opening for which the secret was made. */
  readonly opensAt: number;
}

/** How the order of a lottery was decided. */
export type DrawnBy =
  /** By the secret, the beacon, and how many registered: nobody could choose, not even the owner. */
  | "beacon"
  /** By the secret and how many registered: nobody but the owner could choose. */
  | "committed"
  /** Not at all: in the order of the registrations, because there was no beacon and the owner had said so. */
  | "arrival";

/** What decides the order of a lottery. */
export interface Draw {
  /** The line. */
  readonly epoch: number;
  /** How many registered in it. */
  readonly registered: number;
  /** How the order is decided. */
  readonly drawnBy: DrawnBy;
  /** What nobody knew while people registered; `""` for none. Printable characters of ASCII without blanks. */
  readonly beacon: string;
}

/** What is asked of a room. */
export type Command = Enter | CheckIn | Renew | Leave | Control;

/** What a room answers to one command. */
export type Outcome =
  /** Let in. `again` says that this visitor was in already, and `isConfirmed` that the pass was brought since. */
  | {
    readonly is: "admitted";
    readonly number: number;
    readonly tag: string;
    readonly until: number;
    readonly again: boolean;
    readonly isConfirmed: boolean;
    /** How many people who are present have lower numbers, and how many may be admitted: the first is always less. */
    readonly rank: number;
    readonly free: number;
  }
  /** Present, and not yet let in: so many of the own lane are before, and `nextMs` is when to call again, from now. */
  | {
    readonly is: "waiting";
    readonly number: number;
    readonly tag: string;
    readonly rank: number;
    readonly nextMs: number;
  }
  /** Not called yet. */
  | { readonly is: "far"; readonly number: number; readonly tag: string }
  /** Registered with this number. The place is drawn by whoever knows the secret, and has a number of its own. */
  | { readonly is: "registered"; readonly number: number; readonly tag: string }
  /** Others were admitted past this number for too long, or it was used up. */
  | { readonly is: "lapsed"; readonly number: number; readonly wasUsed: boolean }
  /** No number of this room. */
  | { readonly is: "unknown"; readonly number: number }
  /** The state was lost, and is put together again: in so many seconds there are numbers. */
  | { readonly is: "later"; readonly seconds: number }
  /** The room gives no numbers. */
  | { readonly is: "closed" }
  /** Still in. `until` is the new end. */
  | { readonly is: "renewed"; readonly number: number; readonly until: number }
  /** The session is over. */
  | { readonly is: "ended"; readonly number: number }
  | { readonly is: "left"; readonly number: number }
  /** Changed. */
  | { readonly is: "ok"; readonly revision: number }
  /** Somebody else changed it first. */
  | { readonly is: "conflict"; readonly revision: number };
