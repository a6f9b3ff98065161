import assert from "node:assert/strict";
import { test } from "node:test";
import { warnOnce } from "../../../src/options/warn-once.ts";

test("warnOnce() tells each thing once, and no more than a hundred things", () => {
  const said: string[] = [];
  const warn = warnOnce((message) => void said.push(message));
  const messages = Array.from({ length: 110 }, (_, at) => `warning ${at}`);
  for (const message of [...messages, ...messages]) warn(message);
  assert.deepEqual(said, messages.slice(0, 100));
});

test("warnOnce() lets nothing fail because a remark cannot be made", async () => {
  warnOnce(() => {
    throw new Error("the log is full");
  })("a");
  warnOnce(() => Promise.reject(new Error("the log is full")) as never)("a");
  await new Promise((resolve) => setTimeout(resolve));
});
