/**
 * The types in which plugins and gates speak. Every entry point but the package itself offers them beside its own, so that
 * whatever its signatures name can be imported from where they are.
 *
 * @module
 */

export type { Begun, GateAnswer, Passage } from "./begun.ts";
export type { BodyText, Context, ContextKey, Platform } from "./context.ts";
export type { CookieOptions } from "./cookie-options.ts";
export type {
  Admission,
  Decision,
  Facts,
  HeaderChange,
  PlaceInLine,
  PlainAnswer,
  Reason,
  Refusal,
  SpokenRefusal,
  Told,
} from "./decision.ts";
export type { FailureCode, Fallback, GateError, HookName } from "./errors.ts";
export type { ExplainedStep, Explanation, Gate, Plan } from "./gate.ts";
export type { GateHealth, Health } from "./health.ts";
export type { Mode, ModeState, SetModeOptions } from "./mode.ts";
export type { BodyLimits, Decider, Helper, Outcome, Plugin, Policy, Provider, Supplies } from "./plugin.ts";
export type { Call, Calls, Guard } from "./service.ts";
export type { TokenStorage } from "./storage.ts";
export type { TokenOptions, Tokens, TokenStore } from "./tokens.ts";
