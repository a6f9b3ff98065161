import { localRange, parseAddress } from "../../src/url/ip-address.ts";
import type { Findings } from "./check.ts";
import type { DoctorCommand } from "./command.ts";

/** Headers in which proxies write addresses. */
const forwarding =
  /^(?:x-forwarded-for|forwarded|x-real-ip|true-client-ip|cf-connecting-ip|fastly-client-ip)$/i;

/** Tells what the address of a visitor looks like to the service. */
export function tellAddress(findings: Findings, command: DoctorCommand, address: string | undefined): void {
  const { trustedProxies, headers } = command;
  const header = headers.find(([name]) => forwarding.test(name))?.[0];
  if (address === undefined) {
    const message =
      "No address of the visitor is known, so what the service would be told is not known either.";
    const advice =
      "Give --address with that of a connection to your server and, behind a proxy, --header with what the " +
      "proxy writes and --trusted-proxies with the number of proxies.";
    return command.address === undefined
      ? findings.note("address", "unknown", message, advice)
      : findings.problem("address", "none", message, advice);
  }
  const parsed = parseAddress(address);
  const range = parsed === undefined ? "unknown" : localRange(parsed);
  const told = `The service would be told that the visitor's address is ${address}`;
  if (range !== undefined) {
    const message =
      `${told}, which is no address of the internet (${range}): all visitors may look like one, which the service blocks.`;
    const advice = "Behind a proxy: clientIp({ trustedProxies: 1 }), with the header that the proxy writes.";
    return findings.problem("address", "private", message, advice);
  }
  if (trustedProxies === undefined && header !== undefined) {
    const message =
      `${told}, that of the connection; what ${header} says does not count, for no proxy is trusted.`;
    const advice =
      "If a proxy wrote it, give --trusted-proxies 1 here, and clientIp({ trustedProxies: 1 }) to the gate.";
    return findings.note("address", "not-trusted", message, advice);
  }
  findings.ok("address", "known", `${told}.`);
}
