/** A body of which a part is there at once, and the end after so many milliseconds. */
export function slowStream(text: string, ms: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      controller.close();
    },
  });
}
