import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "../support/random-cases.ts";
import { type Decision, type GateHealth, type Plugin, ServiceError } from "../../mod.ts";
import { type Metrics, metrics, type MetricsOptions } from "../../plugins/metrics/mod.ts";
import { expose, labelText } from "../../plugins/metrics/exposition.ts";
import {
  admitted,
  answered,
  gateOf,
  page,
  provider,
  queued,
  rejected,
  request,
  turn,
  untyped,
} from "../src/_gates.ts";
import { readExposition, type ReadFamily } from "../support/exposition.ts";

/** The samples of a family, each as its labels and its value. */
function samplesOf(text: string, name: string): readonly string[] {
  const family = readExposition(text).find((each) => each.name === name);
  assert.ok(family !== undefined, `there is no ${name}`);
  return family.samples.map(({ name, labels, value }) =>
    [...name === family.name ? [] : [name.slice(family.name.length)], ...Object.values(labels), value].join(
      " ",
    )
  );
}

function healthOf(plugins: GateHealth["plugins"]): { readonly health: () => GateHealth } {
  return { health: () => ({ errors: 3, pending: 2, plugins }) };
}

/** A provider that is told in each request what to decide. */
function told(): Plugin {
  return {
    name: "told",
    decide: (ctx) => JSON.parse(ctx.request.headers.get("x-decision") ?? "null") ?? undefined,
  };
}

function telling(decision: Partial<Decision>): Request {
  return request("/", { headers: { "x-decision": JSON.stringify(decision) } });
}

async function after(run: () => unknown): Promise<void> {
  await run();
  await turn();
}

test("metrics() counts decisions by action, reason, provider and whether they were enforced", async () => {
  const counted = metrics();
  const { gate } = gateOf([counted]);
  const reporting = gateOf([counted, provider(queued)], { mode: "report" }).gate;
  await after(() => gate(request(), page));
  await after(() => gate(request(), page));
  await after(() => reporting(request(), page));
  assert.deepEqual(samplesOf(counted.text(), "stanchion_decisions_total"), [
    "admit test/admitted provider true 2",
    "queue test/queued provider false 1",
  ]);
  assert.deepEqual(samplesOf(counted.text(), "stanchion_settled_total"), ["3"]);
});

test("metrics() counts responses by class and by who answered, and errors of the application", async () => {
  const counted = metrics();
  const { gate } = gateOf([counted, told()]);
  await after(() => gate(request(), () => new Response(null, { status: 204 })));
  await after(() => gate(request(), () => new Response(null, { status: 404 })));
  await after(() => gate(telling(rejected), page));
  await after(() => gate(telling(queued), page));
  await after(() => gate(request(), () => ({ upgraded: true })));
  await assert.rejects(async () => {
    await gate(request(), () => Promise.reject(new Error("mine")));
  });
  await turn();
  assert.deepEqual(samplesOf(counted.text(), "stanchion_responses_total"), [
    "3xx gate 1",
    "4xx gate 1",
    "none application 2",
    "2xx application 1",
    "4xx application 1",
  ]);
  assert.deepEqual(samplesOf(counted.text(), "stanchion_application_errors_total"), ["1"]);
});

test("metrics() counts failures by code and by the plugin that failed", async () => {
  const counted = metrics();
  const failing: Plugin = {
    name: "service",
    decide() {
      throw new ServiceError("timeout", "late");
    },
  };
  const { gate } = gateOf([counted, failing]);
  await after(() => gate(request(), page));
  assert.deepEqual(samplesOf(counted.text(), "stanchion_failures_total"), ["timeout service 1"]);
  assert.deepEqual(samplesOf(counted.text(), "stanchion_decisions_total"), [
    "reject closing/closed closing true 1",
  ]);
});

test("metrics() counts nothing of what bypasses the gate, is explained, or passes while it is off", async () => {
  const counted = metrics();
  const nobody: Plugin = { name: "nobody", match: () => false };
  await after(() => gateOf([counted, nobody]).gate(request(), page));
  await after(() => gateOf([counted]).gate.explain(request()));
  await after(() => gateOf([counted], { mode: "off" }).gate(request(), page));
  assert.deepEqual(samplesOf(counted.text(), "stanchion_settled_total"), ["0"]);
});

