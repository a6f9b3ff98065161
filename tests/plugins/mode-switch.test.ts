import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createGate, failOpen, type GateError, type Mode, type ModeState } from "../../mod.ts";
import { modeSwitch } from "../../plugins/mode-switch/mod.ts";
import { steadily } from "../support/steadily.ts";

/** A storage whose answers the test gives, a clock that it turns, and timers that it runs. */
function world(options: Partial<Parameters<typeof modeSwitch>[0]> = {}) {
  const items = new Map<string, unknown>();
  const errors: GateError[] = [];
  const changes: ModeState[] = [];
  const timers = new Set<{ readonly run: () => void; readonly ms: number }>();
  const calls: string[] = [];
  const clock = { now: 1_700_000_000_000 };
  const storage = {
    getItem(key: string): unknown {
      calls.push(`get ${key}`);
      return items.get(key) ?? null;
    },
    setItem(key: string, value: string, { ttl }: { readonly ttl?: number } = {}): unknown {
      calls.push(`set ${key} ${ttl ?? ""}`.trim());
      items.set(key, value);
      return undefined;
    },
  };
  const make = () =>
    modeSwitch({
      storage,
      now: () => clock.now,
      schedule(run, ms) {
        const timer = { run, ms };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      onChange: (state) => changes.push(state),
      onError: (error) => errors.push(error),
      ...options,
    });
  /** Runs the timers that there are, as if their time had come. */
  const tick = async (ms = 5000) => {
    clock.now += ms;
    for (const timer of [...timers]) {
      timers.delete(timer);
      timer.run();
    }
    await turns();
  };
  return { items, errors, changes, timers, calls, clock, storage, make, tick };
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

const key = "stanchion/mode";

describe("modeSwitch() alone", () => {
  test("stands at the initial mode, and at what is set", async () => {
    const modes = modeSwitch();
    assert.equal(modes.mode(), "enforce");
    assert.deepEqual(modes.state(), { mode: "enforce", initial: "enforce", saved: true });
    assert.equal(modes.poll(), undefined);
    const state = await modes.set("off", { by: "Ada" });
    assert.deepEqual(state, { mode: "off", initial: "enforce", by: "Ada", saved: true });
    assert.equal(modes.mode(), "off");
  });

  test("falls back by itself when its time is over, and says so once", () => {
    const { make, clock, changes } = world({ storage: undefined as never });
    const modes = make();
    void modes.set("off", { forMs: 1000 });
    clock.now += 999;
    assert.equal(modes.mode(), "off");
    assert.equal(modes.state().untilMs, clock.now + 1);
    clock.now += 1;
    assert.equal(modes.mode(), "enforce");
    assert.equal(modes.mode(), "enforce");
    assert.deepEqual(changes.map(({ mode }) => mode), ["off", "enforce"]);
    assert.equal(modes.state().untilMs, undefined);
  });

  test("switches a gate, whose mode is asked on each request", async () => {
    const modes = modeSwitch();
    const gate = createGate({
      mode: modes.mode,
      plugins: [failOpen(), {
        name: "closed",
        decide: () => ({ action: "reject", reason: "closed/all", status: 503 }),
      }],
    });
    const statusIn = async (mode: Mode) => {
      await modes.set(mode);
      return (await gate(new Request("https://shop.example/"), () => new Response("page"))).status;
    };
    assert.deepEqual([await statusIn("enforce"), await statusIn("report"), await statusIn("off")], [
      503,
      200,
      200,
    ]);
  });

  test("refuses what is no mode, no time and no name, and stays where it is", () => {
    const modes = modeSwitch();
    const table: readonly (readonly [unknown, unknown, RegExp])[] = [
      [
        "of",
        {},
        /Cannot create mode switch: "mode" must be one of "enforce", "report", "off", received "of"/,
      ],
      [undefined, {}, /"mode" must be one of/],
      ["off", { forMs: 0 }, /"forMs" must be an integer from 1/],
      ["off", { forMs: Infinity }, /"forMs"/],
      ["off", { forMs: "1h" }, /"forMs"/],
      ["off", { by: "a\nb" }, /"by" must be 1 to 80 printable characters/],
      ["off", { by: "\u202eoops" }, /"by"/],
      ["off", { by: "" }, /"by"/],
      ["off", { for: 1 }, /unknown option "for"/],
    ];
    for (const [mode, options, message] of table) {
      assert.throws(() => modes.set(mode as Mode, options as object), { message });
    }
    assert.equal(modes.mode(), "enforce");
  });

  test("refuses wrong options", () => {
    const table: readonly (readonly [object, RegExp])[] = [
      [{ initial: "on" }, /"initial" must be one of/],
      [{ storage: {} }, /"storage.getItem" must be a function/],
      [{ storage: { getItem() {} } }, /"storage.setItem" must be a function/],
      [{ storage: null }, /"storage" must be an object with getItem and setItem/],
      [{ key: "" }, /"key"/],
      [{ key: "a b" }, /"key"/],
      [{ pollMs: 10 }, /"pollMs" must be an integer from 100/],
      [{ onChange: true }, /"onChange" must be a function/],
      [{ interval: 5 }, /unknown option "interval"/],
    ];
    for (const [options, message] of table) assert.throws(() => modeSwitch(options), { message });
  });
});

describe("modeSwitch() with a storage", () => {
  test("asks nobody until it is asked, then reads in the background, and again by a timer", async () => {
    const { make, calls, items, tick, timers } = world();
    items.set(key, "report");
    const modes = make();
    assert.deepEqual([calls.length, timers.size], [0, 0]);
    assert.equal(modes.mode(), "enforce", "no request waits for the storage");
    assert.equal(calls.length, 1);
    await turns();
    assert.equal(modes.mode(), "report");
    items.set(key, "off");
    assert.equal(modes.mode(), "report");
    await tick();
    assert.equal(modes.mode(), "off");
    assert.equal(timers.size, 1);
  });

  test("lets a start wait for the fleet's mode", async () => {
    const { make, items } = world();
    items.set(key, " off\n");
    const modes = make();
    await modes.poll();
    assert.equal(modes.mode(), "off");
    assert.equal(modes.state().readAgeMs, 0);
    assert.equal(modes.poll(), undefined, "it is not due again");
  });

  test("carries a change, its end and its author to others", async () => {
    const { make, tick, items, calls, clock } = world();
    const [one, other] = [make(), make()];
    await Promise.all([one.poll(), other.poll()]);
    assert.equal((await one.set("off", { forMs: 60_000, by: "Grace" })).saved, true);
    assert.ok(calls.includes(`set ${key} 60`), "the storage may forget it thereafter");
    await tick();
    assert.deepEqual(
      { ...other.state(), readAgeMs: 0 },
      {
        mode: "off",
        initial: "enforce",
        untilMs: clock.now - 5000 + 60_000,
        by: "Grace",
        saved: true,
        readAgeMs: 0,
      },
    );
    clock.now += 60_000;
    assert.deepEqual([one.mode(), other.mode()], ["enforce", "enforce"]);
    assert.equal(typeof items.get(key), "string");
    await tick();
    assert.deepEqual([one.mode(), other.mode()], ["enforce", "enforce"], "what is over is not begun again");
  });

  test("takes a value that is gone for the initial mode", async () => {
    const { make, items, tick } = world({ initial: "report" });
    items.set(key, "off");
    const modes = make();
    await modes.poll();
    assert.equal(modes.mode(), "off");
    items.clear();
    await tick();
    assert.equal(modes.mode(), "report");
  });

  const garbage: readonly unknown[] = [
    "",
    "on",
    "OFF",
    "mode:",
    "mode:{}",
    "mode:null",
    'mode:{"mode":"open"}',
    'mode:{"mode":"off","untilMs":"soon"}',
    'mode:{"mode":"off","untilMs":-1}',
    'mode:{"mode":"off","by":"a\\nb"}',
    'mode:{"__proto__":{"mode":"off"}}',
    `mode:{"mode":"off","by":"${"x".repeat(600)}"}`,
    0,
    true,
    { mode: "off" },
    ["off"],
    new Uint8Array(3),
  ];
  for (const value of garbage) {
    test(`keeps the last mode when the storage holds ${JSON.stringify(value).slice(0, 40)}`, async () => {
      const { make, items, errors, tick } = world();
      items.set(key, "report");
      const modes = make();
      await modes.poll();
      items.set(key, value);
      await tick();
      assert.equal(modes.mode(), "report");
      assert.deepEqual(errors.map(({ code }) => code), ["malformed"]);
      items.set(key, "off");
      await tick();
      assert.equal(modes.mode(), "off");
    });
  }

  test("keeps the last mode while the storage fails, and quotes nothing of its errors", async () => {
    for (
      const fails of [
        () => Promise.reject(new Error("redis://:secret@host")),
        () => {
          throw new RangeError("SET secret");
        },
        () => Promise.reject("secret"),
      ]
    ) {
      const { make, items, storage, errors, tick } = world();
      items.set(key, "off");
      const modes = make();
      await modes.poll();
      storage.getItem = fails;
      await tick();
      await tick();
      assert.equal(modes.mode(), "off");
      assert.deepEqual(errors.map(({ code }) => code), ["unreachable", "unreachable"]);
      assert.ok(!errors.some(({ message }) => message.includes("secret")));
    }
  });

  test(
    "gives a slow storage up, reads never twice at once, and takes no late answer",
    steadily(async () => {
      const { make, storage, errors, tick, clock } = world({ timeoutMs: 5 });
      const answers: ((value: unknown) => void)[] = [];
      storage.getItem = () => new Promise((resolve) => answers.push(resolve));
      const modes = make();
      const first = modes.poll();
      for (let request = 0; request < 100; request++) modes.mode();
      assert.equal(answers.length, 1);
      await first;
      assert.deepEqual(errors.map(({ code }) => code), ["timeout"]);
      for (let turn = 0; turn < 5; turn++) {
        await tick();
        clock.now += 6001;
        modes.mode();
      }
      assert.equal(answers.length, 1, "the first was not answered yet");
      answers[0]?.("off");
      await turns();
      assert.equal(modes.mode(), "enforce");
      await tick();
      assert.equal(answers.length, 2);
      answers[1]?.("report");
      await turns();
      assert.equal(modes.mode(), "report");
      modes.close();
    }),
  );

  test(
    "reads again after a minute what was never answered",
    steadily(async () => {
      const { make, storage, tick } = world({ timeoutMs: 5 });
      let reads = 0;
      storage.getItem = () => (reads++, new Promise(() => {}));
      const modes = make();
      await modes.poll();
      await tick(61_000);
      assert.equal(reads, 2);
      modes.close();
    }),
  );

  test("follows its own change at once, also where the storage fails, and writes it as soon as it can", async () => {
    const { make, storage, items, errors, tick } = world();
    items.set(key, "report");
    const modes = make();
    await modes.poll();
    const { setItem } = storage;
    storage.setItem = () => Promise.reject(new Error("READONLY"));
    const state = await modes.set("off");
    assert.deepEqual([state.mode, state.saved, errors.length], ["off", false, 1]);
    await tick();
    assert.equal(modes.mode(), "off", "the old value in the storage does not come back");
    assert.equal(errors.length, 2);
    storage.setItem = setItem;
    await tick();
    assert.deepEqual([modes.mode(), modes.state().saved], ["off", true]);
    assert.match(String(items.get(key)), /"off"/);
  });

  test("is not undone by a reading that began before the change", async () => {
    const { make, storage } = world();
    let answer = (_value: unknown) => {};
    storage.getItem = () => new Promise((resolve) => answer = resolve);
    const modes = make();
    const reading = modes.poll();
    await modes.set("off");
    answer("enforce");
    await reading;
    assert.equal(modes.mode(), "off");
  });

  test("is not undone by a storage that still gives what was there before, for two minutes", async () => {
    const { make, storage, items, tick } = world();
    items.set(key, "report");
    const modes = make();
    await modes.poll();
    storage.getItem = () => "report";
    await modes.set("off");
    await tick();
    assert.equal(modes.mode(), "off");
    storage.getItem = () => "enforce";
    await tick();
    assert.equal(modes.mode(), "enforce", "another change is followed at once");
    await modes.set("off");
    storage.getItem = () => "enforce";
    await tick(121_000);
    assert.equal(modes.mode(), "enforce", "the storage has lost the change");
  });

  test("writes changes in their order", async () => {
    const { make, storage, items } = world();
    const written: string[] = [];
    const waiting: (() => void)[] = [];
    storage.setItem = (_key, value) =>
      new Promise<void>((resolve) => {
        written.push(value);
        waiting.push(() => (items.set(key, value), resolve()));
      });
    const modes = make();
    const all = [modes.set("off")];
    await turns();
    all.push(modes.set("report"), modes.set("enforce"));
    await turns();
    assert.equal(written.length, 1);
    waiting[0]?.();
    await turns();
    waiting[1]?.();
    await Promise.all(all);
    assert.equal(written.length, 2, "what was overtaken is not written");
    assert.match(String(items.get(key)), /"enforce"/);
  });

  test("is read by requests where timers do not run, or cannot be set", async () => {
    for (
      const schedule of [() => () => {}, () => {
        throw new Error("no timers in global scope");
      }]
    ) {
      const { make, items, clock } = world({ schedule });
      const modes = make();
      modes.mode();
      await turns();
      items.set(key, "off");
      clock.now += 5999;
      modes.mode();
      await turns();
      assert.equal(modes.mode(), "enforce");
      clock.now += 1;
      assert.equal(modes.mode(), "enforce");
      await turns();
      assert.equal(modes.mode(), "off");
      items.set(key, "report");
      clock.now -= 3_600_000;
      modes.mode();
      await turns();
      assert.equal(modes.mode(), "report", "a clock that is set back does not end the reading");
    }
  });

  test("does nothing more once it is closed", async () => {
    const { make, items, calls, timers, tick } = world();
    const modes = make();
    await modes.poll();
    modes.close();
    assert.equal(timers.size, 0);
    items.set(key, "off");
    await tick(60_000);
    assert.equal(modes.poll(), undefined);
    assert.equal(modes.mode(), "enforce");
    assert.equal(calls.length, 1);
    assert.equal((await modes.set("report")).mode, "report");
    assert.equal(timers.size, 0);
  });

  test("is not disturbed by listeners that throw", async () => {
    const fails = () => {
      throw new Error("listener");
    };
    const { make, items, tick } = world({
      onChange: fails,
      onError: () => Promise.reject(new Error()) as never,
    });
    const modes = make();
    await modes.set("off");
    items.set(key, "garbage");
    await tick();
    assert.equal(modes.mode(), "off");
  });

  test("sets no timer that keeps a process alive", async () => {
    const modes = modeSwitch({ storage: { getItem: () => "off", setItem() {} } });
    await modes.poll();
    assert.equal(modes.mode(), "off");
    // Left open on purpose: this file would not end.
  });
});
