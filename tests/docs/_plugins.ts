import { existsSync, readdirSync } from "node:fs";
import { root } from "./_blocks.ts";

/** A plugin of the project. */
export interface PluginFile {
  /** In kebab-case, as in its reasons. */
  readonly name: string;
  /** What others import: its file, or the `mod.ts` of its folder, from the root. */
  readonly face: string;
  /** The files in which its options may stand, from the root. */
  readonly sources: readonly string[];
}

/** All plugins: the files of `plugins/`, and its folders. */
export function pluginFiles(): readonly PluginFile[] {
  return readdirSync(`${root}plugins`, { withFileTypes: true }).map((entry) => {
    if (entry.isFile()) {
      const face = `plugins/${entry.name}`;
      return { name: entry.name.replace(/\.ts$/, ""), face, sources: [face] };
    }
    const folder = `plugins/${entry.name}`;
    if (!existsSync(`${root}${folder}/mod.ts`)) throw new Error(`${folder} has no mod.ts`);
    const files = readdirSync(`${root}${folder}`).filter((file) => file.endsWith(".ts"));
    return { name: entry.name, face: `${folder}/mod.ts`, sources: files.map((file) => `${folder}/${file}`) };
  });
}
