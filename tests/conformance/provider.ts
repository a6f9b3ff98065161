/** What every provider does, tested through a gate that holds it to the contract. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import fc from "../support/random-cases.ts";
import { failClosed, failOpen } from "../../plugins/failure-policy/mod.ts";
import { cookieTokens } from "../../plugins/cookie-tokens.ts";
import { type Decision, type Facts, isAdmission } from "../../src/decision.ts";
import { GateError } from "../../src/errors.ts";
import { createGate, type Gate } from "../../src/gate.ts";
import { guarded } from "../../src/guarded.ts";
import type { Outcome, Plugin, Provider } from "../../src/plugin.ts";
import type { Guard } from "../../src/service.ts";
import type { TokenStore } from "../../src/tokens.ts";
import { steadily } from "../support/steadily.ts";

/** How a visitor comes: with a URL and, perhaps, with cookies. */
export interface Visitor {
  readonly url: string;
  /** The `Cookie` header. */
  readonly cookie?: string;
}

/** A provider, and what stands for its service. Nothing of one world is shared with another one. */
export interface ProviderWorld {
  readonly provider: Provider;
  /** The URL of a page that has a waiting room. */
  readonly page: string;
  /** The clock of the gate, in Unix milliseconds. */
  readonly now: number;
  /** How the reasons of its decisions begin. Left out, with its name. */
  readonly reasons?: string;
  /** Whether what an admitted visitor brings is checked without the service. */
  readonly isLocal: boolean;
  /** Whether that takes its time all the same, because the provider awaits. */
  readonly awaits?: boolean;
  /** Whether it keeps what visitors bring by itself, so that the store of the pipeline is none of its business. */
  readonly keepsOwn?: boolean;
  /** Gives what a visitor brings who was let in, another one each time. */
  admitted(): Visitor | Promise<Visitor>;
  /** Gives what somebody brings who only pretends: it never lets in. */
  forged(visitor: Visitor): readonly Visitor[];
  /** From now on, nobody new is let in. */
  close(): void | Promise<void>;
  /** Tells how many places in the waiting room, or in the site, were opened. */
  places(): number;
  /** Left out for a provider without a service. */
  readonly service?: StandIn;
}

/** What stands for a service. */
export interface StandIn {
  /** Tells how often it was called. */
  calls(): number;
  /** Lets all calls fail by what a function throws or returns; without one, lets them succeed again. */
  answer(fault?: () => unknown): void;
  /** Gives a visitor who cannot be decided about without the service, another one each time. */
  asking(): Visitor | Promise<Visitor>;
}

/** What came of a visit. */
interface Visit {
  readonly response: Response;
  readonly outcome: Outcome;
  readonly served: boolean;
  /** Whether nothing had to be waited for. */
  readonly isSync: boolean;
}

interface Bench {
  readonly gate: Gate;
  /** What was reported. */
  readonly errors: readonly GateError[];
  readonly clock: { now: number };
  visit(visitor: Visitor, init?: RequestInit): Promise<Visit>;
  /** Visits, and goes where it is sent on the same site, with the cookies that it is given. */
  browse(visitor: Visitor): Promise<Visit>;
}

/** A gate around a provider. */
function benchOf(
  { provider, now }: ProviderWorld,
  plugins: readonly Plugin[] = [],
  policy: Plugin = failClosed(),
): Bench {
  const outcomes = new WeakMap<Request, Outcome>();
  const errors: GateError[] = [];
  const clock = { now };
  const witness: Plugin = {
    name: "witness",
    settled: (ctx, outcome) => void outcomes.set(ctx.request, outcome),
  };
  const gate = createGate({
    plugins: [...plugins, policy, provider, witness],
    now: () => clock.now,
    onError: (error) => errors.push(error),
  });

  async function visit(visitor: Visitor, init: RequestInit = {}): Promise<Visit> {
    let served = false;
    const request = requestOf(visitor, init);
    const answer = gate(request, () => {
      served = true;
      return new Response("page");
    });
    const response = await answer;
    await gate.idle();
    await Promise.resolve();
    const outcome = outcomes.get(request);
    assert.ok(outcome);
    return { response, outcome, served, isSync: answer instanceof Response };
  }

  async function browse(visitor: Visitor): Promise<Visit> {
    const found = await visit(visitor);
    const { decision } = found.outcome;
    if (decision.action !== "redirect") return found;
    // Cookies that were kept replace those of the same name: they come first.
    const kept = found.response.headers.getSetCookie().map((line) => line.split(";", 1)[0]);
    const cookie = [...kept, ...visitor.cookie ? [visitor.cookie] : []].join("; ");
    return await visit({ url: decision.location, cookie });
  }

  return { gate, errors, clock, visit, browse };
}

