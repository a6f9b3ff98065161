import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type Context as TraceContext,
  context,
  createNoopMeter,
  ROOT_CONTEXT,
  trace,
} from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { type GateHealth, type Plugin, ServiceError } from "../../mod.ts";
import { openTelemetry, type OpenTelemetryOptions } from "../../plugins/open-telemetry/mod.ts";
import { admitted, gateOf, page, provider, queued, request, turn, untyped } from "../src/_gates.ts";

const failing: Plugin = {
  name: "service",
  decide() {
    throw new ServiceError("timeout", "late for tok_secret");
  },
};

/** A meter whose measurements are kept in memory. */
function metering() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ readers: [reader] });

  /** The measurements by their instruments, each as its attributes and its value. */
  async function measured(): Promise<Readonly<Record<string, MetricData>>> {
    exporter.reset();
    await meters.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) =>
      metrics
    );
    return Object.fromEntries(all.map((data) => [data.descriptor.name, data]));
  }
  return { meter: meters.getMeter("test"), measured, end: () => meters.shutdown() };
}

function pointsOf(data: MetricData | undefined): readonly string[] {
  assert.ok(data !== undefined, "there is no such instrument");
  if (data.dataPointType === DataPointType.HISTOGRAM) {
    return data.dataPoints.map(({ attributes, value }) =>
      [...Object.values(attributes), value.count, value.sum, value.buckets.boundaries.length].join(" ")
    );
  }
  return data.dataPoints.map(({ attributes, value }) => [...Object.values(attributes), value].join(" "));
}

/** A tracer whose spans are kept in memory. */
function tracing() {
  const exporter = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = tracers.getTracer("test");
  return { tracer, spans: () => exporter.getFinishedSpans(), end: () => tracers.shutdown() };
}

function attributesOf(span: ReadableSpan | undefined): unknown {
  return { ...span?.attributes };
}

