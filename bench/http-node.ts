/**
 * What does a server of Node take for a request with `stanchion/node` before its listener, beside a listener that gives the same answer with the
 * same headers?
 *
 * Each process has both servers. They are loaded in turns.
 *
 * @module
 */

import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { nodeGate } from "../adapters/node/mod.ts";
import { createGate, failClosed } from "../mod.ts";
import { waitingRoom } from "../plugins/waiting-room/mod.ts";
import { cookiesOf, gateOf, host, kinds as answers, page, targetOf } from "./http-answers.ts";
import { cpuInTurns } from "./_loaded-turns.ts";
import type { Question, Values } from "./_question.ts";
import { bare, gated } from "./_side-by-side.ts";
import { navigation } from "./waiting-room-http.ts";

const { refused, prolonged, noRoom, bypass } = answers;
const status = "status poll of a room";
const waiting = "the waiting page";

/** The question and its variants. */
export const question: Question = {
  title: "The gate before a listener of Node",
  unit: "CPU of the server's process, µs a request",
  runtimes: ["node"],
  variants: [refused, prolonged, noRoom, bypass, status, waiting],
  rounds: { full: 2, quick: 1 },
  targets: [],
  async measure(kind, isQuick): Promise<Values> {
    const isRoom = kind === status || kind === waiting;
    const gate = isRoom ? roomGate() : gateOf(kind);
    const target = kind === status
      ? `http://${host}/.stanchion/main/status`
      : isRoom
      ? `http://${host}/tickets`
      : targetOf(kind);
    const headers: Readonly<Record<string, string>> = kind === waiting
      ? navigation
      : isRoom
      ? {}
      : { cookie: cookiesOf(kind) };
    const open = gate.wrap(() => new Response(page, { headers: type }));
    const visit = () => open(new Request(target, { headers }));
    let answer = await visit();
    // The first of all is let in.
    if (kind === waiting) { while (answer.status === 200) answer = await visit(); }
    const text = await answer.text();
    const isError = answer.status >= 400;
    const enter = nodeGate(gate);
    const servers = [
      { name: bare, listener: writing(answer.status, [...answer.headers], text) },
      {
        name: gated,
        listener:
          ((incoming, outgoing) =>
            enter(incoming, outgoing, () => application(incoming, outgoing))) as RequestListener,
      },
    ];
    const application = writing(200, Object.entries(type), page);
    const loaded = await Promise.all(servers.map(async ({ name, listener }) => ({
      name,
      target: target.replace(host, `127.0.0.1:${await portOf(listener)}`),
      headers: { Host: host, ...headers },
    })));
    return await cpuInTurns(loaded, { connections: 64, seconds: isQuick ? 2 : 6, isError });
  },
};

const type = { "content-type": "text/html; charset=utf-8" };

/** A room in which far more come than are let in. */
function roomGate() {
  const secretKeys = ["0123456789abcdef0123456789abcdef"];
  // All come from one address here, which nobody is to be asked about.
  const room = waitingRoom({ admitPerMinute: 1, secretKeys, challenge: () => undefined });
  return createGate({ publicHosts: [host], plugins: [failClosed(), room] });
}

/** A listener that always writes the same. */
function writing(
  status: number,
  headers: readonly (readonly [string, string])[],
  text: string,
): RequestListener {
  return (_incoming, outgoing) => {
    outgoing.statusCode = status;
    for (const [name, value] of headers) outgoing.setHeader(name, value);
    outgoing.end(text === "" ? undefined : text);
  };
}

/** Listens on a free port of the loopback, until the process ends. */
async function portOf(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on a port.
  return (server.address() as AddressInfo).port;
}
