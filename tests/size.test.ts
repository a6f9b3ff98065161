import { strict as assert } from "node:assert";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

for (const from of ["./src/gate.ts", "./mod.ts"]) {
  test(
    `createGate of ${from} stays small once bundled, minified and compressed`,
    { skip: !isNode },
    async () => {
      const { build } = await import("esbuild");
      const { outputFiles } = await build({
        stdin: {
          contents: `export { createGate } from "${from}";`,
          resolveDir: fileURLToPath(new URL("..", import.meta.url)),
        },
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        write: false,
      });
      const bytes = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
      assert.ok(bytes > 1000 && bytes < 5800, `${bytes} bytes`);
    },
  );
}
