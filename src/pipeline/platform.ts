import type { Platform } from "../context.ts";

/** Nothing is known of the connection: the platform gave no extra arguments, or unknown ones. */
const unknownPlatform: Platform = { peerAddress: undefined, waitUntil: undefined };

/**
 * Recognises the platform by the shape of what it hands over beside the request:
 *
 * | platform | arguments | peer address |
 * |---|---|---|
 * | Workers | `env, ctx` | `CF-Connecting-IP`, which the platform itself writes |
 * | Deno, Deno Deploy | `info` | `info.remoteAddr.hostname` |
 * | Bun | `server` | `server.requestIP(request).address` |
 * | Node (`@hono/node-server`) | `{ incoming, outgoing }` | `incoming.socket.remoteAddress` |
 */
export function platformOf(request: Request, args: readonly unknown[]): Platform {
  if (args.length === 0) return unknownPlatform;
  try {
    const [first, second] = args;
    const host = hasMethod(second, "waitUntil") ? second : hasMethod(first, "waitUntil") ? first : undefined;
    return {
      peerAddress: host === second && hasMethod(second, "passThroughOnException")
        ? request.headers.get("cf-connecting-ip") ?? undefined
        : peerOf(request, first),
      waitUntil: host && ((promise) => host.waitUntil(promise)),
    };
  } catch {
    // What cannot be looked at tells nothing.
    return unknownPlatform;
  }
}

function peerOf(request: Request, value: unknown): string | undefined {
  if (hasMethod(value, "requestIP")) return text(value.requestIP(request), "address");
  return text(field(value, "remoteAddr"), "hostname") ??
    text(field(field(value, "incoming"), "socket"), "remoteAddress");
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    // The property is read as unknown, whatever the object is.
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === "string" ? found : undefined;
}

function hasMethod<N extends string>(
  value: unknown,
  name: N,
): value is { readonly [K in N]: (argument: unknown) => unknown } {
  return typeof field(value, name) === "function";
}