describe("openTelemetry()", () => {
  test("counts decisions, responses, failures and errors, and measures durations in seconds", async () => {
    const { meter, measured, end } = metering();
    const times = [0, 5, 0, 20];
    const timer = () => times.shift() ?? 0;
    const telemetry = openTelemetry({ meter });
    const ways = [
      gateOf([telemetry], { timer }),
      gateOf([telemetry, failing], { timer }),
      gateOf([telemetry, provider(queued)], { mode: "report", timer }),
    ];
    for (const { gate } of ways) {
      await gate(request(), page);
      await turn();
    }
    await assert.rejects(async () =>
      void await ways[0]?.gate(request(), () => Promise.reject(new Error("mine")))
    );
    await turn();
    const found = await measured();
    assert.deepEqual(pointsOf(found["stanchion.decisions"]), [
      "admit test/admitted provider true 2",
      "reject closing/closed closing true 1",
      "queue test/queued provider false 1",
    ]);
    assert.deepEqual(found["stanchion.decisions"]?.dataPoints[0]?.attributes, {
      "stanchion.action": "admit",
      "stanchion.reason": "test/admitted",
      "stanchion.provider": "provider",
      "stanchion.enforced": true,
    });
    assert.equal(found["stanchion.decision.duration"]?.descriptor.unit, "s");
    assert.deepEqual(pointsOf(found["stanchion.decision.duration"]), [
      "provider 3 0.005 15",
      "closing 1 0.02 15",
    ]);
    assert.deepEqual(pointsOf(found["stanchion.failures"]), ["timeout service 1"]);
    assert.deepEqual(pointsOf(found["stanchion.responses"]), [
      "2xx application 2",
      "5xx gate 1",
      "none application 1",
    ]);
    assert.deepEqual(pointsOf(found["stanchion.application.errors"]), ["1"]);
    await end();
  });

  test("takes nothing of a visitor for an attribute", async () => {
    const { meter, measured, end } = metering();
    const { tracer, spans, end: endSpans } = tracing();
    const odd: Plugin = {
      name: "odd",
      decide: ({ path }) => ({ action: "admit", reason: untyped(`odd/${path.slice(1)}`) }),
    };
    const { gate } = gateOf([openTelemetry({ meter, tracer }), odd]);
    const asked = request("/tok_secret1?a=secret2", {
      headers: { cookie: "a=secret3", "user-agent": "secret4" },
    });
    await gate(asked, page);
    await turn();
    assert.deepEqual(pointsOf((await measured())["stanchion.decisions"]), ["admit other odd true 1"]);
    assert.equal(attributesOf(spans()[0]) === undefined, false);
    assert.doesNotMatch(
      JSON.stringify([spans().map((span) => [span.name, span.attributes, span.events])]),
      /secret/,
    );
    await Promise.all([end(), endSpans()]);
  });

  test("records no spans unless it is told to, and takes no time for them", async () => {
    const { tracer, spans, end } = tracing();
    const meter = createNoopMeter();
    assert.equal(openTelemetry({ meter }).prepare, undefined);
    const { gate } = gateOf([openTelemetry({ meter, tracer, spans: false })]);
    await gate(request(), page);
    await turn();
    assert.deepEqual(spans(), []);
    await end();
  });

  test("records a span for each decision, as long as the decision took", async () => {
    const { tracer, spans, end } = tracing();
    const times = [100, 101.5];
    const { gate } = gateOf([openTelemetry({ meter: createNoopMeter(), tracer })], {
      timer: () => times.shift() ?? 0,
      now: () => 1_900_000_000_123,
    });
    await gate(request(), page);
    await turn();
    const [span, ...others] = spans();
    assert.deepEqual(others, []);
    assert.equal(span?.name, "stanchion.decide");
    assert.deepEqual(span?.startTime, [1_900_000_000, 123_000_000]);
    assert.deepEqual(span?.duration, [0, 1_500_000]);
    assert.deepEqual(span?.status, { code: 0 });
    assert.deepEqual(attributesOf(span), {
      "stanchion.action": "admit",
      "stanchion.reason": "test/admitted",
      "stanchion.provider": "provider",
      "stanchion.enforced": true,
    });
    await end();
  });

  test("records a failure as the span's error, by its cause alone", async () => {
    const { tracer, spans, end } = tracing();
    const { gate } = gateOf([openTelemetry({ meter: createNoopMeter(), tracer }), failing]);
    await gate(request(), page);
    await turn();
    const [span] = spans();
    assert.deepEqual(span?.status, { code: 2 });
    assert.equal(span?.attributes["error.type"], "timeout");
    assert.deepEqual(span?.events, []);
    await end();
  });

  test("records a span also of what no hook was asked about", async () => {
    const { tracer, spans, end } = tracing();
    const { gate } = gateOf([openTelemetry({ meter: createNoopMeter(), tracer })]);
    await gate(untyped({ url: "http://a b/", method: "GET", headers: new Headers() }), page);
    await turn();
    assert.equal(spans()[0]?.attributes["stanchion.reason"], "gate/unreadable-url");
    await end();
  });

  test("makes the span a child of the one that is active when the gate begins", async () => {
    const { tracer, spans, end } = tracing();
    const storage = new AsyncLocalStorage<TraceContext>();
    const manager = {
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: (active: TraceContext, run: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) =>
        storage.run(active, () => run.call(self, ...args)),
      bind: (_active: TraceContext, target: unknown) => target,
      enable: () => manager,
      disable: () => manager,
    };
    assert.ok(context.setGlobalContextManager(untyped(manager)));
    try {
      const slow: Plugin = { name: "slow", decide: () => turn(2).then(() => admitted) };
      const { gate } = gateOf([openTelemetry({ meter: createNoopMeter(), tracer }), slow]);
      const parents = [tracer.startSpan("one"), tracer.startSpan("two")];
      await Promise.all(
        parents.map((parent) =>
          context.with(trace.setSpan(context.active(), parent), async () => {
            await gate(request(), () => turn(2).then(page));
          })
        ),
      );
      await turn();
      assert.deepEqual(
        spans().map(({ parentSpanContext }) => parentSpanContext?.spanId).sort(),
        parents.map((parent) => parent.spanContext().spanId).sort(),
      );
    } finally {
      context.disable();
      await end();
    }
  });

  test("does nothing without an SDK", async () => {
    const { gate, faults } = gateOf([openTelemetry({ spans: true })]);
    assert.equal((await gate(request(), page)).status, 200);
    await turn();
    assert.deepEqual(faults, []);
  });

  test("refuses wrong options", () => {
    const table: readonly (readonly [options: unknown, message: RegExp])[] = [
      [null, /^Cannot create open-telemetry plugin: options must be an object, received null$/],
      [{ metre: 1 }, /unknown option "metre", the options are meter, tracer, spans$/],
      [{ meter: null }, /"meter" must be a meter of OpenTelemetry, received null$/],
      [{ meter: {} }, /"meter"/],
      [{ tracer: "x" }, /"tracer" must be a tracer of OpenTelemetry, received "x"$/],
      [{ spans: 1 }, /"spans" must be true or false, received 1$/],
    ];
    for (const [options, message] of table) {
      assert.throws(() => openTelemetry(untyped<OpenTelemetryOptions>(options)), {
        name: "TypeError",
        message,
      });
    }
  });
});

