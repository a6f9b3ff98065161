/**
 * How long until the first request is answered, cold, and how long does a configuration of 1 MB take?
 *
 * Each process imports one thing, once. What is measured begins when the runtime is up. Ours is imported as npm
 * publishes it, as JavaScript of one file per module, because that is how the others come; our own room in a bundle as well, which is what edge
 * platforms run.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root, run, tools } from "../scripts/_tools.ts";
import { configuration, connectorHost, customerId, pageOf, requestOf, secret } from "./_queue-it.ts";
import type { Median, Question, Values } from "./_question.ts";

const crowd = "crowdhandler";
const crowdSdk = "crowdhandler-sdk 2.5.0";
const queue = "queue-it";
const connector = "connector-javascript 5.0.1";
const runtime = "runtime alone";
const compile = "1 MB of integrations";
const room = "waiting-room";
const bundledRoom = "waiting-room, bundled";
const cachedRoom = "waiting-room, bundled, with Node's compile cache";
/** What the pipeline of the README imports, as an application does. */
const imports = `
  export { clientIp, createGate, failClosed, staticFiles } from "./dist/mod.js";
  export { waitingRoom } from "./dist/plugins/waiting-room/mod.js";
`;
/** Where the bundle of that is, and which of its files an application loads. */
const bundle = ".cache/startup";
const entry = "stdin.js";
/** The files that are loaded first of that bundle, the text of each in a function that nobody calls: what it takes to find and read them. */
const unused = "waiting-room, bundled, the text alone";
/** Where they are. */
const idle = ".cache/startup-unused";
/** Where Node keeps what it compiled, from the second process on. */
const compiled = ".cache/startup-compiled";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Start-up",
  unit: "ms",
  variants: [queue, connector, crowd, crowdSdk, room, bundledRoom, unused, cachedRoom, runtime, compile],
  rounds: { full: 7, quick: 3 },
  // Deno and Bun begin otherwise: what is promised is promised for Node.
  targets: [room, bundledRoom, cachedRoom].map((variant) => ({
    claim: `import and createGate() of the README's pipeline: ${variant}`,
    value: (median) => median(variant, "import") + median(variant, "createGate()"),
    atMost: 15,
    unit: "ms",
    runtimes: ["node"],
    ...(variant === bundledRoom && {
      floor: {
        of: "reading as much text in as many files, in functions that nobody calls",
        value: (median: Median) => median(unused, "import"),
      },
    }),
  })),
  async prepare() {
    const { code, output } = await run(tools.node, ["scripts/build.mjs"], false);
    if (code !== 0) throw new Error(`The package cannot be built:\n${output}`);
    const { build } = await import("esbuild");
    const { metafile: { outputs } } = await build({
      absWorkingDir: root,
      stdin: { contents: imports, resolveDir: root },
      outdir: bundle,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      target: "es2022",
      logLevel: "error",
      metafile: true,
    });
    rmSync(root + idle, { recursive: true, force: true });
    mkdirSync(root + idle, { recursive: true });
    for (const path of firstLoaded(outputs, `${bundle}/${entry}`)) {
      writeFileSync(root + path.replace(bundle, idle), asUnused(readFileSync(root + path, "utf8")));
    }
  },
  async measure(variant): Promise<Values> {
    if (variant === runtime) return requestAlone();
    if (variant === unused) return await loadUnused();
    if (variant === room) return await startRoom(publishedRoom);
    if (variant === bundledRoom) return await startRoom(bundledParts);
    if (variant === cachedRoom) return await startCachedRoom();
    const load = await starts[variant]?.();
    if (load === undefined) throw new Error(`There is no variant "${variant}"`);
    const start = performance.now();
    const first = await load();
    const imported = performance.now();
    await first();
    const done = performance.now();
    return variant === compile
      ? { "parse and compile": done - imported }
      : { import: imported - start, "first request": done - imported };
  },
};

/** As much as is read of what a bundler says of a file that it wrote. */
interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
}

/** The files that are loaded before any code runs. */
function firstLoaded(
  outputs: Readonly<Record<string, Output>>,
  first: string,
): ReadonlySet<string> {
  const found = new Set([first]);
  for (const path of found) {
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === "import-statement" && next in outputs) found.add(next);
    }
  }
  return found;
}

/** A module that loads what it loads, and does nothing. What it imports and exports is no statement of a function. */
function asUnused(text: string): string {
  const imports = text.match(statement) ?? [];
  const loads = imports.map((each) => each.replace(/import.*from/s, "import "));
  const body = text.replace(statement, "").replace(/export\{[^}]*\};?/g, "");
  return `${loads.join("")}export const unused = async () => {${body}};\n`;
}

