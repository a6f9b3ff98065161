/**
 * Programs that are no packages to be installed here, or too big: how they find a page, written down anew from what they
 * document and do.
 */

import { match, pathToRegexp } from "path-to-regexp";
import { type Oracle, parametersIn } from "./_oracle.ts";
import { isAsked, patternsOf, type Route, routes } from "./_routes.ts";

/** Next's pages and rewrites, the locations of nginx, and servlets. */
export function restated(): readonly Oracle[] {
  return [nextPages(), nextRewrites(), byPath("nginx", nginxPath), byPath("servlet", servletPath)];
}

/**
 * Next serves a page by its path as it stands there, decoded, or encoded; below a base path, without a slash at the end. A
 * dynamic route is an expression over the path as it stands there. Doubled slashes and backslashes it redirects.
 */
function nextPages(): Oracle {
  const pages = new Map(
    routes.filter(({ pattern }) => !/[:*]/.test(pattern)).map((route) => [route.pattern, route]),
  );
  const dynamic = routes.filter(({ pattern }) => /[:*]/.test(pattern)).map((route) => ({
    route,
    regexp: new RegExp(`^${route.pattern.replace("/*", "/(.+?)").replace(/:\w+/, "([^/]+?)")}(?:/)?$`),
  }));

  function pageOf(path: string): Route | undefined {
    const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
    const page = pages.get(bare) ?? pages.get(tried(decodeURIComponent, bare)) ??
      pages.get(tried(encodeURI, bare));
    if (page !== undefined) return page;
    return dynamic.find(({ regexp }) =>
      regexp.exec(bare)?.slice(1).every((part) => tried(decodeURIComponent, part) !== "")
    )
      ?.route;
  }

  return {
    name: "Next, pages",
    serves(target) {
      const path = nextPath(target);
      const route = path && pageOf(path);
      return route && isAsked(route, parametersIn(target)) ? route.name : undefined;
    },
  };
}

/** Rewrites of Next, and the matchers of its middleware: path-to-regexp 6, strict about slashes and not about case. */
function nextRewrites(): Oracle {
  const options = { delimiter: "/", sensitive: false, strict: true } as const;
  const list = routes.flatMap((route) =>
    patternsOf(route).map((pattern) => {
      const source = pattern.replace(/\*$/, ":rest*");
      return { route, regexp: pathToRegexp(source, [], options), read: match(source, options) };
    })
  );
  return {
    name: "Next, rewrites",
    serves(target) {
      const path = nextPath(target);
      if (path === undefined) return undefined;
      const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
      const route = list.find(({ regexp, read }) => regexp.test(bare) && read(bare))?.route;
      return route && isAsked(route, parametersIn(target)) ? route.name : undefined;
    },
  };
}

/** The path that Next looks at; `undefined` where it redirects to a tidier one. */
function nextPath(target: string): string | undefined {
  const [path = ""] = target.split(/[?#]/, 1);
  return /\\|\/\//.test(path) ? undefined : path;
}

/** What a function makes of a text; nothing where it cannot. */
function tried(change: (text: string) => string, text: string): string {
  try {
    return change(text);
  } catch {
    return "";
  }
}

/** A program that compares paths that it has made tidy. */
function byPath(name: string, pathOf: (path: string) => string | undefined): Oracle {
  const list = routes.map((route) => ({ route, segments: route.pattern.split("/") }));

  function routeFor(path: string): Route | undefined {
    const parts = path.split("/");
    return list.find(({ segments }) =>
      segments.every((segment, at) => {
        const part = parts[at];
        return segment === "*" ? part !== undefined : segment.startsWith(":") ? part : segment === part;
      }) && (segments.length === parts.length || segments.at(-1) === "*")
    )?.route;
  }

  return {
    name,
    serves(target) {
      const [raw = ""] = target.split(/[?#]/, 1);
      const path = pathOf(raw);
      const route = path === undefined ? undefined : routeFor(path);
      return route && isAsked(route, parametersIn(target)) ? route.name : undefined;
    },
  };
}

/** nginx decodes once, byte by byte, refuses NUL, resolves dot segments and merges slashes. */
function nginxPath(raw: string): string | undefined {
  const path = bytesDecoded(raw);
  if (path.includes("\0")) return undefined;
  const merged = path.replace(/\/{2,}/g, "/");
  return resolved(merged);
}

/** Servlet containers drop parameters of segments, decode once, and resolve dot segments; some take `\` for a slash. */
function servletPath(raw: string): string | undefined {
  const path = bytesDecoded(raw.replace(/;[^/]*/g, "")).replaceAll("\\", "/");
  return path.includes("\0") ? undefined : resolved(path.replace(/\/{2,}/g, "/"));
}

/** Who climbs above the root asks for nothing. */
function resolved(path: string): string | undefined {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [at, segment] of segments.entries()) {
    if (segment === "..") {
      if (kept.pop() === undefined) return undefined;
    } else if (segment !== ".") kept.push(segment);
    if (at === segments.length - 1 && /^\.{1,2}$/.test(segment)) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** Undoes each escape once; what is no UTF-8 becomes no letter of a route. */
function bytesDecoded(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const made: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const hex = bytes[at] === 37 ? hexAt(bytes, at) : undefined;
    made.push(hex ?? (bytes[at] as number));
    if (hex !== undefined) at += 2;
  }
  return new TextDecoder().decode(Uint8Array.from(made));
}

function hexAt(bytes: Uint8Array, at: number): number | undefined {
  const hex = String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0);
  return /^[0-9a-f]{2}$/i.test(hex) ? Number.parseInt(hex, 16) : undefined;
}
