import { isClaim } from "./claimed-headers.ts";
import { eachHeader, hopsOf, type RawHeaders } from "./raw-headers.ts";

/** What is told to the origin of the visitor. */
export interface Visitor {
  /** The address of the connection; `undefined` where nobody knows it. */
  readonly peer: string | undefined;
  /** The visitor's own address, which is another one behind proxies. */
  readonly address: string | undefined;
  /** Whether the connection comes from a proxy of the owner's, whose words count. */
  readonly isTrusted: boolean;
  /** The host that was asked for. */
  readonly host: string;
}

/** How requests are handed on. */
export interface Handing {
  /** The `Host` that the origin gets. */
  readonly host: string;
  /** Whether a body follows in pieces. */
  readonly isChunked: boolean;
  /** Whether a length of nothing is told, where neither it nor pieces are. */
  readonly tellsNothing: boolean;
  /** Whether the connection is asked to change to a WebSocket. */
  readonly upgrades: boolean;
}

/** More names than that are no browser's, and are looked at again. */
const mostKnown = 500;

const forwarding: ReadonlySet<string> = new Set([
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** What is not handed on, though it is no claim: CGI makes the address of a proxy for outgoing requests of it. */
const dangerous = "proxy";

/**
 * Makes the headers that the origin gets: those of the visitor in their order and spelling, but for what is between neighbours and what only a
 * proxy may tell. That is told anew; what a trusted proxy told is kept and added to.
 */
export type HeadersFor = (raw: RawHeaders, visitor: Visitor, handing: Handing) => string[];

/** Makes {@linkcode HeadersFor}, which remembers the names that it looked at: their patterns are many and they are few. */
export function createHeadersFor(keep: readonly string[]): HeadersFor {
  const known = new Map<string, boolean>(keep.map((name) => [name.toLowerCase(), false]));

  function claims(name: string): boolean {
    const before = known.get(name);
    if (before !== undefined) return before;
    const is = isClaim(name);
    if (known.size < mostKnown && name.length < 64) known.set(name, is);
    return is;
  }

  return (raw, visitor, handing) => headersOf(raw, visitor, handing, claims);
}

function headersOf(
  raw: RawHeaders,
  visitor: Visitor,
  handing: Handing,
  claims: (name: string) => boolean,
): string[] {
  const isHop = hopsOf(raw);
  const sent: string[] = ["Host", handing.host];
  const told = new Map<string, string>();
  eachHeader(raw, (name, written, value) => {
    if (name === "host" || name === dangerous) return;
    // Nothing can trail a body that does not come in pieces, and Node writes no head that says so.
    if (name === "trailer" && !handing.isChunked) return;
    // First, for a visitor could have `Connection` name what a proxy tells.
    if (forwarding.has(name)) {
      const before = told.get(name);
      told.set(name, before === undefined ? value : `${before}, ${value}`);
    } else if (!isHop(name) && (visitor.isTrusted || !claims(name))) sent.push(written, value);
  });
  tellVisitor(sent, visitor.isTrusted ? told : new Map(), visitor);
  if (handing.isChunked) sent.push("Transfer-Encoding", "chunked");
  else if (handing.tellsNothing) sent.push("Content-Length", "0");
  if (handing.upgrades) sent.push("Connection", "Upgrade", "Upgrade", "websocket");
  return sent;
}

function tellVisitor(
  sent: string[],
  told: ReadonlyMap<string, string>,
  { peer, address, host }: Visitor,
): void {
  const before = told.get("x-forwarded-for");
  const chain = [before, peer].filter((each) => each !== undefined && each !== "").join(", ");
  if (chain !== "") sent.push("X-Forwarded-For", chain);
  sent.push("X-Forwarded-Host", told.get("x-forwarded-host") ?? host);
  sent.push("X-Forwarded-Port", told.get("x-forwarded-port") ?? portOf(host, told.get("x-forwarded-proto")));
  sent.push("X-Forwarded-Proto", told.get("x-forwarded-proto") ?? "http");
  const real = told.get("x-real-ip") ?? address ?? peer;
  if (real !== undefined) sent.push("X-Real-IP", real);
  const node = peer === undefined ? "unknown" : peer.includes(":") ? `"[${peer}]"` : peer;
  const own = `for=${node};host="${host}";proto=http`;
  const others = told.get("forwarded");
  sent.push("Forwarded", others === undefined ? own : `${others}, ${own}`);
}

function portOf(host: string, proto: string | undefined): string {
  return /:([0-9]+)$/.exec(host)?.[1] ?? (proto === "https" ? "443" : "80");
}
