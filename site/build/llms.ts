/** The documentation for programs that read: `llms.txt` lists the pages, `llms-full.txt` is all of them. */

import type { Page } from "./markdown.ts";
import { addressOf } from "./paths.ts";

/** Pages under a heading. */
export interface Section {
  readonly title: string;
  readonly pages: readonly Page[];
}

/**
 * Lists the pages, in the form of https://llmstxt.org.
 *
 * @param about What the whole is, in a sentence.
 * @param sections The pages.
 * @param base The address of the site, with a slash at its end.
 */
export function llmsIndex(
  about: string,
  sections: readonly Section[],
  base: string,
): string {
  const parts = sections.map(({ title, pages }) => {
    const lines = pages.map(({ page, title, description }) =>
      `- [${title}](${base}${page})${description === "" ? "" : `: ${description}`}`
    );
    return `## ${title}\n\n${lines.join("\n")}\n`;
  });
  return `# Stanchion\n\n> ${about}\n\n${parts.join("\n")}`;
}

/** All pages, each behind its address. Tabs are taken out: the names of npm are enough. */
export function llmsFull(sections: readonly Section[], base: string): string {
  const pages = sections.flatMap(({ pages }) => pages);
  return pages.map(({ page, text }) => `<!-- ${base}${addressOf(page)} -->\n\n${withoutTabs(text).trim()}\n`)
    .join("\n---\n\n");
}

/** A page as plain Markdown, which everything can read. */
export function withoutTabs(text: string): string {
  return text
    .replaceAll(/^---\n[\s\S]*?^---\n+/g, "")
    .replaceAll(/^```ts \[JSR\]\n[\s\S]*?^```\n*/gm, "")
    .replaceAll(/^::: code-group\n+|^:::\n?/gm, "")
    .replaceAll(/^(```\w+) \[[^\]]+\]$/gm, "$1");
}
