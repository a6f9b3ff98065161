// Makes the script of the waiting page small, after plugins/waiting-room/page/script.ts was changed: npm run page-script
import { writeFileSync } from "node:fs";
import { pageScript, pageScriptFile } from "./_page-script.ts";

writeFileSync(new URL(`../${pageScriptFile}`, import.meta.url), pageScript());
