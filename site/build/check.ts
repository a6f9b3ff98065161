/**
 * Reads the built site: every link leads to something, with its anchor, and no page loads anything of others. Prints what is wrong,
 * and ends with 1 where something is.
 *
 * The only argument is the path of the site, with slashes around it.
 */

import { existsSync, globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import process from "node:process";
import { builtFolder } from "./paths.ts";

/** As much of a page as is looked at. */
interface Built {
  readonly ids: ReadonlySet<string>;
  /** What its links name. */
  readonly links: readonly string[];
  /** What is loaded with it: scripts, styles, pictures, frames. */
  readonly loads: readonly string[];
}

const [base = "/"] = process.argv.slice(2);
const pages = new Map(
  globSync("**/*.html", { cwd: builtFolder }).map((file) => [
    file.replaceAll("\\", "/"),
    readPage(readFileSync(`${builtFolder}${file}`, "utf8")),
  ]),
);
const faults = [...pages].flatMap(([file, page]) => [
  ...page.links.flatMap((link) => wrongLink(file, link) ?? []),
  ...page.loads.filter(isElsewhere).map((what) => `${file} loads ${what}, which is not of the site`),
  ...page.loads.filter((what) => !isElsewhere(what) && !exists(pathOf(file, what)))
    .map((what) => `${file} loads ${what}, which is not there`),
]);
for (const file of globSync("**/*.css", { cwd: builtFolder })) {
  const text = readFileSync(`${builtFolder}${file}`, "utf8");
  for (
    const [, url = ""] of text.matchAll(
      /(?:url\(|@import )\s*["']?([^"')\s]+)/g,
    )
  ) {
    if (isElsewhere(url)) {
      faults.push(`${file} loads ${url}, which is not of the site`);
    }
  }
}
for (const fault of faults) console.error(fault);
const links = [...pages.values()].reduce(
  (sum, { links }) => sum + links.length,
  0,
);
console.log(`${pages.size} pages, ${links} links, ${faults.length} faults`);
process.exit(faults.length > 0 || pages.size === 0 ? 1 : 0);

function readPage(html: string): Built {
  const all = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, found = ""]) => unescaped(found));
  return {
    ids: new Set(all(/<[^>]+\sid="([^"]+)"/g)),
    links: all(/<a\s[^>]*?href="([^"]*)"/g),
    loads: [
      ...all(
        /<(?:script|img|iframe|source|video|audio|embed)\s[^>]*?\ssrc="([^"]+)"/g,
      ),
      ...all(/<(?:script|img|iframe)\ssrc="([^"]+)"/g),
      ...all(
        /<link\s(?=[^>]*rel="(?:[^"]*(?:stylesheet|preload|icon|prefetch|preconnect)[^"]*)")[^>]*?href="([^"]+)"/g,
      ),
    ],
  };
}

function unescaped(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll(
    "&#39;",
    "'",
  );
}

/** Whether something is neither of the site nor in the page. */
function isElsewhere(what: string): boolean {
  return /^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(what) ||
    /^(?!data:|blob:)[a-z][a-z\d+.-]*:/i.test(what);
}

/** The path of an address within the site, without its anchor. */
function pathOf(file: string, link: string): string {
  const [path = ""] = link.split(/[?#]/, 1);
  if (path === "") return file;
  if (path.startsWith(base)) return path.slice(base.length);
  return posix.normalize(posix.join(posix.dirname(file), path));
}

/** What is wrong with a link; nothing where it leads to another site. */
function wrongLink(file: string, link: string): string | undefined {
  if (isElsewhere(link)) return undefined;
  const anchor = decodeURIComponent(link.split("#")[1] ?? "");
  const path = decodeURIComponent(pathOf(file, link));
  const found = pageAt(path);
  if (found === undefined) {
    return exists(path) ? undefined : `${file} links to ${link}, which is not there`;
  }
  // pageAt() found it there.
  const { ids } = pages.get(found) as Built;
  return anchor === "" || ids.has(anchor)
    ? undefined
    : `${file} links to ${link}, where no heading has that name`;
}

function pageAt(path: string): string | undefined {
  return [path, `${path}.html`, posix.join(path, "index.html")].find((each) => pages.has(each));
}

function exists(path: string): boolean {
  return path.startsWith("data:") || pageAt(path) !== undefined ||
    existsSync(`${builtFolder}${path}`);
}
