/** Puts the pages of the site together: those of the repository, those of the site itself, and the reference. */

import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { icon } from "../../src/look/icon.ts";
import { navigation } from "../navigation.ts";
import { withRightAnchors } from "./anchors.ts";
import { type ApiPage, apiText, writeApi } from "./api.ts";
import { writeLibrary } from "./library.ts";
import { llmsFull, llmsIndex, type Section, withoutTabs } from "./llms.ts";
import { descriptionOf, type Page, pageFrom, sourcePage } from "./markdown.ts";
import { isFolder, pageFiles, pageOf, pagesFolder, publicFolder, read, root, site } from "./paths.ts";

/** What the configuration of the site is told. */
export interface Assembled {
  readonly sections: readonly {
    readonly title: string;
    readonly pages: readonly Link[];
  }[];
  /** The modules of the package that run in browsers, by what one imports from. */
  readonly library: Readonly<Record<string, string>>;
}

/** A page in the navigation. */
interface Link {
  readonly page: string;
  readonly title: string;
}

/**
 * Writes all pages.
 *
 * @param base The address of the site, with a slash at its end.
 * @throws {Error} When a link leads nowhere, or when a page stands nowhere in the navigation.
 */
export async function assemble(base: string): Promise<Assembled> {
  for (const folder of [pagesFolder, publicFolder]) {
    rmSync(folder, { recursive: true, force: true });
  }
  const pages = new Map(pageFiles().map((file) => [navigationName(file), pageFrom(file, read(file))]));
  const api = await apiPages();
  const sections: readonly Section[] = [
    ...navigation.map(({ title, pages: names }) => ({
      title,
      pages: names.map((name) => named(pages, name)),
    })),
    { title: "Plugins", pages: pluginPages(pages) },
    { title: "API", pages: api },
  ];
  const placed = new Set(sections.flatMap(({ pages }) => pages));
  const lost = [...pages].filter(([, page]) => !placed.has(page)).map((
    [name],
  ) => name);
  if (lost.length > 0) {
    throw new Error(
      `Put into a group of site/navigation.ts: ${lost.join(", ")}`,
    );
  }
  const sources = sourcePages(
    [...pages.values()].flatMap(({ sources }) => sources),
  );
  for (const page of [...placed, ...sources]) {
    write(`${pagesFolder}${page.page}`, withHead(page));
  }
  pictures();
  texts(sections, base);
  const library = await writeLibrary(`${publicFolder}library`);
  return {
    sections: sections.map(({ title, pages }) => ({
      title,
      pages: pages.map(({ page, title }) => ({ page, title })),
    })),
    library,
  };
}

/** The name of a file in the navigation. */
export function navigationName(file: string): string {
  if (file.startsWith("docs/")) return file.slice("docs/".length);
  return file.startsWith("site/pages/") ? `~/${file.slice("site/pages/".length)}` : `/${file}`;
}

function named(pages: ReadonlyMap<string, Page>, name: string): Page {
  const page = pages.get(name);
  if (page === undefined) {
    throw new Error(`site/navigation.ts names ${name}, which is not there`);
  }
  return page;
}

function pluginPages(pages: ReadonlyMap<string, Page>): readonly Page[] {
  return [...pages].filter(([name]) => name.startsWith("plugins/")).map((
    [, page],
  ) => page);
}

async function apiPages(): Promise<readonly Page[]> {
  const folder = `${site}.cache/api`;
  rmSync(folder, { recursive: true, force: true });
  const written: readonly ApiPage[] = await writeApi(folder);
  const texts = withRightAnchors(
    new Map(written.map((each) => [each.file, apiText(folder, each)])),
  );
  return written.map((each) => {
    // Each file is among them.
    const text = texts.get(each.file) as string;
    const description = descriptionOf(text) ||
      `What can be imported from ${each.name}.`;
    return {
      page: `api/${each.file}`,
      title: each.name,
      description,
      text,
      sources: [],
    };
  });
}

/** Pages of the sources that others link to, and of what is in those that are folders. */
function sourcePages(paths: readonly string[]): readonly Page[] {
  const done = new Map<string, Page>();
  const waiting = [...paths];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (done.has(path)) continue;
    const files = isFolder(path)
      ? globSync(`${path}/*.ts`, { cwd: root }).map((file) => file.replaceAll("\\", "/")).sort()
      : [];
    done.set(path, sourcePage(path, files, read));
    waiting.push(...files);
  }
  return [...done.values()];
}

/** The pictures, where their pages look for them. */
function pictures(): void {
  for (const file of globSync("docs/**/*.{png,svg}", { cwd: root })) {
    const target = `${pagesFolder}${pageOf(file.replaceAll("\\", "/"))}`;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(`${root}${file}`, target);
  }
  write(
    `${publicFolder}icon.svg`,
    decodeURIComponent(icon.slice(icon.indexOf(",") + 1)),
  );
  cpSync(`${root}docs/pictures/waiting.png`, `${publicFolder}waiting.png`);
}

/** The same for programs that read: as lists, as one text, and page by page. */
function texts(sections: readonly Section[], base: string): void {
  const about = descriptionOf(read("README.md"));
  write(`${publicFolder}llms.txt`, llmsIndex(about, sections, base));
  write(`${publicFolder}llms-full.txt`, llmsFull(sections, base));
  for (const { page, text } of sections.flatMap(({ pages }) => pages)) {
    write(`${publicFolder}${page}`, withoutTabs(text));
  }
}

/** A page behind what search engines and the theme want to know of it. */
function withHead({ page, title, description, text }: Page): string {
  const head = /^---\n([\s\S]*?)^---\n/m.exec(
    text.startsWith("---\n") ? text : "",
  );
  const body = head === null ? text : text.slice(head[0].length);
  const more = page === "index.md" ? readFileSync(`${site}pages/home.yml`, "utf8") : head?.[1] ?? "";
  const about = `title: ${JSON.stringify(title)}\ndescription: ${JSON.stringify(description)}\n`;
  const content = page === "index.md" ? body.replace(/^# .+\n+/, "") : body;
  return `---\n${about}${more}---\n\n${content}`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
