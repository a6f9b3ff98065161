import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieTokens } from "../../../plugins/cookie-tokens.ts";
import { crowdhandler, crowdhandlerVisit } from "../../../plugins/crowdhandler/mod.ts";
import { storageTokens } from "../../../plugins/storage-tokens/mod.ts";
import { storeOf } from "../../support/store-of.ts";
import { contextOf } from "../../support/context-of.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import {
  benchOf,
  type BenchOptions,
  fakeFetch,
  hybridBench,
  hybridCookie,
  promoted,
  publicKey,
  queued,
  saidBy,
  site,
} from "./_helpers.ts";
import { steadily } from "../../support/steadily.ts";

const always = { performance: { sample: 1 } };

function records(bench: ReturnType<typeof benchOf>) {
  return bench.calls.filter(({ method }) => method === "PUT").map(({ path, body }) => ({ path, body }));
}

/** Serves one page that takes some time, and gives what was recorded. */
async function recorded(setup: BenchOptions, page: () => unknown = () => new Response("page"), takes = 250) {
  const bench = benchOf({ ...setup, options: { ...always, ...setup.options } });
  const request = new Request(`${site}/a`);
  let answer: unknown;
  try {
    answer = await bench.gate(request, () => {
      bench.clock.now += takes;
      return page() as Response;
    });
  } catch (error) {
    answer = error;
  }
  await new Promise((resolve) => setTimeout(resolve));
  await bench.gate.idle();
  return { answer, bench, records: records(bench) };
}

test("crowdhandler() records status and time under the answer's id, after the page was served", async () => {
  for (const status of [200, 301, 404, 503]) {
    const { records } = await recorded({}, () => new Response(null, { status }));
    assert.deepEqual(records, [{
      path: `responses/${promoted.responseID}`,
      body: { code: status, httpCode: status, time: 250 },
    }]);
  }
});

test("crowdhandler() sends the status under the names of its dialect", async () => {
  for (const dialect of ["code", "httpCode"] as const) {
    const { records } = await recorded({ options: { performance: { sample: 1, dialect } } });
    assert.deepEqual(records[0]?.body, { [dialect]: 200, time: 250 });
  }
});

test("crowdhandler() records a share of the pages and says how many each record stands for", async () => {
  const table: [number | undefined, number, Record<string, number> | undefined][] = [
    [undefined, 0.19, { sampleRate: 5 }],
    [undefined, 0.2, undefined],
    [0.33, 0.1, { sampleRate: 3 }],
    [0.99, 0.1, { sampleRate: 1 }],
    [1, 0.999, {}],
    [7, 0.999, {}],
    [0, 0, undefined],
    [-1, 0, undefined],
  ];
  for (const [sample, lot, extra] of table) {
    const performance = sample === undefined ? {} : { sample };
    const { records } = await recorded({ options: { performance, random: () => lot } });
    const expected = extra === undefined ? [] : [{ code: 200, httpCode: 200, time: 250, ...extra }];
    assert.deepEqual(records.map((record) => record.body), expected, `${sample} ${lot}`);
  }
});

test("crowdhandler() records nothing that was not served to an admitted visitor, or has no id", async () => {
  const setups: BenchOptions[] = [
    { answers: { requests: queued } },
    { answers: { requests: { ...promoted, responseID: null } } },
    { answers: { requests: { ...promoted, responseID: ".." } } },
    { answers: { requests: () => new Response(null, { status: 500 }) } },
    { answers: { requests: queued }, mode: "report" },
    { mode: "off" },
    {
      plugins: [cookieTokens(), { name: "excluded", match: () => false }],
    },
  ];
  for (const setup of setups) assert.deepEqual((await recorded(setup)).records, []);
  const unwritable = benchOf({
    options: always,
    plugins: [storeOf({ write: () => Promise.reject(new Error("the store is down")) })],
  });
  assert.equal((await unwritable.visit("/a")).served, true);
  assert.deepEqual(records(unwritable), [], "admitted by the failure policy");
  const clean = benchOf({ options: always });
  await clean.visit("/a?ch-id=tok_1");
  const local = hybridBench({ options: always });
  await local.visit("/tickets", { cookie: hybridCookie() });
  for (const bench of [clean, local]) assert.deepEqual(records(bench), []);
});

