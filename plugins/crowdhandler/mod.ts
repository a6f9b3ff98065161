/**
 * The CrowdHandler provider: asks CrowdHandler's API who may enter, keeps the visitor's token and sends the queued
 * to their waiting room.
 *
 * @module
 */

export { crowdhandler } from "./crowdhandler.ts";
export { crowdhandlerVisit } from "./_desk.ts";
export type { Visit } from "./_desk.ts";
export type {
  CrowdhandlerCookie,
  CrowdhandlerOptions,
  CrowdhandlerPerformance,
  CrowdhandlerRooms,
  VisitorFacts,
} from "./options.ts";
export type { CheckResult } from "./_result.ts";
