/** What lies between a process and its Redis: a network that is slow, loses answers, or ends. */

import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of what is sent. */
export type NetworkState =
  | { readonly is: "good" }
  /** Each piece comes so much later, both ways. */
  | { readonly is: "slow"; readonly ms: number }
  /** What is asked arrives; instead of the answer, at this share of them, the connection ends. */
  | { readonly is: "lossy"; readonly share: number }
  /** Nothing comes back, and the connections stay open. */
  | { readonly is: "silent" }
  /** Connections end, and none is accepted. */
  | { readonly is: "gone" };

/** A network. */
export interface RoomProxy {
  readonly port: number;
  set(state: NetworkState): void;
  close(): Promise<void>;
}

/** Makes a network that leads to a port of the loopback interface. */
export async function startRoomProxy(target: number, random: () => number): Promise<RoomProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let state: NetworkState = { is: "good" };

  const proxy: Server = createServer((client) => {
    if (state.is === "gone") return void client.destroy();
    const server = connect(target, "127.0.0.1");
    const pair = [client, server] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on("error", end).on("close", end);
    client.on("data", (piece) => later(() => server.write(piece)));
    server.on("data", (piece) => {
      if (state.is === "silent") return;
      if (state.is === "lossy" && random() < state.share) return end();
      later(() => client.write(piece));
    });
  });

  /** Timers of the same length come in their order. */
  function later(send: () => void): void {
    if (state.is === "slow") setTimeout(send, state.ms);
    else send();
  }

  function cut(): void {
    for (const sockets of pairs) for (const socket of sockets) socket.destroy();
  }

  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    // It listens on a port.
    port: (proxy.address() as AddressInfo).port,
    set(next) {
      // What was not answered never is: connections that were silent are of no use any more.
      if (next.is === "gone" || state.is === "silent") cut();
      state = next;
    },
    close() {
      cut();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
