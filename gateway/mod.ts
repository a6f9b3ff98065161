/**
 * The gateway behind `stanchion serve`: a reverse proxy with the gate in it.
 *
 * @module
 */

export { configSchema, type GatewayConfig, type RoomConfig } from "./config.ts";
export { type GatewayMachine, type RunningGateway, startGateway } from "./gateway.ts";
export { ConfigError, readConfig } from "./read-config.ts";
export type { GatewaySecrets } from "./secrets.ts";
