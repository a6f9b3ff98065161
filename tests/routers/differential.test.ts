import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createGate, failClosed, type Plugin } from "../../mod.ts";
import { readingsOf } from "../../src/url/readings.ts";
import { isCanonical } from "../../src/url/request-url.ts";
import { runtimePlace, share } from "../support/runtime-share.ts";
import { randomOf } from "../torture/_tools.ts";
import { exemptingGuardsOf, refuses, requestFor } from "./_gates.ts";
import { type Route, routes } from "./_routes.ts";
import { spellingOf } from "./_spellings.ts";
import { createBench, describeLeak, newTrial, tryMany, tryOne } from "./_trial.ts";

/** Each runtime has spellings of its own. */
const seed = 20_260_711 + 10 * runtimePlace;

/** The target of a route as everybody writes it. */
function targetOf({ path, query }: Route): string {
  return encodeURI(path) + (query === undefined ? "" : `?${query[0]}=${encodeURIComponent(query[1])}`);
}

describe("routers and gates are asked about the same URLs", () => {
  test("every router serves every route as it is written, and nothing else as one", () => {
    const origin = "http://shop.example.com";
    for (const oracle of createBench().oracles) {
      for (const route of routes) {
        const target = targetOf(route);
        assert.equal(oracle.serves(target, origin + target), route.name, `${oracle.name}: ${target}`);
      }
      for (
        const target of [
          "/",
          "/nothing",
          "/shop",
          "/basket?buy=8",
          "/basket",
          "/seats",
          "/ticket",
          "/x/tickets",
        ]
      ) {
        assert.equal(oracle.serves(target, origin + target), undefined, `${oracle.name}: ${target}`);
      }
    }
  });

  test("no spelling leads past a gate to a page that a router serves", async () => {
    const trial = newTrial();
    const count = share(20_000);
    await tryMany(createBench(), trial, seed, count);
    assert.deepEqual(trial.leaks.map(describeLeak), []);
    assert.equal(trial.spellings, count);
    // Each router takes many of them for a page: otherwise nothing was tried.
    for (const [name, served] of trial.servedBy) assert.ok(served > count / 4, `${name}: ${served}`);
  });

  test("no spelling of a protected page passes for one that needs no protection", async () => {
    const trial = newTrial();
    const count = share(10_000);
    await tryMany(createBench(exemptingGuardsOf), trial, seed + 1, count);
    assert.deepEqual(trial.leaks.map(describeLeak), []);
    assert.ok(trial.gated > count);
  });

  test("a gate that reads the URL in one way only is found out", async () => {
    const naive = (route: Route) => {
      const plugin: Plugin = {
        name: "naive",
        final: "decide",
        decide: (ctx) =>
          ctx.path === encodeURI(route.path)
            ? { action: "reject", reason: "naive/closed", status: 403 }
            : { action: "admit", reason: "naive/open" },
      };
      return [{ name: "naive", gate: createGate({ plugins: [failClosed(), plugin] }), isSync: true }];
    };
    const trial = newTrial();
    await tryMany(createBench(naive), trial, seed, 2000);
    assert.ok(trial.leaks.length >= 50);
  });

  /** What got past once, or nearly did: one line for each way of reading. */
  const found: readonly string[] = [
    "/tic%E2%84%AAets",
    "/CaFF%C3%A8;/%25",
    "/MEN%C3%99",
    "/late+night",
    "/%2F%6D%65%6d%62%65%72%73%2f%61%72%65%61%2F%2e%2e?;",
    "/MEMBERS/AREA/..;/?/../..",
    "/shop/tickets/x//.%2e/;/checkout",
    "/%ed%a0%802E%2E%252Fx;a=1/%2E.;a=1/late%20night",
    "/;/;a=1%5c\uff0e%5C;/late%20night",
    "/;%00a/late%20night?/../..",
    "/\x85%5Cx\\%2e.%2fSale2026",
    "/basket?a=#&%62%75%79=%37",
    "/basket#buy=7",
    "/basket;buy=7",
    "/search?show=late+night",
    "/search?%73how=%6cate %6Ei%67h%74#",
    "/caff%25C3%25A8/ ",
    "/caffè\ufeff",
    "/%\r2E%2Ftickets",
    "/x?/../tickets",
    "/x?/..//tickets",
  ];
  test("spellings that were found are refused", async () => {
    const bench = createBench();
    const trial = newTrial();
    for (const target of found) await tryOne(bench, trial, target);
    assert.deepEqual(trial.leaks.map(describeLeak), []);
  });
});

test("a page that a gate remembers does not cover for another spelling that is parsed alike", async () => {
  const bench = createBench();
  const trial = newTrial();
  // One in some unknown pages is remembered.
  for (const target of ["/a", "/a?queueittoken=e_event1~h_0"]) {
    for (let visit = 0; visit < 40; visit++) {
      for (const guard of bench.guards.get("below") ?? []) {
        await refuses(guard, requestFor(`http://shop.example.com${target}`));
      }
    }
    await tryOne(bench, trial, `/members/..${target}`);
    await tryOne(bench, trial, `/members/%2e%2E${target}`);
  }
  assert.ok(trial.gated > 0);
  assert.deepEqual(trial.leaks.map(describeLeak), []);
});

/** Whether a rule holds for a URL as it stands there, in any case. */
function holds({ rule }: Route, url: string): boolean {
  const whole = url.toLowerCase().replaceAll("+", " ");
  const text = rule.on === "url"
    ? whole
    : whole.slice("http://shop.example.com".length).split("?", 1)[0] ?? "";
  return "equals" in rule ? text === rule.equals.toLowerCase() : text.includes(rule.contains.toLowerCase());
}

/** Writes URLs near the routes in which nothing is escaped. */
function plainTarget(route: Route, random: () => number): string {
  const letters = "abkstTKS07._~!$&'()*+,=:@-/";
  let path = route.path;
  for (let change = Math.floor(random() * 3); change > 0; change--) {
    const at = 1 + Math.floor(random() * path.length);
    const letter = letters[Math.floor(random() * letters.length)] ?? "";
    path = path.slice(0, at) + letter + path.slice(at + Math.floor(random() * 2));
  }
  if (random() < 0.3) path = Array.from(path, (char) => random() < 0.5 ? char.toUpperCase() : char).join("");
  return path + (route.query === undefined ? "" : `?${route.query.join("=").replaceAll(" ", "+")}`);
}

test("a URL that counts as canonical is read alike by all routers, and as it stands there", () => {
  const { oracles } = createBench();
  const random = randomOf(seed);
  let plain = 0;
  const count = share(60_000);
  for (let each = 0; each < count; each++) {
    // The remainder is the place of a route.
    const route = routes[each % routes.length] as Route;
    const target = each % 3 === 0 ? spellingOf(route, random) : plainTarget(route, random);
    const url = `http://shop.example.com${target}`;
    if (!isCanonical(url)) continue;
    plain++;
    assert.equal(URL.parse(url)?.href, url);
    assert.deepEqual(readingsOf(url), [url]);
    for (const oracle of oracles) {
      const name = oracle.serves(target, url);
      const served = routes.find((one) => one.name === name);
      assert.ok(served === undefined || holds(served, url), `${oracle.name} takes ${target} for ${name}`);
    }
  }
  assert.ok(plain > count / 6, `${plain}`);
});
