/** The script of the page, without what a page has no use for: every byte counts. */

import { drawCall, drawScript } from "./draw-script.ts";
import { eventsScript } from "./events-script.ts";
import { source } from "./script.ts";

const withoutEvents = (text: string) => text.replace(eventsScript.trim(), "function listen() {}");
const withoutDraw = (text: string) => text.replace(drawScript.trim(), "").replace(drawCall, "");

/** The same for rooms that tell of changes as they happen. */
export const eventsSource: string = withoutDraw(source);
/** The same for rooms that tell of changes to nobody: most do not, and every byte of a page counts. */
export const plainSource: string = withoutDraw(withoutEvents(source));
/** The same for who is registered for a lottery. Once it is drawn they get another page. */
export const registrationSource: string = withoutEvents(source);
