// The script of the waiting page, made small: pages are to stay under 14 kB, and are made at run time.
import { transformSync } from "esbuild";
import {
  eventsSource,
  plainSource,
  priorityEventsSource,
  prioritySource,
  registrationSource,
} from "../plugins/waiting-room/page/script-variants.ts";

/** Where the small script is. */
export const pageScriptFile = "plugins/waiting-room/page/script-text.ts";

/** The text of that file. */
export function pageScript(): string {
  return `/** What \`npm run page-script\` made of \`script.ts\`: change that, and not this. */
export const script: string =
  ${JSON.stringify(small(plainSource))};

/** The same for rooms that tell of changes as they happen. */
export const scriptWithEvents: string =
  ${JSON.stringify(small(eventsSource))};

/** The same for who is registered for a lottery. */
export const scriptOfRegistration: string =
  ${JSON.stringify(small(registrationSource))};

/** The same for who has a number of the priority lane. */
export const scriptOfPriority: string =
  ${JSON.stringify(small(prioritySource))};

/** The same for those where the room tells of changes as they happen. */
export const scriptOfPriorityWithEvents: string =
  ${JSON.stringify(small(priorityEventsSource))};
`;
}

/** Makes a function small. */
function small(source: string): string {
  // A function that nobody has would be left out.
  const start = "self.page=";
  const { code } = transformSync(`${start}${source}`, { minify: true, target: "es2020" });
  return code.trim().slice(start.length).replace(/;$/, "");
}
