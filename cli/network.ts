/// <reference types="node" />
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { connect as connectEncrypted } from "node:tls";
import type { Connection, Network } from "./host.ts";

/** The network of this machine, on Node, Deno and Bun. */
export const network: Network = {
  fetch: (url, init) => globalThis.fetch(url, init),
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  async connect({ host, port, isEncrypted }, signal): Promise<Connection> {
    const since = performance.now();
    const socket = connect({ host, port });
    const stop = () => void socket.destroy();
    signal.addEventListener("abort", stop);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
        socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
      });
      const connectMs = Math.round(performance.now() - since);
      socket.destroy();
      return { connectMs, tls: isEncrypted ? await handshake(host, port, signal) : undefined };
    } finally {
      signal.removeEventListener("abort", stop);
      socket.destroy();
    }
  },
};

/** Encrypts a connection of its own: platforms differ in what they make of one that is there already. */
async function handshake(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<NonNullable<Connection["tls"]>> {
  const since = performance.now();
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const socket = connectEncrypted({ host, port, ...name, ALPNProtocols: ["http/1.1"] });
  const stop = () => void socket.destroy();
  signal.addEventListener("abort", stop);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    });
    const until = Date.parse(socket.getPeerCertificate?.()?.valid_to ?? "");
    return {
      ms: Math.round(performance.now() - since),
      protocol: socket.getProtocol?.() ?? "TLS",
      validUntil: Number.isNaN(until) ? undefined : dayOf(until),
    };
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
