/**
 * How long until the first request is answered, cold, and how long does a configuration of 1 MB take?
 *
 * Each process imports one thing, once. What is measured begins when the runtime is up.
 *
 * @module
 */

import type { Question, Values } from "./_question.ts";
import { configuration, connectorHost, customerId, pageOf, requestOf, secret } from "./_queue-it.ts";

const crowd = "crowdhandler";
const crowdSdk = "crowdhandler-sdk 2.5.0";
const queue = "queue-it";
const connector = "connector-javascript 5.0.1";
const compile = "1 MB of integrations";

/** The question, its variants and its targets. */
export const question: Question = {
  title: "Start-up",
  unit: "ms",
  variants: [queue, connector, crowd, crowdSdk, compile],
  rounds: { full: 7, quick: 3 },
  targets: [],
  async measure(variant): Promise<Values> {
    const start = performance.now();
    const first = await prepare(variant);
    const imported = performance.now();
    await first();
    const done = performance.now();
    return variant === compile
      ? { "parse and compile": done - imported }
      : { import: imported - start, "first request": done - imported };
  },
};

/** Imports what is measured. The configuration and the request are made beforehand, and are the same for all. */
async function prepare(variant: string): Promise<() => unknown> {
  const url = pageOf(19);
  switch (variant) {
    case queue: {
      const [core, provider] = await Promise.all([import("../mod.ts"), import("../plugins/queue-it/mod.ts")]);
      return () => {
        const { createGate, cookieTokens, failOpen } = core;
        const integrationConfig = JSON.stringify(configuration(20));
        const plugins = [
          cookieTokens(),
          failOpen(),
          provider.queueIt({ customerId, secretKeys: [secret], integrationConfig }),
        ];
        return createGate({ plugins }).wrap(() => new Response())(requestOf(url, "", ""));
      };
    }
    case connector: {
      const name: string = "@queue-it/connector-javascript";
      const { KnownUser } = await import(name);
      return () => {
        const text = JSON.stringify(configuration(20));
        const host = connectorHost(url, {});
        return KnownUser.validateRequestByIntegrationConfig(url, "", text, customerId, secret, host, "");
      };
    }
    case crowd: {
      const [core, provider] = await Promise.all([
        import("../mod.ts"),
        import("../plugins/crowdhandler/mod.ts"),
      ]);
      return () => {
        const { createGate, cookieTokens, failOpen } = core;
        const fetch = () => Promise.resolve(Response.json({ result: { promoted: 1 } }));
        const plugins = [cookieTokens(), failOpen(), provider.crowdhandler({ publicKey: "key", fetch })];
        return createGate({ plugins }).wrap(() => new Response())(requestOf(url, "", ""));
      };
    }
    case crowdSdk: {
      const name: string = "crowdhandler-sdk";
      const { init } = await import(name);
      // No request without a network: what is measured is its making, and the path that needs no service.
      return () => {
        const headers: Readonly<Record<string, string>> = { host: "shop.example.com", "user-agent": "bench" };
        const get = (name: string) => headers[name];
        const request = {
          header: get,
          get,
          headers,
          protocol: "https",
          originalUrl: "/a.css",
          ip: "198.51.100.23",
        };
        const response = { setHeader() {}, end() {} };
        return init({ publicKey: "key", request, response, options: { mode: "full" } }).gatekeeper
          .validateRequest();
      };
    }
    default: {
      const { compileIntegrations } = await import("../plugins/triggers.ts");
      const bytes = JSON.stringify(configuration(1000)).length;
      const text = JSON.stringify(configuration(Math.round(1000 * 1_000_000 / bytes)));
      return () => compileIntegrations(JSON.parse(text));
    }
  }
}
