import type { HeaderChange, Refusal } from "./decision.ts";
import { GateError } from "./errors.ts";

/** The answer to a refusal when no plugin gave one. */
export function answerTo(refusal: Refusal): Response {
  switch (refusal.action) {
    case "queue":
    case "redirect":
      return new Response(null, { status: 302, headers: { location: refusal.location } });
    case "reject":
      return unavailable(refusal.status);
    case "respond":
      return refusal.response;
  }
}

/** What a visitor is told who is turned down without further explanation. */
export function unavailable(status: number): Response {
  const text = status >= 500
    ? "This page is not available at the moment. Please try again in a minute.\n"
    : "This request was refused.\n";
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

/** Changes to an answer of the gate itself: nobody may store it, unless a plugin says it in a form of its own. */
export function withoutStore(answer: Response, changes: readonly HeaderChange[]): readonly HeaderChange[] {
  if (/\bno-store\b/i.test(answer.headers.get("cache-control") ?? "")) return changes;
  return [["cache-control", "no-store"], ...changes];
}

/** Changes to a page of the application: one that carries a cookie of ours is nobody else's. */
export function withPrivacy(page: Response, changes: readonly HeaderChange[]): readonly HeaderChange[] {
  if (!changes.some((change) => change[0] === "set-cookie")) return changes;
  const current = page.headers.get("cache-control");
  if (current !== null && /(?:^|[\s,])(?:private|no-store)(?:$|[\s,;])/i.test(current)) return changes;
  const kept = (current ?? "").split(",").map((directive) => directive.trim())
    .filter((directive) => directive !== "" && !/^(?:public$|s-maxage\b|private\b)/i.test(directive));
  return [...changes, ["cache-control", [...kept, "private"].join(", ")]];
}

/**
 * Makes the response with its changed headers. It is always a new one: a response that came from `fetch` cannot be
 * changed, and one that the application keeps for several visitors must not be. Only the answer to an upgrade is
 * changed in place where it can be, because servers recognise that very object.
 */
export function withHeaders(
  response: Response,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
): Response {
  if (changes.length === 0) return response;
  if (response.status < 200) {
    // Where the upgrade's headers are immutable the visitor keeps the cookies of before.
    change(response.headers, changes, () => {});
    return response;
  }
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  change(headers, changes, report);
  return new Response(body, { status, statusText, headers });
}

function change(
  headers: Headers,
  changes: readonly HeaderChange[],
  report: (error: GateError) => void,
): void {
  for (const [name, value] of changes) {
    try {
      if (name === "set-cookie" || name === "vary") headers.append(name, value);
      else headers.set(name, value);
    } catch (cause) {
      report(new GateError("internal", `The header "${name}" cannot be sent`, { cause }));
    }
  }
}
