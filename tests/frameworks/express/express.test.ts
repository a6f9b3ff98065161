import process from "node:process";
import { test } from "node:test";
import { browserForTests, skip } from "../../browser/_chromium.ts";
import { goThroughHosted, services } from "../_hosted-way.ts";
import { startProject } from "../_project.ts";
import { goThrough } from "../_way.ts";

const start = { name: "express", program: "express.js" };
goThrough(start);

const browser = browserForTests();

for (const service of services) {
  test(
    `express.js: a room of ${service} takes the visitor, who comes back to the page`,
    { skip },
    async () => {
      await goThroughHosted(browser(), service, {
        async serve(env, port) {
          const { stop } = await startProject({
            ...start,
            command: process.execPath,
            args: [start.program],
            env,
            port,
          });
          return { close: stop };
        },
        inside: "protected page",
      });
    },
  );
}
