/** The process of one variant: measures it and prints what it found as the last line. */

import process from "node:process";
import type { Question } from "./_question.ts";

const [, , name = "", variant = "", speed] = process.argv;
// The names are those of `main.ts`, and each file exports its question.
const { question } = await import(`./${name}.ts`) as { readonly question: Question };
const values = await question.measure(variant, speed === "quick");
console.log(JSON.stringify(values));
// What keeps a process alive, such as a server's connections, has done its work.
process.exit(0);
