import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ownKeyFinder } from "../../src/pipeline/own-key.ts";

const key = Symbol("own");

/** Keeps something under the symbol, unless it is told not to. */
class Keeper {
  constructor(keeps: boolean) {
    if (keeps) Object.assign(this, { [key]: 1 });
  }
}

class Plain {}

test("ownKeyFinder() finds the symbol of a class also behind an object that lacks it", () => {
  const find = ownKeyFinder("own", () => new Keeper(true));
  assert.equal(find(new Keeper(false)), undefined);
  assert.equal(find(new Keeper(false)), undefined);
  assert.equal(find(new Keeper(true)), key);
  assert.equal(find(new Keeper(false)), key, "it is known of the class");
});

test("ownKeyFinder() knows of a class that keeps nothing by one object that it makes, and of others nothing", () => {
  let made = 0;
  const find = ownKeyFinder("own", () => {
    made++;
    return new Plain();
  });
  for (let at = 0; at < 3; at++) assert.equal(find(new Plain()), undefined);
  assert.equal(find(new Keeper(false)), undefined);
  assert.equal(find(new Keeper(false)), undefined);
  assert.equal(made, 2, "one for each class");
  assert.equal(find(new Keeper(true)), key);
  assert.equal(find(Object.create(null)), undefined);
});
