import { streams } from "../../streams.js";

export function GET() {
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(new TextEncoder().encode("one"));
      streams.push(stream);
    },
  });
  return new Response(body);
}
