import assert from "node:assert/strict";
import { test } from "node:test";
import { createNonces } from "../../../plugins/waiting-room/page/nonces.ts";

test("createNonces() gives each page 120 bits of its own, over several draws", () => {
  const newNonce = createNonces();
  const nonces = Array.from({ length: 1000 }, newNonce);
  assert.equal(new Set(nonces).size, 1000);
  for (const nonce of nonces) assert.match(nonce, /^[\w-]{20}$/);
});
