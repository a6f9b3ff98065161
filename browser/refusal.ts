/** What an answer tells of a waiting room. */

/** Where a call has to wait. */
export interface WaitingPlace {
  /** The page to open. */
  readonly room: URL;
  /** What the addresses begin with that a room of `waitingRoom()` is asked by, and which of them is first; `undefined` elsewhere. */
  readonly line?: { readonly base: string; readonly first: "check-in" | "join" } | undefined;
}

/** The `type` of the problem document; the same as `waitingRoomProblem` of `problemAnswers()`. */
const problemType = "https://jsr.io/@stanchion/stanchion/doc/~/WaitingRoomProblem";

/** The waiting room of which a response tells; `page` is where the visitor comes back to. */
export async function refusalOf(response: Response, page: string): Promise<WaitingPlace | undefined> {
  const { headers } = response;
  try {
    const encoded = headers.get("x-queueit-redirect");
    if (encoded) return { room: new URL(decodeURIComponent(encoded)) };
    if (!/^application\/problem\+json\b/i.test(headers.get("content-type") ?? "")) return undefined;
    // Whatever JSON it is, its members are looked at as unknown; of null there are none, which throws.
    const problem = await response.clone().json() as Readonly<Record<string, unknown>>;
    const { type, waitingRoom, returnParameter, returnWithout, poll, join } = problem;
    if (type !== problemType || typeof waitingRoom !== "string") return undefined;
    const room = new URL(waitingRoom);
    if (typeof returnParameter === "string" && room.searchParams.has(returnParameter)) {
      room.searchParams.set(returnParameter, withoutParameters(page, returnWithout));
    }
    return { room, line: lineOf(poll, "check-in") ?? lineOf(join, "join") };
  } catch {
    // It looked like an answer for us and is none: the page may know better.
    return undefined;
  }
}

function lineOf(address: unknown, first: "check-in" | "join"): WaitingPlace["line"] {
  const base = typeof address === "string" && address.endsWith(`/${first}`) &&
    address.slice(0, -first.length);
  return base ? { base, first } : undefined;
}

/** A page without what a waiting room told it on an earlier return: that would count before what it tells on the next one. */
function withoutParameters(page: string, names: unknown): string {
  const unwanted = Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : [];
  const [place = "", ...query] = page.split("?");
  const pairs = query.join("?").split("&");
  const kept = pairs.filter((pair) => {
    const name = pair.replace(/=.*/s, "");
    try {
      return !unwanted.includes(decodeURIComponent(name).toLowerCase());
    } catch {
      return true;
    }
  });
  if (kept.length === pairs.length) return page;
  const rest = kept.join("&");
  return rest === "" ? place : `${place}?${rest}`;
}
