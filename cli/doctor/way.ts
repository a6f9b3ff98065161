import { withDeadline } from "../../src/async/deadline.ts";
import { isLoopback } from "../../src/url/host-name.ts";
import { parseAddress } from "../../src/url/ip-address.ts";
import type { Connection, Host } from "../host.ts";
import type { Findings } from "./check.ts";
import { faultAdvice, type FaultKind, faultOf, faultWords } from "./faults.ts";

/** How far it is to a machine, step by step. */
export interface Way {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly lookupMs: number | undefined;
  readonly connection: Connection | undefined;
  readonly isEncrypted: boolean;
  readonly isHere: boolean;
  readonly fault: { readonly step: "lookup" | "connect"; readonly kind: FaultKind } | undefined;
}

/** Looks for the name of a machine, and makes a connection to it. Nothing is asked of it. */
export async function wayTo(url: string, { network }: Host, timeoutMs: number): Promise<Way> {
  const { protocol, hostname, port } = new URL(url);
  const isEncrypted = protocol === "https:";
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  const found = { host: hostname, isEncrypted, isHere: isLoopback(hostname) };
  const none = { addresses: [], lookupMs: undefined, connection: undefined };
  let addresses: readonly string[] = [bare];
  let lookupMs: number | undefined;
  if (parseAddress(bare) === undefined) {
    const since = performance.now();
    try {
      addresses = await withDeadline(network.lookup(bare), timeoutMs, "DNS");
      lookupMs = Math.round(performance.now() - since);
    } catch (thrown) {
      return { ...found, ...none, fault: { step: "lookup", kind: faultOf(thrown) } };
    }
  }
  const place = { host: bare, port: Number(port || (isEncrypted ? 443 : 80)), isEncrypted };
  const abort = new AbortController();
  try {
    const making = network.connect(place, abort.signal);
    const connection = await withDeadline(making, timeoutMs, "The connection", () => abort.abort());
    return { ...found, addresses, lookupMs, connection, fault: undefined };
  } catch (thrown) {
    return { ...found, ...none, addresses, lookupMs, fault: { step: "connect", kind: faultOf(thrown) } };
  }
}

/**
 * Tells of the way to a machine.
 *
 * @param isAnswered Whether it was answered all the same, by whatever way.
 */
export function tellWay(findings: Findings, way: Way, isAnswered: boolean): void {
  const { host, addresses, lookupMs, connection, fault, isEncrypted, isHere } = way;
  if (lookupMs !== undefined) {
    const shown = addresses.slice(0, 3).join(", ") + (addresses.length > 3 ? " and others" : "");
    findings.ok("way", "name", `${host} has the address ${shown}, which took ${lookupMs} ms (DNS).`);
  }
  if (connection !== undefined) {
    const { connectMs, tls } = connection;
    const until = tls?.validUntil === undefined ? "" : `; its certificate is valid until ${tls.validUntil}`;
    const encryption = tls === undefined ? "" : `, and encryption (${tls.protocol}) ${tls.ms} ms${until}`;
    findings.ok("way", "connection", `A connection to ${host} took ${connectMs} ms${encryption}.`);
  }
  if (fault !== undefined) {
    const message = `${host} cannot be reached: ${faultWords[fault.kind]}.`;
    if (isAnswered) {
      const advice = "A proxy of this machine answers for it; the gate must take the same way.";
      findings.note("way", fault.kind, `${message} Calls were answered all the same.`, advice);
    } else findings.problem("way", fault.kind, message, faultAdvice[fault.kind]);
  }
  if (!isEncrypted && !isHere) {
    const message = `The way to ${host} is not encrypted: keys can be read on it.`;
    findings.note("way", "not-encrypted", message, "Use https where the address leaves your own network.");
  }
}

const proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/** Tells of a proxy that the environment names, where nobody was reached. Its address may hold a password. */
export function tellProxy(findings: Findings, { env }: Host): void {
  const name = proxies.find((each) => (env(each) ?? "") !== "");
  if (name === undefined) return;
  const message = `${name} names a proxy, by which not every platform calls.`;
  findings.note(
    "way",
    "proxy",
    message,
    "On Node, NODE_USE_ENV_PROXY=1 makes it do so; Deno and Bun do by themselves.",
  );
}