test("metrics() puts durations into buckets whose counts include those below", async () => {
  const counted = metrics({ buckets: [0.001, 0.01, 1] });
  const times = [0, 1, 0, 5, 0, 2000, 9, 4, 0, Number.NaN];
  const { gate } = gateOf([counted], { timer: () => times.shift() ?? 0 });
  for (let turns = 0; turns < 5; turns++) await after(() => gate(request(), page));
  assert.deepEqual(samplesOf(counted.text(), "stanchion_decision_duration_seconds"), [
    // What cannot be measured, and what a clock that went backwards took, is 0.
    "_bucket provider 0.001 3",
    "_bucket provider 0.01 4",
    "_bucket provider 1 4",
    "_bucket provider +Inf 5",
    "_sum provider 2.006",
    "_count provider 5",
  ]);
});

test("metrics() counts reasons and names that are not made of plain words as other", async () => {
  const counted = metrics();
  const { gate } = gateOf([counted, told()]);
  const odd = [
    "told/tok_1234567890",
    "told/203-0-113-7",
    "told/203.0.113.7",
    "told/deadbeef0123",
    "told/a@b.example",
    'told/"}\n# TYPE x counter',
    "told/ünter",
    `told/${"x".repeat(90)}`,
    "told/Upper",
    "told",
    "/told",
    "",
    7,
    null,
  ];
  for (const reason of odd) {
    await after(() => gate(telling({ action: "admit", reason: untyped(reason) }), page));
  }
  await after(() => gate(telling({ action: "admit", reason: "told/queue-v3" }), page));
  assert.deepEqual(samplesOf(counted.text(), "stanchion_decisions_total"), [
    `admit other told true ${odd.length}`,
    "admit told/queue-v3 told true 1",
  ]);
  const spaced = metrics();
  await after(() => gateOf([spaced, { ...provider(admitted), name: "my plugin" }]).gate(request(), page));
  assert.deepEqual(samplesOf(spaced.text(), "stanchion_decisions_total"), [
    "admit test/admitted other true 1",
  ]);
});

test("metrics() tells a bounded number of reasons apart, whatever plugins return and are called", async () => {
  const letters = [..."abcdefghijklmnopqrst"];
  const reasons = letters.flatMap((a) => letters.map((b) => `told/${a}${b}` as const));
  for (const name of ["told", "A name with blanks"]) {
    const counted = metrics();
    const { gate } = gateOf([counted, { ...told(), name }]);
    for (const reason of reasons) answered(gate(telling({ action: "admit", reason }), page));
    await turn();
    const samples = samplesOf(counted.text(), "stanchion_decisions_total");
    assert.ok(samples.length < 270, `${samples.length} samples`);
    assert.ok(samples.includes(`admit other other true ${reasons.length - 256}`), samples.at(-1));
    assert.deepEqual(samplesOf(counted.text(), "stanchion_settled_total"), [String(reasons.length)]);
  }
});