function requestOf({ url, cookie }: Visitor, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  headers.set("user-agent", "a browser");
  if (cookie !== undefined) headers.set("cookie", cookie);
  return new Request(url, { ...init, headers });
}

const passive: Plugin = { name: "in-advance", supplies: { passive: () => true } };

/** Lets no call pass. */
const refusing: Guard = {
  run: () => Promise.reject(new GateError("overloaded", "no call may be made now")),
  refuses: () => true,
  looking: () => refusing,
  health: () => ({}),
};

/** A store that answers with what is awaited like a promise, but is none. */
function thenables(store: TokenStore): TokenStore {
  const soon = <T>(value: T | Promise<T>) =>
    // All that the types ask for is `Promise`; drivers of databases return less than that.
    ({
      then: (done: (value: T) => unknown, failed: (cause: unknown) => unknown) =>
        void Promise.resolve(value).then(done, failed),
    }) as unknown as Promise<T>;
  return {
    read: (name) => soon(store.read(name)),
    write: (name, value, options) => soon(store.write(name, value, options)),
    remove: (name, options) => soon(store.remove(name, options)),
    headers: () => store.headers(),
  };
}

function withStore(change: (store: TokenStore) => TokenStore): Plugin {
  const tokens = cookieTokens().supplies?.tokens;
  assert.ok(tokens);
  return { name: "other-store", supplies: { tokens: (ctx) => change(tokens(ctx)) } };
}

const isText = (value: unknown) => value === undefined || typeof value === "string";

/** Checks that what was told has the form that other plugins rely on. */
function assertFacts(facts: Facts | undefined): void {
  if (facts === undefined) return;
  const { room, visitor, proven, place, returnBy, returnWithout = [], ends, ...others } = facts;
  assert.deepEqual(others, {}, "there are no further facts");
  assert.ok([room, visitor, returnBy, ...returnWithout].every(isText), inspect(facts));
  assert.ok(returnBy !== undefined || facts.returnWithout === undefined, inspect(facts));
  assert.ok([undefined, "service", "signature"].includes(proven));
  assert.ok(ends === undefined || ends === true);
  if (place !== undefined) {
    const { position, ahead = 0, waitMs = 0 } = place;
    assert.ok(Number.isSafeInteger(position) && position > 0, `position ${position}`);
    assert.ok(ahead >= 0 && waitMs >= 0);
  }
}

function assertDecision({ reasons, provider }: ProviderWorld, decision: Decision): void {
  assert.ok(decision.reason.startsWith(`${reasons ?? provider.name}/`), decision.reason);
  assertFacts(decision.facts);
  if (decision.action === "queue" || decision.action === "redirect") {
    assert.match(new URL(decision.location).protocol, /^https?:$/);
  }
  if (decision.action === "reject") assert.ok(decision.status >= 400 && decision.status <= 599);
}

/** Faults as they really come. */
const faults: Readonly<Record<string, () => unknown>> = {
  "an error": () => Promise.reject(new TypeError("fetch failed")),
  "an error at once": () => {
    throw new Error("no socket");
  },
  "nothing": () => Promise.reject(undefined),
  "a text": () => Promise.reject("broken"),
  "null": () => Promise.reject(null),
  "an object without a prototype": () => Promise.reject(Object.create(null)),
};

