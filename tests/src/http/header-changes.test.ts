import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseControls } from "../../../src/http/header-changes.ts";

test("refuseControls() refuses the characters that no field has, wherever they stand, and no others", () => {
  for (let code = 0; code <= 0x1ff; code++) {
    const character = String.fromCharCode(code);
    const isRefused = (code < 0x20 && !"\t\n\r".includes(character)) || code === 0x7f;
    for (const value of [character, `a${character}`, `${character}b`, `a${character}b`, `é${character}`]) {
      const refuse = () => refuseControls(value);
      if (isRefused) assert.throws(refuse, TypeError, `${code}`);
      else assert.doesNotThrow(refuse, `${code}`);
    }
  }
});
