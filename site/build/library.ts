/** The package as modules for browsers, which the playground imports: an entry point is a file, what several need is shared. */

import { build } from "esbuild";
import { nameOf } from "./api.ts";
import { entryPoints, root } from "./paths.ts";

/** The modules that there are. */
export type Library = Readonly<Record<string, string>>;

/**
 * Bundles each entry point that needs nothing of Node.
 *
 * @param folder Where to.
 * @returns The files by what one imports from.
 */
export async function writeLibrary(folder: string): Promise<Library> {
  const entries = Object.entries(entryPoints()).map(([subpath, file]) => ({
    name: nameOf(subpath),
    file,
  }));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map(({ name, file }) => ({
      in: file,
      out: name.replaceAll("/", "."),
    })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    keepNames: true,
    external: ["node:*", "cloudflare:*"],
    metafile: true,
    logLevel: "error",
  });
  const outputs = Object.values(metafile.outputs);
  return Object.fromEntries(entries.flatMap(({ name, file }) => {
    const output = outputs.find(({ entryPoint }) => entryPoint === file.slice(2));
    const isForBrowsers = output?.imports.every(({ path }) => !/^(?:node|cloudflare):/.test(path)) ?? false;
    return isForBrowsers ? [[name, `${name.replaceAll("/", ".")}.js`]] : [];
  }));
}
