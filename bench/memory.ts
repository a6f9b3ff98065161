/**
 * What stays in memory of visitors who were seen once, and how large is what must be shipped?
 *
 * Each visitor is distinct and genuine, so that everything is remembered that ever is; the heap is looked at after
 * a full collection. Sizes are bundles of esbuild, minified and gzipped, with all dependencies, and the same on
 * every runtime.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { clientIp, cookieTokens, createGate, failClosed } from "../mod.ts";
import { crowdhandler } from "../plugins/crowdhandler/mod.ts";
import { privateKey, publicKey, room, sessionCookie } from "./_crowdhandler.ts";
import type { Median, Question, Values } from "./_question.ts";
import { pageOf, requestOf, sessionOf } from "./_queue-it.ts";
import { queueItGate } from "./_queue-it-gate.ts";

const queue = "queue-it";
const crowd = "crowdhandler, hybrid";
const sizes = "sizes";
const unit = 4;
/** `npm run bench -- --millions memory`: one, two and four million visitors, which takes a quarter of an hour. */
const isMillions = process.env["BENCH_MILLIONS"] === "1";

const slope = (variant: string) => (median: Median) =>
  (median(variant, "heap after 4 units, bytes") - median(variant, "heap after 1 unit, bytes")) /
  (3 * median(variant, "visitors in a unit"));
const size = (name: string) => (median: Median) => median(sizes, name) / 1000;

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Memory and sizes",
  unit: "as each case says",
  variants: [queue, crowd, sizes],
  rounds: { full: 1, quick: 1 },
  isTimeless: true,
  targets: [
    // A byte is the fault of any measurement of a heap of some megabytes: an entry that stays has a hundred.
    { claim: "bytes per visitor after warm-up, queue-it", value: slope(queue), atMost: 1, unit: "bytes" },
    { claim: "bytes per visitor after warm-up, crowdhandler", value: slope(crowd), atMost: 1, unit: "bytes" },
    { claim: "core, gzipped", value: size("createGate"), atMost: 2.5, unit: "kB", runtimes: ["node"] },
    {
      claim: "crowdhandler, gzipped",
      value: size("crowdhandler"),
      atMost: 10,
      unit: "kB",
      runtimes: ["node"],
    },
    { claim: "queue-it, gzipped", value: size("queue-it"), atMost: 16, unit: "kB", runtimes: ["node"] },
  ],
  async measure(variant, isQuick): Promise<Values> {
    if (variant === sizes) return "Deno" in globalThis || "Bun" in globalThis ? {} : await sizesOf();
    return variant === queue ? await heap(queueVisits(), isQuick) : await heap(crowdVisits(), isQuick);
  },
};

/** The modules of the plugins that are measured one by one. */
const singles = [
  ...[
    "static-files",
    "client-ip",
    "request-body",
    "cookie-tokens",
    "storage-tokens/mod",
    "failure-policy/mod",
  ],
  ...["preflight", "prefetch", "problem-answers/mod", "body-trigger/mod", "triggers"],
];

type Visit = (visitor: number) => unknown;

async function heap(visit: Visit, isQuick: boolean): Promise<Values> {
  // Whole generations of what is remembered, so that it is equally full whenever the heap is looked at.
  const count = isMillions ? 1_024_000 : isQuick ? 40_960 : 122_880;
  const values: Record<string, number> = { "visitors in a unit": count };
  for (let at = 0; at < count * unit; at++) {
    const result = visit(at);
    if (result instanceof Promise) await result;
    // What waits for its turn, such as the collection of responses, gets it.
    if (at % 1000 === 999) await new Promise((resolve) => setTimeout(resolve, 0));
    const units = (at + 1) / count;
    if (units === 1 || units === 2 || units === 4) {
      values[`heap after ${units} unit${units === 1 ? "" : "s"}, bytes`] = await heapNow();
    }
  }
  return values;
}

async function heapNow(): Promise<number> {
  // Flags of V8, or Bun's own: `main.ts` starts each runtime so that one of them is there.
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(isSync: boolean): void } };
  for (let at = 0; at < 5; at++) {
    Bun?.gc(true);
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

function queueVisits(): Visit {
  const page = new Response("page");
  const gate = queueItGate(page, { size: 20, memoSize: 8192 });
  const issuedAt = Math.floor(Date.now() / 1000);
  return (visitor) => {
    const { value } = sessionOf("event19", { visitor, issuedAt });
    if (gate(requestOf(pageOf(19), "event19", value)) !== page) throw new Error("A visitor is not served");
  };
}

function crowdVisits(): Visit {
  const page = new Response("page");
  const gate = createGate({
    plugins: [
      clientIp({ trustedProxies: 1 }),
      cookieTokens(),
      failClosed(),
      crowdhandler({
        publicKey,
        privateKey,
        mode: "hybrid",
        publicHosts: ["shop.example.com"],
        fetch: () => Promise.resolve(Response.json({ result: [room] })),
      }),
    ],
  }).wrap((_request: Request) => page);
  const now = Date.now();
  return (visitor) => {
    const cookie = `crowdhandler=${encodeURIComponent(sessionCookie(visitor, now))}`;
    return gate(new Request("https://shop.example.com/tickets/quartet", { headers: { cookie } }));
  };
}

async function sizesOf(): Promise<Values> {
  const { measure } = await import("../scripts/_sizes.ts");
  const root = fileURLToPath(new URL("..", import.meta.url));
  const folder = `${root}plugins`;
  const whole = (path: string) => `export * from "${path}";`;
  const modules: Readonly<Record<string, string>> = {
    createGate: `export { createGate } from "${root}src/gate.ts";`,
    ...Object.fromEntries(singles.map((file) => [file.replace("/mod", ""), whole(`${folder}/${file}.ts`)])),
    crowdhandler: `export { crowdhandler } from "${folder}/crowdhandler/mod.ts";`,
    "queue-it": `export { queueIt } from "${folder}/queue-it/mod.ts";`,
    "queue-it, all of its exports": whole(`${folder}/queue-it/mod.ts`),
    "crowdhandler-sdk 2.5.0": whole("crowdhandler-sdk"),
    "connector-javascript 5.0.1": whole("@queue-it/connector-javascript"),
  };
  const values: Record<string, number> = {};
  for (const [name, contents] of Object.entries(modules)) {
    const options = name.includes("5.0.1") || name.includes("sdk") ? { platform: "node" as const } : {};
    values[name] = (await measure(contents, root, options)).gzipped;
  }
  return values;
}
