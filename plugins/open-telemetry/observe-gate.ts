import type { Attributes, Meter, ObservableGauge, ObservableResult } from "@opentelemetry/api";
import { show } from "../../src/options/check.ts";
import type { Gate } from "../../src/gate.ts";
import { createHealthGauges, type HealthGauge } from "../../src/telemetry/health-gauges.ts";

/** UCUM's names of the units, which OpenTelemetry uses. */
const units: Readonly<Record<HealthGauge["unit"], string>> = { seconds: "s", bytes: "By", "": "1" };

/** How many gauges of plugins there are at most. */
const maxGauges = 128;

/** Makes the instruments that observe the health of a gate. What is returned ends that. */
export function observeGate(meter: Meter, gate: Pick<Gate, "health">): () => void {
  if (typeof gate?.health !== "function") {
    throw new TypeError(`Cannot observe gate: it must be a gate, received ${show(gate)}`);
  }
  const gaugesOf = createHealthGauges();
  const made = new Map<
    string,
    { readonly instrument: ObservableGauge; readonly observe: (result: ObservableResult) => void }
  >();
  const faults = meter.createObservableCounter("stanchion.faults", {
    description: "Faults that the gate reported.",
    unit: "{fault}",
  });
  const pending = meter.createObservableUpDownCounter("stanchion.pending", {
    description: "Pieces of work that go on behind responses.",
    unit: "{task}",
  });
  const observeFaults = (result: ObservableResult) => result.observe(gate.health().errors);
  const observePending = (result: ObservableResult) => {
    const { pending, plugins } = gate.health();
    result.observe(pending);
    // What a plugin tells for the first time is measured from the next collection on.
    discover(gaugesOf(plugins));
  };

  function discover(gauges: readonly HealthGauge[]): void {
    for (const { name, unit } of gauges) {
      const key = `${name} ${unit}`;
      if (made.has(key) || made.size >= maxGauges) continue;
      const observe = (result: ObservableResult) => {
        for (const gauge of gaugesOf(gate.health().plugins)) {
          if (gauge.name === name && gauge.unit === unit) result.observe(gauge.value, gaugeAttributes(gauge));
        }
      };
      const instrument = meter.createObservableGauge(`stanchion.plugin.${name}`, {
        description: "What plugins tell of their health.",
        unit: units[unit],
      });
      instrument.addCallback(observe);
      made.set(key, { instrument, observe });
    }
  }

  faults.addCallback(observeFaults);
  pending.addCallback(observePending);
  discover(gaugesOf(gate.health().plugins));
  return () => {
    faults.removeCallback(observeFaults);
    pending.removeCallback(observePending);
    for (const { instrument, observe } of made.values()) instrument.removeCallback(observe);
  };
}

function gaugeAttributes({ plugin, state, text }: HealthGauge): Attributes {
  return {
    "stanchion.plugin": plugin,
    ...(state === undefined ? {} : { "stanchion.state": state }),
    ...(text === undefined ? {} : { "stanchion.value": text }),
  };
}