describe("openTelemetry().observe()", () => {
  test("observes faults, pending work and what plugins tell, until it is ended", async () => {
    const { meter, measured, end } = metering();
    const told: { plugins: GateHealth["plugins"] } = {
      plugins: {
        breaker: { state: "open", nextProbeInMs: 1500, failures: 3 },
        room: { failures: 1, version: "v1" },
      },
    };
    let calls = 0;
    const stop = openTelemetry({ meter }).observe({
      health: () => (calls++, { errors: 4, pending: 2, ...told }),
    });
    const found = await measured();
    assert.deepEqual(pointsOf(found["stanchion.faults"]), ["4"]);
    assert.deepEqual(pointsOf(found["stanchion.pending"]), ["2"]);
    assert.deepEqual(pointsOf(found["stanchion.plugin.state"]), [
      "breaker closed 0",
      "breaker open 1",
      "breaker half-open 0",
    ]);
    assert.deepEqual(pointsOf(found["stanchion.plugin.failures"]), ["breaker 3", "room 1"]);
    assert.deepEqual(pointsOf(found["stanchion.plugin.next_probe_in"]), ["breaker 1.5"]);
    assert.equal(found["stanchion.plugin.next_probe_in"]?.descriptor.unit, "s");
    assert.deepEqual(pointsOf(found["stanchion.plugin.version"]), ["room v1 1"]);
    told.plugins = { room: { feedAgeMs: 2000 } };
    // What is told for the first time is there one collection later.
    await measured();
    assert.deepEqual(pointsOf((await measured())["stanchion.plugin.feed_age"]), ["room 2"]);
    stop();
    calls = 0;
    await measured();
    assert.equal(calls, 0);
    await end();
  });

  test("observes a gate", async () => {
    const { meter, measured, end } = metering();
    const telemetry = openTelemetry({ meter });
    const { gate } = gateOf([telemetry, failing]);
    telemetry.observe(gate);
    await gate(request(), page);
    await turn();
    assert.deepEqual(pointsOf((await measured())["stanchion.faults"]), ["1"]);
    await end();
  });

  test("refuses what is no gate", () => {
    for (const wrong of [undefined, null, {}, 1]) {
      assert.throws(() => openTelemetry().observe(untyped(wrong)), {
        name: "TypeError",
        message: /^Cannot observe gate: it must be a gate, received/,
      });
    }
  });
});

test("no other subpath needs OpenTelemetry", () => {
  const root = new URL("../../", import.meta.url);
  // The manifest is ours; tests/package/manifests.test.ts checks its form.
  const { exports } = JSON.parse(readFileSync(new URL("deno.json", root), "utf8")) as {
    readonly exports: Readonly<Record<string, string>>;
  };
  function reach(file: URL, seen: Set<string>): ReadonlySet<string> {
    if (seen.has(file.href)) return seen;
    seen.add(file.href);
    const text = readFileSync(fileURLToPath(file), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (name.startsWith(".")) reach(new URL(name, file), seen);
      else seen.add(name);
    }
    return seen;
  }
  const needing = Object.entries(exports).filter(([, source]) =>
    [...reach(new URL(source, root), new Set())].some((name) => name.startsWith("@opentelemetry/"))
  );
  assert.deepEqual(needing.map(([subpath]) => subpath), ["./open-telemetry"]);
});
