/** The installed package in bundles: by rollup, which takes nothing but modules, and by esbuild, for its size. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Plugin, rollup } from "rollup";
import { check, must } from "./_checks.ts";
import { measure, sizeTable } from "./_sizes.ts";

/** An export of a manifest: a file, or one for each condition. */
type Target = string | { readonly import?: Target; readonly default?: Target };

/** The entry points that may load a package; whatever is not named may be loaded by all of them. */
const users: Readonly<Record<string, readonly string[]>> = {
  hono: ["./hono", "./sandbox"],
  "lean-qr": ["./waiting-room"],
  valibot: ["./crowdhandler", "./operations", "./queue-it", "./sandbox", "./waiting-room/board"],
  "@opentelemetry/api": ["./open-telemetry"],
  "@hono/node-server": [],
};

/**
 * Bundles each entry point.
 *
 * @param name The package's name.
 * @param exports Its entry points: the files of its own by their subpaths.
 * @param project Where it is installed, with the packages that it needs.
 * @param node What runs the bundles: the oldest Node that there is.
 */
export async function checkBundles(
  name: string,
  exports: Readonly<Record<string, { readonly default: string }>>,
  project: string,
  node: string,
): Promise<void> {
  for (const [subpath, { default: file }] of Object.entries(exports)) {
    const title = name + subpath.slice(1);
    await check(`rollup bundles ${title} without a plugin, and loads only the packages it uses`, async () => {
      const { imports } = await bundle(join(project, "node_modules", name, file), []);
      const packages = new Set(imports.map(packageOf));
      const surplus = [...packages].filter((each) => users[each]?.includes(subpath) === false);
      if (surplus.length > 0) throw new Error(`it loads ${surplus.join(", ")}`);
      return [...packages].join(", ");
    });
    await check(`rollup bundles ${title} and its packages, which are modules, and Node runs it`, async () => {
      const plugins = subpath === "./open-telemetry" ? [] : [packages(project)];
      const { code, imports } = await bundle(join(project, "node_modules", name, file), plugins);
      const left = imports.filter((each) => !each.startsWith("node:") && each !== "@opentelemetry/api");
      if (left.length > 0) throw new Error(`${left.join(", ")} is left`);
      writeFileSync(join(project, "bundle.js"), code);
      writeFileSync(
        join(project, "same.js"),
        `const [bundled, own] = [await import("./bundle.js"), await import("${title}")].map(Object.keys);
if (bundled.join() !== own.join()) throw new Error(bundled + " is not " + own);`,
      );
      await must(node, ["same.js"], project);
    });
    await check(`import "${title}" bundles to nothing`, async () => {
      const { bytes } = await measure(`import "${title}";`, project);
      if (bytes > 0) throw new Error(`${bytes} bytes are left`);
    });
  }
  const titles = Object.keys(exports).map((subpath) => name + subpath.slice(1));
  console.log(`\n${await sizeTable(titles, project)}`);
}

/** A bundle of one file, in which rollup finds nothing to remark on. */
async function bundle(input: string, plugins: readonly Plugin[]) {
  const remarks: string[] = [];
  const built = await rollup({
    input,
    plugins: [...plugins],
    external: plugins.length === 0 ? (id) => /^[@a-z]/.test(id) : /^(?:node:|@opentelemetry\/)/,
    onLog: (_, { message }) => void remarks.push(message),
  });
  const { output } = await built.generate({ format: "es", inlineDynamicImports: true });
  await built.close();
  if (remarks.length > 0) throw new Error(remarks.join("\n"));
  const [{ code, imports }] = output;
  return { code, imports };
}

function packageOf(specifier: string): string {
  return specifier.startsWith("node:") ? "node" : /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
}

/** Finds packages as modules do, and nothing more: CommonJS stays what it is, and then rollup complains. */
function packages(project: string): Plugin {
  return {
    name: "packages",
    resolveId(specifier) {
      if (!/^[@a-z]/.test(specifier) || specifier.startsWith("node:")) return null;
      const name = packageOf(specifier);
      const folder = join(project, "node_modules", name);
      if (!existsSync(folder)) throw new Error(`${specifier} is not installed`);
      // Whatever a package offers, its manifest has one of these forms.
      const { exports, module, main } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        readonly exports?: Readonly<Record<string, Target>>;
        readonly module?: string;
        readonly main?: string;
      };
      const subpath = `.${specifier.slice(name.length)}`;
      return join(folder, fileOf(exports?.[subpath] ?? exports ?? module ?? main ?? "index.js"));
    },
  };
}

function fileOf(target: Target): string {
  return typeof target === "string" ? target : fileOf(target.import ?? target.default ?? "");
}
