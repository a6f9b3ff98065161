/** Where things are, and which page of the site a file of the repository becomes. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root and the site's, with slashes at their ends. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
export const site: string = fileURLToPath(new URL("..", import.meta.url));

/** Where the pages are put together. */
export const pagesFolder: string = `${site}.pages/`;
/** What is at the site as it is: pictures, modules, and pages for programs. */
export const publicFolder: string = `${site}.public/`;
/** Where the site is built. */
export const builtFolder: string = `${site}dist/`;

/** The pages that are files of the repository. */
export function pageFiles(): readonly string[] {
  return globSync(["*.md", "docs/**/*.md", "bench/*.md", "site/pages/*.md"], { cwd: root })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

/** The page that a file of the repository becomes, by its path from the folder of the pages. */
export function pageOf(file: string): string {
  if (file === "README.md") return "index.md";
  if (file === "docs/README.md") return "documentation.md";
  if (file.startsWith("docs/")) return file.slice("docs/".length);
  // Pages that need the site: the playground, the simulation.
  if (file.startsWith("site/pages/")) return file.slice("site/pages/".length);
  return `project/${file.toLowerCase()}`;
}

/** The page that shows a file or a folder of sources. */
export function sourcePageOf(path: string): string {
  return isFolder(path) ? `source/${path}/index.md` : `source/${path}.md`;
}

/** Whether a path from the root is a folder. */
export function isFolder(path: string): boolean {
  return existsSync(`${root}${path}/.`);
}

/** The address of a page within the site, without the part before it. */
export function addressOf(page: string): string {
  return page.replace(
    /(?:^|\/)index\.md$/,
    (found) => found.startsWith("/") ? "/" : "",
  ).replace(/\.md$/, "");
}

/** The link from one page to another. */
export function linkBetween(from: string, to: string): string {
  const way = posix.relative(posix.dirname(from), to);
  return way.startsWith(".") ? way : `./${way}`;
}

/** Reads a file of the repository. */
export function read(file: string): string {
  return readFileSync(`${root}${file}`, "utf8");
}

/** The entry points of the package: by subpath, the file. */
export function entryPoints(): Readonly<Record<string, string>> {
  // The manifest is ours; a test checks its form.
  return (JSON.parse(read("deno.json")) as { exports: Record<string, string> })
    .exports;
}