/** Requests of all sorts, for a page and beside it. */
const visits = (page: string) =>
  fc.record({
    path: fc.oneof(fc.constant(""), fc.webPath(), fc.webQueryParameters().map((query) => `?${query}`)),
    cookie: fc.oneof(
      fc.constant(undefined),
      fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
    ),
    method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
  }).map(({ path, cookie, method }) => ({
    visitor: {
      url: path.startsWith("/") ? new URL(`.${path}`, page).href : page + path,
      ...(cookie !== undefined && { cookie }),
    },
    method,
  }));

/**
 * Tests that a provider keeps its contract.
 *
 * @param name What is tested.
 * @param create Makes a provider with a world around it that lets everybody in.
 */
export function providerContract(name: string, create: () => ProviderWorld | Promise<ProviderWorld>): void {
  const contractTest = (title: string, run: (world: ProviderWorld) => Promise<void>): void => {
    // A provider that says it had no time to look is right on a busy machine, and decides otherwise than it would.
    test(`${name} ${title}`, steadily(async () => run(await create())));
  };

  describe(`the provider contract, ${name}`, () => {
    contractTest("says that it always decides, and where its calls go", ({ provider, service }) => {
      assert.equal(provider.final, "decide");
      assert.equal(typeof provider.service, service === undefined ? "undefined" : "string");
      assert.ok(!("recover" in provider) && !("match" in provider));
      return Promise.resolve();
    });

    contractTest("decides about every request, in well-formed words", async (world) => {
      const { visit, errors } = benchOf(world);
      let asked = 0;
      await fc.assert(
        fc.asyncProperty(visits(world.page), async ({ visitor, method }) => {
          const { outcome } = await visit(visitor, { method });
          // A path that servers read in several ways, such as "/.;", comes to no provider.
          if (outcome.decision.reason === "gate/unreadable-url") return;
          asked++;
          assert.equal(outcome.decidedBy, world.provider.name);
          assertDecision(world, outcome.decision);
        }),
        { numRuns: 150 },
      );
      assert.ok(asked > 100, `${asked} requests came to the provider`);
      assert.deepEqual(errors, []);
    });

    contractTest("tells who was let in, to which room, and on what that rests", async (world) => {
      const { outcome, isSync } = await admittedTo(world);
      const { facts } = outcome.decision;
      assert.ok(facts?.visitor, inspect(facts));
      assert.equal(facts.proven, world.isLocal ? "signature" : "service");
      assert.equal(isSync, world.isLocal && !world.awaits);
    });

    contractTest("lets visitors in after it closed who had been let in, and nobody else", async (world) => {
      const visitor = await world.admitted();
      await world.close();
      const { visit, browse } = benchOf(world);
      assert.ok(isAdmission((await browse(visitor)).outcome.decision));
      const { outcome, served } = await visit({ url: world.page });
      assert.ok(!served && ["queue", "reject", "respond"].includes(outcome.decision.action));
      assertDecision(world, outcome.decision);
      assert.equal(outcome.decision.facts?.proven === "signature", false, "nobody brought anything");
    });

    contractTest("takes a forged proof for none", async (world) => {
      const visitor = await world.admitted();
      const forgeries = world.forged(visitor);
      assert.ok(forgeries.length > 0);
      await world.close();
      const { browse, errors } = benchOf(world);
      for (const forgery of forgeries) {
        const { outcome, served } = await browse(forgery);
        const said = `${inspect(forgery)}: ${outcome.decision.reason}`;
        assert.ok(!served && !isAdmission(outcome.decision), said);
        assert.equal(outcome.decision.facts?.proven === "signature", false, said);
      }
      assert.deepEqual(errors, [], "what a visitor brings is no fault");
    });

    contractTest("never takes a spoiled proof for another visitor's", async (world) => {
      const visitor = await world.admitted();
      const { outcome } = await benchOf(world).visit(visitor);
      const known = outcome.decision.facts?.visitor;
      await world.close();
      const { browse, errors } = benchOf(world);
      await fc.assert(
        fc.asyncProperty(
          spoiled(visitor, world.page),
          async (other) => {
            const { outcome: { decision } } = await browse(other);
            assertDecision(world, decision);
            // A part that proves nothing may be spoiled: then the visitor is still the same.
            if (decision.facts?.proven !== undefined && isAdmission(decision)) {
              assert.equal(decision.facts.visitor, known, inspect(other));
            }
          },
        ),
        { numRuns: 150 },
      );
      assert.deepEqual(errors, []);
    });

    contractTest("opens no place for a page that is fetched in advance", async (world) => {
      const visitor = await world.admitted();
      const before = world.places();
      const { visit, errors } = benchOf(world, [passive]);
      for (let count = 0; count < 3; count++) {
        assertDecision(world, (await visit({ url: world.page })).outcome.decision);
      }
      assert.equal(world.places(), before);
      const called = world.service?.calls();
      const { decision } = (await visit(visitor)).outcome;
      const isChecked = world.isLocal || called !== world.service?.calls();
      assert.equal(
        isAdmission(decision),
        isChecked,
        "who has a place goes on, unless nobody was asked about it",
      );
      assert.deepEqual(errors, []);
    });

    contractTest("opens no place and keeps nothing while the gate explains", async (world) => {
      const visitor = await world.admitted();
      const before = world.places();
      const { gate, errors, visit } = benchOf(world);
      for (let count = 0; count < 3; count++) {
        assertDecision(world, (await gate.explain(requestOf({ url: world.page }))).decision);
        assert.ok(isAdmission((await gate.explain(requestOf(visitor))).decision));
      }
      assert.equal(world.places(), before);
      assert.deepEqual(errors, []);
      assert.ok(isAdmission((await visit(visitor)).outcome.decision));
    });

    contractTest("takes its time with a store that answers with thenables", async (world) => {
      const visitor = await world.admitted();
      const { visit, errors } = benchOf(world, [withStore(thenables)]);
      const { outcome } = await visit(visitor);
      assert.ok(isAdmission(outcome.decision), outcome.decision.reason);
      assert.ok(outcome.decision.facts?.visitor);
      await world.close();
      assert.equal((await visit({ url: world.page })).served, false);
      assert.deepEqual(errors, []);
    });

    contractTest("fails, and lets nobody in, when the store fails", async (world) => {
      if (world.keepsOwn === true) return;
      const visitor = await world.admitted();
      await world.close();
      for (const [what, fault] of Object.entries(faults)) {
        // What the types forbid is what a broken store does.
        const broken = () => fault() as Promise<never>;
        const plugin = withStore((store) => ({ ...store, read: broken, write: broken, remove: broken }));
        const { visit } = benchOf(world, [plugin]);
        for (const each of [visitor, { url: world.page }]) {
          const { outcome, served } = await visit(each);
          // Somebody who has nothing to read or to keep can be sent to wait without the store.
          if (outcome.failure === undefined) assert.ok(!isAdmission(outcome.decision), what);
          assert.equal(served, false, what);
        }
      }
    });

    contractTest("keeps visitors apart who come at the same time", async (world) => {
      const visitors = [await world.admitted(), await world.admitted()];
      const { visit, errors } = benchOf(world);
      const names: (string | undefined)[] = [];
      for (const visitor of visitors) names.push((await visit(visitor)).outcome.decision.facts?.visitor);
      assert.notEqual(names[0], names[1]);
      await world.close();
      const all = Array.from({ length: 60 }, async (_, at) => {
        const visitor = visitors[at % 3];
        const { outcome } = await visit(visitor ?? { url: world.page });
        assert.equal(isAdmission(outcome.decision), visitor !== undefined);
        if (visitor !== undefined) assert.equal(outcome.decision.facts?.visitor, names[at % 3]);
        else assert.ok(!names.includes(outcome.decision.facts?.visitor));
      });
      await Promise.all(all);
      assert.deepEqual(errors, []);
    });

    serviceTests(contractTest);
  });

  /** A first look lets a provider learn what it keeps, such as the rooms. */
  async function admittedTo(world: ProviderWorld): Promise<Visit> {
    const { visit } = benchOf(world);
    await visit(await world.admitted());
    const found = await visit(await world.admitted());
    assert.ok(isAdmission(found.outcome.decision), found.outcome.decision.reason);
    return found;
  }
}

