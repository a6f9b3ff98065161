/**
 * A visitor who speaks plain HTTP and tells what happens on each hop.
 *
 * @module
 */

import type { ServiceName } from "./providers.ts";
import type { Site } from "./site.ts";

/** The visitor gives up after this many hops, or this much time. */
const maxHops = 40;
const maxMs = 14_000;

/**
 * Goes from the shop into the waiting room and back, then keeps the place on the next pages.
 *
 * @param site The running demo.
 * @param provider Whose waiting room it is; Queue-it's is left again at the end.
 * @param print Takes a line.
 * @returns Whether the visitor got in and kept the place.
 */
export async function tour(
  site: Site,
  provider: ServiceName,
  print: (line: string) => void,
): Promise<boolean> {
  const visitor = createVisitor(site, print);
  print(`A visitor opens ${site.shopUrl}/tickets/quartet`);
  if (!await visitor.open(`${site.shopUrl}/tickets/quartet`)) return false;
  if (!visitor.waited()) {
    print("The visitor was let in without waiting; the tour expects a line (--crowd 1 or more).");
    return false;
  }
  print("");
  print("The visitor is in, and looks around: the place is kept.");
  for (const path of ["/", "/assets/style.css", "/tickets/choir"]) {
    if (!await visitor.open(`${site.shopUrl}${path}`)) return false;
  }
  if (provider === "queue-it") {
    print("");
    print("The visitor leaves: the session is cancelled here and in the queue.");
    if (!await visitor.open(`${site.shopUrl}/leave`)) return false;
    if (visitor.hasPlace()) {
      print("The session's cookie should be gone, but is not.");
      return false;
    }
  }
  print("");
  print("Every page was served by the shop. The tour is over.");
  return true;
}

function createVisitor({ gate, sandbox, shopUrl }: Site, print: (line: string) => void) {
  /** The cookies of the shop and of the waiting room; they are two hosts. */
  const jars = { shop: new Map<string, string>(), room: new Map<string, string>() };
  const deadline = Date.now() + maxMs;
  let told = 0;
  let lastPosition = "";

  /** Follows a URL to a page of the shop, waiting where it has to wait. */
  async function open(url: string): Promise<boolean> {
    let next = url;
    for (let hop = 0; hop < maxHops && Date.now() < deadline; hop++) {
      const response = await visit(next);
      const location = response.headers.get("location");
      if (location !== null) {
        await response.body?.cancel();
        next = new URL(location, next).href;
        continue;
      }
      const page = await response.text();
      if (next.startsWith(shopUrl)) return response.status === 200;
      const position = /data-text="position">(\d+)</.exec(page)?.[1] ?? "";
      if (position !== lastPosition) print(`      in line, place ${position || "not yet known"}`);
      lastPosition = position;
      // The page asks browsers without scripts to come back by itself; the tour is a little less patient.
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    print("The visitor did not get in within the tour's time.");
    return false;
  }

  async function visit(url: string): Promise<Response> {
    const isShop = url.startsWith(shopUrl);
    const headers: Record<string, string> = { "user-agent": "stanchion-tour", "accept-language": "en" };
    const cookies = isShop ? jars.shop : jars.room;
    if (cookies.size > 0) headers["cookie"] = [...cookies].map((pair) => pair.join("=")).join("; ");
    const response = await fetch(url, { redirect: "manual", headers });
    const waits = !isShop && response.status === 200;
    if (!waits || lastPosition === "") {
      print("");
      print(`  GET ${url}`);
      print(`      ${response.status} ${isShop ? "from the shop's gate" : "from the waiting room"}`);
    }
    const location = response.headers.get("location");
    if (location !== null) print(`      Location: ${location}`);
    for (const line of response.headers.getSetCookie()) {
      if (isShop) print(`      Set-Cookie: ${line}`);
      const [name = "", value = ""] = line.split(";")[0]?.split("=") ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    await gate.idle();
    tellCalls();
    return response;
  }

  /** Tells what the API was asked since the last time. */
  function tellCalls(): void {
    const { calls } = sandbox.state;
    for (const { endpoint, method, path, query, body, status } of calls.slice(told)) {
      // Pages of the queue are hops of the visitor, told already.
      if (endpoint === "queue") continue;
      const content = body === undefined ? query : body;
      print(
        `      the API was asked: ${method} ${path} ${JSON.stringify(content)} and answered ${
          status ?? "nothing yet"
        }`,
      );
    }
    told = calls.length;
  }

  return { open, waited: () => lastPosition !== "", hasPlace: () => jars.shop.size > 0 };
}
