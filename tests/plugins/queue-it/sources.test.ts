import assert from "node:assert/strict";
import { test } from "node:test";
import { platform } from "../../../mod.ts";
import { fileSource, pulledSource, type PulledSourceOptions } from "../../../plugins/queue-it/mod.ts";
import { configOf, configured, integration } from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const text = (name: string) => JSON.stringify(configOf(integration({ Name: name })));

/** A clock with timers that a test moves on. */
function clockOf() {
  const timers: { at: number; callback: () => void }[] = [];
  let time = 0;
  return {
    now: () => time,
    delays: [] as number[],
    get pending() {
      return timers.length;
    },
    schedule(callback: () => void, ms: number) {
      const timer = { at: time + ms, callback };
      timers.push(timer);
      this.delays.push(ms);
      return () => {
        const index = timers.indexOf(timer);
        if (index !== -1) timers.splice(index, 1);
      };
    },
    /** Lets the next timer ring, and what it starts come to an end. */
    async ring() {
      timers.sort((a, b) => a.at - b.at);
      const timer = timers.shift();
      assert.ok(timer, "there is no timer");
      time = timer.at;
      timer.callback();
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

async function nameOf(bench: ReturnType<typeof configured>): Promise<string | undefined> {
  const { response } = await bench.visit("/event1");
  return /&man=([^&]*)/.exec(response.headers.get("location") ?? "")?.[1];
}

test("fileSource() has a file that is read at once in use from the first request on", async () => {
  const clock = clockOf();
  const source = fileSource(() => text("a"), { schedule: (callback, ms) => clock.schedule(callback, ms) });
  assert.equal(await nameOf(configured(source)), "a");
});

test("fileSource() reads again, takes what was changed and leaves what was not", async () => {
  const clock = clockOf();
  let content = text("a");
  let accepted = 0;
  const options = { watchMs: 1000, now: clock.now, schedule: clock.schedule.bind(clock), warn: () => {} };
  const source = fileSource(() => Promise.resolve(content), options);
  const bench = configured(source, { onConfiguration: () => accepted++ });
  await settle();
  assert.equal(await nameOf(bench), "a");
  await clock.ring();
  assert.equal(accepted, 1);
  assert.equal(source.status().ageMs, 0);
  content = text("b");
  await clock.ring();
  assert.equal(await nameOf(bench), "b");
  assert.equal(accepted, 2);
  source.close();
  assert.equal(clock.pending, 0);
});

test("fileSource() keeps the last good configuration when the file is broken or gone, and says so", async () => {
  const clock = clockOf();
  const warnings: string[] = [];
  let read = () => text("a");
  const source = fileSource(() => read(), {
    watchMs: 1000,
    now: clock.now,
    schedule: clock.schedule.bind(clock),
    warn: (message) => warnings.push(message),
  });
  const bench = configured(source);
  for (
    const broken of [() => "{", () => {
      throw new Error("ENOENT");
    }]
  ) {
    read = broken;
    await clock.ring();
    assert.equal(await nameOf(bench), "a");
    assert.ok(source.status().lastError instanceof Error);
  }
  assert.equal(source.status().ageMs, 2000);
  assert.equal(warnings.length, 2);
  read = () => text("b");
  await clock.ring();
  assert.equal(await nameOf(bench), "b");
  assert.equal(source.status().lastError, undefined);
});

test("fileSource() begins with a broken file, which is a failure until it is mended", async () => {
  const clock = clockOf();
  let content = "{";
  const source = fileSource(() => content, {
    watchMs: 10,
    schedule: clock.schedule.bind(clock),
    warn: () => {},
  });
  const bench = configured(source);
  assert.equal((await bench.visit("/event1")).faults[0]?.code, "unreachable");
  content = text("a");
  await clock.ring();
  assert.equal(await nameOf(bench), "a");
});

interface Answer {
  readonly status?: number;
  readonly body?: string;
}

function pulled(answers: (Answer | Error)[], options: Partial<PulledSourceOptions> = {}) {
  const clock = clockOf();
  const calls: { url: string; headers: Headers }[] = [];
  const warnings: string[] = [];
  const source = pulledSource({
    customerId: "ticketania",
    apiKey: "api-key-1",
    now: clock.now,
    random: () => 0.5,
    schedule: clock.schedule.bind(clock),
    warn: (message) => warnings.push(message),
    fetch: (input, init) => {
      calls.push({ url: String(input), headers: new Headers(init?.headers) });
      const answer = answers.shift() ?? {};
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(new Response(answer.body ?? text("a"), { status: answer.status ?? 200 }));
    },
    ...options,
  });
  return { source, clock, calls, warnings };
}

test("pulledSource() asks the secured endpoint with the key, and has the answer in use", async () => {
  const { source, calls } = pulled([{}]);
  const bench = configured(source);
  await source.refresh();
  assert.equal(await nameOf(bench), "a");
  assert.equal(calls.length, 1);
  assert.equal(calls[0]?.url, "https://ticketania.queue-it.net/status/integrationconfig/secure/ticketania");
  assert.equal(calls[0]?.headers.get("api-key"), "api-key-1");
  assert.equal(calls[0]?.headers.get("user-agent"), "queueit-connector");
});

test("pulledSource() asks again in the background, at times that differ from server to server", async () => {
  const { source, clock, calls } = pulled([{}, { body: text("b") }], {
    refreshMs: 1000,
    jitter: 0.2,
    random: () => 1,
  });
  const bench = configured(source);
  await source.refresh();
  assert.deepEqual(clock.delays, [1100]);
  await clock.ring();
  assert.equal(await nameOf(bench), "b");
  assert.equal(calls.length, 2);
  source.close();
  assert.equal(clock.pending, 0);
});

test("pulledSource() tries several times, keeps the last good copy and tells its age", async () => {
  const down = { status: 503 };
  const { source, clock, calls, warnings } = pulled([{}, down, new Error("no route"), down], {
    refreshMs: 1000,
    attempts: 3,
    retryMs: 10,
  });
  const bench = configured(source);
  await source.refresh();
  await clock.ring();
  await clock.ring();
  await clock.ring();
  assert.equal(calls.length, 4);
  assert.equal(await nameOf(bench), "a");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^queue-it: Queue-it answered 503/);
  assert.equal(source.status().ageMs, 1020);
  assert.match(source.status().lastError?.message ?? "", /503/);
});

test("pulledSource() does not repeat a call that was refused", async () => {
  const { source, calls } = pulled([{ status: 401 }]);
  configured(source);
  await assert.rejects(source.refresh(), { code: "rejected", status: 401 });
  assert.equal(calls.length, 1);
});

for (
  const [what, answer, options, code] of [
    ["an answer that is not JSON", { body: "<html>" }, {}, "malformed"],
    ["an answer that is too long", { body: "x".repeat(100) }, { maxBytes: 99, attempts: 1 }, "malformed"],
    ["no connection", new Error("refused"), { attempts: 1 }, "unreachable"],
    ["too many calls", { status: 429 }, { attempts: 1 }, "throttled"],
  ] as const
) {
  test(`pulledSource() fails because of ${what}, and so do requests, for which a crowd is no outage`, async () => {
    const { source } = pulled([answer], options);
    const bench = configured(source);
    await assert.rejects(source.refresh(), { code });
    const expected = code === "throttled" ? code : "unreachable";
    assert.equal((await bench.visit("/event1")).faults[0]?.code, expected);
  });
}

test(
  "pulledSource() gives up an answer that does not come",
  steadily(async () => {
    const { source } = pulled([], { attempts: 1, timeoutMs: 300, fetch: () => new Promise<never>(() => {}) });
    await assert.rejects(source.refresh(), { code: "timeout" });
  }),
);

test("pulledSource() asks once for all who wait", async () => {
  const { source, calls } = pulled([{}]);
  configured(source);
  await Promise.all([source.refresh(), source.refresh()]);
  assert.equal(calls.length, 1);
});

test("pulledSource() never shows its key", async () => {
  const { source, warnings } = pulled([new Error("api-key-1 is wrong")], { attempts: 1 });
  configured(source);
  await assert.rejects(
    source.refresh(),
    (error) => error instanceof Error && !error.message.includes("api-key-1"),
  );
  await settle();
  assert.ok(!warnings.join().includes("api-key-1"));
});

test("queueIt() waits for the first configuration where one is on its way, and never again", async () => {
  const arrived = Promise.withResolvers<string>();
  const source = fileSource(() => arrived.promise, { watchMs: 0 });
  const bench = configured(source);
  const waiting = nameOf(bench);
  arrived.resolve(text("a"));
  assert.equal(await waiting, "a");
});

test("a source is refreshed by requests where timers do not run between them", async () => {
  let time = 0;
  let name = "a";
  const answers: string[] = [];
  const kept: Promise<unknown>[] = [];
  const source = fileSource(() => {
    answers.push(name);
    return Promise.resolve(text(name));
  }, {
    watchMs: 60_000,
    now: () => time,
    schedule: () => {
      throw new Error("not outside of a request");
    },
    warn: () => {},
  });
  source.subscribe(() => () => {});
  await settle();
  assert.deepEqual(answers, ["a"]);
  name = "b";
  time = 70_000;
  // The request that finds the configuration overdue does not wait for the next one.
  assert.equal(source.visited?.((work) => kept.push(work)), undefined);
  assert.equal(source.visited?.((work) => kept.push(work)), undefined);
  assert.equal(kept.length, 1);
  await Promise.all(kept);
  assert.deepEqual(answers, ["a", "b"]);
  assert.equal(source.status().ageMs, 0);
  source.close();
  time = 200_000;
  assert.equal(source.visited?.((work) => kept.push(work)), undefined);
  assert.equal(kept.length, 1);
});

test("a source serves visitors as always where the platform keeps nothing alive", async () => {
  let time = 0;
  const source = fileSource(() => Promise.resolve(text("a")), {
    watchMs: 60_000,
    now: () => time,
    warn: () => {},
  });
  const { gate } = configured(source);
  await settle();
  const functions = [() => {
    throw new TypeError("Illegal invocation");
  }, () => Promise.reject(new Error("the request has ended"))];
  for (const waitUntil of functions) {
    time += 70_000;
    const response = await gate(
      new Request("https://shop.test/event1"),
      () => new Response("page"),
      platform({ waitUntil }),
    );
    assert.equal(response.status, 302);
    await settle();
  }
  assert.equal(gate.errors, 0);
  source.close();
});

test("a source gives an attempt up that its platform ended, and begins another", async () => {
  let time = 0;
  let reads = 0;
  const read = () => ++reads === 1 ? new Promise<string>(() => {}) : Promise.resolve(text("a"));
  const source = fileSource(read, { watchMs: 0, now: () => time, warn: () => {} });
  const bench = configured(source);
  time = 20_000;
  await source.refresh();
  assert.equal(reads, 2);
  assert.equal(await nameOf(bench), "a");
});

test("queueIt() keeps nobody waiting for a configuration once an attempt has failed, or takes too long", async () => {
  let time = 0;
  const source = fileSource(() => new Promise<string>(() => {}), {
    watchMs: 0,
    now: () => time,
    warn: () => {},
  });
  source.subscribe(() => () => {});
  time = 5000;
  assert.equal(source.visited?.(() => {}), undefined, "the attempt goes on without the request");
  const broken = fileSource(() => Promise.reject(new Error("gone")), { watchMs: 60_000, warn: () => {} });
  broken.subscribe(() => () => {});
  await settle();
  assert.equal(broken.visited?.(() => {}), undefined);
  broken.close();
});
