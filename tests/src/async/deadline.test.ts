import { strict as assert } from "node:assert";
import { test } from "node:test";
import { withDeadline } from "../../../src/async/deadline.ts";

test("withDeadline() takes a time that no timer knows for a long one", async () => {
  for (const timeoutMs of [Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const work = new Promise<string>((resolve) => setTimeout(() => resolve("done"), 5));
    assert.equal(await withDeadline(work, timeoutMs, "work"), "done");
  }
});
