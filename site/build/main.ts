/**
 * Puts the pages together, and tells the configuration of the site what there is. `npm run docs` runs it before VitePress.
 *
 * The only argument is the address of the site, with a slash at its end.
 */

import { writeFileSync } from "node:fs";
import process from "node:process";
import { assemble } from "./assemble.ts";
import { pagesFolder } from "./paths.ts";

const [base = "/"] = process.argv.slice(2);
const assembled = await assemble(base);
writeFileSync(`${pagesFolder}assembled.json`, JSON.stringify(assembled));
