/**
 * The gate in front of React Router, in framework mode.
 *
 * @module
 */

export {
  type ReactRouterArgs,
  reactRouterGate,
  type ReactRouterGateOptions,
  type ReactRouterMiddleware,
} from "./react-router-gate.ts";
export type * from "../../src/contract.ts";
