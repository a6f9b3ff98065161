import {
  ConfigError,
  type GatewayConfig,
  type GatewaySecrets,
  readConfig,
  type RunningGateway,
  startGateway,
} from "../../gateway/mod.ts";
import { kindOfSecret } from "../../src/options/secret-kind.ts";
import { UsageError } from "../arguments.ts";
import type { Host, Machine } from "../host.ts";
import { keyOf, type KeySource, whereOf } from "../keys.ts";
import { plain } from "../print.ts";
import type { ServeCommand } from "./command.ts";
import { fromEnvironment, unknownVariables } from "./options.ts";
import { inWordsOfServe } from "./words.ts";

/** The files in which a configuration is looked for. */
const usualFiles = [
  "stanchion.config.json",
  "stanchion.config.ts",
  "stanchion.config.js",
  "stanchion.config.mjs",
];
/** How long it is shown that nobody is to be sent here any more, before nobody is taken, in milliseconds. */
const noticeMs = 1000;

/**
 * Serves until a signal says to stop.
 *
 * @returns The exit code.
 * @throws {UsageError} When the configuration is wrong, or a port cannot be had.
 */
export async function serveCommand(command: ServeCommand, host: Host): Promise<number> {
  const { machine } = host;
  if (machine === undefined) throw new UsageError("serve needs a machine to run on");
  const log = (message: string) =>
    host.out(plain(`${new Date(host.now()).toISOString()} ${inWordsOfServe(message)}`));
  for (const said of unknownVariables(host.variables?.() ?? [])) host.err(plain(said));
  const file = await fileOf(command, host, machine);
  const config = await configOf(command, host, machine, file);
  const { secrets, isMade } = await secretsOf(command, host, machine);
  const gateway = await start(config, secrets, log);
  tellStart(gateway, config, { secrets, isMade }, log);
  const end = new Promise<number>((resolve) => listenForEnd(gateway, machine, log, resolve));
  const unwatch = watch(() => configOf(command, host, machine, file), file, gateway, machine, log);
  const code = await end;
  unwatch();
  return code;
}

/** The file of the configuration. Whoever changes another one that lies beside it should know that nobody reads it. */
async function fileOf(
  { config }: ServeCommand,
  host: Host,
  machine: Machine,
): Promise<string | undefined> {
  if (config !== undefined) return config;
  const found: string[] = [];
  for (const name of usualFiles) if (await machine.exists(name)) found.push(name);
  const [file, ...others] = found;
  if (others.length > 0) {
    host.err(`${file} is read, and not ${others.join(", ")}; --config names another one`);
  }
  return file;
}

/** Puts the configuration together: what the command line says counts before the environment, and that before the file. */
async function configOf(
  { given }: ServeCommand,
  host: Host,
  machine: Machine,
  file: string | undefined,
): Promise<GatewayConfig> {
  const loaded = file === undefined ? {} : await load(file, machine);
  const env = fromEnvironment(host.env);
  const sources = { ...env.sources, ...given.sources };
  if (typeof given.values["store"] === "string" && /:\/\/[^/@]*:[^/@]+@/.test(given.values["store"])) {
    host.err(
      "The password of the store stands in the list of processes and in the shell's history; use STANCHION_STORE",
    );
  }
  try {
    if (typeof loaded !== "object" || loaded === null || Array.isArray(loaded)) return readConfig(loaded);
    return readConfig({ ...loaded, ...env.values, ...given.values });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (error.member === "to" && !("to" in sources) && file === undefined) {
      throw new UsageError(
        'Where is the site? --to http://localhost:3000, STANCHION_TO, or "to" in stanchion.config.json',
      );
    }
    throw new UsageError(`${sources[error.member] ?? file ?? "serve"}: ${error.message}`);
  }
}

