import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { metrics } from "../plugins/metrics/mod.ts";
import { type RoomBoard, roomBoard } from "../plugins/waiting-room/board/mod.ts";
import { memoryStore } from "../plugins/waiting-room/mod.ts";
import { trustOf } from "../src/url/ip-address.ts";
import { boardPath, createAdmin } from "./admin.ts";
import { buildGate, type BuiltGate, type GateParts } from "./build-gate.ts";
import type { GatewayConfig } from "./config.ts";
import { faultAnswer } from "./fault-page.ts";
import { createFigures } from "./figures.ts";
import { type OriginWatch, watchOrigin } from "./origin-watch.ts";
import { probeOf } from "./probe.ts";
import { createListener, createProxy, type Listener, type ProxyOptions } from "./proxy/mod.ts";
import { loadRedis, openRedis, type OpenStore, type RedisConnector } from "./redis.ts";
import { beginInWords } from "./router-words.ts";
import type { GatewaySecrets } from "./secrets.ts";

/** What a gateway needs of the machine. */
export interface GatewayMachine {
  /** Is told what happens, in whole sentences. */
  readonly log: (message: string) => void;
  /** Connects with a Redis. @default {by the package ioredis} */
  readonly connectRedis?: RedisConnector;
  /** Tells the time in Unix milliseconds. @default {Date.now} */
  readonly now?: () => number;
}

/** A gateway that serves. */
export interface RunningGateway {
  /** Where visitors are served, as host and port. */
  readonly address: string;
  /** Where health, metrics and board are. */
  readonly adminAddress: string;
  readonly hasBoard: boolean;
  /**
   * Takes another configuration. What is no concern of the gate, such as ports and the store, stays as it was and is named.
   *
   * @throws {ConfigError | TypeError | RangeError} When it is wrong: the last good one stays in force.
   */
  readonly reload: (config: GatewayConfig) => void;
  /** Stops it: health fails first, what is under way ends, and what takes longer than `drainSeconds` is broken off. */
  readonly stop: (delayMs?: number) => Promise<void>;
  /** Breaks everything off. */
  readonly kill: () => Promise<void>;
}

/** How long the gate's work behind the answers is waited for at the end, in milliseconds. */
const idleMs = 5000;

/** What takes a new process to change. */
const fixed = [
  "to",
  "host",
  "port",
  "adminHost",
  "adminPort",
  "store",
  "prefix",
  "trustedProxies",
  "originHost",
  "keepHeaders",
  "healthPath",
  "maxConnections",
  "maxOriginConnections",
  "answerSeconds",
  "tunnelMinutes",
] as const;

/**
 * Starts a gateway: a reverse proxy with the gate in it, and a second port for whoever runs it.
 *
 * @param config What it does.
 * @param secrets What nobody else may know.
 * @param machine What it needs of the machine.
 * @returns The gateway, which serves.
 * @throws {ConfigError | TypeError | RangeError} When the configuration is wrong.
 * @throws {Error} Of the platform, when it cannot listen.
 */
export async function startGateway(
  config: GatewayConfig,
  secrets: GatewaySecrets,
  machine: GatewayMachine,
): Promise<RunningGateway> {
  const opened = await storeOf(config, machine);
  let desk: Desk;
  try {
    desk = createDesk(config, secrets, machine, opened);
  } catch (error) {
    opened.close();
    throw error;
  }
  const { listener, admin } = desk;
  try {
    await listen(listener.server, config.port ?? 8080, config.host);
    await listen(admin, config.adminPort ?? 8081, config.adminHost ?? "127.0.0.1");
  } catch (error) {
    await end(desk, 0);
    throw error;
  }
  return {
    address: addressOf(listener.server),
    adminAddress: addressOf(admin),
    hasBoard: desk.board !== undefined,
    reload: (next) => reload(desk, next),
    async stop(delayMs = 0) {
      desk.isStopping = true;
      // Whoever sends visitors here is to see it before it stops taking them.
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      await end(desk, (desk.running.drainSeconds ?? 30) * 1000);
    },
    kill: () => end(desk, 0),
  };
}

/** What a gateway is made of, and what of it changes. */
interface Desk {
  readonly secrets: GatewaySecrets;
  readonly parts: GateParts;
  readonly opened: OpenStore;
  readonly watch: OriginWatch;
  readonly listener: Listener;
  readonly admin: Server;
  readonly log: (message: string) => void;
  running: GatewayConfig;
  built: BuiltGate;
  board: RoomBoard | undefined;
  isStopping: boolean;
}

