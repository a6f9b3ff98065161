/**
 * Routers that are asked what they really serve. None of them is told anything about the gate, and none is imitated here:
 * each runs as an application would run it, up to its handler.
 */

import { createRequire } from "node:module";
import Router from "@koa/router";
import { matchRoutes } from "@remix-run/router";
import FindMyWay from "find-my-way";
import { Hono } from "hono";
import type { Router as HonoRouter } from "hono/router";
import { LinearRouter } from "hono/router/linear-router";
import { PatternRouter } from "hono/router/pattern-router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { addRoute, createRouter, findRoute } from "rou3";
import { type Oracle, parametersIn } from "./_oracle.ts";
import { restated } from "./_restated.ts";
import { isAsked, patternsOf, type Route, routeOf, routes } from "./_routes.ts";

/** All of them; `URLPattern` only where the runtime has it. */
export function oracles(): readonly Oracle[] {
  return [
    ...honoOracles(),
    expressOracle("Express 5", "express", "/*rest"),
    expressOracle("Express 4", "express4", "/*"),
    koaOracle(),
    findMyWayOracle("find-my-way", {}),
    findMyWayOracle("find-my-way, lenient", {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      useSemicolonDelimiter: true,
    }),
    rou3Oracle(),
    reactRouterOracle(),
    ...("URLPattern" in globalThis ? [patternOracle(false), patternOracle(true)] : []),
    ...restated(),
  ];
}

function honoOracles(): readonly Oracle[] {
  const routers: Readonly<Record<string, () => HonoRouter<never> | undefined>> = {
    Hono: () => undefined,
    "Hono, RegExpRouter": () => new RegExpRouter<never>(),
    "Hono, TrieRouter": () => new TrieRouter<never>(),
    "Hono, LinearRouter": () => new LinearRouter<never>(),
    "Hono, PatternRouter": () => new PatternRouter<never>(),
    "Hono, SmartRouter": () => new SmartRouter<never>({ routers: [new LinearRouter<never>()] }),
    "Hono, not strict": () => undefined,
  };
  return Object.entries(routers).map(([name, make]) => {
    const router = make();
    const app = new Hono({
      strict: name !== "Hono, not strict",
      ...(router === undefined ? {} : { router }),
    });
    const page = new Response();
    let served: string | undefined;
    for (const route of routes) {
      for (const pattern of patternsOf(route)) {
        app.get(pattern, (c) => {
          if (isAsked(route, (parameter) => c.req.query(parameter))) served = route.name;
          return page;
        });
      }
    }
    app.notFound(() => page);
    return {
      name,
      serves(_target, url) {
        served = undefined;
        // Hono looks at no more of a request than this, and `new Request` would tidy the URL up.
        void app.fetch({ url, method: "GET", headers: noHeaders } as Request);
        return served;
      },
    };
  });
}

const noHeaders = new Headers();

/** As much of Express and Koa as is used here. */
interface ExpressLike {
  (request: object, response: object, next: () => void): void;
  disable(setting: string): void;
  get(path: string, handler: (request: { readonly query: Record<string, unknown> }) => void): void;
}
interface KoaLike {
  createContext(request: object, response: object): {
    readonly path: string;
    readonly query: Readonly<Record<string, unknown>>;
  };
}

// They come without types.
const require = createRequire(import.meta.url);

function expressOracle(name: string, module: string, below: string): Oracle {
  // The interface above is a part of theirs.
  const app = require(module)() as ExpressLike;
  app.disable("x-powered-by");
  let served: string | undefined;
  for (const route of routes) {
    for (const pattern of patternsOf(route)) {
      app.get(pattern.replace(/\/\*$/, below), ({ query }) => {
        if (isAsked(route, (parameter) => query[parameter])) served = route.name;
      });
    }
  }
  return {
    name,
    serves(target) {
      served = undefined;
      app({ url: target, method: "GET", headers: {} }, {}, () => {});
      return served;
    },
  };
}

function koaOracle(): Oracle {
  // The interface above is a part of Koa's.
  const app = new (require("koa"))() as KoaLike;
  const router = new Router();
  for (const route of routes) {
    for (const pattern of patternsOf(route)) {
      router.get(route.name, pattern.replace(/\/\*$/, "/*rest"), () => {});
    }
  }
  return {
    name: "Koa",
    serves(target) {
      const { path, query } = app.createContext({ url: target, method: "GET", headers: {} }, {});
      const name = router.match(path, "GET").pathAndMethod[0]?.name;
      return name && isAsked(routeOf(name), (parameter) => query[parameter]) ? name : undefined;
    },
  };
}

/** Its types do not know all of its options. */
type FindMyWayOptions = FindMyWay.Config<FindMyWay.HTTPVersion.V1> & {
  readonly useSemicolonDelimiter?: boolean;
};

function findMyWayOracle(name: string, options: FindMyWayOptions): Oracle {
  const router = FindMyWay(options);
  for (const route of routes) {
    for (const pattern of patternsOf(route)) router.on("GET", pattern, () => {}, route);
  }
  return {
    name,
    serves(target) {
      const found = router.find("GET", target);
      // It is what was handed over above.
      const route = found?.store as Route | undefined;
      return route && isAsked(route, (parameter) => found?.searchParams[parameter]) ? route.name : undefined;
    },
  };
}

function rou3Oracle(): Oracle {
  const router = createRouter<Route>();
  for (const route of routes) {
    for (const pattern of patternsOf(route)) addRoute(router, "GET", pattern.replace(/\*$/, "**"), route);
  }
  return {
    name: "rou3",
    serves(target) {
      const [path = ""] = target.split(/[?#]/, 1);
      const route = findRoute(router, "GET", path)?.data;
      return route && isAsked(route, parametersIn(target)) ? route.name : undefined;
    },
  };
}

function reactRouterOracle(): Oracle {
  const list = routes.flatMap((route) =>
    patternsOf(route).map((path) => ({ id: `${route.name} ${path}`, path }))
  );
  return {
    name: "React Router",
    serves(target, url) {
      const parsed = URL.parse(url);
      if (parsed === null) return undefined;
      const found = quietly(() => matchRoutes(list, { pathname: parsed.pathname }));
      const [name = ""] = found?.at(-1)?.route.id.split(" ") ?? [];
      return name && isAsked(routeOf(name), parametersIn(target)) ? name : undefined;
    },
  };
}

/** React Router warns of every path that it cannot decode. */
function quietly<T>(work: () => T): T {
  const { warn } = console;
  console.warn = () => {};
  try {
    return work();
  } finally {
    console.warn = warn;
  }
}

/** As much of `URLPattern` as is used here; not every runtime's types know it. */
interface UrlPatternLike {
  test(url: string): boolean;
}

function patternOracle(ignoreCase: boolean): Oracle {
  // It was looked for before.
  const { URLPattern } = globalThis as unknown as {
    readonly URLPattern: new (init: object, options: object) => UrlPatternLike;
  };
  const list = routes.flatMap((route) =>
    patternsOf(route).map((pathname) => ({ route, pattern: new URLPattern({ pathname }, { ignoreCase }) }))
  );
  return {
    name: ignoreCase ? "URLPattern, ignoring case" : "URLPattern",
    serves(target, url) {
      const route = list.find(({ pattern }) => pattern.test(url))?.route;
      return route && isAsked(route, parametersIn(target)) ? route.name : undefined;
    },
  };
}
