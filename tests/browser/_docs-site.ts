/** Serves the built documentation as GitHub Pages does: pages without their endings, and nothing else. */

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Served } from "../src/_serve.ts";

const folder = fileURLToPath(new URL("../../site/dist", import.meta.url));

/** Why there is no site to look at; `false` where there is one. */
export const notBuilt: string | false = existsSync(`${folder}/index.html`)
  ? false
  : "the site is not built: npm run docs builds it";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".md": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

/** Serves the site until it is closed, below the path for which it was built. */
export async function serveSite(): Promise<Served> {
  const [, base = "/"] = / href="([^"]*)icon\.svg"/.exec(readFileSync(`${folder}/index.html`, "utf8")) ?? [];
  const server = createServer(({ url = "/" }, response) => {
    const asked = normalize(decodeURIComponent(new URL(url, "http://site").pathname));
    const path = asked.startsWith(base) ? asked.slice(base.length - 1) : "/nothing";
    const found = [path, `${path}.html`, `${path}/index.html`].map((each) => `${folder}${each}`)
      .find((file) => existsSync(file) && statSync(file).isFile());
    if (found === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(found)] ?? "application/octet-stream" });
    createReadStream(found).pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}${base.slice(0, -1)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
