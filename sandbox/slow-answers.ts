/** The longest that an answer is held back, in milliseconds. */
export const MAX_WAIT_MS: number = 60_000;

/** The same answer, a byte at a time. */
export async function dripping(answer: Response, ms: number, signal: AbortSignal): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const cancelled = new AbortController();
  const ended = AbortSignal.any([signal, cancelled.signal]);
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await pause(ms, ended);
      if (ended.aborted || at === bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, ++at));
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(body, { status: answer.status, headers });
}

/** The beginning of an answer of which nothing more comes. */
export function halfOpen(signal: AbortSignal): Response {
  const cancelled = new AbortController();
  const ended = AbortSignal.any([signal, cancelled.signal]);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"result":')),
    async pull(controller) {
      await pause(MAX_WAIT_MS, ended);
      controller.close();
    },
    cancel: () => cancelled.abort(),
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** Resolves after `ms` or when the signal aborts, whichever is first, and leaves no timer behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
