/**
 * OpenTelemetry's types in the forms in which they are used here. What is public refers to them by `typeof`, because
 * `deno doc --lint` wants every type that is named to be documented, and OpenTelemetry's are not ours.
 */

import type { Meter, Tracer } from "@opentelemetry/api";

export declare const anyMeter: Meter;
export declare const anyTracer: Tracer;
