/** Workers in workerd, Cloudflare's runtime, each in a process of its own. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { type Listening, root, start } from "./_process.ts";

/** A Worker and its surroundings. */
export interface WorkerStart {
  /** The main module, by its path from the project's root. */
  readonly entry: string;
  /** Texts that it finds in its environment. */
  readonly bindings: Readonly<Record<string, string>>;
  /**
   * The date that decides on the platform's behaviour. Up to 2026-08-03 there is nothing of Node in it, unless it is
   * asked for.
   *
   * @default {"2025-10-01"}
   */
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** Classes of Durable Objects that it exports by the names of their bindings, and the folder for their SQLite databases. */
  readonly objects?: { readonly folder: string; readonly classes: Readonly<Record<string, string>> };
  /** Whether `caches.default` keeps something: then without an end, so that nothing depends on the time. */
  readonly hasCache?: boolean;
  /** Modules that take the place of others, by their path from the project's root. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Modules that workerd has itself. */
  readonly external?: readonly string[];
}

/** What stands behind `caches.default`, as workerd asks it: the body of a PUT is the whole answer that is to be kept. */
const cacheService = `const kept = new Map();
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
async function answer(request) {
  if (request.method === "PUT") {
    kept.set(request.url, await request.text());
    return new Response(null, { status: 204 });
  }
  const text = kept.get(request.url);
  if (text === undefined) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
  const body = text.slice(text.indexOf("\\r\\n\\r\\n") + 4);
  return new Response(body, { headers: { "cf-cache-status": "HIT" } });
}`;

/** Bundles a Worker into one module and starts it. It reaches nothing but this machine. */
export async function startWorker(worker: WorkerStart): Promise<Listening> {
  const {
    entry,
    bindings,
    compatibilityDate = "2025-10-01",
    compatibilityFlags = [],
    objects,
    hasCache = false,
    alias = {},
    external = [],
  } = worker;
  const folder = mkdtempSync(join(tmpdir(), "stanchion-workerd-"));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      target: "es2022",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["workerd", "worker", "browser"],
      external: ["cloudflare:workers", ...external],
      alias: Object.fromEntries(Object.entries(alias).map(([name, path]) => [name, join(root, path)])),
      logLevel: "silent",
    });
    const texts = Object.entries(bindings).map(([name, text]) =>
      `(name = ${quoted(name)}, text = ${quoted(text)})`
    );
    const bound = Object.entries(objects?.classes ?? {}).map(([name, className]) =>
      `(name = ${quoted(name)}, durableObjectNamespace = ${quoted(className)})`
    );
    const classes = Object.values(objects?.classes ?? {}).map((className) =>
      `(className = ${quoted(className)}, uniqueKey = ${quoted(className)}, enableSql = true)`
    );
    const storage = objects === undefined ? "" : `
  durableObjectNamespaces = [${classes.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),`;
    const disk = objects === undefined ? "" : `
    (name = "disk", disk = (path = ${quoted(objects.folder)}, writable = true)),`;
    const cache = hasCache
      ? `
    (name = "cache", worker = (compatibilityDate = ${quoted(compatibilityDate)}, serviceWorkerScript = ${
        quoted(cacheService)
      })),`
      : "";
    writeFileSync(
      join(folder, "config.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["local"])),${disk}${cache}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${quoted(compatibilityDate)},
  compatibilityFlags = [${compatibilityFlags.map(quoted).join(", ")}],
  bindings = [${[...texts, ...bound].join(", ")}],${storage}${
        hasCache ? '\n  cacheApiOutbound = "cache",' : ""
      }
);
`,
    );
    return await start({
      command: join(root, "node_modules/.bin/workerd"),
      args: ["serve", join(folder, "config.capnp"), "--control-fd=3"],
      announces: /"event":"listen".*"port":(\d+)/,
      channel: 3,
    });
  } finally {
    // It has read its files when it listens.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A text as Cap'n Proto spells it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
