/** How large the parts of the package are in a visitor's or an edge platform's bundle. */

import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type BuildOptions } from "esbuild";

/** The size of a bundle. */
export interface Size {
  /** Minified, in bytes. */
  readonly bytes: number;
  /** Minified and compressed, in bytes. */
  readonly gzipped: number;
}

/** How bundles are made. */
const options = {
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  write: false,
  logLevel: "error",
  external: ["node:*"],
} as const satisfies BuildOptions;

/** Bundles and minifies a module into one file, with what it loads later: so Workers have it. */
export async function measure(contents: string, resolveDir: string, more: BuildOptions = {}): Promise<Size> {
  const { outputFiles } = await build({ stdin: { contents, resolveDir }, ...options, ...more });
  return sizeOf(outputFiles?.[0]?.contents ?? new Uint8Array());
}

/** The same where a bundle is split, of what is loaded at first: what is imported later has files of its own. */
export async function measureFirst(contents: string, resolveDir: string): Promise<Size> {
  const outdir = join(resolveDir, "out");
  const stdin = { contents, resolveDir };
  const { outputFiles, metafile: { outputs } } = await build({
    stdin,
    ...options,
    splitting: true,
    metafile: true,
    outdir,
  });
  const first = new Set(Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === "<stdin>"));
  // What is put in is looked at as well.
  for (const name of first) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === "import-statement" && path in outputs) first.add(path);
    }
  }
  const files = new Set([...first].map((name) => basename(name)));
  const sizes = outputFiles.filter(({ path }) => files.has(basename(path))).map(({ contents }) =>
    sizeOf(contents)
  );
  const sum = (of: (size: Size) => number) => sizes.reduce((total, each) => total + of(each), 0);
  return { bytes: sum(({ bytes }) => bytes), gzipped: sum(({ gzipped }) => gzipped) };
}

function sizeOf(bundle: Uint8Array): Size {
  return { bytes: bundle.length, gzipped: bundle.length === 0 ? 0 : gzipSync(bundle, { level: 9 }).length };
}

/** A table of what each module brings along, with and without the packages that it uses, and of that what is loaded at first. */
export async function sizeTable(names: readonly string[], resolveDir: string): Promise<string> {
  const modules: readonly (readonly [title: string, contents: string])[] = [
    ["createGate", 'export { createGate } from "stanchion";'],
    ...names.map((name) => [name, `export * from "${name}";`] as const),
  ];
  const foreign = ["hono", "hono/*", "@hono/*", "lean-qr", "valibot", "@noble/*", "node:*"];
  const lines = await Promise.all(modules.map(async ([title, contents]) => {
    const whole = await measure(contents, resolveDir);
    const own = await measure(contents, resolveDir, { external: foreign });
    const first = await measureFirst(contents, resolveDir);
    return `${title.padEnd(28)}${kilobytes(own.gzipped)}${kilobytes(whole.gzipped)}${
      kilobytes(first.gzipped)
    }`;
  }));
  return [
    `${"kB minified and gzipped".padEnd(28)}${"own".padStart(8)}${"all".padStart(8)}${"first".padStart(8)}`,
    ...lines,
  ].join(
    "\n",
  );
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1).padStart(8);
}
