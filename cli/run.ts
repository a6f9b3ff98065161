import { UsageError } from "./arguments.ts";
import { type Command, type ExplainCommand, parseCommand, type Reading } from "./command.ts";
import { createCurtain } from "./curtain.ts";
import { explain, type ExplainFiles } from "./explain.ts";
import { findingsOf, loadConfiguration, skippedOf } from "./findings.ts";
import { asJson, plain, printExplained, printFindings } from "./print.ts";
import { usage, usageOf } from "./usage.ts";
import { doctor } from "./doctor/doctor.ts";
import { bytesOf, textOf } from "./files.ts";
import type { Host } from "./host.ts";
import { keyOf } from "./keys.ts";
import { lotteryCommand } from "./lottery/lottery.ts";
import { roomsCommand } from "./rooms/rooms.ts";
import { serveCommand } from "./serve/serve.ts";
import { simulateCommand } from "./simulate/simulate.ts";

/**
 * Runs the command.
 *
 * @param args Arguments without program and script.
 * @param host The machine.
 * @returns The exit code. Never rejected.
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(parseCommand(args, host.parse), host);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const message = error instanceof Error ? error.message : String(error);
    const see = usageOf(args[0]) === usage ? "stanchion --help" : `stanchion ${args[0]} --help`;
    host.err(plain(isUsage ? `${message}\nSee ${see}.` : `It did not work: ${message}`));
    return isUsage ? 2 : 1;
  }
}

async function dispatch(command: Command, host: Host): Promise<number> {
  switch (command.name) {
    case "help":
      host.out(usageOf(command.of));
      return 0;
    case "version":
      host.out(await host.version());
      return 0;
    case "check": {
      const found = findingsOf(await textOf(command.config, host), command);
      const isBad = found.findings.some(({ level }) => level !== "note" || command.strict);
      const name = nameOf(command);
      host.out(command.json ? asJson({ ok: !isBad, ...found }) : plain(printFindings(found, name)));
      return isBad ? 1 : 0;
    }
    case "explain":
      return await explained(command, host);
    case "doctor":
      return await doctor(command, host);
    case "simulate":
      return simulateCommand(command, host);
    case "lottery":
      return await lotteryCommand(command, host);
    case "rooms":
      return await roomsCommand(command, host);
    case "serve":
      return await serveCommand(command, host);
  }
}

async function explained(command: ExplainCommand, host: Host): Promise<number> {
  const text = await textOf(command.config, host);
  const found = findingsOf(text, command);
  if (found.version === undefined) {
    host.err(plain(printFindings(found, nameOf(command))));
    return 1;
  }
  const files: ExplainFiles = {
    skipped: skippedOf(found),
    configuration: loadConfiguration(text).configuration,
    secretKey: await keyOf(command.secretKey, host),
    body: command.body === undefined ? undefined : await bytesOf(command.body, host),
  };
  const curtain = createCurtain();
  curtain.add(files.secretKey);
  const result = curtain.hideIn(await explain(command, files));
  host.out(command.json ? asJson(result) : plain(printExplained(result)));
  return result.failure === null ? 0 : 1;
}

function nameOf({ config }: Reading): string {
  return config === "-" ? "(standard input)" : config;
}
