/**
 * Counts what the gate decides through OpenTelemetry, and optionally records a span for each decision.
 *
 * It needs the package `@opentelemetry/api`, which is yours to install, and an SDK that exports what is measured.
 *
 * @module
 */

export * from "./open-telemetry.ts";
export type * from "../../src/contract.ts";
