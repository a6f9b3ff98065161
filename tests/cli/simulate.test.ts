import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { stanchion } from "./_run.ts";

const small = ["simulate", "--people", "2000", "--within", "2", "--minutes", "6"];

describe("stanchion simulate", () => {
  test("tells how long it takes, what the store has to do, and what is seen at the door", async () => {
    const { code, out, err } = await stanchion([...small, "--rate", "120"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^2,000 people come within 2 min\. 120 a minute are let in\.\n60 % are still there/);
    assert.match(out, /minute {2}waiting .*front .*inside .*let in\/min\n {6}1 {2}#+ /);
    assert.match(
      out,
      /How long {9}After 6 min \d+ are in and \d+ wait\. At this pace the last one is let in after \d+ min\./,
    );
    assert.match(out, /The store {8}[\d,]+ calls, [\d.]+ a second/);
    assert.match(out, /At the door {6}never more than the limits/);
    assert.match(out, /Seed 1: the same again with --seed 1\.\n$/);
  });

  test("ends as soon as everybody is in, and says the same as JSON", async () => {
    const { code, out } = await stanchion([
      ...small,
      "--rate",
      "3000",
      "--stay",
      "100",
      "--suspended",
      "0",
      "--seed",
      "9",
      "--json",
    ]);
    const sale = JSON.parse(out);
    assert.deepEqual([code, sale.isSeen, sale.admitted, sale.waiting, sale.seed], [0, true, 2000, 0, 9]);
    assert.ok(sale.lastAfterMinutes < 6);
    assert.equal(sale.lastAfterMinutes, sale.simulatedMinutes);
    assert.ok(Object.values(sale.violations).every((count) => count === 0));
  });

  test("is the same for one seed, and another for another", async () => {
    const [one, again, other] = await Promise.all(
      ["1", "1", "2"].map((seed) => stanchion([...small, "--seed", seed])),
    );
    assert.equal(one?.out, again?.out);
    assert.notEqual(one?.out, other?.out);
  });

  test("never lets more in than the capacity, and takes the rate from it where none is given", async () => {
    const { out } = await stanchion([...small, "--capacity", "150", "--json"]);
    const { options, peak } = JSON.parse(out);
    assert.deepEqual([options.rate, peak.inside], [150, 150]);
  });

  test("says every ten seconds how far it is, beside the output", async () => {
    const clock = { now: 0 };
    const ticking = { now: () => clock.now += 500 };
    const sale = await stanchion([...small, "--rate", "600", "--json"], {}, {}, ticking);
    assert.equal(JSON.parse(sale.out).options.people, 2000);
    assert.match(sale.err, /^0 of at most 6 minutes are simulated …\n0 of .*\n1 of /);
    const one = await stanchion(["simulate", "--scenario", "use-60", "--quick"], {}, {}, ticking);
    assert.match(one.err, /^use-60: 0 of at most \d+ minutes are simulated …\n/);
    const steps = { now: () => clock.now += 10_000 };
    const many = await stanchion(["simulate", "--scenario", "worlds", "--quick"], {}, {}, steps);
    assert.match(many.err, /^worlds: 1 of at most 4 worlds are simulated …\nworlds: 2 of /);
  });

  test("lists the scenarios, for people and as JSON", async () => {
    const { code, out } = await stanchion(["simulate", "--scenario", "list"]);
    assert.equal(code, 0);
    assert.match(out, /^worlds +random worlds: .* \(W43\)$/m);
    const names = JSON.parse((await stanchion(["simulate", "--scenario", "list", "--json"])).out);
    assert.equal(names.length, out.trimEnd().split("\n").length);
    assert.deepEqual(Object.keys(names[0]), ["name", "rules", "about"]);
  });

  test("tries a scenario, each figure beside its bound", async () => {
    const { code, out } = await stanchion(["simulate", "--scenario", "use-60", "--quick"]);
    assert.equal(code, 0);
    assert.match(out, /^use-60 \(W45\): 60 a minute/);
    assert.match(out, /^ {2}ok {6} +[\d.]+ ≥ 0\.997 +admitted of what the rate allows$/m);
    assert.match(out, /events in [\d.]+ s\n\n1 scenarios?, all within their bounds\n$/);
    const { ok, scenarios } = JSON.parse(
      (await stanchion(["simulate", "--scenario", "use-60", "--quick", "--json"])).out,
    );
    assert.deepEqual([ok, scenarios.length, scenarios[0].ok, scenarios[0].wrong], [true, 1, true, []]);
  });

  const mistakes: readonly (readonly [name: string, args: readonly string[], message: RegExp])[] = [
    [
      "an unknown scenario",
      ["--scenario", "word"],
      /There is no scenario "word"; did you mean worlds\?|There is no scenario "word"; there are all, list/,
    ],
    [
      "a scenario and a crowd",
      ["--scenario", "all", "--people", "5"],
      /--people and --scenario exclude each other/,
    ],
    ["a quick on-sale", ["--quick"], /--quick goes with --scenario/],
    ["no number", ["--people", "many"], /--people must be a whole number from 1 to 100000000, received many/],
    ["half a person", ["--people", "1.5"], /--people must be a whole number/],
    ["a negative rate", ["--rate=-1"], /--rate must be a number from 0\.01 to 600000, received -1/],
    ["a rate that is too high", ["--rate", "1e9"], /--rate must be a number/],
    ["more than everybody", ["--stay", "101"], /--stay must be a number from 0 to 100/],
    [
      "more people than can come one after the other",
      ["--people", "100000000", "--within", "5"],
      /In 60 minutes 100000000 people would come one after the other, and at most 10000000 can be simulated: .*--within 0/,
    ],
    [
      "more people than can be let in one after the other",
      ["--people", "100000000", "--rate", "600000", "--minutes", "30"],
      /In 30 minutes 18000000 people might be let in, and at most 10000000 can be simulated: take fewer --minutes/,
    ],
    ["no room", ["--capacity", "0"], /--capacity must be a whole number from 1 to 1000000/],
    ["a word", ["now"], /What is "now"\? simulate takes options only/],
    ["an option of another command", ["--url", "https://a.b/"], /simulate has no option --url/],
    ["a slip", ["--peopel", "5"], /simulate has no option --peopel; did you mean --people\?/],
  ];
  for (const [name, args, message] of mistakes) {
    test(`refuses ${name}`, async () => {
      const { code, out, err } = await stanchion(["simulate", ...args]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, message);
    });
  }
});