test("crowdhandler() records a page that throws as 500", async () => {
  const fetch = fakeFetch({}, []);
  const calls: { readonly url: string; readonly body: unknown }[] = [];
  const plugin = crowdhandler({
    publicKey,
    performance: { sample: 1 },
    publicHosts: ["shop.example.com"],
    fetch(input, init) {
      calls.push({ url: String(input), body: init?.body });
      return fetch(input, init);
    },
  });
  const ctx = contextOf(new Request(`${site}/a`), [], () => 0);
  const direct = callsBehind();
  const decision = await plugin.decide(ctx, direct);
  const outcome = {
    decision,
    enforced: true,
    failure: undefined,
    status: undefined,
    served: true,
    decidedBy: plugin.name,
    durationMs: 1,
  };
  await plugin.settled?.(ctx, { ...outcome, threw: false, decidedBy: "crowdhandler", durationMs: 1 }, direct);
  assert.equal(calls.length, 1);
  await plugin.settled?.(ctx, { ...outcome, threw: true, decidedBy: "crowdhandler", durationMs: 1 }, direct);
  assert.deepEqual(JSON.parse(String(calls[1]?.body)), { code: 500, httpCode: 500, time: 0 });
});

test("crowdhandler() records nothing when the connection was upgraded instead of answered", async () => {
  const { records } = await recorded({}, () => undefined);
  assert.deepEqual(records, []);
});

test("crowdhandler() records under what another plugin put into the visit", async () => {
  for (const [timeMs, time] of [[0, 0], [12.6, 13], [-5, 0], [NaN, undefined]] as const) {
    const { records } = await recorded({
      plugins: [cookieTokens(), {
        name: "measure",
        headers(ctx) {
          const visit = ctx.get(crowdhandlerVisit);
          if (visit !== undefined) ctx.set(crowdhandlerVisit, { ...visit, responseId: "a/b?c", timeMs });
          return undefined;
        },
      }],
    });
    assert.deepEqual(records, [{
      path: "responses/a%2Fb%3Fc",
      body: { code: 200, httpCode: 200, ...(time === undefined ? {} : { time }) },
    }]);
  }
});

test(
  "crowdhandler() never lets a failed record reach the visitor, and reports it without its id",
  steadily(async () => {
    const faults: (() => Response | Promise<Response>)[] = [
      () => new Response(null, { status: 500 }),
      () => new Response("{", { status: 404 }),
      () => Promise.reject(new Error(`fetch of ${site} failed`)),
      () => {
        throw new TypeError(promoted.responseID);
      },
      () => new Promise<Response>(() => {}),
      () => new Response(new ReadableStream({ start() {} })),
    ];
    for (const responses of faults) {
      const { answer, bench } = await recorded({
        options: { performance: { sample: 1, timeoutMs: 20 } },
        answers: { responses },
      });
      assert.equal((answer as Response).status, 200);
      assert.equal(bench.errors.length, 1, "it is counted");
      assert.equal(bench.gate.errors, 1);
      const said = saidBy(bench.errors[0]);
      assert.ok(!said.includes(promoted.responseID) && !said.includes(site), said);
    }
  }),
);

test("crowdhandler() takes an empty or senseless answer to a record as a success", async () => {
  for (const responses of [() => new Response(null, { status: 204 }), () => new Response("ok")]) {
    const { bench } = await recorded({ answers: { responses } });
    assert.deepEqual(bench.errors, []);
  }
});

test("crowdhandler() does not make the visitor wait for a record", async () => {
  let finish = () => {};
  const bench = benchOf({
    options: always,
    answers: { responses: () => new Promise<Response>((resolve) => finish = () => resolve(new Response())) },
  });
  const response = await bench.handle(new Request(`${site}/a`));
  assert.equal(await response.text(), "page");
  await new Promise((resolve) => setTimeout(resolve));
  finish();
  await bench.gate.idle();
  assert.equal(records(bench).length, 1);
});

test("crowdhandler() records pages of visitors whose token is kept on the server", async () => {
  const storage = { getItem: () => undefined, setItem: () => {}, removeItem: () => {} };
  assert.equal((await recorded({ plugins: [storageTokens({ storage })] })).records.length, 1);
});