/** What a provider with a service does; the others pass. */
function serviceTests(
  contractTest: (title: string, run: (world: ProviderWorld) => Promise<void>) => void,
): void {
  contractTest("fails with a code when its service fails, and tells what it knows", async (world) => {
    const { service } = world;
    if (service === undefined) return;
    const closed = benchOf(world);
    const open = benchOf(world, [], failOpen());
    for (const [what, fault] of Object.entries(faults)) {
      const visitor = await service.asking();
      service.answer(fault);
      const { outcome, served } = await closed.visit(visitor);
      assert.equal(served, false, what);
      const { failure } = outcome;
      assert.ok(failure instanceof GateError, what);
      assertFacts(failure.facts);
      const { fallback } = failure;
      if (fallback?.location !== undefined) assert.match(new URL(fallback.location).protocol, /^https?:$/);
      assert.ok(isAdmission((await open.visit(visitor)).outcome.decision), what);
      service.answer();
      // A provider may spare a service that just failed.
      closed.clock.now += 10_000;
      assert.equal((await closed.visit(visitor)).outcome.failure, undefined, "the service is back");
    }
  });

  contractTest("says nothing in its failures by which a visitor could be known", async (world) => {
    const { service } = world;
    if (service === undefined) return;
    const { visit, errors } = benchOf(world);
    const visitor = await world.admitted();
    const known = (await visit(visitor)).outcome.decision.facts?.visitor;
    assert.ok(known);
    service.answer(() => Promise.reject(new TypeError("fetch failed")));
    await visit(visitor);
    await visit(await service.asking());
    assert.ok(errors.length > 0);
    for (const error of errors) {
      assert.ok(!inspect(error, { depth: 9, showHidden: false }).includes(known));
      assert.ok(!JSON.stringify(error).includes(known));
    }
  });

  contractTest("calls its service through the gate alone, so that a guard can refuse it", async (world) => {
    const { service, provider } = world;
    if (service === undefined) return;
    const visitor = await service.asking();
    const before = service.calls();
    const { visit } = benchOf({ ...world, provider: guarded(provider, refusing) });
    for (let count = 0; count < 3; count++) {
      const { outcome, served } = await visit(visitor);
      assert.equal(served, false);
      assert.equal(outcome.failure?.code, "overloaded");
    }
    assert.equal(service.calls(), before);
  });

  contractTest("goes on without its service where it needs none", async (world) => {
    const { service, provider } = world;
    if (service === undefined || !world.isLocal) return;
    // What was learnt before the outage is still known.
    await benchOf(world).visit(await world.admitted());
    service.answer(() => Promise.reject(new TypeError("fetch failed")));
    const { visit } = benchOf({ ...world, provider: guarded(provider, refusing) });
    const { outcome } = await visit(await world.admitted());
    assert.ok(isAdmission(outcome.decision), outcome.decision.reason);
  });
}

/** What a visitor brings, with one character changed, taken away or added. */
function spoiled({ url, cookie = "" }: Visitor, page: string): fc.Arbitrary<Visitor> {
  const character = fc.constantFrom(..."aZ09._-~=%&;|");
  const change = fc.tuple(fc.nat(), fc.nat({ max: 2 }), character);
  const spoil = (text: string, [where, size, by]: readonly [number, number, string]) => {
    const at = where % (text.length + 1);
    return text.slice(0, at) + by.slice(0, size === 2 ? 0 : 1) + text.slice(at + (size === 0 ? 0 : 1));
  };
  return change.map((by) => {
    const query = url.slice(page.length);
    return {
      url: query === "" ? url : page + spoil(query, by).replaceAll("#", ""),
      ...(cookie !== "" && { cookie: spoil(cookie, by) }),
    };
  });
}