async function load(file: string, machine: Machine): Promise<unknown> {
  try {
    if (!/\.json$/i.test(file)) return await machine.load(file);
    return JSON.parse(await machine.readText(file));
  } catch (error) {
    // What loads modules says it in words of its own, which name files of this program.
    if (!(await machine.exists(file))) throw new UsageError(`${file} cannot be read: there is no such file`);
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function secretsOf(
  { secrets }: ServeCommand,
  host: Host,
  machine: Machine,
): Promise<{ readonly secrets: GatewaySecrets; readonly isMade: boolean }> {
  const given = await secretOf(secrets["admin-secret"], host, 16);
  const roomKey = await secretOf(secrets["room-key"], host, 32);
  // Only somebody who sits there sees it; in a log it would be no secret.
  const isMade = given === undefined && machine.isTerminal;
  const adminSecret = isMade ? machine.newSecret() : given;
  const privateKey = await keyOf(secrets["private-key"], host);
  const secretKey = await keyOf(secrets["secret-key"], host);
  const apiKey = await keyOf(secrets["api-key"], host);
  return { secrets: { adminSecret, roomKey, privateKey, secretKey, apiKey }, isMade };
}

async function secretOf(source: KeySource, host: Host, least: number): Promise<string | undefined> {
  const secret = await keyOf(source, host);
  if (secret === undefined || (secret.length >= least && /^[!-~]{1,512}$/.test(secret))) return secret;
  throw new UsageError(
    `The ${source.name} must have ${least} to 512 printable characters without spaces, and ${
      whereOf(source)
    } has ${kindOfSecret(secret)}; openssl rand -hex 32 makes one`,
  );
}

async function start(
  config: GatewayConfig,
  secrets: GatewaySecrets,
  log: (message: string) => void,
): Promise<RunningGateway> {
  try {
    return await startGateway(config, secrets, { log });
  } catch (error) {
    throw new UsageError(whyNot(error));
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The platform's errors of listening have these.
  const { code, port } = error as Error & { readonly code?: string; readonly port?: number };
  const which = port === undefined ? "the port" : `port ${port}`;
  const choose = "choose another one by --port, or --admin-port for health, metrics and board";
  switch (code) {
    case "EADDRINUSE":
      return `Something else listens at ${which} already; ${choose}`;
    case "EACCES":
      return `This user may not listen at ${which}; ${choose}, or let a server in front take it`;
    case "ENOTFOUND":
    case "EADDRNOTAVAIL":
    // Deno's word for the same.
    case "EINVAL":
      return `This machine has no such address (${error.message}); choose one of its own by --host or --admin-host`;
    default:
      return inWordsOfServe(error.message);
  }
}

function tellStart(
  { address, adminAddress, hasBoard }: RunningGateway,
  { to, provider = "waiting-room", store }: GatewayConfig,
  { secrets, isMade }: { readonly secrets: GatewaySecrets; readonly isMade: boolean },
  log: (message: string) => void,
): void {
  log(`Visitors of ${to} are served at http://${address}, by ${provider}.`);
  log(`Health and metrics are at http://${adminAddress}/healthz, /readyz and /metrics.`);
  if (hasBoard) log(`The board is at http://${adminAddress}/board.`);
  if (hasBoard && isMade) {
    log(`Its secret, made for this run: ${secrets.adminSecret}. STANCHION_ADMIN_SECRET gives your own.`);
  }
  if (!hasBoard && provider === "waiting-room") {
    log("There is no board without a secret: STANCHION_ADMIN_SECRET, or --admin-secret-file.");
  }
  if (provider === "waiting-room" && store === undefined) {
    const forgets = secrets.roomKey === undefined
      ? "who is inside and who waits; with STANCHION_ROOM_KEY those who wait keep their places"
      : "who is inside";
    log(
      `The room is kept in this process: a restart forgets ${forgets}. --store shares it with others and keeps it.`,
    );
  }
}

function listenForEnd(
  gateway: RunningGateway,
  machine: Machine,
  log: (message: string) => void,
  done: (code: number) => void,
): void {
  let isStopping = false;
  const stop = (delayMs: number) => {
    if (isStopping) {
      log("It ends at once.");
      return done(130);
    }
    isStopping = true;
    log("It stops: nobody new is taken, and what is under way ends. Once more, and it ends at once.");
    gateway.stop(delayMs).then(() => {
      log("All is done.");
      done(0);
    }, (error: unknown) => {
      log(`It could not stop in order: ${error instanceof Error ? error.message : String(error)}.`);
      done(1);
    });
  };
  machine.onSignal("SIGTERM", () => stop(noticeMs));
  machine.onSignal("SIGINT", () => stop(0));
}

/** Takes the configuration again when its file changes, or at SIGHUP. A wrong one is told, and the last good one stays. */
function watch(
  read: () => Promise<GatewayConfig>,
  file: string | undefined,
  gateway: RunningGateway,
  machine: Machine,
  log: (message: string) => void,
): () => void {
  let last: Promise<void> = Promise.resolve();
  const reload = () => {
    last = last.then(async () => {
      try {
        gateway.reload(await read());
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        log(`The new configuration is wrong, and the last good one stays in force. ${why}`);
      }
    });
  };
  machine.onSignal("SIGHUP", reload);
  return file === undefined ? () => {} : machine.watch(file, reload);
}
