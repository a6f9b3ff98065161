/**
 * What browsers load for themselves (https://fetch.spec.whatwg.org/#concept-request-destination): the manifest of an app, reports, and
 * what signs visitors in elsewhere. Mostly it carries no cookies.
 */
const destinations: ReadonlySet<string> = new Set(["manifest", "report", "webidentity"]);

/** Reports as browsers send them, also those that tell no destination, and the pings of links. */
const reportTypes =
  /^\s*(?:application\/(?:csp-report|reports\+json|expect-ct-report\+json)|text\/ping)\s*(?:;|$)/i;

/**
 * Whether nobody looks at the answer to a request, so that it never comes back from a waiting room. A beacon is known by its mode: a
 * script that sends without CORS cannot read what it is answered.
 */
export function neverReturns({ method, headers }: Pick<Request, "method" | "headers">): boolean {
  const destination = headers.get("sec-fetch-dest");
  if (destination !== null && destinations.has(destination)) return true;
  if (method !== "POST") return false;
  if (destination === "empty" && headers.get("sec-fetch-mode") === "no-cors") return true;
  return reportTypes.test(headers.get("content-type") ?? "");
}