function createDesk(
  config: GatewayConfig,
  secrets: GatewaySecrets,
  { log, now = Date.now }: GatewayMachine,
  opened: OpenStore,
): Desk {
  const tell = createOnce(log);
  const parts: GateParts = {
    secrets,
    store: opened.store,
    madeKey: newKey(),
    metrics: metrics(),
    integrations: {},
    warn: tell,
  };
  const origin = new URL(config.to);
  const figures = createFigures();
  const built = buildGate(config, parts);
  const watch = watchOrigin({
    probe: probeOf(origin, config.healthPath, 2000),
    rooms: () => desk.built.rooms,
    log,
  });
  const proxy = createProxy({
    ...proxyOptions(config, origin, now),
    door: {
      begin: (incoming, outgoing) => beginInWords(desk.built.gate, incoming, outgoing),
    },
    onEvent(event) {
      figures.note(event);
      if (event.is !== "failed" || event.fault === "unsent") return;
      tell(`The site gave no answer: ${inWords(event.why, origin)}.`);
      watch.suspect();
    },
  });
  const listener = createListener(proxy, {
    maxConnections: config.maxConnections ?? 10_000,
    maxHeaderBytes: 32_768,
    headersTimeoutMs: 10_000,
    keepAliveMs: 75_000,
  });
  const admin = createAdmin({
    isStopping: () => desk.isStopping,
    isUp: () => watch.isUp,
    metrics: () =>
      parts.metrics.text(desk.built.gate) +
      figures.text({ isUp: watch.isUp, connections: listener.connections }),
    board: () => desk.board,
  });
  const board = boardOf(built, secrets);
  const desk: Desk = {
    ...{ secrets, parts, opened, watch, listener, admin, log },
    ...{ running: config, built, board, isStopping: false },
  };
  return desk;
}

function reload(desk: Desk, next: GatewayConfig): void {
  const { running, parts, secrets, log } = desk;
  const changed = fixed.filter((name) => JSON.stringify(next[name]) !== JSON.stringify(running[name]));
  const fresh = buildGate(next, parts);
  desk.board?.close();
  desk.built.close();
  desk.built = fresh;
  desk.board = boardOf(fresh, secrets);
  desk.running = next;
  log("The new configuration is in force.");
  if (changed.length > 0) log(`Only a new process takes what was changed of ${changed.join(", ")}.`);
}

async function end({ watch, board, listener, built, admin, opened }: Desk, mostMs: number): Promise<void> {
  watch.close();
  board?.close();
  built.close();
  await listener.close(mostMs);
  // What goes on behind the answers, such as reports of how the site did.
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, idleMs));
  await Promise.race([built.gate.idle(), late]);
  clearTimeout(timer);
  admin.closeAllConnections();
  if (admin.listening) await new Promise((resolve) => admin.close(resolve));
  await opened.store.close?.();
  opened.close();
}

function boardOf({ rooms }: BuiltGate, { adminSecret }: GatewaySecrets): RoomBoard | undefined {
  if (adminSecret === undefined || rooms.length === 0) return undefined;
  return roomBoard({ rooms, auth: { secrets: [adminSecret] }, path: boardPath });
}

function proxyOptions(
  config: GatewayConfig,
  origin: URL,
  now: () => number,
): Omit<ProxyOptions, "door" | "onEvent"> {
  const { trustedProxies = 0 } = config;
  const list = typeof trustedProxies === "number"
    ? undefined
    : trustOf("gateway", "trustedProxies", trustedProxies);
  const answerMs = (config.answerSeconds ?? 60) * 1000;
  return {
    origin,
    trusts: list === undefined ? () => trustedProxies !== 0 : (peer) => peer !== undefined && list(peer),
    host: config.originHost ?? "visitor",
    keepHeaders: config.keepHeaders ?? [],
    maxOriginConnections: config.maxOriginConnections ?? 256,
    answerTimeoutMs: answerMs,
    tunnelIdleMs: (config.tunnelMinutes ?? 60) * 60_000,
    faultAnswer: (fault, incoming) => faultAnswer(fault, incoming, newKey().slice(0, 20)),
    now,
  };
}

async function storeOf(
  { store, prefix }: GatewayConfig,
  { log, connectRedis }: GatewayMachine,
): Promise<OpenStore> {
  if (store === undefined) return { store: memoryStore(), close: () => {} };
  return await openRedis(store, prefix, connectRedis ?? await loadRedis(), log);
}

/** A key of 256 bits, which nobody can foretell. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Tells each thing once a minute, however often it happens. */
function createOnce(log: (message: string) => void): (message: string) => void {
  const told = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    const before = told.get(message);
    if (before !== undefined && now - before < 60_000) return;
    if (told.size > 200) told.clear();
    told.set(message, now);
    log(message);
  };
}

async function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

function addressOf(server: Server): string {
  // It listens on a port.
  const { address, port, family } = server.address() as AddressInfo;
  if (address === "::" || address === "0.0.0.0") return `localhost:${port}`;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Why the site gave no answer. What OpenSSL says of one that speaks no TLS is a line of its own sources. */
function inWords(why: string, { host, port }: URL): string {
  const [, reason] = /SSL routines:[^:]*:\s*([^:\n)]+)/.exec(why) ?? [];
  if (reason === undefined) return why;
  // Whoever complains of the other side speaks TLS.
  const speaks = /alert|certificate|handshake|protocol|cipher/i.test(reason);
  const plain = `http://${host}${port === "" ? ":443" : ""}`;
  return `no TLS comes about (${reason})${speaks ? "" : `; without TLS its address is ${plain}`}`;
}
