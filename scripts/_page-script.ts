// The script of the waiting page, made small: pages are to stay under 14 kB, and are made at run time.
import { transformSync } from "esbuild";
import { source } from "../plugins/waiting-room/page/script.ts";

/** Where the small script is. */
export const pageScriptFile = "plugins/waiting-room/page/script-text.ts";

/** The text of that file. */
export function pageScript(): string {
  // A function that nobody has would be left out.
  const start = "self.page=";
  const { code } = transformSync(`${start}${source}`, { minify: true, target: "es2020" });
  const script = code.trim().slice(start.length).replace(/;$/, "");
  return `/** What \`npm run page-script\` made of \`script.ts\`: change that, and not this. */
export const script: string =
  ${JSON.stringify(script)};
`;
}
