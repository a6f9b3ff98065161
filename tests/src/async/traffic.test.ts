import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import { type GateError, ServiceError } from "../../../mod.ts";
import { pass, watchTraffic } from "../../../src/async/traffic.ts";
import { arrivalsOf, countFates, play, type Service } from "./_crowds.ts";

const timeoutMs = 1000;

/** Numbers from 0 to 1 that are the same in each run. */
function randomly(): () => number {
  let state = 7;
  return () => (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) / 0x8000_0000;
}

const atOnce = (count: number, atMs: number) => Array.from({ length: count }, () => atMs);

describe("a crowd before a service that works", () => {
  const services: readonly Service[] = [
    { kind: "in turn", eachMs: 10 },
    { kind: "in turn", eachMs: 100 },
    { kind: "in turn", eachMs: 600 },
    { kind: "shared", eachMs: 10 },
    { kind: "parallel", eachMs: 300 },
  ];
  const random = randomly();
  const usual = arrivalsOf(0, 2000, 3, random);
  const waves = [2000, 3100, 4200, 5300, 6400, 9000].flatMap((atMs) => atOnce(240, atMs));
  const crowds: readonly [what: string, arrivals: (eachMs: number) => readonly number[]][] = [
    ["240 at once", () => [...usual, ...atOnce(240, 2000)]],
    ["240 at once, again and again", () => [...usual, ...waves]],
    [
      "a fifth more than it can do",
      (eachMs) => [...usual, ...arrivalsOf(2000, 30_000, 1200 / eachMs, random)],
    ],
    ["twice what it can do", (eachMs) => [...usual, ...arrivalsOf(2000, 30_000, 2000 / eachMs, random)]],
    ["five times what it can do", (eachMs) => [...usual, ...arrivalsOf(2000, 20_000, 5000 / eachMs, random)]],
    ["4,000 at once, and more", (eachMs) => [
      ...usual,
      ...atOnce(4000, 2000),
      ...arrivalsOf(2000, 20_000, 1500 / eachMs, random),
    ]],
  ];
  for (const service of services) {
    for (const [what, arrivalsOfCrowd] of crowds) {
      for (const maxConcurrent of [Number.POSITIVE_INFINITY, 16]) {
        const slots = maxConcurrent === 16 ? ", behind 16 slots" : "";
        test(`no silence is its own: ${what}, ${service.kind}, ${service.eachMs} ms each${slots}`, () => {
          const counts = countFates(
            play({ service, arrivals: arrivalsOfCrowd(service.eachMs), timeoutMs, maxConcurrent }),
          );
          assert.equal(counts.timeout, 0, JSON.stringify(counts));
          assert.ok(counts.answered > 0);
        });
      }
    }
  }

  test("a service that was flooded goes on answering as much as it can", () => {
    const service = { kind: "shared", eachMs: 10 } as const;
    const arrivals = [...usual, ...arrivalsOf(2000, 40_000, 200, random)];
    const counts = countFates(play({ service, arrivals, timeoutMs }));
    assert.ok(counts.answered > 0.8 * 38_000 / service.eachMs, JSON.stringify(counts));
  });

  test("a part that fails for all is no outage, and the rest goes on", () => {
    const service = { kind: "parallel", eachMs: 50 } as const;
    const arrivals = arrivalsOf(0, 20_000, 200, random);
    const counts = countFates(play({ service, arrivals, timeoutMs, loses: (caller) => caller % 3 === 0 }));
    assert.equal(counts.timeout, 0);
    assert.ok(counts["not asked"] < arrivals.length / 20, JSON.stringify(counts));
  });
});

