/** Answers with every kind of body that an application may send; some kinds are a platform's own. */

import { pause } from "./_pages.ts";

/** What of the platforms is used here. */
interface Platform {
  readonly Deno?: {
    readonly permissions?: unknown;
    open(path: string): Promise<{ readonly readable: ReadableStream<Uint8Array> }>;
  };
  readonly Bun?: { file(path: string): Blob };
  readonly process?: {
    getBuiltinModule?(name: string): { openAsBlob(path: string): Promise<Blob> } | undefined;
  };
}

const { Deno, Bun, process } = globalThis as Platform;
const file = "README.md";
const html = { "content-type": "text/html; charset=utf-8" };

/** Makes the answers; `origin` is where another server listens. */
export function createBodies(origin: string): Readonly<Record<string, () => Response | Promise<Response>>> {
  /** Answers without a body may be the same for every visitor. */
  const shared = new Response(null, { status: 404 });
  const empty = new Response(null);

  return {
    "text": () => new Response("tickets"),
    "empty-text": () => new Response(""),
    "typed-text": () => new Response("<p>tickets", { headers: html }),
    "long-text": () => new Response("0123456789abcdef".repeat(20_000)),
    "nothing": () => empty,
    "shared-404": () => shared,
    "no-content": () => new Response(null, { status: 204 }),
    "not-modified": () => new Response(null, { status: 304, headers: { etag: '"1"' } }),
    "json": () => Response.json({ seats: 7 }),
    "blob": () => new Response(new Blob(["<p>tickets"], { type: "text/html" })),
    "untyped-blob": () => new Response(new Blob(["tickets"])),
    "bytes": () => new Response(new Uint8Array([1, 2, 3])),
    "typed-bytes": () =>
      new Response(new Uint8Array([1, 2, 3]), { headers: { "content-type": "image/png" } }),
    "buffer": () => new Response(new Uint8Array([1, 2, 3]).buffer),
    "pairs": () => new Response(new URLSearchParams({ seat: "7" })),
    "form": () => {
      const form = new FormData();
      form.set("seat", "7");
      return new Response(form);
    },
    "redirect": () => new Response(null, { status: 303, headers: { location: "/elsewhere" } }),
    "static-redirect": () => Response.redirect(`${origin}/elsewhere`, 302),
    "own-length": () => new Response("tickets", { headers: { ...html, "content-length": "7" } }),
    "own-cookies": () => new Response("tickets", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }),
    "stream": () => new Response(pieces(3, 1), { headers: html }),
    "untyped-stream": () => new Response(pieces(3, 1)),
    "empty-stream": () => new Response(pieces(0, 1)),
    "events": () => new Response(pieces(3, 30), { headers: { "content-type": "text/event-stream" } }),
    "partial": () =>
      new Response("ick", { status: 206, headers: { ...html, "content-range": "bytes 1-3/7" } }),
    "compressed": () =>
      new Response(new Blob(["tickets"]).stream().pipeThrough(new CompressionStream("gzip")), {
        headers: { ...html, "content-encoding": "gzip" },
      }),
    // Workers compress such a body unless they are told that it is.
    "compressed-by-hand": async () => {
      const packed = new Blob(["tickets".repeat(99)]).stream().pipeThrough(new CompressionStream("gzip"));
      const init = { headers: { ...html, "content-encoding": "gzip" }, encodeBody: "manual" };
      return new Response(await new Response(packed).arrayBuffer(), init);
    },
    "fetched": () => fetch(`${origin}/plain`),
    "fetched-compressed": () => fetch(`${origin}/compressed`),
    "fetched-brotli": () => fetch(`${origin}/brotli`),
    "fetched-chunked": () => fetch(`${origin}/chunked`),
    "fetched-not-modified": () => fetch(`${origin}/not-modified`),
    "fetched-missing": () => fetch(`${origin}/missing`),
    "fetched-head": () => fetch(`${origin}/plain`, { method: "HEAD" }),
    "fetched-anew": async () => {
      const { body, status } = await fetch(`${origin}/compressed`);
      return new Response(body, { status, headers: html });
    },
    "fetched-data": () => fetch("data:text/html,tickets"),
    ...(Deno?.permissions !== undefined
      ? { "file": async () => new Response((await Deno.open(file)).readable) }
      : Bun !== undefined
      ? {
        "file": () => new Response(Bun.file(file)),
        "file-slice": () =>
          new Response(Bun.file(file).slice(2, 9), {
            status: 206,
            headers: { "content-range": "bytes 2-8/9999" },
          }),
      }
      : process?.getBuiltinModule?.("node:fs") !== undefined
      ? {
        "file": async () => new Response(await process.getBuiltinModule?.("node:fs")?.openAsBlob(file)),
        "file-slice": async () => {
          const whole = await process.getBuiltinModule?.("node:fs")?.openAsBlob(file);
          return new Response(whole?.slice(2, 9), {
            status: 206,
            headers: { "content-range": "bytes 2-8/9999" },
          });
        },
      }
      : {}),
  };
}

function pieces(count: number, ms: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    async pull(controller) {
      if (left === 0) return controller.close();
      await pause(ms);
      controller.enqueue(new TextEncoder().encode(`data: ${left--}\n\n`));
    },
  });
}
