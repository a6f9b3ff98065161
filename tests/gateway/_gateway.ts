import { connect } from "node:net";
import type { GatewayConfig } from "../../gateway/config.ts";
import { type RunningGateway, startGateway } from "../../gateway/gateway.ts";
import type { GatewaySecrets } from "../../gateway/secrets.ts";
import { type Origin, type OriginConnection, readerOf, startOrigin } from "./_wire.ts";

/** The gateway with its gate, in front of an origin. */
export interface WholeGateway extends RunningGateway {
  readonly logged: readonly string[];
  /** Sends this on a connection of its own, and gives all that comes back until it is closed. */
  readonly ask: (text: string) => Promise<string>;
  /** The same at the second port. */
  readonly askAdmin: (path: string, headers?: string) => Promise<string>;
}

export const adminSecret = "a-secret-of-the-tests";

/** Runs a test with a whole gateway, and ends it. */
export async function withGateway(
  serve: (connection: OriginConnection) => unknown,
  config: Partial<GatewayConfig>,
  run: (gateway: WholeGateway, origin: Origin) => Promise<void>,
  secrets: GatewaySecrets = { adminSecret },
): Promise<void> {
  const origin = await startOrigin(serve);
  const logged: string[] = [];
  const gateway = await startGateway(
    { to: `http://127.0.0.1:${origin.port}`, host: "127.0.0.1", port: 0, adminPort: 0, rate: 60, ...config },
    secrets,
    { log: (message) => void logged.push(message) },
  );
  const to = async (address: string, text: string) => {
    const { closed, got } = await open(address, text);
    await closed;
    return got();
  };
  try {
    await run({
      ...gateway,
      logged,
      ask: (text) => to(gateway.address, text),
      askAdmin: (path, headers = "") =>
        to(
          gateway.adminAddress,
          `GET ${path} HTTP/1.1\r\nHost: ${gateway.adminAddress}\r\n${headers}Connection: close\r\n\r\n`,
        ),
    }, origin);
  } finally {
    await gateway.kill();
    await origin.close();
  }
}

/** Opens a connection and sends this on it. */
export async function open(address: string, text: string): Promise<OriginConnection> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const socket = connect(Number(port), host === "localhost" ? "127.0.0.1" : host);
  const reader = readerOf(socket);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.write(text, "latin1");
  return reader;
}

/** A page as a browser asks for it. */
export function page(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: shop.example\r\nAccept: text/html\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n${headers}Connection: close\r\n\r\n`;
}

/** The cookies that an answer sets, as a browser sends them back. */
export function cookiesOf(answer: string): string {
  const cookies = [...answer.matchAll(/^set-cookie: ([^;\r]+)/gim)].map(([, cookie]) => cookie);
  return cookies.length === 0 ? "" : `Cookie: ${cookies.join("; ")}\r\n`;
}
