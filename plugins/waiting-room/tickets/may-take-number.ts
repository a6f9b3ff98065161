import { advanceHeaders, isAdvance } from "../../../src/http/in-advance.ts";

/** What else than pages old browsers ask for, by the first type that they would like. */
const partTypes = /^\s*(?:(?:image|audio|video|font)\/|text\/css\b)/i;

/** What browsers said before there was `Sec-Purpose`, of which no word may take one. */
const formerHeaders = advanceHeaders.filter((name) => name !== "sec-purpose");

/**
 * Whether a request may take a number: only that by which a browser opens a page in a tab. An image of a foreign site would otherwise
 * take one for each of that site's readers.
 *
 * Browsers say by `Sec-Fetch-Mode` and `Sec-Fetch-Dest` what a request is for (https://w3c.github.io/webappsec-fetch-metadata/), over
 * encrypted connections, and scripts cannot change it. Programs, old browsers, and browsers on an unencrypted page send neither:
 * then only what asks for a part of a page by its `Accept` takes none.
 */
export function mayTakeNumber({ method, headers }: Pick<Request, "method" | "headers">): boolean {
  // Links and forms open pages with these alone.
  if (method !== "GET" && method !== "POST") return false;
  if (headers.has("sec-purpose") || headers.has("upgrade") || headers.has("service-worker")) return false;
  if (formerHeaders.some((name) => isAdvance(headers.get(name) ?? ""))) return false;
  const mode = headers.get("sec-fetch-mode");
  const destination = headers.get("sec-fetch-dest");
  if (mode !== null || destination !== null) return mode === "navigate" && destination === "document";
  return !partTypes.test(headers.get("accept") ?? "");
}