describe("an outage", () => {
  for (const eachMs of [1, 50, 300]) {
    for (const perSecond of [1, 20, 200, 1000]) {
      test(`is told at once where ${perSecond} a second are usual, of ${eachMs} ms each, and ends`, () => {
        const outage = [10_000, 20_000] as const;
        const arrivals = arrivalsOf(0, 30_000, perSecond, randomly());
        const fates = play({ service: { kind: "parallel", eachMs }, arrivals, timeoutMs, outage });
        const during = fates.filter(({ arrivedMs }) =>
          arrivedMs > outage[0] + 1 && arrivedMs < outage[1] - timeoutMs
        );
        assert.ok(during.length > 0);
        // The last who asked before it may have seen an answer since.
        assert.ok(during.every(({ fate }) => fate === "timeout"), JSON.stringify(countFates(during)));
        const first = fates.find(({ arrivedMs, fate }) => arrivedMs > outage[1] && fate === "answered");
        const after = fates.filter(({ arrivedMs }) => arrivedMs > (first?.endedMs ?? outage[1]) + timeoutMs);
        assert.ok((first?.endedMs ?? Infinity) < outage[1] + 5 * timeoutMs);
        assert.ok(after.every(({ fate }) => fate === "answered"), JSON.stringify(countFates(after)));
      });
    }
  }

  const service = { kind: "parallel", eachMs: 50 } as const;

  test("of a service that never answered anybody is one, however many ask", () => {
    const counts = countFates(play({ service, arrivals: atOnce(400, 0), timeoutMs, outage: [0, 60_000] }));
    assert.equal(counts.timeout, 400);
  });

  test("is told at once where as many come to a quiet service as it can do with", () => {
    for (const [eachMs, count] of [[1, 400], [10, 140], [50, 28], [300, 16]] as const) {
      const arrivals = [...arrivalsOf(0, 10_000, 2, randomly()), ...atOnce(count, 10_000)];
      const fates = play({
        service: { kind: "parallel", eachMs },
        arrivals,
        timeoutMs,
        outage: [10_000, 60_000],
      });
      assert.equal(countFates(fates).timeout, count, String(eachMs));
    }
  });

  test("begins with a stall in a crowd, and ends when it is over", () => {
    for (const kind of ["in turn", "shared"] as const) {
      for (const perSecond of [80, 120, 200]) {
        const arrivals = arrivalsOf(0, 60_000, perSecond, randomly());
        const fates = play({ service: { kind, eachMs: 10 }, arrivals, timeoutMs, stall: [5000, 10_000] });
        const late = countFates(fates.filter(({ arrivedMs }) => arrivedMs > 30_000));
        assert.equal(late.timeout, 0, `${kind}, ${perSecond}: ${JSON.stringify(late)}`);
        assert.ok(late.answered > 1500, `${kind}, ${perSecond}: ${JSON.stringify(late)}`);
      }
    }
  });

  test("is none where answers came together before: 500 at once after four waves of sixty", () => {
    const waves = [1000, 2500, 4000, 5500].flatMap((atMs) => atOnce(60, atMs));
    const arrivals = [...waves, ...atOnce(500, 8000)];
    const fates = play({ service: { kind: "shared", eachMs: 10 }, arrivals, timeoutMs });
    assert.equal(countFates(fates).timeout, 0);
  });

  test("that begins with a crowd like none before is told within a minute", () => {
    const arrivals = [
      ...arrivalsOf(0, 10_000, 2, randomly()),
      ...atOnce(4000, 10_000),
      ...arrivalsOf(10_000, 90_000, 50, randomly()),
    ];
    const fates = play({ service, arrivals, timeoutMs, outage: [10_000, 90_000] });
    const late = fates.filter(({ arrivedMs }) => arrivedMs > 75_000 && arrivedMs < 88_000);
    assert.ok(
      late.length > 500 && late.every(({ fate }) => fate === "timeout"),
      JSON.stringify(countFates(late)),
    );
  });

  test("that begins while a crowd is too much for the service is told in time", () => {
    const arrivals = arrivalsOf(0, 40_000, 200, randomly());
    const fates = play({
      service: { kind: "in turn", eachMs: 10 },
      arrivals,
      timeoutMs,
      outage: [10_000, 40_000],
    });
    const late = fates.filter(({ arrivedMs }) => arrivedMs > 10_000 + 13 * timeoutMs && arrivedMs < 38_000);
    assert.ok(
      late.length > 500 && late.every(({ fate }) => fate === "timeout"),
      JSON.stringify(countFates(late)),
    );
  });
});

describe("watchTraffic()", () => {
  function watched() {
    const clock = { now: 1000 };
    return { clock, watch: watchTraffic(() => clock.now) };
  }

  test("one silence among answers is not the service's, also where the clock stands still", () => {
    const { watch } = watched();
    const call = watch.enter("service", timeoutMs);
    const other = watch.enter("service", timeoutMs);
    other.answered();
    other.end();
    assert.equal(call.isOthersFault("timeout"), true);
    const later = watch.enter("service", timeoutMs);
    assert.equal(later.isOthersFault("timeout"), false);
  });

  test("tells services apart", () => {
    const { watch } = watched();
    const call = watch.enter("first", timeoutMs);
    watch.enter("second", timeoutMs).answered();
    assert.equal(call.isOthersFault("timeout"), false);
    assert.equal(call.isOthersFault("unreachable"), false);
  });

  test('an answer that says "down" is one of the crowd while others of it are answered', () => {
    const { watch } = watched();
    const slow = watch.enter("service", timeoutMs);
    const alone = watch.enter("service", timeoutMs);
    assert.equal(alone.isOthersFault("unreachable"), false);
    watch.enter("service", timeoutMs).answered();
    const refused = watch.enter("service", timeoutMs);
    assert.equal(refused.isOthersFault("unreachable"), true);
    assert.equal(refused.isOthersFault("internal"), false);
    for (const passage of [slow, alone]) passage.end();
  });

  test("a call that the platform ended without a word counts no more after twice its time", () => {
    const { clock, watch } = watched();
    watch.enter("service", timeoutMs);
    watch.enter("service", timeoutMs).answered();
    clock.now += 2 * timeoutMs + 1;
    const refused = watch.enter("service", timeoutMs);
    assert.equal(refused.isOthersFault("unreachable"), false);
  });

  test("watches so many services only", () => {
    const { watch } = watched();
    const first = watch.enter("service", timeoutMs);
    for (let at = 0; at < 1000; at++) watch.enter(`service ${at}`, timeoutMs).end();
    watch.enter("service", timeoutMs).answered();
    // The one of which a call is under way was kept.
    assert.equal(first.isOthersFault("timeout"), true);
  });
});

test("pass() tells a failure as it is, or as the crowd's, with its status and its cause", async () => {
  const watch = watchTraffic(() => 1000);
  const failing = (code: "timeout" | "unreachable") =>
    pass(
      watch.enter("service", timeoutMs),
      Promise.reject(new ServiceError(code, "GET /door", { status: 503 })),
    );
  await assert.rejects(failing("unreachable"), { code: "unreachable", message: "GET /door" });
  const slow = watch.enter("service", timeoutMs);
  assert.equal(await pass(watch.enter("service", timeoutMs), Promise.resolve("in")), "in");
  await assert.rejects(failing("unreachable"), (failure: ServiceError) => {
    assert.deepEqual([failure.code, failure.status], ["overloaded", 503]);
    assert.equal(failure.message, "GET /door, while others were answered or too many were under way");
    assert.equal((failure.cause as GateError).code, "unreachable");
    return true;
  });
  slow.end();
  const bug = new TypeError("a bug");
  await assert.rejects(pass(watch.enter("service", timeoutMs), Promise.reject(bug)), bug);
});
