import type { RoomMode } from "../machine/mod.ts";
import type { Situation } from "./texts.ts";

/** What is known of a visitor who waits, for the page that says so. Times are in milliseconds. */
export interface WaitingView {
  /** The room's name. */
  readonly room: string;
  /** What its page is called. */
  readonly title: string;
  /** The language that suits the visitor best of those that the room offers, such as `"en"`; it is the page's `lang`. */
  readonly language: string;
  /** In which direction the language is written: the page's `dir`. */
  readonly direction: "ltr" | "rtl";
  /** What the owner tells those who wait; `""` for nothing. It is text, not markup. */
  readonly note: string;
  /** Why the visitor sees the page. */
  readonly situation: Situation;
  /** What the room does; `undefined` while it cannot be reached. */
  readonly mode: RoomMode | undefined;
  /** When the room opens, in Unix milliseconds by the clock of the rooms; 0 for no time. */
  readonly opensAt: number;
  /** What the clock of the rooms says, in Unix milliseconds; 0 while they cannot be reached. */
  readonly now: number;
  /** Until when people can register for the lottery by which the room opens; 0 for no such time. */
  readonly closesAt: number;
  /** The number on the ticket, which is no place for somebody who is registered for a lottery; `undefined` for somebody who has none. */
  readonly number: number | undefined;
  /** The place in the line, from 1 on; 1 is the next. `undefined` where it is not known. */
  readonly place: number | undefined;
  /** How long it is going to take; `undefined` where nobody can tell. Show it as an interval: × 0.8 to × 1.3. */
  readonly waitMs: number | undefined;
  /** The share of the way from joining the line to its head that lies behind the visitor, from 0 to 1; `undefined` where it is not known. */
  readonly progress: number | undefined;
  /** After how long the page asks again. Without a script, it reloads then. */
  readonly nextMs: number;
  /** How long a place is kept for somebody who is called and away. */
  readonly returnMs: number;
  /** Whether a form was sent, which has to be sent again. */
  readonly wasForm: boolean;
  /** What goes on by itself: markup for the end of the body, with the page's own nonce, or `""` where nothing is to be asked. */
  readonly script: string;
  /** The nonce that the page's Content-Security-Policy allows scripts and styles to have. */
  readonly nonce: string;
}