/** An import of a minified module. */
const statement = /(?:^|(?<=[;}\n]))import[{"*][^;]*;/g;

async function loadUnused(): Promise<Values> {
  const start = performance.now();
  await import(`../${idle}/${entry}`);
  return { import: performance.now() - start };
}

/** What has to be done before: Node, for one, loads all that belongs to requests with the first of them. */
function requestAlone(): Values {
  const start = performance.now();
  const request = requestOf(pageOf(19), "", "");
  if (request.headers.get("cookie") === "x") throw new Error("There is no such cookie");
  new Response();
  return { "first request": performance.now() - start };
}

/** What the pipeline of the README is made of. */
type Parts =
  & Pick<typeof import("../mod.ts"), "clientIp" | "createGate" | "failClosed" | "staticFiles">
  & Pick<typeof import("../plugins/waiting-room/mod.ts"), "waitingRoom">;

async function publishedRoom(): Promise<Parts> {
  const [core, own] = await Promise.all([
    built<typeof import("../mod.ts")>("mod.js"),
    built<typeof import("../plugins/waiting-room/mod.ts")>("plugins/waiting-room/mod.js"),
  ]);
  return { ...core, ...own };
}

const bundledParts = (): Promise<Parts> => import(`../${bundle}/${entry}`);

/** Starts the pipeline of the README, and shows a newcomer the waiting page. */
async function startRoom(load: () => Promise<Parts>): Promise<Values> {
  const headers = { "accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const request = new Request("https://shop.example.com/", { headers });
  const page = new Response();
  const start = performance.now();
  const { clientIp, createGate, failClosed, staticFiles, waitingRoom } = await load();
  const imported = performance.now();
  const gate = createGate({
    publicHosts: ["shop.example.com"],
    plugins: [
      staticFiles({ roots: ["/assets"] }),
      clientIp({ trustedProxies: 1 }),
      failClosed(),
      waitingRoom({ admitPerMinute: 0, secretKeys: [secret.padEnd(32, "-")] }),
    ],
  });
  const made = performance.now();
  const { status } = await gate.wrap(() => page)(request);
  const done = performance.now();
  if (status !== 503) throw new Error(`The waiting page has the status ${status}`);
  return { "import": imported - start, "createGate()": made - imported, "first request": done - made };
}

/** The same, as somebody starts it who lets Node keep what it compiles; nothing where the runtime cannot. */
async function startCachedRoom(): Promise<Values> {
  // Other runtimes have the module without this.
  const node: Partial<typeof import("node:module")> = await import("node:module");
  if (typeof node.enableCompileCache !== "function" || "Deno" in globalThis || "Bun" in globalThis) return {};
  node.enableCompileCache(`${root}${compiled}`);
  const values = await startRoom(bundledParts);
  node.flushCompileCache?.();
  return values;
}

/** Makes what is the same for all, then loads what is measured, then answers a request. */
type Start = () => (() => Promise<() => unknown>) | Promise<() => Promise<() => unknown>>;

const starts: Readonly<Record<string, Start>> = {
  [queue]() {
    const request = requestOf(pageOf(19), "", "");
    const page = new Response();
    const integrationConfig = JSON.stringify(configuration(20));
    return async () => {
      const [core, provider] = await Promise.all([
        built<typeof import("../mod.ts")>("mod.js"),
        built<typeof import("../plugins/queue-it/mod.ts")>("plugins/queue-it/mod.js"),
      ]);
      return () => {
        const { createGate, cookieTokens, failOpen } = core;
        const queueIt = provider.queueIt({ customerId, secretKeys: [secret], integrationConfig });
        return createGate({ plugins: [cookieTokens(), failOpen(), queueIt] }).wrap(() => page)(request);
      };
    };
  },
  [connector]() {
    const url = pageOf(19);
    const text = JSON.stringify(configuration(20));
    const name: string = "@queue-it/connector-javascript";
    return async () => {
      const { KnownUser } = await import(name);
      return () => {
        const host = connectorHost(url, {});
        return KnownUser.validateRequestByIntegrationConfig(url, "", text, customerId, secret, host, "");
      };
    };
  },
  [crowd]() {
    const request = requestOf(pageOf(19), "", "");
    const page = new Response();
    const answer = Response.json({ result: { promoted: 1 } });
    const fetch = () => Promise.resolve(answer);
    return async () => {
      const [core, provider] = await Promise.all([
        built<typeof import("../mod.ts")>("mod.js"),
        built<typeof import("../plugins/crowdhandler/mod.ts")>("plugins/crowdhandler/mod.js"),
      ]);
      return () => {
        const { createGate, cookieTokens, failOpen } = core;
        const publicHosts = ["shop.example.com"];
        const crowdhandler = provider.crowdhandler({ publicKey: "key", publicHosts, fetch });
        return createGate({ plugins: [cookieTokens(), failOpen(), crowdhandler] }).wrap(() => page)(request);
      };
    };
  },
  [crowdSdk]() {
    const headers: Readonly<Record<string, string>> = { host: "shop.example.com", "user-agent": "bench" };
    const get = (name: string) => headers[name];
    const basis = { header: get, get, headers, protocol: "https", ip: "198.51.100.23" };
    // No request without a network: what is measured is its making, and the path that needs no service.
    const request = { ...basis, originalUrl: "/a.css" };
    const response = { setHeader() {}, end() {} };
    const name: string = "crowdhandler-sdk";
    return async () => {
      const { init } = await import(name);
      return () =>
        init({ publicKey: "key", request, response, options: { mode: "full" } }).gatekeeper.validateRequest();
    };
  },
  [compile]() {
    const bytes = JSON.stringify(configuration(1000)).length;
    const text = JSON.stringify(configuration(Math.round(1000 * 1_000_000 / bytes)));
    return async () => {
      const { compileIntegrations } = await built<typeof import("../plugins/triggers.ts")>(
        "plugins/triggers.js",
      );
      return () => compileIntegrations(JSON.parse(text));
    };
  },
};

/** Imports a module of the built package. */
function built<T>(path: string): Promise<T> {
  return import(new URL(`../dist/${path}`, import.meta.url).href);
}
