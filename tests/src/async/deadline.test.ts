import { strict as assert } from "node:assert";
import { describe, test } from "node:test";
import fc from "../../support/random-cases.ts";
import { ServiceError } from "../../../mod.ts";
import { startDeadline, withDeadline } from "../../../src/async/deadline.ts";
import { type ManualLoop, manualLoop } from "./_loop.ts";

/** A deadline on a loop of our own, and what it said. */
function started(timeoutMs: number) {
  const loop = manualLoop();
  const said: boolean[] = [];
  const cancel = startDeadline(timeoutMs, (isCutShort) => said.push(isCutShort), loop);
  return { loop, said, cancel };
}

/** Lets nothing run for a while, whatever comes of it. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

/** Lets a loop run as it should. */
function run(loop: ManualLoop, ms: number): void {
  for (let passed = 0; passed < ms; passed += 5) {
    loop.pass(5);
    loop.look(5);
  }
}

/** One turn of the loop, in which it looks at its sockets. */
function realTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

describe("startDeadline()", () => {
  test("it takes a loop that runs for one that could look", () => {
    for (const timeoutMs of [1, 10, 16, 500, 2000, 60_000]) {
      const { loop, said } = started(timeoutMs);
      loop.pass(timeoutMs - 0.5);
      loop.look(10);
      assert.deepEqual(said, [], `${timeoutMs} ms are not over`);
      loop.pass(1);
      loop.look(10);
      assert.deepEqual(said, [false], `${timeoutMs} ms`);
      assert.equal(loop.waiting, 0);
    }
  });

  test("it looks at what has arrived before it says that the time is over", () => {
    const { loop, said } = started(2000);
    loop.pass(2001);
    loop.look(4);
    assert.deepEqual(said, []);
    loop.look(1);
    assert.deepEqual(said, [false]);
  });

  const stalls: readonly [what: string, run: (loop: ManualLoop) => void][] = [
    ["at the end", (loop) => (loop.pass(1990), loop.stall(300))],
    ["at the beginning", (loop) => (loop.stall(600), loop.pass(1401))],
    ["in the middle", (loop) => (loop.pass(700), loop.stall(400), loop.pass(901))],
    ["all the time, a little each", (loop) => {
      for (let at = 0; at < 2000; at += 160) loop.stall(160);
    }],
    ["for longer than it lasts", (loop) => loop.stall(7000)],
  ];
  for (const [what, run] of stalls) {
    test(`it says that it was cut short by a loop that stood still ${what}`, () => {
      const { loop, said } = started(2000);
      run(loop);
      // The time that was lost is given back, up to a half.
      loop.pass(1000.5);
      loop.look(5);
      assert.deepEqual(said, [true]);
    });
  }

  test("it gives a loop that stood still the time back that was lost, and half of its own at most", () => {
    for (const [lostMs, backMs] of [[300, 300], [400, 400], [3000, 1000]] as const) {
      const { loop, said } = started(2000);
      loop.pass(1990);
      loop.stall(10 + lostMs);
      loop.pass(backMs - 1);
      loop.look(10);
      assert.deepEqual(said, [], `${lostMs}`);
      loop.pass(2);
      loop.look(5);
      assert.deepEqual(said, [true], `${lostMs}`);
    }
  });

  test("it says that it was cut short by turns at its end that take long", () => {
    const { loop, said } = started(2000);
    loop.pass(2001);
    loop.look(5, 51);
    assert.deepEqual(said, [true]);
  });

  test("it takes silence for silence once a little that was lost is given back, on a loop that runs then", () => {
    const table = [
      [2000, 50, false, false],
      [2000, 60, true, false],
      [2000, 250, true, false],
      [2000, 251, true, true],
      [200, 100, true, false],
      [200, 101, true, true],
      [20, 50, false, false],
      [20, 51, true, true],
    ] as const;
    for (const [timeoutMs, lostMs, isGivenBack, isCutShort] of table) {
      const { loop, said } = started(timeoutMs);
      loop.pass(timeoutMs - 1);
      loop.stall(1 + lostMs);
      if (isGivenBack) {
        loop.look(10);
        assert.deepEqual(said, []);
        loop.pass(Math.min(lostMs, timeoutMs / 2));
      }
      loop.look(5);
      assert.deepEqual(said, [isCutShort], `${timeoutMs} ms, of which ${lostMs} were lost`);
    }
  });

  test("it says that it was cut short by a loop that stands still again while time is given back", () => {
    const { loop, said } = started(2000);
    loop.pass(1999);
    loop.stall(101);
    loop.stall(100 + 160);
    loop.look(5);
    assert.deepEqual(said, [true]);
  });

  test("it says nothing once it was called off, whenever that is", () => {
    for (const run of stalls) {
      for (let at = 0; at < 4; at++) {
        const { loop, said, cancel } = started(2000);
        if (at > 0) loop.pass(300);
        if (at > 1) run[1](loop);
        if (at > 2) loop.pass(1000.5);
        loop.look(2);
        cancel();
        assert.equal(loop.waiting, 0, `${run[0]}, ${at}`);
        loop.pass(5000);
        loop.look(10);
        assert.deepEqual(said, []);
      }
    }
  });

  test("it is over after its time by a clock that stands still, as that of Workers while a program runs", () => {
    const clockless = { ...manualLoop(), now: () => 0 };
    let waited = 0;
    const said: boolean[] = [];
    const due: (() => void)[] = [];
    startDeadline(1000, (isCutShort) => said.push(isCutShort), {
      ...clockless,
      wait: (callback, ms) => (waited += ms, due.push(callback), () => {}),
      turn: (callback) => (due.push(callback), () => {}),
    });
    for (let callback = due.shift(); callback !== undefined; callback = due.shift()) callback();
    assert.deepEqual([said, waited], [[false], 1000]);
  });

  test("it says so once, at the earliest after its time, whatever the loop does", () => {
    const stretch = fc.record({ kind: fc.constantFrom("pass", "stall", "look"), ms: fc.nat(900) });
    fc.assert(fc.property(fc.integer({ min: 1, max: 5000 }), fc.array(stretch), (timeoutMs, stretches) => {
      const { loop, said } = started(timeoutMs);
      const begun = loop.now();
      let worst = 0;
      for (const { kind, ms } of stretches) {
        if (kind === "pass") run(loop, ms);
        else if (kind === "stall") (worst = Math.max(worst, ms), loop.stall(ms));
        else loop.look(ms % 7);
        if (said.length > 0) assert.ok(loop.now() - begun >= timeoutMs);
        else if (loop.now() - begun < timeoutMs) assert.ok(loop.waiting === 1);
      }
      run(loop, 2 * timeoutMs + 1);
      assert.equal(said.length, 1);
      assert.equal(loop.waiting, 0);
      // Nothing that a loop that ran brought about is taken for a stall.
      if (worst === 0) assert.deepEqual(said, [false]);
    }));
  });
});

