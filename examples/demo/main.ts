/**
 * The demo: a shop behind the gate, and the sandbox in the place of the hosted service.
 *
 * `npm start`, `deno task start` or `bun start`; with `-- --tour` a scripted visitor shows the way.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";
import type { ProviderName } from "./providers.ts";
import { startSite } from "./site.ts";
import { tour } from "./tour.ts";

const usage = `Usage: npm start -- [options]

  --provider <name>    crowdhandler or queue-it (crowdhandler)
  --tour               a scripted visitor goes through the waiting room, then the demo ends
  --port <number>      the shop's port (8080; 0 takes any free one)
  --sandbox-port <n>   the sandbox's port (4000; 0 takes any free one)
  --crowd <number>     simulated visitors who are ahead of the first (20)
  --rate <number>      visitors who are let in per minute (60)
  --help               this text
`;

await main();

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const { isTour, ...site } = options;
  const running = await startSite(site).catch((error: unknown) => {
    console.error(whyNot(error));
    process.exit(1);
  });
  if (isTour) {
    const arrived = await tour(running, site.provider, (line) => console.log(line));
    await running.close();
    process.exit(arrived ? 0 : 1);
  }
  console.log(`
  The shop, behind the gate    ${running.shopUrl}
  The sandbox                  ${running.sandboxUrl}

  Open the shop: you are sent to the waiting room, see your place, and are let in after about ${
    Math.ceil((site.crowd * 60) / site.ratePerMinute)
  } seconds.
  ${
    site.provider === "queue-it"
      ? `${running.shopUrl}/leave gives your place back.`
      : "The priority code ENCORE lets you in at once."
  } Stop with Ctrl+C.
`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void running.close().then(() => process.exit(0)));
  }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      // Some runners hand on the two dashes that separate their arguments from ours.
      args: process.argv.slice(2).filter((argument, index) => index > 0 || argument !== "--"),
      options: {
        provider: { type: "string", default: "crowdhandler" },
        tour: { type: "boolean", default: false },
        port: { type: "string" },
        "sandbox-port": { type: "string" },
        crowd: { type: "string" },
        rate: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return undefined;
    }
    const isTour = values.tour === true;
    return {
      provider: providerName(values.provider),
      isTour,
      shopPort: number("--port", values.port, isTour ? 0 : 8080, 0, 65_535),
      sandboxPort: number("--sandbox-port", values["sandbox-port"], isTour ? 0 : 4000, 0, 65_535),
      crowd: number("--crowd", values.crowd, isTour ? 4 : 20, 0, 100_000),
      ratePerMinute: number("--rate", values.rate, 60, 1, 100_000),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function providerName(text: string): ProviderName {
  if (text === "crowdhandler" || text === "queue-it") return text;
  throw new RangeError(`--provider must be crowdhandler or queue-it, received "${text}"`);
}

function number(flag: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${flag} must be an integer from ${min} to ${max}, received "${text}"`);
}

function whyNot(error: unknown): string {
  const { code, port, message } = error as { code?: unknown; port?: unknown; message?: unknown };
  if (code !== "EADDRINUSE") return `The demo cannot start: ${String(message)}`;
  return `Port ${port} is in use. Choose others: npm start -- --port 0 --sandbox-port 0`;
}
