/** The script of the page, without what a page has no use for: every byte counts. */

import { drawCall, drawScript } from "./draw-script.ts";
import { eventsScript } from "./events-script.ts";
import { laneCall } from "./lane-script.ts";
import { placedScript } from "./placed-script.ts";
import { source } from "./script.ts";

const withoutEvents = (text: string) => text.replace(eventsScript.trim(), "function listen() {}");
const withoutLane = (text: string) => text.replace(laneCall, "");
const withoutDraw = (text: string) => text.replace(drawScript.trim(), "").replace(drawCall, "");

/** The same for rooms that tell of changes as they happen. */
export const eventsSource: string = withoutLane(withoutDraw(source));
/** The same for rooms that tell of changes to nobody: most do not, and every byte of a page counts. */
export const plainSource: string = withoutLane(withoutDraw(withoutEvents(source)));
/** The same for who is registered for a lottery. Once it is drawn they get another page. */
export const registrationSource: string = withoutLane(withoutEvents(source)).replace(placedScript.trim(), "");
/** The same for who has a number of the priority lane. */
export const prioritySource: string = withoutDraw(withoutEvents(source));
/** The same for those where the room tells of changes as they happen. */
export const priorityEventsSource: string = withoutDraw(source);