describe("metrics().text(gate)", () => {
  test("writes the faults and the pending work of the gate", async () => {
    const counted = metrics();
    const { gate } = gateOf([counted, {
      name: "broken",
      decide() {
        throw new Error("broken");
      },
    }]);
    await after(() => gate(request(), page));
    assert.deepEqual(samplesOf(counted.text(gate), "stanchion_faults_total"), ["1"]);
    assert.deepEqual(samplesOf(counted.text(gate), "stanchion_pending"), ["0"]);
    assert.doesNotMatch(counted.text(), /stanchion_(?:faults|pending)/);
  });

  test("writes what plugins tell of themselves in base units", () => {
    const text = metrics().text(healthOf({
      room: { roomsFeedAgeMs: 1500, sizeBytes: 12, failures: 2, isStale: true, waitSeconds: 3 },
      other: { failures: 5, configurationVersion: 'a"\\\nb' },
    }));
    assert.deepEqual(samplesOf(text, "stanchion_plugin_rooms_feed_age_seconds"), ["room 1.5"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_size_bytes"), ["room 12"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_failures"), ["room 2", "other 5"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_is_stale"), ["room 1"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_wait_seconds"), ["room 3"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_configuration_version_info"), ['other a"\\ b 1']);
  });

  test("writes a state as one gauge for each state that is known or was seen", () => {
    const counted = metrics();
    const states = (state: string, name = "breaker") =>
      samplesOf(counted.text(healthOf({ [name]: { state } })), "stanchion_plugin_state");
    assert.deepEqual(states("open"), ["breaker closed 0", "breaker open 1", "breaker half-open 0"]);
    assert.deepEqual(states("closed"), ["breaker closed 1", "breaker open 0", "breaker half-open 0"]);
    assert.deepEqual(states("warm", "cache"), ["cache warm 1"]);
    assert.deepEqual(states("cold", "cache"), ["cache warm 0", "cache cold 1"]);
    for (const letter of "abcdefghij") states(letter, "many");
    assert.deepEqual(states("k", "many").slice(-2), ["many h 0", "many other 1"]);
    assert.deepEqual(states("h", "many").slice(-1), ["many h 1"]);
  });

  test("writes what is no number where it is none, and leaves out what no name can be made of", () => {
    const text = metrics().text(healthOf({
      odd: {
        age: Number.NaN,
        far: Infinity,
        near: -Infinity,
        "a b": 1,
        Upper: 2,
        "x\ny": 3,
        list: untyped([1]),
      },
    }));
    assert.deepEqual(samplesOf(text, "stanchion_plugin_age"), ["odd NaN"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_far"), ["odd Infinity"]);
    assert.deepEqual(samplesOf(text, "stanchion_plugin_near"), ["odd -Infinity"]);
    assert.deepEqual(
      readExposition(text).filter(({ name }) => name.startsWith("stanchion_plugin_")).length,
      3,
    );
  });

  test("writes no sample twice where two keys have one name, and no more than a bounded number", () => {
    const one = metrics().text(healthOf({ twice: { ageMs: 1000, ageSeconds: 2 } }));
    assert.deepEqual(samplesOf(one, "stanchion_plugin_age_seconds"), ["twice 2"]);
    const keys = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, at]));
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`plugin-${at}`, keys]));
    const count = readExposition(metrics().text(healthOf(many)))
      .filter(({ name }) => name.startsWith("stanchion_plugin_"))
      .reduce((sum, { samples }) => sum + samples.length, 0);
    assert.equal(count, 64 * 32);
  });

  test("refuses what is no gate", () => {
    for (const wrong of [null, {}, 1, "gate"]) {
      assert.throws(() => metrics().text(untyped(wrong)), {
        name: "TypeError",
        message: /^Cannot write metrics: it must be of a gate/,
      });
    }
  });
});

test("metrics() writes every family with help, type and a name that monitoring expects", () => {
  const families = readExposition(metrics().text(healthOf({ room: { ageMs: 1, state: "open" } })));
  const rules: Readonly<Record<string, (family: ReadFamily) => boolean>> = {
    counter: ({ name }) => name.endsWith("_total"),
    gauge: ({ name }) => !/_(?:total|count|sum|bucket)$/.test(name),
    histogram: ({ name }) => name.endsWith("_seconds"),
  };
  assert.ok(families.length > 8);
  for (const family of families) {
    assert.ok(rules[family.type]?.(family), `${family.name} is a ${family.type}`);
    assert.match(family.help, /^[A-Z].+\.$/);
  }
});

test("labelText() and expose() keep any text within its label", () => {
  const unit = fc.oneof(
    fc.constantFrom('"', "\\", "\n", "\r", "}", "{", ",", "\u2028", "\ud800"),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(unit).map((parts) => parts.join("")), fc.boolean(), (value, isOpen) => {
    const samples = [{ labels: labelText({ a: value, b: "x" }), value: 1 }];
    const text = expose([{ name: "n", type: "gauge", help: "H.", samples }], isOpen ? "openmetrics" : "text");
    const [family] = readExposition(text);
    assert.deepEqual(family?.samples, [{ name: "n", labels: { a: value.toWellFormed(), b: "x" }, value: 1 }]);
  }));
});

