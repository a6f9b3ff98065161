/** What is done to a page of the repository before it is a page of the site. */

import { existsSync } from "node:fs";
import { posix } from "node:path";
import { isFolder, linkBetween, pageFiles, pageOf, root, sourcePageOf } from "./paths.ts";

/** A page of the site. */
export interface Page {
  /** The page's path from the folder of the pages. */
  readonly page: string;
  readonly title: string;
  /** What it begins with, in one or two sentences. */
  readonly description: string;
  readonly text: string;
  /** The sources that it links to, which get pages as well. */
  readonly sources: readonly string[];
}

/** A line of a page, and whether it is code. */
interface Line {
  readonly text: string;
  readonly isCode: boolean;
}

const known = new Set(pageFiles());

/**
 * Makes a page of a file.
 *
 * @param file The file, by its path from the root.
 * @param text What it says.
 * @throws {Error} When it links to a file that there is not.
 */
export function pageFrom(file: string, text: string): Page {
  const page = pageOf(file);
  const sources = new Set<string>();
  const lines = linesOf(text).map((line) =>
    line.isCode ? highlightable(line.text) : relink(line.text, file, page, sources)
  );
  return {
    page,
    title: titleOf(text),
    description: descriptionOf(text),
    text: withTabs(lines.join("\n")),
    sources: [...sources],
  };
}

/** The opening of a block in a language that the highlighter knows: some it does not. */
function highlightable(line: string): string {
  return line.replace(/^```(?:caddy|vcl)$/, "```txt");
}

/** The title of a page: its first heading, without marks. */
export function titleOf(text: string): string {
  return plain(/^# (.+)$/m.exec(text)?.[1] ?? "");
}

/** The first sentences of a page. */
export function descriptionOf(text: string): string {
  const prose = linesOf(text).map(({ text, isCode }) => isCode ? "" : text)
    .join("\n");
  const paragraph = prose.split(/\n{2,}/).find((each) => /^[A-Z`*_[]/.test(each.trim())) ?? "";
  const words = plain(paragraph.replaceAll("\n", " ").trim());
  if (words.length <= 200) return words;
  const sentence = /^.{40,200}?[.:](?= )/.exec(words)?.[0];
  return sentence?.replace(/:$/, ".") ??
    `${words.slice(0, 197).replace(/\s\S*$/, "")} …`;
}

/** A text without the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(
    /[`*]|\b_|_\b/g,
    "",
  );
}

function linesOf(text: string): readonly Line[] {
  let fence: string | undefined;
  return text.split("\n").map((line) => {
    const [, mark] = /^\s*(`{3,}|~{3,})/.exec(line) ?? [];
    if (mark === undefined) return { text: line, isCode: fence !== undefined };
    if (fence === undefined) fence = mark;
    else if (mark === fence) fence = undefined;
    return { text: line, isCode: true };
  });
}

/** Turns the links of a line into those between pages of the site. Code in the line is left as it is. */
function relink(
  line: string,
  file: string,
  page: string,
  sources: Set<string>,
): string {
  return line.replaceAll(
    /`[^`]*`|\]\(((?!https?:|mailto:|#)[^)\s]+)\)/g,
    (whole, target: string | undefined) => {
      if (target === undefined) return whole;
      const [path = "", anchor] = target.split("#", 2);
      const at = posix.normalize(posix.join(posix.dirname(file), path)).replace(
        /\/$/,
        "",
      );
      if (!existsSync(`${root}${at}`)) {
        throw new Error(`${file} links to ${target}, which is not there`);
      }
      if (/\.(?:png|svg)$/.test(at)) {
        return `](${linkBetween(page, pageOf(at))})`;
      }
      if (!known.has(at)) sources.add(at);
      const to = known.has(at) ? pageOf(at) : sourcePageOf(at);
      return `](${linkBetween(page, to)}${anchor === undefined ? "" : `#${anchor}`})`;
    },
  );
}

/** Where a block imports from the package, the names of both registries by tab; the same for what installs it. */
function withTabs(text: string): string {
  return text
    .replaceAll(/^```ts\n([\s\S]*?)^```$/gm, (whole, code: string) => {
      if (!/\bfrom "stanchion(?:\/[^"]*)?"/.test(code)) return whole;
      const jsr = code.replaceAll(
        /\b(from )"stanchion(\/[^"]*)?"/g,
        '$1"@stanchion/stanchion$2"',
      );
      return `::: code-group\n\n\`\`\`ts [npm]\n${code}\`\`\`\n\n\`\`\`ts [JSR]\n${jsr}\`\`\`\n\n:::`;
    })
    .replaceAll(
      /^```sh\n((?:(?:npm install|bun add|deno add) [^\n]*\n){2,})```$/gm,
      (_, lines: string) => {
        const commands = lines.trim().split("\n").map((line) => line.replace(/\s+#.*$/, ""));
        const blocks = [...commands, "deno add jsr:@stanchion/stanchion"].map((
          command,
          at,
        ) => `\`\`\`sh [${at === commands.length ? "JSR" : labelOf(command)}]\n${command}\n\`\`\``);
        return `::: code-group\n\n${blocks.join("\n\n")}\n\n:::\n\n${remarks}`;
      },
    );
}

function labelOf(command: string): string {
  const [program = ""] = command.split(" ", 1);
  return program === "deno" ? "Deno" : program;
}

const remarks =
  "The tab JSR names the package as JSR does, in all examples of this site: `@stanchion/stanchion`.";

/** The page that shows a file of sources, or what there is in a folder of them. */
export function sourcePage(
  path: string,
  files: readonly string[],
  text: (file: string) => string,
): Page {
  const page = sourcePageOf(path);
  if (!isFolder(path)) {
    const language = posix.extname(path).slice(1);
    const fence = "`".repeat(6);
    const body = `# ${path}\n\n${fence}${language}\n${text(path).trimEnd()}\n${fence}\n`;
    return {
      page,
      title: path,
      description: `The file ${path}, whole.`,
      text: body,
      sources: [],
    };
  }
  const list = files.map((file) => `- [${posix.basename(file)}](${linkBetween(page, sourcePageOf(file))})`);
  return {
    page,
    title: path,
    description: `The files of ${path}.`,
    text: `# ${path}\n\n${list.join("\n")}\n`,
    sources: files,
  };
}
