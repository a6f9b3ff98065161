import type { IncomingMessage } from "node:http";
import type { EventEmitter } from "node:events";
import { messageRequest } from "../adapters/node/mod.ts";
import {
  addressOf,
  callOf,
  headersFor,
  type Leave,
  leaveOf,
  nextActionRedirect,
  opened,
  openingPath,
  svelteKitRedirect,
} from "../adapters/router-call.ts";
import { isLetInto, remoteFormOf } from "../adapters/remote-form.ts";
import { chain } from "../src/async/maybe-promise.ts";
import type { Begun, Passage } from "../src/begun.ts";
import type { Gate } from "../src/gate.ts";
import { applyChanges, isAdded } from "../src/http/header-changes.ts";
import { pageOfData } from "../src/url/data-pages.ts";

/**
 * Decides about a request as the gate does, and answers in the words of a router in the browser who has to wait. Whatever framework is behind, each
 * of them is known by how it asks: so its words change what a refusal looks like, and never who is refused.
 *
 * @param gate The gate.
 * @param incoming The request.
 * @param outgoing Its response, or its socket.
 */
export function beginInWords(
  gate: Gate,
  incoming: IncomingMessage,
  outgoing: EventEmitter,
): Begun | Promise<Begun> {
  const request = messageRequest(incoming, outgoing);
  const { method = "", url = "" } = incoming;
  if (method === "GET" || method === "HEAD") {
    if (url.includes(openingPath)) {
      const answer = openedPage(request.url);
      if (answer !== undefined) return { answer };
    }
  } else if (method === "POST" && url.includes("?") && URL.canParse(request.url)) {
    const form = remoteFormOf(request, pathOf(url), remotes);
    if (form !== undefined) return both(gate, [form, request], incoming);
  }
  const say = wordsOf(incoming, pathOf(url));
  if (say === undefined) return gate.begin(request, incoming);
  return chain(gate.begin(callOf(request, request.url), incoming), (begun) => inWords(begun, say));
}

/** Makes of an answer of the gate one in the words of a router. */
type Words = (answer: Response, leave: Leave) => Response;

async function inWords(begun: Begun, say: Words): Promise<Begun> {
  if (begun.answer === undefined) return begun;
  const leave = await leaveOf(begun.answer);
  if (leave === undefined) return begun;
  // A service that takes off an address what it told there leads to the data themselves, and the browser opens a page.
  return { answer: say(begun.answer, { ...leave, location: pageOfData(leave.location) }) };
}

/** Below which SvelteKit has remote functions, where the application stands at the root. */
const remotes = "/_app/remote/";
const svelteKitData = /(?:\/|\.html)__data\.json$/;

/** By which React Router asks: others want to know something of the answer itself. */
const reactRouterMethods: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

/** The words of the router that asks so; `undefined` where a browser asks for a page, and where programs do. */
function wordsOf({ method = "", headers }: IncomingMessage, path: string): Words | undefined {
  // Who opens a WebSocket understands no words.
  if (headers.upgrade !== undefined) return undefined;
  if (method === "POST") {
    if (headers["next-action"] !== undefined) return nextActionRedirect;
    if (headers["x-sveltekit-action"] !== undefined || path.includes(remotes)) return inSvelteKit;
  } else if (method === "GET" && svelteKitData.test(path)) return inSvelteKit;
  const isReactRouters = path.endsWith(".data") && reactRouterMethods.has(method) && isByScript(headers);
  return isReactRouters ? reactRouterRedirect : undefined;
}

/** Whether a script in a browser asks. Some browsers say nothing of it, and on sites without encryption none does. */
function isByScript(
  { "sec-fetch-dest": destination, "user-agent": agent = "" }: IncomingMessage["headers"],
): boolean {
  return destination === undefined ? agent.startsWith("Mozilla/") : destination === "empty";
}

function inSvelteKit(answer: Response, leave: Leave): Response {
  return svelteKitRedirect(answer, leave, openingPath);
}

/** What the router of React Router understands as a redirect that it has not to decode. */
function reactRouterRedirect(answer: Response, leave: Leave): Response {
  const words = { "x-remix-redirect": addressOf(leave), "x-remix-reload-document": "true" };
  return new Response(null, { status: 204, headers: headersFor(answer, words) });
}

/** The answer at the address by way of which SvelteKit's client opens a page. */
function openedPage(url: string): Response | undefined {
  if (!URL.canParse(url)) return undefined;
  const read = new URL(url);
  const isIt = read.pathname.startsWith(`${openingPath}/`) && !svelteKitData.test(read.pathname);
  return isIt ? opened(read, openingPath) : undefined;
}

/** Who sends a form to a page by which a function is called needs to be let in to both. */
async function both(
  gate: Gate,
  [form, page]: readonly [Request, Request],
  incoming: IncomingMessage,
): Promise<Begun> {
  const first = await gate.begin(form, incoming);
  if (first.answer !== undefined || await isLetInto(gate, first.decision, page, incoming)) return first;
  const second = await gate.begin(page, incoming);
  if (second.answer !== undefined) {
    first.left();
    return second;
  }
  return joined(first, second);
}

function joined(first: Passage, second: Passage): Passage {
  return {
    ...{ answer: undefined, ctx: second.ctx, decision: second.decision },
    finish(status, headers) {
      const changes = first.finish(status, headers);
      // The second one looks at what the first one made of the headers, and says nothing twice.
      const more = second.finish(status, () => {
        return applyChanges(new Headers(typeof headers === "function" ? headers() : headers), changes);
      });
      const isReplaced = (name: string) => !isAdded(name) && more.some(([other]) => other === name);
      return [...changes.filter(([name]) => !isReplaced(name)), ...more];
    },
    failed() {
      first.failed();
      second.failed();
    },
    left() {
      first.left();
      second.left();
    },
  };
}

/** A target without its query. */
function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? target : target.slice(0, mark);
}
