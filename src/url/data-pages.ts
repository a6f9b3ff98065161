/**
 * The page whose data a URL is for, as the client routers of the well-known frameworks ask for them.
 *
 * Whoever has to wait for a page must not get its data past the room, and comes back to the page. An application that has nothing to do with
 * such a framework loses nothing by it: a page that reads like the data of a protected one is protected as well.
 */

import { withoutParameters } from "./without-parameters.ts";
import { withoutSlash } from "./without-slash.ts";

/** The query parameters by which a page answers with its data: Next.js, Remix, React Router, Fresh, SvelteKit, PJAX. */
export const routerParameters: readonly string[] =
  "_rsc __rsc _data _routes fresh-partial x-sveltekit-invalidated x-sveltekit-trailing-slash _pjax".split(
    " ",
  );

/**
 * The data of pages by its path, decoded.
 *
 * - SvelteKit: `/tickets/__data.json`, `/a.html__data.json`, `/tickets/__route.js`
 * - React Router: `/tickets.data`; React Server Components: `/tickets.rsc`
 * - Next.js: `/_next/data/…`, `/tickets.segments/_tree.segment.rsc`
 * - Nuxt: `/tickets/_payload.json`, `_payload.js`, `/__nuxt_island/…`
 * - Qwik: `/tickets/q-data.json`, `q-loader-….json`
 * - Gatsby: `page-data.json`
 * - Vike: `/tickets/index.pageContext.json`
 * - Turbo: `.turbo_stream`
 */
const dataPath =
  /\/(?:_next\/data|__nuxt_island)\/|\/(?:_payload\.(?:json|js)|page-data\.json|q-data\.json|q-loader-[^/]*\.json)$|(?:\/|\.html)__(?:data\.json|route\.js)$|\.(?:data|rsc|turbo_stream|pagecontext\.json)$/i;

/** Folders in which files of one kind are the data of pages: Gatsby and Gridsome in the first case, Waku in the second. */
const dataFolders: readonly (readonly [folder: RegExp, kind: RegExp])[] = [
  [/\/(?:page-data|assets\/data)\//i, /\.json$/i],
  [/\/rsc\//i, /\.txt$/i],
];

/** Whether a path, decoded, is that of the data of a page. */
export function isDataPath(path: string): boolean {
  return dataPath.test(path) ||
    dataFolders.some(([folder, kind]) => kind.test(path) && folder.test(path));
}

/** How a path of data ends behind the path of its page. */
const tails: readonly RegExp[] = [
  /(?:\/_root|\/_)?\.data$/i,
  /(?:\/index)?(?:\.prefetch)?(?<!\.segment)\.rsc$/i,
  /(?:\/|\.html)__(?:data\.json|route\.js)$/i,
  /(?<=\.html)__(?:data\.json|route\.js)$/i,
  /\/(?:_payload\.(?:json|js)|q-data\.json|q-loader-[^/]*\.json)$/i,
  /(?:\/index)?\.pagecontext\.json$/i,
  /\.turbo_stream$/i,
];

/** A folder in which data are named like their page. */
interface DataFolder {
  readonly folder: RegExp;
  /** What stands behind the name of the page. */
  readonly tail: RegExp;
  /** What stands before it: always the first, and perhaps the others. */
  readonly heads?: readonly RegExp[];
}

const namedIn: readonly DataFolder[] = [
  {
    folder: /\/_next\/data\//i,
    tail: /(?:\/index)?\.json$/i,
    // The build; and the language that is left out of the page's own path.
    heads: [/^\/[^/]*/, /^\/[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}(?=\/|$)/i],
  },
  { folder: /\/page-data\//i, tail: /(?:\/index)?\/page-data\.json$/i },
  { folder: /\/assets\/data\//i, tail: /(?:\/index)?\.json$/i },
  { folder: /\/rsc\//i, tail: /(?:\/_root|\/index)?\.txt$/i, heads: [/^/, /^\/r(?=\/|$)/i] },
];

/** What stands before the data of a part of a page. */
const parts = /(?:\/index)?\.segments\//i;

/**
 * Gives the paths of the pages whose data a path may be for.
 *
 * @param path A path without query, decoded or not.
 * @returns The paths, without a slash at the end; nearly always there is none.
 */
export function pathsOfData(path: string): readonly string[] {
  if (!path.includes(".") || !isDataPath(path)) return none;
  const pages = new Set<string>();
  const add = (page: string) => pages.add(withoutSlash(page) || "/");
  for (const tail of tails) {
    const at = path.search(tail);
    if (at !== -1) add(path.slice(0, at));
  }
  if (/\.segment\.rsc$/i.test(path)) add(path.slice(0, Math.max(0, path.search(parts))));
  for (const { folder, tail, heads = [] } of namedIn) {
    const found = folder.exec(path);
    if (found === null) continue;
    const at = found.index;
    const within = path.slice(at + found[0].length - 1);
    const end = within.search(tail);
    if (end === -1) continue;
    let named = within.slice(0, end);
    if (heads.length === 0) add(path.slice(0, at) + named);
    for (const head of heads) {
      named = named.replace(head, "");
      add(path.slice(0, at) + named);
    }
  }
  pages.delete(path);
  return [...pages];
}

/**
 * The same for a URL that everybody reads alike.
 *
 * @param url An absolute URL in canonical form.
 */
export function pagesOfData(url: string): readonly string[] {
  const start = url.indexOf("/", 8);
  // Hardly any page has a dot in its path.
  if (start === -1 || !url.includes(".", start)) return none;
  const mark = url.slice(start).search(/[?#]/);
  const end = mark === -1 ? url.length : start + mark;
  return pathsOfData(url.slice(start, end)).map((path) => url.slice(0, start) + path + url.slice(end));
}

/** The page to which a visitor comes back whose browser asked for its data; the URL itself where it is that of no data. */
export function pageOfData(url: string): string {
  const [page] = pagesOfData(url);
  return page === undefined ? url : withoutParameters(page, routerParameters);
}

const none: readonly string[] = [];
