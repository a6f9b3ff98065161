import { at, field, hasMethod, hasObject, text } from "./hand-over.ts";

/**
 * Finds the address of the connection in what a platform hands over.
 *
 * @param places Its arguments, and what they hold of the server below.
 * @param isOnWorkers Tells whether the platform is Cloudflare's, which writes the address into the request.
 * @returns The address as the platform spells it; `""` where there is a connection without one.
 */
export function peerAddressOf(
  request: Request,
  places: readonly unknown[],
  isOnWorkers: () => boolean,
): string | undefined {
  const told = first(places, connectionAddress) ?? first(places, (place) => toldAddress(request, place));
  if (told !== undefined) return told;
  // On Workers every name of a binding to another Worker looks like a method, which must not be called.
  if (isOnWorkers()) return request.headers.get("cf-connecting-ip") ?? "";
  return first(places, (place) => bunAddress(request, place));
}

function first(
  places: readonly unknown[],
  read: (place: unknown) => string | undefined,
): string | undefined {
  for (const place of places) {
    const found = read(place);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where requests of Node's server are kept. */
const messages: readonly (readonly string[])[] = [
  [], // Node, Express
  ["incoming"], // @hono/node-server
  ["raw"], // Fastify
  ["req"], // Koa; srvx on Node
  ["node", "req"], // h3 1 and Nitro 2
];

/** Where the information of Deno is kept. */
const infos: readonly (readonly string[])[] = [
  [], // Deno, Deno Deploy
  ["info"], // Fresh; srvx on Deno
];

/**
 * Where AWS tells the address from which its connection came. The event of a load balancer has none, and
 * what is beside `requestContext`, or in the other parts of a request, is the visitor's word.
 */
const events: readonly (readonly [path: readonly string[], name: string])[] = [
  [["requestContext", "http"], "sourceIp"], // HTTP APIs and function URLs, format 2.0
  [["requestContext", "identity"], "sourceIp"], // REST APIs, format 1.0
  [["Records", "0", "cf", "request"], "clientIp"], // Lambda@Edge
];

/** What the server tells of the socket. Where it has one without an address, no header stands in for it. */
function connectionAddress(place: unknown): string | undefined {
  for (const path of infos) {
    const address = field(at(place, path), "remoteAddr");
    if (address === undefined) continue;
    const found = text(address, "hostname");
    if (found !== undefined) return found;
    if (text(address, "transport") !== undefined) return "";
  }
  for (const path of messages) {
    const message = at(place, path);
    if (message === undefined) continue;
    const found = text(field(message, "socket"), "remoteAddress");
    if (found !== undefined) return found;
    if (text(message, "httpVersion") !== undefined) return "";
  }
  return eventAddress(place) ?? eventAddress(field(place, "event"));
}

function eventAddress(event: unknown): string | undefined {
  if (event === undefined) return undefined;
  for (const [path, name] of events) {
    const found = text(at(event, path), name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a framework or a platform tells by a word of its own. */
function toldAddress(request: Request, place: unknown): string | undefined {
  return svelteKitAddress(place) ?? astroAddress(request, place) ?? netlifyAddress(place) ??
    netlifyAddress(withMethods(field(place, "context"))) ??
    netlifyAddress(withMethods(at(place, ["locals", "netlify", "context"]))) ?? fastlyAddress(place);
}

/**
 * SvelteKit asks its adapter, which tells the socket's, or the platform's word. It throws while pages are prerendered, and
 * where the header that the owner has named is absent; then the socket of the adapter for Node counts.
 */
function svelteKitAddress(place: unknown): string | undefined {
  if (!hasMethod(place, "getClientAddress")) return undefined;
  try {
    const found = place.getClientAddress();
    if (typeof found === "string") return found;
  } catch {
    // It is not told.
  }
  return connectionAddress(field(place, "platform")) ?? "";
}

/**
 * Astro takes the first entry of `X-Forwarded-For` for it where `security.allowedDomains` has the host. The first entry is what
 * came from the visitor, so that an address which stands there as well is nobody's word; `clientIp()` reads the list by whom it
 * trusts.
 */
function astroAddress(request: Request, place: unknown): string | undefined {
  const found = text(place, "clientAddress");
  if (found === undefined) return undefined;
  const [claimed] = request.headers.get("x-forwarded-for")?.split(",", 1) ?? [];
  return claimed?.trim() === found.trim() ? undefined : found;
}

/** Netlify's context is known by what else is in it. Requests of Express and Fastify have an `ip` that may be from a header. */
function netlifyAddress(context: unknown): string | undefined {
  const found = text(context, "ip");
  if (found === undefined || !hasObject(context, "geo") || hasObject(context, "headers")) return undefined;
  const isNetlify = text(context, "requestId") !== undefined ||
    ["site", "deploy", "account"].some((name) => hasObject(context, name));
  return isNetlify ? found : undefined;
}

/** The context of Netlify in Hono's bindings and in the locals of Astro. Locals may come as JSON, in which there are no functions. */
function withMethods(context: unknown): unknown {
  return hasMethod(context, "next") || hasMethod(context, "waitUntil") ? context : undefined;
}

/** The event of Fastly Compute, `FetchEvent` of its types. */
function fastlyAddress(event: unknown): string | undefined {
  return hasMethod(event, "respondWith") ? text(field(event, "client"), "address") : undefined;
}

/** Bun's server, or what holds it, as the context of Elysia and srvx do. */
function bunAddress(request: Request, place: unknown): string | undefined {
  const server = [place, field(place, "server")].find((each) => hasMethod(each, "requestIP"));
  if (!hasMethod(server, "requestIP")) return undefined;
  try {
    return text(server.requestIP(request), "address");
  } catch {
    // It is not told.
    return undefined;
  }
}
