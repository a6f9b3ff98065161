/** Mends links of the reference: TypeDoc counts headings of one name in another way than the pages do. */

import GithubSlugger from "github-slugger";

/**
 * Where a link leads to a heading with a number that there is not, lets it lead to the last one of that name before.
 *
 * @param pages The texts of the pages by their files, which link to each other.
 */
export function withRightAnchors(
  pages: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const anchors = new Map(
    [...pages].map(([file, text]) => [file, anchorsOf(text)]),
  );
  return new Map([...pages].map(([file, text]) => [
    file,
    text.replaceAll(
      /\]\(([\w.-]*)#([\w-]+?)-(\d+)\)/g,
      (whole, target: string, name: string, number: string) => {
        const there = anchors.get(target === "" ? file : target);
        for (let at = Number(number); at > 0; at--) {
          if (there?.has(`${name}-${at}`)) return `](${target}#${name}-${at})`;
        }
        return there?.has(name) ? `](${target}#${name})` : whole;
      },
    ),
  ]));
}

function anchorsOf(text: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map((
    [, heading = ""],
  ) => heading);
  return new Set(
    headings.map((heading) => slugger.slug(heading.replaceAll(/\\(.)/g, "$1").replaceAll("`", ""))),
  );
}
