/**
 * The gate in front of Node's own server, and of the frameworks that are built on it: requests, and WebSockets, of which that server tells
 * by an event and not by a request.
 *
 * @module
 */

export {
  type GatedUpgradeListener,
  gateUpgrade,
  gateUpgradesOf,
  type UpgradeListener,
} from "./gate-upgrade.ts";
export { messageRequest } from "./message-request.ts";
export {
  type NitroApp,
  type NitroEvent,
  nitroGate,
  type NitroGateOptions,
  type NitroPlugin,
} from "./nitro-gate.ts";
export {
  type FastifyGate,
  fastifyGate,
  type FastifyMessage,
  type KoaGate,
  koaGate,
  nodeGate,
  type NodeMiddleware,
  visitOf,
} from "./node-gate.ts";
export type { NodeRequest } from "./target.ts";
export type { NodeResponse } from "./change-head.ts";
export type { StanchionFacts, StanchionVisit } from "../visit.ts";
export type * from "../../src/contract.ts";
