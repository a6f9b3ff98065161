import assert from "node:assert/strict";
import { test } from "node:test";
import { cookieDefaults } from "../../../src/cookie-options.ts";
import { cookieStore } from "../../../src/tokens/cookie-store.ts";
import { contextOf } from "../../support/context-of.ts";

function storeOf(cookie: string, maxBytes = 100, notes?: string[]) {
  const request = new Request("https://shop.example/", { headers: { cookie } });
  return cookieStore(cookieDefaults, maxBytes, () => {})(contextOf(request, [], Date.now, notes));
}

test("cookieStore() gives what was written for a name, and what was sent for all others", () => {
  const store = storeOf("a=1; b=2; b=3; c=%34; c=5");
  void store.write("x", "new");
  assert.deepEqual([store.read("x"), store.read("a"), store.read("b"), store.read("c")], [
    "new",
    "1",
    "3",
    "5",
  ]);
  assert.deepEqual([store.others?.("x"), store.others?.("b"), store.others?.("c")], [[], ["2"], ["4"]]);
  void store.write("y", "newer");
  void store.remove("b");
  assert.deepEqual([store.read("y"), store.read("b"), store.others?.("b"), store.read("a")], [
    "newer",
    undefined,
    [],
    "1",
  ]);
  assert.deepEqual(store.others?.("x"), []);
});

test("cookieStore() takes no token beyond its limit, and says so while the gate explains", () => {
  const notes: string[] = [];
  const store = storeOf(
    `a=${"x".repeat(101)}; b=${"x".repeat(100)}; b=${"y".repeat(100)}; b=${"z".repeat(101)}`,
    100,
    notes,
  );
  assert.equal(store.read("a"), undefined);
  assert.equal(store.read("b"), undefined);
  assert.deepEqual(store.others?.("b"), ["y".repeat(100), "x".repeat(100)]);
  assert.deepEqual(notes, [
    'the cookie "a" is too long and counts as absent',
    'the cookie "b" is too long and counts as absent',
  ]);
});

test("cookieStore() warns on the console where no other listener is given", () => {
  const said: unknown[] = [];
  const { warn } = console;
  console.warn = (message) => void said.push(message);
  try {
    const ctx = contextOf(new Request("http://shop.example/"));
    void cookieStore(cookieDefaults)(ctx).write("a", "1");
  } finally {
    console.warn = warn;
  }
  assert.match(String(said), /^cookies: no browser keeps a "Secure" cookie/);
});
