import type { Gate } from "../src/gate.ts";
import { createGate } from "../src/gate.ts";
import type { Plugin, Provider } from "../src/plugin.ts";
import { clientIp } from "../plugins/client-ip.ts";
import { cookieTokens } from "../plugins/cookie-tokens.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { failClosed, failOpen } from "../plugins/failure-policy/mod.ts";
import type { Metrics } from "../plugins/metrics/mod.ts";
import { preflight } from "../plugins/preflight.ts";
import { prefetch } from "../plugins/prefetch.ts";
import { problemAnswers } from "../plugins/problem-answers/mod.ts";
import { pulledSource, queueIt } from "../plugins/queue-it/mod.ts";
import { staticFiles } from "../plugins/static-files.ts";
import {
  type OperatedRoom,
  type RoomCondition,
  type RoomOptions,
  type RoomStore,
  type WaitingRoom,
  waitingRoom,
} from "../plugins/waiting-room/mod.ts";
import type { GatewayConfig, RoomConfig } from "./config.ts";
import { ConfigError } from "./read-config.ts";
import type { GatewaySecrets } from "./secrets.ts";

/** A gate that was made of a configuration, with what belongs to it. */
export interface BuiltGate {
  readonly gate: Gate;
  readonly metrics: Metrics;
  /** Those of the waiting room; none of another provider. */
  readonly rooms: readonly OperatedRoom[];
  /** Ends what goes on without visitors. */
  close(): void;
}

/** What gates of one process have in common, whatever their configuration. */
export interface GateParts {
  readonly secrets: GatewaySecrets;
  /** Where the rooms are kept, which outlives each configuration. */
  readonly store: RoomStore;
  /** Signs tickets where no key is given and the store keeps none. */
  readonly madeKey: string;
  readonly metrics: Metrics;
  /** The last of Queue-it's configurations, which outlives a change of ours: their endpoint may be away just then. */
  readonly integrations: { last?: { readonly from: string; readonly configuration: unknown } };
  readonly warn: (message: string) => void;
}

/**
 * Makes a gate.
 *
 * @throws {ConfigError} When a key is missing.
 * @throws {TypeError | RangeError} When a plugin refuses what it is given.
 */
export function buildGate(config: GatewayConfig, parts: GateParts): BuiltGate {
  const { warn } = parts;
  const { provider, close = () => {} } = providerOf(config, parts);
  const {
    bypass = [],
    assets,
    trustedProxies,
    publicHosts,
    mode = "enforce",
    onFailure,
    forwardedHost = false,
  } = config;
  // Not every browser keeps a secure cookie of a page without TLS, as where somebody tries it on one machine.
  const isPlain = publicHosts !== undefined && publicHosts.length > 0 &&
    publicHosts.every((host) => /^http:/i.test(host));
  const plugins: Plugin[] = [
    parts.metrics,
    ...(isPlain ? [cookieTokens({ secure: false })] : []),
    staticFiles({ paths: bypass, ...(assets !== undefined && { roots: assets }) }),
    preflight(),
    prefetch(),
    clientIp({ ...(trustedProxies !== undefined && { trustedProxies }), forwardedHost, warn }),
    problemAnswers(),
    onFailure === "open" ? failOpen() : failClosed(),
  ];
  const options = { mode, ...(publicHosts !== undefined && { publicHosts }), onError: told(warn), warn };
  const gate = createGate(
    { ...options, plugins: [...plugins, provider] } as Parameters<typeof createGate>[0],
  );
  const rooms = "rooms" in provider ? (provider as WaitingRoom).rooms : [];
  return { gate, metrics: parts.metrics, rooms, close };
}

/** Faults are told one a second at most; the metrics count all of them. */
function told(warn: (message: string) => void): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    warn(error.message);
  };
}

/** A provider, and what ends its work in the background. */
interface Built {
  readonly provider: Provider;
  readonly close?: () => void;
}

function providerOf(config: GatewayConfig, parts: GateParts): Built {
  switch (config.provider) {
    case "crowdhandler":
      return { provider: crowdhandlerOf(config, parts) };
    case "queue-it":
      return queueItOf(config, parts);
    case "waiting-room":
    case undefined:
      return { provider: waitingRoomOf(config, parts) };
  }
}

function waitingRoomOf(config: GatewayConfig, { secrets, store, madeKey, warn }: GateParts): WaitingRoom {
  const { rooms, rate, capacity, sessionMinutes, opensAt, protect } = config;
  const key = secrets.roomKey ?? (store.isShared === true ? undefined : madeKey);
  const given: readonly RoomConfig[] = rooms ??
    [{ name: "main", rate, capacity, sessionMinutes, opensAt, protect }];
  return waitingRoom({
    rooms: given.map(roomOf),
    store,
    warn,
    ...(config.prefix !== undefined && { prefix: config.prefix }),
    ...(key !== undefined && { secretKeys: [key] }),
  });
}

function roomOf({ name, protect, rate, ...others }: RoomConfig): RoomOptions {
  const match = protect?.map((path): RoomCondition => ({ path }));
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return {
    name,
    ...given,
    ...(rate !== undefined && { admitPerMinute: rate }),
    ...(match !== undefined && { match }),
  };
}

function crowdhandlerOf(
  { publicKey, apiUrl, waitingRoomUrl }: GatewayConfig,
  { secrets, warn }: GateParts,
): Provider {
  if (publicKey === undefined) {
    throw new ConfigError(
      '"publicKey" is needed for CrowdHandler, or STANCHION_PUBLIC_KEY in the environment',
    );
  }
  return crowdhandler({
    publicKey,
    warn,
    ...(apiUrl !== undefined && { apiUrl }),
    ...(waitingRoomUrl !== undefined && { waitingRoomUrl }),
    ...(secrets.privateKey !== undefined && { privateKey: secrets.privateKey, mode: "hybrid" }),
  });
}

function queueItOf(
  { customerId, apiUrl }: GatewayConfig,
  { secrets, integrations, warn }: GateParts,
): Built {
  const { secretKey, apiKey } = secrets;
  if (customerId === undefined || secretKey === undefined || apiKey === undefined) {
    throw new ConfigError(
      "Queue-it needs its keys: STANCHION_SECRET_KEY signs tokens, and STANCHION_API_KEY fetches the configuration",
    );
  }
  const path = `/status/integrationconfig/secure/${encodeURIComponent(customerId)}`;
  const url = apiUrl?.replace(/\/$/, "").concat(path);
  const source = pulledSource({ customerId, apiKey, warn, ...(url !== undefined && { url }) });
  const from = `${customerId} ${url}`;
  if (integrations.last?.from === from) source.deliver(integrations.last.configuration);
  source.subscribe((configuration) => () => integrations.last = { from, configuration });
  return {
    provider: queueIt({ customerId, secretKeys: [secretKey], integrationConfig: source, apiKey, warn }),
    close: () => source.close(),
  };
}
