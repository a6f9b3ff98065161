/** A stand-in of Upstash's REST service in front of a Redis. */

import { createServer } from "node:http";
import type { Redis } from "ioredis";
import { freePort } from "./redis.ts";

/** A running stand-in. */
export interface UpstashService {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the service.
 *
 * @param redis Where commands go.
 * @param token What clients have to know.
 */
export async function startUpstash(redis: Redis, token: string): Promise<UpstashService> {
  const server = createServer(async (request, response) => {
    const say = (status: number, body: unknown) => {
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    };
    let text = "";
    for await (const chunk of request) text += String(chunk);
    if (request.headers.authorization !== `Bearer ${token}`) {
      return say(401, { error: "WRONGPASS invalid or missing auth token" });
    }
    // The client sends one command as a list of texts.
    const [command = "", ...args] = JSON.parse(text) as string[];
    const isEncoded = request.headers["upstash-encoding"] === "base64";
    try {
      const result = await redis.call(command, ...args);
      say(200, { result: isEncoded ? encoded(result) : result });
    } catch (error) {
      say(400, { error: error instanceof Error ? error.message : String(error) });
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function encoded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(encoded);
  return typeof value === "string" && value !== "OK" ? btoa(unescape(encodeURIComponent(value))) : value;
}
