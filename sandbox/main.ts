#!/usr/bin/env node
/// <reference types="node" />
/**
 * The sandbox's command: `stanchion-sandbox`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { parseCommand, USAGE } from "./command.ts";
import type { Sandbox } from "./sandbox.ts";

try {
  await main(process.argv.slice(2));
} catch (error) {
  // Everything thrown below is an Error, some with an exit code.
  const { message, exitCode = 1 } = error as { message: string; exitCode?: number };
  console.error(message);
  process.exit(exitCode);
}

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args, (path) => readFileSync(path, "utf8"), parseArgs);
  if (command === "help") return console.log(USAGE);
  const { port, host, allowedHosts, options } = command;
  const [{ createSandbox }, { serveSandbox }] = await Promise.all([
    import("./create-sandbox.ts"),
    import("./serve.ts"),
  ]).catch((error) => {
    throw new Error(withoutPackage(error));
  });
  const sandbox = createSandbox(options);
  const server = await serveSandbox(sandbox, { port, host, allowedHosts }).catch((error) => {
    throw Object.assign(new Error(cannotListen(error.code, host, port)), { exitCode: 2 });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => server.close().then(() => process.exit(0)));
  }
  console.log(greeting(server.url, sandbox));
}

function greeting(url: string, { publicKey, privateKey, queueIt, state }: Sandbox): string {
  const { customerId, secretKey, apiKey } = queueIt;
  const slug = state.rooms[0]?.slug ?? "";
  const eventId = queueIt.state.rooms[0]?.eventId ?? "";
  const send = "-H 'content-type: application/json'";
  return `Stanchion sandbox, a stand-in for CrowdHandler and Queue-it, at ${url}

  CrowdHandler
  public key             ${publicKey}
  private key            ${privateKey}
  rooms                  ${state.rooms.map((each) => `${each.slug} (${each.domain})`).join(", ")}
  A waiting page         ${url}/${slug}

  Queue-it
  customer id            ${customerId}
  secret key             ${secretKey}
  API key                ${apiKey}
  events                 ${queueIt.state.rooms.map((each) => each.eventId).join(", ")}
  A queue page           ${url}/?c=${customerId}&e=${eventId}
  Its configuration      curl -H 'api-key: ${apiKey}' ${url}/status/integrationconfig/secure/${customerId}

  The board              ${url}/
  See everything         curl ${url}/sandbox/state
  Let everybody in       curl -X POST ${send} ${url}/sandbox/promote
  Break the API          curl -X PUT ${send} -d '{"kind":"timeout","times":3}' ${url}/sandbox/faults/requests
`;
}

/** The packages that only the sandbox uses are not installed with this one. */
function withoutPackage({ message }: Error): string {
  const name = /["'](hono|@hono\/node-server)\b/.exec(message)?.[1];
  if (name === undefined) return message;
  return `stanchion-sandbox needs the package ${name}, which is not installed. ` +
    "Install what it needs: npm install --save-dev hono @hono/node-server";
}

function cannotListen(code: string | undefined, host: string, port: number): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use. Choose another with --port, or --port 0 for any free one.`;
    case "EACCES":
      return `Port ${port} may not be used. Choose one above 1023 with --port.`;
    default:
      return `Cannot listen on ${host} port ${port}: ${code ?? "unknown error"}`;
  }
}