describe("metrics().handler()", () => {
  const openType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  const textType = "text/plain; version=0.0.4; charset=utf-8";

  function asked(accept: string | undefined, counted: Metrics = metrics()): Response {
    const headers = new Headers(accept === undefined ? [] : [["accept", accept]]);
    return counted.handler(healthOf({}))(new Request("http://127.0.0.1/metrics", { headers }));
  }

  const accepted: readonly (readonly [accept: string | undefined, type: string])[] = [
    [undefined, textType],
    ["*/*", textType],
    ["text/plain", textType],
    ["application/openmetrics-text", openType],
    ["application/openmetrics-text; version=1.0.0; charset=utf-8", openType],
    ['Application/OpenMetrics-Text;version="1.0.0";q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1', openType],
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      openType,
    ],
    ["application/openmetrics-text;q=0.1, text/plain", textType],
    ["application/openmetrics-text;version=0.0.1", textType],
    ["application/openmetrics-text;version=2.0.0", textType],
    ["application/openmetrics-text;q=0", textType],
    ["application/openmetrics-text;q=x", textType],
    ["application/vnd.google.protobuf;proto=x, text/plain;version=1.0.0;q=0.5, */*;q=0.1", textType],
    [",;=,;q=,", textType],
  ];
  for (const [accept, type] of accepted) {
    test(`answers ${accept ?? "who says nothing"} with ${type.split(";")[0]}`, async () => {
      const response = asked(accept);
      assert.deepEqual([response.status, response.headers.get("content-type")], [200, type]);
      assert.deepEqual([response.headers.get("cache-control"), response.headers.get("vary")], [
        "no-store",
        "Accept",
      ]);
      assert.equal((await response.text()).endsWith("\n# EOF\n"), type === openType);
    });
  }

  test("writes OpenMetrics with counters, units and bounds in its own form", async () => {
    const counted = metrics({ buckets: [0.5, 1] });
    await after(() => gateOf([counted]).gate(request(), page));
    const text = await asked("application/openmetrics-text", counted).text();
    const families = readExposition(text);
    const decisions = families.find(({ name }) => name === "stanchion_decisions");
    assert.deepEqual([decisions?.type, decisions?.samples[0]?.name], [
      "counter",
      "stanchion_decisions_total",
    ]);
    const durations = families.find(({ name }) => name === "stanchion_decision_duration_seconds");
    assert.equal(durations?.unit, "seconds");
    assert.deepEqual(durations?.samples.slice(0, 3).map(({ labels }) => labels["le"]), [
      "0.5",
      "1.0",
      "+Inf",
    ]);
  });

  test("answers HEAD without a body, and no other method than GET", async () => {
    const handler = metrics().handler();
    const head = handler(new Request("http://127.0.0.1/", { method: "HEAD" }));
    assert.deepEqual([head.status, head.headers.get("content-type"), await head.text()], [200, textType, ""]);
    const post = handler(new Request("http://127.0.0.1/", { method: "POST", body: "x" }));
    assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
  });
});

test("metrics() refuses wrong options", () => {
  const table: readonly (readonly [options: unknown, name: string, message: RegExp])[] = [
    [null, "TypeError", /options must be an object/],
    [{ bucket: [1] }, "TypeError", /unknown option "bucket", the options are buckets$/],
    [
      { buckets: 1 },
      "TypeError",
      /"buckets" must be a list of 1 to 64 rising positive numbers, in seconds, received 1/,
    ],
    [{ buckets: ["1"] }, "TypeError", /"buckets"/],
    [{ buckets: [] }, "RangeError", /"buckets"/],
    [{ buckets: [0, 1] }, "RangeError", /"buckets"/],
    [{ buckets: [2, 1] }, "RangeError", /"buckets"/],
    [{ buckets: [1, 1] }, "RangeError", /"buckets"/],
    [{ buckets: [1, Infinity] }, "RangeError", /"buckets"/],
    [{ buckets: [Number.NaN] }, "RangeError", /"buckets"/],
    [{ buckets: Array.from({ length: 65 }, (_, at) => at + 1) }, "RangeError", /"buckets"/],
  ];
  for (const [options, name, message] of table) {
    assert.throws(() => metrics(untyped<MetricsOptions>(options)), { name, message });
  }
});
