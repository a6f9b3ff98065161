/** The reference of the API, from the JSDoc of every entry point of the package. */

import { readdirSync, readFileSync } from "node:fs";
import { Application, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { entryPoints, root } from "./paths.ts";

/** A page of the reference. */
export interface ApiPage {
  /** What one imports from, such as `stanchion/waiting-room`. */
  readonly name: string;
  /** Its file, within the folder of the reference. */
  readonly file: string;
}

/** What one imports from, for a subpath of the manifest. */
export function nameOf(subpath: string): string {
  return `stanchion${subpath.slice(1)}`;
}

/**
 * Writes the reference.
 *
 * @param folder Where to.
 * @returns Its pages, in the order of the manifest.
 * @throws {Error} When an entry point is missing in it.
 */
export async function writeApi(folder: string): Promise<readonly ApiPage[]> {
  const entries = Object.entries(entryPoints());
  const options: Partial<TypeDocOptions & PluginOptions> = {
    entryPoints: entries.map(([, file]) => `${root}${file.slice(2)}`),
    tsconfig: `${root}tsconfig.json`,
    basePath: root,
    // Types are checked by npm run check, with the compiler of the project.
    skipErrorChecking: true,
    plugin: ["typedoc-plugin-markdown"],
    router: "module",
    outputs: [{ name: "markdown", path: folder }],
    readme: "none",
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: "table",
    // What one calls, before the types of what it takes.
    groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables"],
    logLevel: "Error",
  };
  const application = await Application.bootstrapWithPlugins(options);
  const project = await application.convert();
  if (project === undefined) {
    throw new Error("TypeDoc could not read the entry points");
  }
  const names = new Map(
    entries.map(([subpath, file]) => [file.slice(2, -3), fileNameOf(subpath)]),
  );
  for (const child of project.children ?? []) {
    child.name = names.get(child.name) ?? child.name;
  }
  await application.generateOutputs(project);
  const written = new Set(readdirSync(folder));
  return entries.map(([subpath]) => {
    const file = `${fileNameOf(subpath)}.md`;
    if (!written.has(file)) {
      throw new Error(`The reference has no page for ${nameOf(subpath)}`);
    }
    return { name: nameOf(subpath), file };
  });
}

/** A name that is one file: `stanchion.waiting-room.redis`. */
function fileNameOf(subpath: string): string {
  return nameOf(subpath).replaceAll("/", ".");
}

/** A page of the reference: with the name that one imports from as its heading, and without words that say nothing. */
export function apiText(folder: string, { name, file }: ApiPage): string {
  return readFileSync(`${folder}/${file}`, "utf8")
    .replace(/^# .+$/m, `# ${name}`)
    .replaceAll(
      /^#{3,6} Default\n\n```ts\n(?:\{([\s\S]*?)\}|([\s\S]*?))\n```$/gm,
      (_, inner, bare) => {
        const value = String(inner ?? bare).replaceAll(/\s+/g, " ");
        return `Default: ${/^[^ `]+$/.test(value) ? `\`${value}\`` : value}`;
      },
    )
    .replace(
      /^## References$/m,
      "## The contract\n\nTypes that signatures of this module name, from `stanchion`:",
    )
    .replaceAll(
      /^### \S+\n\nRe-exports (\[[^\n]+)\n*(?:\*\*\*\n*)?/gm,
      "- $1\n",
    );
}
