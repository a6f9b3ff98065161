/** Queue-it's rooms by a handler that is written for them: what no gate can do without, and nothing else. */

import { createSigner } from "../src/crypto/signer.ts";
import { cookieName, readsVisitor, rooms, secret } from "./_queue-it.ts";

/** How many sessions are remembered. */
const mostSeen = 256;
/** How long a session lasts, in seconds. */
const lifeSeconds = 1200;

/**
 * Makes the handler. It reads what any gate reads, looks for 20 rooms in the URL, and checks a session. It knows no option, no fault and no spelling but the usual one.
 *
 * @param page The application's page.
 * @param answer What a gate answered to who is refused, sent from the page at `url`.
 */
export function byHand(
  { room, url, page, answer }: {
    readonly room: string;
    readonly url: string;
    readonly page: Response;
    readonly answer: Response;
  },
): (request: Request) => Response {
  const name = `${cookieName(room)}=`;
  const signer = createSigner([secret]);
  const seen = new Map<string, number>();
  const refuse = refusing(url, answer);

  /** When a session was written, in Unix seconds; `NaN` for none of ours. */
  function issuedAt(cookie: string): number {
    const at = cookie.indexOf(name);
    if (at === -1) return Number.NaN;
    const raw = cookie.slice(at + name.length, cookie.indexOf(";", at));
    const known = seen.get(raw);
    if (known !== undefined) return known;
    const [, event, queue, type, time, hash] =
      /^EventId=(\w+)&QueueId=([\w-]+)&RedirectType=(\w+)&IssueTime=(\d+)&Hash=(\w+)$/.exec(
        decodeURIComponent(raw),
      ) ?? [];
    if (hash === undefined || !signer.verifies(`${event}${queue}${type}${time}`, hash)) return Number.NaN;
    if (seen.size === mostSeen) seen.clear();
    seen.set(raw, Number(time));
    return Number(time);
  }

  return (request) => {
    if (!readsVisitor(request) || !rooms.test(request.url)) return page;
    const cookie = request.headers.get("cookie") ?? "";
    return issuedAt(cookie) > Date.now() / 1000 - lifeSeconds ? page : refuse(request.url);
  };
}

/** What refuses visitors, by a copy of an answer with the page to come back to, which is nearly always the page of the visitor before. */
function refusing(url: string, answer: Response): (url: string) => Response {
  const [before, after] = answer.headers.get("location")?.split(encodeURIComponent(url)) ?? [];
  let refused = new Response(null, answer);
  let last = url;
  return (url) => {
    if (url !== last) {
      last = url;
      refused = new Response(null, answer);
      refused.headers.set("location", before + encodeURIComponent(url) + after);
    }
    return refused.clone();
  };
}
