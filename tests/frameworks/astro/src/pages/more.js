import { streams } from "../streams.js";

export function GET() {
  for (const stream of streams.splice(0)) {
    stream.enqueue(new TextEncoder().encode("two"));
    stream.close();
  }
  return new Response("");
}
