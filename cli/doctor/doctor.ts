import { UsageError } from "../arguments.ts";
import type { Host } from "../host.ts";
import { asJson, plain } from "../print.ts";
import type { DoctorCommand } from "./command.ts";
import { askCrowdhandler, type CrowdhandlerReport } from "./crowdhandler.ts";
import { createCurtain, type Curtain } from "../curtain.ts";
import { printCrowdhandler, printQueueIt } from "./print.ts";
import { askQueueIt, type QueueItReport } from "./queue-it.ts";

/**
 * Asks a service with the owner's keys, and tells what is well and what is not. No key and no token is printed.
 *
 * @returns The exit code: 0 where all is well, 1 where there is a problem.
 * @throws {UsageError} When a key or a configuration is missing, or cannot be read.
 */
export async function doctor(command: DoctorCommand, host: Host): Promise<number> {
  const curtain = createCurtain();
  curtain.addSent(command.url, command.headers);
  if (command.service === "queue-it") curtain.addSent(command.config ?? "");
  const hidden: Host = { ...host, err: (text) => host.err(curtain.hide(text)) };
  // Nothing is put together, quoted or spelled out before it is clean.
  const report = curtain.hideIn(await reportOf(command, hidden, curtain));
  if (command.json) host.out(asJson(report));
  else host.out(curtain.hide(plain("rooms" in report ? printCrowdhandler(report) : printQueueIt(report))));
  return report.ok ? 0 : 1;
}

async function reportOf(
  command: DoctorCommand,
  host: Host,
  curtain: Curtain,
): Promise<CrowdhandlerReport | QueueItReport> {
  try {
    return command.service === "crowdhandler"
      ? await askCrowdhandler(command, host, curtain)
      : await askQueueIt(command, host, curtain);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What a platform says of a call may hold whatever was sent.
    throw new Error(curtain.hide(error instanceof Error ? error.message : String(error)));
  }
}
