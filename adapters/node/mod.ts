/**
 * The gate in front of the WebSockets of Node's own server, which tells of them by an event and not by a request.
 *
 * @module
 */

export {
  type GatedUpgradeListener,
  gateUpgrade,
  gateUpgradesOf,
  type UpgradeListener,
} from "./gate-upgrade.ts";
export type * from "../../src/contract.ts";