describe("withDeadline()", () => {
  test("it takes a time that no timer knows for a long one", async () => {
    for (const timeoutMs of [Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      const work = new Promise<string>((resolve) => setTimeout(() => resolve("done"), 5));
      assert.equal(await withDeadline(work, timeoutMs, "work"), "done");
    }
  });

  test("it tells silence from a loop that could not look", async () => {
    const never = new Promise<never>(() => {});
    const table = [
      [(loop: ManualLoop) => loop.pass(101), "timeout", "work did not answer within 100 ms"],
      [
        (loop: ManualLoop) => (loop.stall(3000), loop.pass(51)),
        "overloaded",
        "work did not answer within 100 ms, during which this process was too busy to look",
      ],
    ] as const;
    for (const [run, code, message] of table) {
      const loop = manualLoop();
      const stopped: string[] = [];
      const failure = withDeadline(never, 100, "work", () => stopped.push("stopped"), loop);
      run(loop);
      assert.deepEqual(stopped, [], "nothing is ended before it was looked at");
      loop.look(5);
      await assert.rejects(failure, (error) => {
        assert.ok(error instanceof ServiceError);
        assert.deepEqual([error.code, error.message], [code, message]);
        return true;
      });
      assert.deepEqual(stopped, ["stopped"]);
    }
  });

  test("an answer that is found at the last look counts, and so does a failure", async () => {
    for (const ending of ["fulfilled", "rejected"]) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const loop = manualLoop();
      const answer = withDeadline(promise, 100, "work", () => assert.fail("it was stopped"), loop);
      loop.stall(900);
      loop.pass(50.5);
      loop.look(4);
      if (ending === "fulfilled") resolve("answer");
      else reject(new Error("refused"));
      await answer.catch(() => {});
      assert.equal(loop.waiting, 0);
      if (ending === "fulfilled") assert.equal(await answer, "answer");
      else await assert.rejects(answer, { message: "refused" });
    }
  });

  test("on this platform's loop, what is there when the loop has stood still counts", async () => {
    for (let times = 0; times < 3; times++) {
      // A timer that is due later stands for an answer behind which the loop is.
      const work = new Promise<string>((resolve) => setTimeout(() => resolve("answer"), 25));
      const answer = withDeadline(work, 20, "work");
      block(150);
      assert.equal(await answer, "answer");
    }
  });

  test("on this platform's loop, what is not there when the loop has stood still is no timeout", async () => {
    const failure = withDeadline(new Promise<never>(() => {}), 40, "work");
    // The failure may come before anybody waits for it.
    failure.catch(() => {});
    await realTurn();
    block(300);
    await assert.rejects(failure, { code: "overloaded" });
  });
});
