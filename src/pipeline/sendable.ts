/**
 * Deno answers 500 where a handler throws, or at once gives what cannot be sent. Where a promise gives that, the process ends, so
 * that an application that did without promises would end by a gate whose plugins wait. What cannot be sent is thrown there.
 */

import { isPromise } from "../async/maybe-promise.ts";
import { hasObject } from "./hand-over.ts";

const isDeno = "Deno" in globalThis;

/**
 * Refuses a response that Deno cannot send, where a promise is to give it.
 *
 * @param isSuspect Whether it could not be copied: then its body may be in somebody's hands. Others are not asked for it: Deno no longer tells of
 * a text whose body was looked at that it was sent.
 * @throws {TypeError} On Deno, where the response was sent or read before, or is a network error.
 */
export function assertSendable(page: Response, isSuspect: boolean): void {
  if (isDeno && !isSendable(page, isSuspect)) {
    throw new TypeError("The application's response cannot be sent: it was read before, or is an error");
  }
}

function isSendable(page: Response, isSuspect: boolean): boolean {
  try {
    return !page.bodyUsed && page.type !== "error" && !(isSuspect && page.body?.locked);
  } catch {
    // What cannot be looked at may be sent all the same.
    return true;
  }
}

/**
 * Gives what a handler answered, unless it is no response and Deno's own server is to send it: who hands over its `info` is that, or
 * stands right behind it.
 *
 * @throws {TypeError} On Deno, where a handler forgot to answer.
 */
export function answerOf<R>(page: R, [info, ...others]: readonly unknown[]): R {
  if (page instanceof Response || isPromise(page) || !isDeno || others.length > 0) return page;
  // The address may be reckoned when it is asked for, which is up to plugins.
  if (hasObject(info, "completed") && hasObject(info, "remoteAddr")) {
    throw new TypeError("The handler returned no Response");
  }
  return page;
}
