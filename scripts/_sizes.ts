/** How large the parts of the package are in a visitor's or an edge platform's bundle. */

import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";

/** The size of a bundle. */
export interface Size {
  /** Minified, in bytes. */
  readonly bytes: number;
  /** Minified and compressed, in bytes. */
  readonly gzipped: number;
}

/** Bundles and minifies a module. */
export async function measure(contents: string, resolveDir: string, more: BuildOptions = {}): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
    external: ["node:*"],
    ...more,
  });
  const bundle = outputFiles?.[0]?.contents ?? new Uint8Array();
  return { bytes: bundle.length, gzipped: bundle.length === 0 ? 0 : gzipSync(bundle, { level: 9 }).length };
}

/** A table of what each module brings along, with and without the packages that it uses. */
export async function sizeTable(names: readonly string[], resolveDir: string): Promise<string> {
  const modules: readonly (readonly [title: string, contents: string])[] = [
    ["createGate", 'export { createGate } from "stanchion";'],
    ...names.map((name) => [name, `export * from "${name}";`] as const),
  ];
  const foreign = ["hono", "hono/*", "@hono/*", "lean-qr", "valibot", "@noble/*", "node:*"];
  const lines = await Promise.all(modules.map(async ([title, contents]) => {
    const whole = await measure(contents, resolveDir);
    const own = await measure(contents, resolveDir, { external: foreign });
    return `${title.padEnd(28)}${kilobytes(own.gzipped)}${kilobytes(whole.gzipped)}`;
  }));
  return [`${"kB minified and gzipped".padEnd(28)}${"own".padStart(8)}${"all".padStart(8)}`, ...lines].join(
    "\n",
  );
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1).padStart(8);
}
