import type { SandboxEndpoint } from "./faults.ts";
import type { ReceivedCall } from "./state.ts";

const MAX_BODY_BYTES = 65_536;
// An integration configuration of a thousand integrations is some hundred kilobytes.
const MAX_CONFIG_BYTES = 4_194_304;
const CONFIG_PATH = "/sandbox/queue-it/integrationconfig";
const MAX_NOTED_CHARS = 2000;

/** What the sandbox hands to its routes: the body, already read and bounded. @internal */
export interface Bindings {
  readonly body?: unknown;
  /** Why there is no body. */
  readonly bodyError?: string;
}

/** A request as the sandbox sees it. */
export interface Call {
  readonly endpoint: SandboxEndpoint | undefined;
  /** What the routes are given. */
  readonly bindings: Bindings;
  /** What the state shows; only for calls of the API. */
  readonly received: ReceivedCall | undefined;
}

/**
 * Reads a request once: which endpoint it is for, and its body, within bounds.
 *
 * @param request The request.
 * @param now Unix milliseconds.
 * @param claimed Which endpoint of Queue-it's side the request is for, if any.
 */
export async function readCall(
  request: Request,
  now: number,
  claimed: SandboxEndpoint | undefined,
): Promise<Call> {
  const url = new URL(request.url);
  // The board is reached whatever is made to fail.
  const isBoard = url.pathname === "/" && url.search === "";
  const endpoint = claimed ?? (isBoard ? undefined : endpointOf(url.pathname));
  const max = url.pathname === CONFIG_PATH ? MAX_CONFIG_BYTES : MAX_BODY_BYTES;
  const text = await readText(request, max);
  const bindings = parseBody(text, request.headers.get("content-type") ?? "", max);
  const isPoll = endpoint === "queue" && request.headers.get("accept") === "application/json";
  if (endpoint === undefined || endpoint === "wait" || isPoll) {
    return { endpoint, bindings, received: undefined };
  }
  const noted = text !== undefined && text.length > MAX_NOTED_CHARS
    ? text.slice(0, MAX_NOTED_CHARS)
    : bindings.body ?? text;
  const received = {
    at: new Date(now).toISOString(),
    endpoint,
    method: request.method,
    path: url.pathname,
    query: Object.fromEntries(
      [...url.searchParams].map(([name, value]) => [name, value.slice(0, MAX_NOTED_CHARS)]),
    ),
    ...(noted === undefined || noted === "" ? {} : { body: noted }),
  };
  return { endpoint, bindings, received };
}

function endpointOf(path: string): SandboxEndpoint | undefined {
  const [first = "", second = ""] = path.slice(1).split("/", 2);
  if (first === "sandbox" || first === "favicon.ico") return undefined;
  if (first !== "v1") return "wait";
  return (["requests", "responses", "rooms", "redirect"] as const).find((name) => name === second);
}

/** The body as text; `undefined` when it is too long or breaks off. */
async function readText(request: Request, max: number): Promise<string | undefined> {
  if (request.body === null) return "";
  const chunks: string[] = [];
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of request.body) {
      bytes += chunk.byteLength;
      if (bytes > max) return undefined;
      chunks.push(decoder.decode(chunk, { stream: true }));
    }
  } catch {
    return undefined;
  }
  return chunks.join("") + decoder.decode();
}

function parseBody(text: string | undefined, type: string, max: number): Bindings {
  if (text === undefined) return { bodyError: `The body is incomplete or longer than ${max / 1024} KB` };
  if (text === "") return {};
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return { body: Object.fromEntries(new URLSearchParams(text)) };
  }
  try {
    return { body: JSON.parse(text) };
  } catch {
    return { bodyError: "The body is not valid JSON" };
  }
}
