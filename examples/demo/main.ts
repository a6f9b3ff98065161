/**
 * The demo: a shop behind a waiting room of its own, or behind the gate with the sandbox in the place of a hosted service.
 *
 * `npm start`, `deno task start` or `bun start`; with `-- --tour` a scripted visitor shows the way.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { type DemoOptions, readOptions, usage } from "./options.ts";
import type { ServiceName } from "./providers.ts";
import { StoreError } from "./redis.ts";
import { type RoomSite, startRoomSite } from "./room-site.ts";
import { roomTour } from "./room-tour.ts";
import { isSecond, runSecond } from "./second-process.ts";
import { startSite } from "./site.ts";
import { tour } from "./tour.ts";

/** What the demo does, whichever provider it has. */
interface Running {
  /** What is said when it runs. */
  readonly welcome: string;
  tour(print: (line: string) => void): Promise<boolean>;
  close(): Promise<void>;
}

// Whoever reads may stop before the end, as `head` does.
process.stdout.on("error", (error: Error & { readonly code?: string }) => {
  if (error.code !== "EPIPE") throw error;
});

if (isSecond()) await runSecond();
else await main();

async function main(): Promise<void> {
  const options = optionsOrEnd();
  if (options === undefined) return;
  const { provider } = options;
  const starting = provider === "waiting-room" ? startRoom(options) : startService(options, provider);
  const running = await starting.catch((error: unknown) => {
    console.error(whyNot(error, options));
    // As for the commands: a port that cannot be had is as wrong as an option.
    process.exit(isPortTaken(error) ? 2 : 1);
  });
  let ending: Promise<void> | undefined;
  const close = () => ending ??= running.close();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void close().then(() => process.exit(options.isTour ? 130 : 0)));
  }
  if (options.isTour) {
    const arrived = await running.tour((line) => console.log(line));
    await close();
    process.exit(arrived ? 0 : 1);
  }
  console.log(running.welcome);
}

async function startRoom({ storeUrl, ...options }: DemoOptions): Promise<Running> {
  const shared = storeUrl === undefined
    ? {}
    : { shared: { storeUrl, program: fileURLToPath(import.meta.url) } };
  const site = await startRoomSite({ ...options, ...shared });
  return {
    welcome: roomWelcome(site, options),
    tour: (print) => roomTour(site, print),
    close: () => site.close(),
  };
}

function roomWelcome(
  { shopUrls, shop, boardSecret }: RoomSite,
  options: Omit<DemoOptions, "storeUrl">,
): string {
  const [first, second] = shopUrls;
  const { opensIn, crowd } = options;
  const seconds = secondsOf(options) + opensIn;
  const opening = opensIn > 0
    ? `The doors open in ${opensIn} seconds, and ${crowd} people want to come in: open the shop now, and see a sale
  from its beginning. You are let in after about ${seconds} seconds.`
    : `Open the shop: you see your place in the line, and are let in after about ${seconds} seconds.`;
  const servers = second === undefined
    ? `  The shop, behind its waiting room    ${first}`
    : `  The shop, behind its waiting room    ${first}
  The same in a second process         ${second}

  Both are one room, which is kept in Redis: go from one to the other, and you keep your place.`;
  return `
${servers}
  The board, for its owner             ${shop.boardUrl}

  Sign in to the board with any name and the secret ${boardSecret}
  It shows who waits and who is inside, and lets you pause the room or change its limits.

  ${opening}
  The people ahead of you are simulated, but really wait: they ask over HTTP, as browsers do.
  "Leave the shop" gives your place back. Stop with Ctrl+C.
`;
}

async function startService(options: DemoOptions, provider: ServiceName): Promise<Running> {
  const site = await startSite({ ...options, provider });
  const hint = provider === "queue-it"
    ? `${site.shopUrl}/leave gives your place back.`
    : "The priority code ENCORE lets you in at once.";
  return {
    welcome: `
  The shop, behind the gate            ${site.shopUrl}
  The service, with a board of its own ${site.sandboxUrl}

  Keep the board open beside the shop: it shows what the gate decides and what the service is asked, as it happens,
  and lets you change the room and have the service fail.

  Open the shop: you are sent to the waiting room, see your place, and are let in after about ${
      secondsOf(options)
    } seconds.
  ${hint} Stop with Ctrl+C.
`,
    tour: (print) => tour(site, provider, print),
    close: () => site.close(),
  };
}

function secondsOf({ crowd, ratePerMinute }: Pick<DemoOptions, "crowd" | "ratePerMinute">): number {
  return Math.ceil((crowd * 60) / ratePerMinute);
}

function optionsOrEnd(): DemoOptions | undefined {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === undefined) console.log(usage);
    return options;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

function isPortTaken(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === "EADDRINUSE";
}

function whyNot(error: unknown, { provider }: DemoOptions): string {
  const { port, message } = error as { port?: unknown; message?: unknown };
  if (error instanceof StoreError) return `The demo cannot start. ${error.message}`;
  if (!isPortTaken(error)) return `The demo cannot start: ${String(message)}`;
  return provider === "waiting-room"
    ? `Port ${port} is in use. Choose another: npm start -- --port 0`
    : `Port ${port} is in use. Choose others: npm start -- --port 0 --sandbox-port 0`;
}
