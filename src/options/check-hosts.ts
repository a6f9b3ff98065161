import { readPublicHost } from "../url/public-hosts.ts";
import { checkStrings, type Subject, valueError } from "./check.ts";
import { isUnset } from "./secret-kind.ts";

/** Refuses what is no list of public hosts. */
export function checkPublicHosts(subject: Subject, option: string, hosts: unknown): void {
  const must = 'a list of hosts such as "shop.example.com", or "http://localhost:8080" for development';
  checkStrings(subject, option, hosts, must, isHost);
  // It was found to be a list.
  if ((hosts as readonly unknown[]).length === 0) throw valueError(subject, option, must, hosts);
}

function isHost(text: string): boolean {
  return readPublicHost(text) !== undefined && !isUnset(text);
}
