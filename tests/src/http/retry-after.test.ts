import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfter } from "../../../src/http/retry-after.ts";

test("retryAfter() never tells less than what is asked for, nor more than half as much again", () => {
  const table: readonly [seconds: number, random: number, told: string][] = [
    [60, 0, "60"],
    [60, 0.5, "75"],
    [60, 0.999_999, "90"],
    [1, 0.999_999, "1"],
    [5, 0.999_999, "7"],
    [0, 0.999_999, "0"],
    [86_400, 0.999_999, "129600"],
  ];
  for (const [seconds, random, told] of table) assert.equal(retryAfter(seconds, () => random), told);
});

test("retryAfter() spreads those who are refused together", () => {
  const told = new Set(Array.from({ length: 500 }, () => retryAfter(60, Math.random)));
  assert.ok(told.size > 20, `${told.size} different times`);
});
