import { isLoopback } from "../src/url/host-name.ts";
import { parseUrl } from "./parse-url.ts";

/**
 * The host name in a `Host`, without its port and the dot at its end, or `undefined` when it is none.
 *
 * @param text A host with or without a port, such as `localhost:4000`, `[::1]` or `::1`.
 */
export function hostnameOf(text: string): string | undefined {
  if (/[\s/?#\\@]/.test(text)) return undefined;
  const isBare = /:.*:/.test(text) && !text.startsWith("[");
  return parseUrl(`http://${isBare ? `[${text}]` : text}`)?.hostname.replace(/\.$/, "");
}

/**
 * Makes a guard against requests under a name that is not the sandbox's: those that a page of another site sends after it
 * has made its own name point here (DNS rebinding), which it never can with a loopback name. Such a page could otherwise read everything and steer the sandbox.
 *
 * @param listensOn The address that is listened on. One that stands for all addresses admits all of them.
 * @param names Further names, with or without a port.
 * @returns What answers such a request; `undefined` where the name is the sandbox's.
 */
export function createHostGuard(
  listensOn: string,
  names: readonly string[],
): (request: Request) => Response | undefined {
  const known = new Set([listensOn, ...names].map(hostnameOf).filter((name) => name !== undefined));
  const isEverywhere = known.has("0.0.0.0") || known.has("[::]");

  function knows(name: string | undefined): boolean {
    if (name === undefined) return false;
    return isLoopback(name) || known.has(name) || (isEverywhere && /^(?:\[.*\]|[\d.]+)$/.test(name));
  }

  return (request) => {
    const asked = request.headers.get("host") ?? "";
    // A request may name another host in its first line.
    const strange = [asked, new URL(request.url).host].find((host) => !knows(hostnameOf(host)));
    return strange === undefined ? undefined : refusal(strange);
  };
}

function refusal(host: string): Response {
  const text = `The sandbox does not answer to the host ${JSON.stringify(host.slice(0, 200))}.

It answers to localhost, 127.0.0.1 and [::1], and to the address that --host names, so that no page of
another site can reach it under a name of its own. Where this name is yours, start the sandbox with it:

  stanchion-sandbox --allow-host <name>
`;
  const headers = {
    "cache-control": "no-store",
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  };
  return new Response(text, { status: 403, headers });
}
