/**
 * How long until the first request is answered, cold, and how long does a configuration of 1 MB take?
 *
 * Each process imports one thing, once. What is measured begins when the runtime is up. Ours is imported as npm
 * publishes it, as JavaScript of one file per module, because that is how the others come.
 *
 * @module
 */

import { run, tools } from "../scripts/_tools.ts";
import { configuration, connectorHost, customerId, pageOf, requestOf, secret } from "./_queue-it.ts";
import type { Question, Values } from "./_question.ts";

const crowd = "crowdhandler";
const crowdSdk = "crowdhandler-sdk 2.5.0";
const queue = "queue-it";
const connector = "connector-javascript 5.0.1";
const runtime = "runtime alone";
const compile = "1 MB of integrations";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Start-up",
  unit: "ms",
  variants: [queue, connector, crowd, crowdSdk, runtime, compile],
  rounds: { full: 7, quick: 3 },
  targets: [],
  async prepare() {
    const { code, output } = await run(tools.node, ["scripts/build.mjs"], false);
    if (code !== 0) throw new Error(`The package cannot be built:\n${output}`);
  },
  async measure(variant): Promise<Values> {
    if (variant === runtime) return requestAlone();
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

/** What has to be done before: Node, for one, loads all that belongs to requests with the first of them. */
function requestAlone(): Values {
  const start = performance.now();
  const request = requestOf(pageOf(19), "", "");
  if (request.headers.get("cookie") === "x") throw new Error("There is no such cookie");
  new Response();
  return { "first request": performance.now() - start };
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
