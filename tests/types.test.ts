import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

test(
  "the types allow what tests/types uses and refuse what it marks as misuse",
  { skip: !isNode },
  async () => {
    const root = fileURLToPath(new URL("..", import.meta.url));
    const compiler = fileURLToPath(
      import.meta.resolve("typescript/package.json").replace("package.json", "bin/tsc"),
    );
    const { execPath } = await import("node:process");
    const args = [compiler, "--noEmit", "--pretty", "false", "-p", "tests/types"];
    const { status, stdout } = spawnSync(execPath, args, { cwd: root, encoding: "utf8" });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  },
);
