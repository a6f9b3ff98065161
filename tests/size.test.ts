import { strict as assert } from "node:assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

/** What was reached and three in a hundred more, in bytes. `bench/NOTES.md` says what they are made of. */
const bounds: readonly (readonly [name: string, from: string, bytes: number])[] = [
  ["createGate", "./src/gate.ts", 27_600],
  ["createGate", "./mod.ts", 27_600],
  ["crowdhandler", "./plugins/crowdhandler/mod.ts", 30_600],
  ["queueIt", "./plugins/queue-it/mod.ts", 45_500],
];

for (const [name, from, bound] of bounds) {
  test(
    `${name} of ${from} stays small once bundled, minified and compressed, with all that it needs`,
    { skip: !isNode },
    async () => {
      const { measure } = await import("../scripts/_sizes.ts");
      const root = fileURLToPath(new URL("..", import.meta.url));
      const { gzipped } = await measure(`export { ${name} } from "${from}";`, root);
      assert.ok(gzipped > 1000 && gzipped < bound, `${gzipped} bytes`);
    },
  );
}
