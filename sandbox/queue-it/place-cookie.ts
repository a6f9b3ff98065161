import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

const PREFIX = "stanchion-queue-";

/** The queue id that a visitor's browser keeps for a room. */
export function readPlace(c: Context, eventId: string): string | undefined {
  return getCookie(c, PREFIX + eventId);
}

/** Lets the browser keep the queue id for a room. */
export function writePlace(c: Context, eventId: string, queueId: string, minutes: number): void {
  setCookie(c, PREFIX + eventId, queueId, { ...attributes(c), maxAge: Math.ceil(minutes * 60) });
}

/** Lets the browser forget the queue id for a room. */
export function forgetPlace(c: Context, eventId: string): void {
  deleteCookie(c, PREFIX + eventId, attributes(c));
}

function attributes(c: Context): { path: string; httpOnly: true; sameSite: "Lax"; secure: boolean } {
  // A connector leads here from another site, which Strict would not let through.
  return { path: "/", httpOnly: true, sameSite: "Lax", secure: new URL(c.req.url).protocol === "https:" };
}
