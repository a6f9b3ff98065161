/**
 * Counts what the gate decides through OpenTelemetry, and optionally records a span for each decision.
 *
 * It needs the package `@opentelemetry/api`, which is yours to install, and an SDK that exports what is measured.
 *
 * @module
 */

import {
  type Attributes,
  type Context as TraceContext,
  context,
  type HrTime,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { checkBoolean, checkOptions, shapeError, type Subject } from "../../src/options/check.ts";
import { type Context, type ContextKey, contextKey } from "../../src/context.ts";
import type { Gate } from "../../src/gate.ts";
import type { Helper, Outcome } from "../../src/plugin.ts";
import { createInstruments } from "./instruments.ts";
import { observeGate } from "./observe-gate.ts";
import { codeLabel, secondsOf } from "../../src/telemetry/labels.ts";

/** The options of {@linkcode openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Makes the instruments.
   *
   * @default {the global one's meter "stanchion", of the provider that is registered when the plugin is created}
   */
  readonly meter?: (typeof import("./types.ts"))["anyMeter"];
  /**
   * Makes the spans.
   *
   * @default {the global one's tracer "stanchion"}
   */
  readonly tracer?: (typeof import("./types.ts"))["anyTracer"];
  /**
   * Whether each decision gets a span, a child of the one that is active when the gate begins.
   *
   * @default {whether a tracer is given}
   */
  readonly spans?: boolean;
}

/** The plugin that measures. */
export type OpenTelemetry = Helper & {
  /**
   * Observes the health of a gate as well: its faults, its pending work, and what its plugins tell of themselves.
   *
   * @param gate The gate.
   * @returns Ends the observation.
   */
  readonly observe: (gate: Pick<Gate, "health">) => () => void;
};

/** Where and when a request's way through the gate began. */
interface Beginning {
  readonly parent: TraceContext;
  readonly now: number;
}

const subject: Subject = "open-telemetry plugin";
/** The name of our instruments, for those who collect them. */
const scope = "stanchion";

/**
 * Counts decisions, failures, responses and the time that decisions take, by the instruments `stanchion.*`. The
 * attributes are bounded in number and hold nothing of a visitor, as those of `metrics()`. With spans, put it first.
 *
 * @param options The meter and the tracer, and whether there are spans.
 * @returns The plugin, which can also observe the gate.
 * @throws {TypeError} When an option has the wrong shape.
 *
 * @example
 * ```ts
 * import { cookieTokens, createGate, failOpen } from "stanchion";
 * import { crowdhandler } from "stanchion/crowdhandler";
 * import { openTelemetry } from "stanchion/open-telemetry";
 *
 * const telemetry = openTelemetry({ spans: true });
 * const gate = createGate({
 *   plugins: [telemetry, cookieTokens(), failOpen(), crowdhandler({ publicKey: "your-public-key" })],
 * });
 * telemetry.observe(gate);
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): OpenTelemetry {
  const { meter = metrics.getMeter(scope), tracer = trace.getTracer(scope), spans } = checked(options);
  const hasSpans = spans ?? options.tracer !== undefined;
  const measure = createInstruments(meter);
  const began: ContextKey<Beginning> = contextKey("beginning of the span");

  return {
    name: "open-telemetry",
    ...(hasSpans ? { prepare: (ctx) => ctx.set(began, beginningOf(ctx)) } : {}),
    settled(ctx, outcome) {
      const attributes = measure(outcome);
      // The gate turns down what it cannot read before any hook is asked.
      if (hasSpans) record(tracer, ctx.get(began) ?? beginningOf(ctx), outcome, attributes);
    },
    observe: (gate) => observeGate(meter, gate),
  };
}

function beginningOf(ctx: Context): Beginning {
  return { parent: context.active(), now: ctx.now() };
}

/** Records the span of a decision. */
function record(
  tracer: (typeof import("./types.ts"))["anyTracer"],
  { parent, now }: Beginning,
  { durationMs, failure }: Outcome,
  attributes: Attributes,
): void {
  const span = tracer.startSpan("stanchion.decide", {
    kind: SpanKind.INTERNAL,
    startTime: hrTime(now),
    attributes: failure === undefined ? attributes : { ...attributes, "error.type": codeLabel(failure) },
  }, parent);
  // The gate's own work failed. A visitor who has to wait is no error.
  if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(hrTime(now + secondsOf(durationMs) * 1000));
}

/** A time of the gate's clock in seconds and nanoseconds. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.min(Math.round((ms - seconds * 1000) * 1e6), 999_999_999);
  return [seconds, nanos];
}

function checked(options: OpenTelemetryOptions): OpenTelemetryOptions {
  checkOptions(subject, options, ["meter", "tracer", "spans"]);
  const { meter, tracer, spans } = options;
  // Made elsewhere, in another version perhaps: what counts is that they can be used.
  if (meter !== undefined && typeof meter?.createCounter !== "function") {
    throw shapeError(subject, "meter", "a meter of OpenTelemetry", meter);
  }
  if (tracer !== undefined && typeof tracer?.startSpan !== "function") {
    throw shapeError(subject, "tracer", "a tracer of OpenTelemetry", tracer);
  }
  if (spans !== undefined) checkBoolean(subject, "spans", spans);
  return options;
}
