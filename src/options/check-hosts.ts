import { readPublicHost } from "../url/public-hosts.ts";
import { checkStrings, type Subject, valueError } from "./check.ts";

/** Refuses what is no list of public hosts. */
export function checkPublicHosts(subject: Subject, option: string, hosts: unknown): void {
  const must = 'a list of hosts such as "shop.example.com", or "http://localhost:8080" for development';
  checkStrings(subject, option, hosts, must, (host) => readPublicHost(host) !== undefined);
  // It was found to be a list.
  if ((hosts as readonly unknown[]).length === 0) throw valueError(subject, option, must, hosts);
}
