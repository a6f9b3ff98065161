/** Which failures may admit: one table of all causes and of everything that chooses by them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { circuitBreaker } from "../../plugins/circuit-breaker/mod.ts";
import {
  failClosed,
  failOpen,
  type FailOptions,
  failurePolicy,
} from "../../plugins/failure-policy/failure-policy.ts";
import { failover } from "../../plugins/failover.ts";
import { grace } from "../../plugins/grace/mod.ts";
import { crowdCodes, type FailureCode, failureCodes, ServiceError } from "../../src/errors.ts";
import { createGate } from "../../src/gate.ts";
import type { Plugin, Policy, Provider } from "../../src/plugin.ts";

const page = "https://shop.example/tickets";
const wait = "https://wait.example/hall";

type Fate = "in" | "out";

/** What becomes of a visitor who is not known, for each cause; `grace` of one who was let in before. */
interface Row {
  readonly failOpen: Fate;
  readonly failClosed: Fate;
  readonly otherwiseAdmit: Fate;
  readonly grace: Fate;
  /** Whether a second provider is asked. */
  readonly failover: Fate;
  /** Whether five such failures of one room let a visitor of another room in. */
  readonly breaker: Fate;
}

const outage: Row = {
  failOpen: "in",
  failClosed: "out",
  otherwiseAdmit: "in",
  grace: "in",
  failover: "in",
  breaker: "in",
};
const crowd: Row = {
  failOpen: "out",
  failClosed: "out",
  otherwiseAdmit: "out",
  grace: "out",
  failover: "out",
  breaker: "out",
};
const table: Readonly<Record<FailureCode, Row>> = {
  timeout: outage,
  unreachable: outage,
  throttled: crowd,
  // One call says nothing about the next one.
  rejected: { ...outage, grace: "out", breaker: "out" },
  unidentified: crowd,
  malformed: outage,
  overloaded: crowd,
  internal: { ...outage, grace: "out", breaker: "out" },
};

/** A provider that fails while it is told to; only pages of the other room it refuses otherwise. */
function providerOf() {
  const script: { code: FailureCode | undefined } = { code: undefined };
  const provider: Provider = {
    name: "provider",
    final: "decide",
    service: "the service",
    async decide(ctx, calls) {
      const isOther = ctx.path === "/other";
      await calls.run({
        what: "GET /provider",
        timeoutMs: 60_000,
        make: () =>
          script.code === undefined || isOther
            ? Promise.resolve()
            : Promise.reject(new ServiceError(script.code, "a test", { fallback: { location: wait } })),
      });
      return isOther
        ? { action: "queue", reason: "provider/queued", location: wait }
        : { action: "admit", reason: "provider/promoted", facts: { room: "hall", proven: "service" } };
    },
  };
  return { script, provider };
}

function gateOf(plugins: readonly Plugin[]) {
  const gate = createGate({ plugins, onError: () => {} });
  return async (url: string = page, cookie = "") => {
    const response = await gate(new Request(url, { headers: { cookie } }), () => new Response("page"));
    const [line = ""] = response.headers.getSetCookie();
    const fate: Fate = response.status === 200 ? "in" : "out";
    return { fate, cookie: line.split(";", 1)[0] ?? "" };
  };
}

async function afterFailure(policy: Policy, code: FailureCode): Promise<Fate> {
  const { script, provider } = providerOf();
  script.code = code;
  return (await gateOf([policy, provider])()).fate;
}

async function withGrace(code: FailureCode, codes?: readonly FailureCode[]): Promise<Fate> {
  const { script, provider } = providerOf();
  const own = grace({ secrets: ["a secret of the tests"], scope: "shop", ...(codes && { codes }) });
  const visit = gateOf([own, failClosed(), provider]);
  const { cookie } = await visit();
  script.code = code;
  return (await visit(page, cookie)).fate;
}

async function withSecond(code: FailureCode, codes?: readonly FailureCode[]): Promise<Fate> {
  const { script, provider } = providerOf();
  script.code = code;
  const second: Provider = {
    name: "second",
    final: "decide",
    decide: () => ({ action: "admit", reason: "second/idle" }),
  };
  return (await gateOf([failOpen({ ...closed }), failover([provider, second], codes && { codes })])()).fate;
}

/** An open policy that names every cause, so that what admits is the provider behind it. */
const closed: FailOptions = Object.fromEntries(failureCodes.map((code) => [code, "queue"]));

async function inOtherRoom(code: FailureCode): Promise<Fate> {
  const { script, provider } = providerOf();
  const visit = gateOf([failOpen(), circuitBreaker(provider)]);
  script.code = code;
  for (let count = 0; count < 9; count++) await visit();
  return (await visit("https://shop.example/other")).fate;
}

describe("by default, of all causes of failures", () => {
  for (const code of failureCodes) {
    test(`${code} lets in whom the table says`, async () => {
      const row: Row = {
        failOpen: await afterFailure(failOpen(), code),
        failClosed: await afterFailure(failClosed(), code),
        otherwiseAdmit: await afterFailure(failurePolicy({ otherwise: "admit" }), code),
        grace: await withGrace(code),
        failover: await withSecond(code),
        breaker: await inOtherRoom(code),
      };
      assert.deepEqual(row, table[code]);
    });

    test(`${code} lets visitors in where the owner names it`, async () => {
      for (
        const policy of [
          failOpen({ [code]: "admit" }),
          failClosed({ [code]: "admit" }),
          failurePolicy({ [code]: "admit", otherwise: "reject" }),
        ]
      ) {
        assert.equal(await afterFailure(policy, code), "in");
      }
      assert.equal(await withGrace(code, [code]), "in");
      assert.equal(await withSecond(code, [code]), "in");
    });
  }

  test("what visitors can bring about lets nobody in by any way", () => {
    assert.ok(crowdCodes.every((code) => Object.values(table[code]).every((fate) => fate === "out")));
  });
});
