/**
 * The CrowdHandler provider: asks CrowdHandler's API who may enter, keeps the visitor's token and sends the queued
 * to their waiting room.
 *
 * @module
 */

export { crowdhandler } from "./crowdhandler.ts";
export { type CrowdhandlerVisit, crowdhandlerVisit } from "./visit.ts";
export type {
  CrowdhandlerCookie,
  CrowdhandlerOptions,
  CrowdhandlerPerformance,
  CrowdhandlerRooms,
  VisitorFacts,
} from "./options.ts";
export type { CheckResult } from "./api/check-result.ts";
export type * from "../../src/contract.ts";
