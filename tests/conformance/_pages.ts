/** The application that stands behind all gates of the conformance suite, and without a gate as well. */

import { createMade } from "./_made.ts";

/** What the application shares with the suite. */
export interface Pages {
  /** Answers; `path` is what remains behind the name of the gate. */
  serve(request: Request, path: string, platform: readonly unknown[]): unknown;
  /** Lets a stream go on. */
  release(id: string): void;
  /** The streams whose readers have gone. */
  readonly cancelled: readonly string[];
}

/**
 * Makes the application.
 *
 * @param upgrade Upgrades to a WebSocket in the platform's own way; it echoes.
 * @param bodies Answers by the kinds of their bodies.
 */
export function createPages(
  upgrade: (request: Request, platform: readonly unknown[]) => unknown,
  bodies: Readonly<Record<string, () => unknown>>,
): Pages {
  const released = new Set<string>();
  const cancelled: string[] = [];
  const made = createMade();

  /** Sends one piece, waits until it is told to go on, and sends another. It polls: platforms keep requests apart. */
  function stream(id: string): Response {
    let step = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        step++;
        if (step === 1) return controller.enqueue(encode("one;"));
        for (let turn = 0; turn < 1000 && !released.has(id); turn++) await pause(10);
        if (step === 3) return controller.close();
        controller.enqueue(encode("two;"));
      },
      cancel() {
        cancelled.push(id);
      },
    });
    return new Response(body, { headers: { "content-type": "text/plain" } });
  }

  async function upload(request: Request): Promise<Response> {
    let bytes = 0;
    let sum = 0;
    const reader = request.body?.getReader();
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true, value: undefined };
      if (done || value === undefined) return Response.json({ bytes, sum });
      bytes += value.length;
      for (const byte of value) sum = (sum * 31 + byte) % 1_000_003;
    }
  }

  async function echo(request: Request, path: string): Promise<Response> {
    const { method, headers } = request;
    const kept = ["host", "content-type", "cookie", "x-test"].map((name) => [name, headers.get(name)]);
    return Response.json({ method, path, headers: kept, body: await request.text() });
  }

  return {
    cancelled,
    release: (id) => void released.add(id),
    serve(request, path, platform) {
      const [, page = "", detail = ""] = path.split(/[/?]/);
      switch (page) {
        case "status": {
          const status = Number(detail);
          const body = status === 204 || status === 304 ? null : `status ${detail}`;
          return new Response(body, { status, headers: { etag: '"1"', "x-app": "yes" } });
        }
        case "cookies": {
          const headers = new Headers([["set-cookie", "a=1; Path=/"], ["set-cookie", "b=2; Path=/"]]);
          headers.set("cache-control", "public, max-age=60");
          return new Response("cookies", { headers });
        }
        case "made":
          return made(detail, path.split("?")[1]);
        case "bodies":
          return bodies[detail]?.();
        case "moved":
          return new Response(null, { status: 303, headers: { location: "/elsewhere" } });
        case "html":
          return new Response("<!doctype html><p>\u00fcml\u00e4ut", {
            headers: { "content-type": "text/html; charset=utf-8" },
          });
        case "big":
          return new Response("0123456789abcdef".repeat(65_536));
        case "empty":
          return new Response(null, { headers: { "content-length": "0" } });
        case "echo":
          return echo(request, path);
        case "upload":
          return upload(request);
        case "ignored-upload":
          return new Response("not read");
        case "stream":
          return stream(detail);
        case "boom":
          throw new Error("the application's own error");
        case "boom-later":
          return pause(1).then(() => {
            throw new Error("the application's own error, later");
          });
        case "later":
          return pause(20).then(() => new Response(`page ${path}`));
        case "ws":
          return upgrade(request, platform);
        default:
          return new Response(`page ${path}`);
      }
    },
  };
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
