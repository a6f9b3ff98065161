/** A gate around a token store, and browsers that visit it. */

import assert from "node:assert/strict";
import { createGate, type Gate } from "../../src/gate.ts";
import type { Plugin, Provider } from "../../src/plugin.ts";
import type { TokenOptions } from "../../src/tokens.ts";

/** What a visit does with the store, one after the other; steps in a list of their own run at the same time. */
export type Step =
  | readonly ["read", name: string]
  | readonly ["write", name: string, value: string, options?: TokenOptions]
  | readonly ["remove", name: string, options?: TokenOptions]
  | readonly ["all", steps: readonly Step[]];

/** A browser that visits a gate. */
export interface Browser {
  /** Its cookies. */
  readonly jar: Map<string, string>;
  /** Visits once; gives what was read, in order. */
  visit(...steps: Step[]): Promise<(string | undefined)[]>;
  /** The `Set-Cookie` headers of the last visit. */
  readonly received: readonly string[];
}

/** A gate whose only provider does the steps of each request. */
export interface Bench {
  readonly gate: Gate;
  /** What went wrong so far, in words and in full. */
  readonly faults: unknown[];
  browser(): Browser;
  /** Lets the gate explain a request with these steps. */
  explain(cookies: ReadonlyMap<string, string>, ...steps: Step[]): Promise<readonly string[]>;
}

/** Builds a gate around a store. A fault admits the visitor, who then has read nothing. */
export function benchOf(store: Plugin): Bench {
  const scripts = new WeakMap<
    Request,
    { readonly steps: readonly Step[]; readonly reads: (string | undefined)[] }
  >();
  const faults: unknown[] = [];
  const provider: Provider = {
    name: "scripted",
    final: "decide",
    async decide(ctx) {
      const script = scripts.get(ctx.request);
      const { tokens } = ctx;
      assert.ok(script);
      const run = async (step: Step): Promise<void> => {
        switch (step[0]) {
          case "read":
            script.reads.push(await tokens.read(step[1]));
            return;
          case "write":
            return await tokens.write(step[1], step[2], step[3]);
          case "remove":
            return await tokens.remove(step[1], step[2]);
          case "all":
            await Promise.all(step[1].map(run));
        }
      };
      for (const step of script.steps) await run(step);
      return { action: "admit", reason: "scripted/done" };
    },
  };
  const policy: Plugin = { name: "open", recover: () => ({ action: "admit", reason: "open/fault" }) };
  const gate = createGate({ plugins: [store, policy, provider], onError: (error) => faults.push(error) });

  function requestOf(
    cookies: ReadonlyMap<string, string>,
    steps: readonly Step[],
    reads: (string | undefined)[],
  ) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const request = new Request("https://shop.example.com/", cookie === "" ? {} : { headers: { cookie } });
    scripts.set(request, { steps, reads });
    return request;
  }

  function browser(): Browser {
    const jar = new Map<string, string>();
    let received: readonly string[] = [];
    return {
      jar,
      get received() {
        return received;
      },
      async visit(...steps) {
        const reads: (string | undefined)[] = [];
        const response = await gate(requestOf(jar, steps, reads), () => new Response("page"));
        assert.equal(response.status, 200);
        received = response.headers.getSetCookie();
        for (const line of received) keep(jar, line);
        return reads;
      },
    };
  }

  return {
    gate,
    faults,
    browser,
    explain: async (cookies, ...steps) =>
      (await gate.explain(requestOf(cookies, steps, []))).headers.map(([name]) => name),
  };
}

/** What a browser does with a `Set-Cookie` header. */
function keep(jar: Map<string, string>, line: string): void {
  const [pair = "", ...attributes] = line.split("; ");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, equals);
  if (attributes.includes("Max-Age=0")) jar.delete(name);
  else jar.set(name, pair.slice(equals + 1));
}

/** A browser that brings a token in the cookie of storageTokens(), and so has shown that it keeps cookies. */
export function knownBrowser(bench: Pick<Bench, "browser">, cookie: string = "__Host-stanchion"): Browser {
  const visitor = bench.browser();
  visitor.jar.set(cookie, encodeURIComponent('~["a","0"]'));
  return visitor;
}
