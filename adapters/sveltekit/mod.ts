/**
 * The gate in front of SvelteKit.
 *
 * @module
 */

export {
  type SvelteKitEvent,
  svelteKitGate,
  type SvelteKitGateOptions,
  type SvelteKitHandle,
} from "./svelte-kit-gate.ts";
export type * from "../../src/contract.ts";
