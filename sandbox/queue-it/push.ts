/**
 * Pushing the integration configuration to a connector.
 *
 * @module
 */
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { isLoopback } from "../../src/url/host-name.ts";
import { parseUrl } from "../parse-url.ts";
import type { PushReport } from "./state.ts";

/** What a push needs. */
export interface PushTools {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
  readonly hmac: (text: string) => string;
  /** Origins besides those of this machine to which may be pushed. */
  readonly origins: readonly string[];
  /** Ends the push early. */
  readonly signal: AbortSignal;
}

const MARK = "__push_queueit_config";
const TIMEOUT_MS = 4000;
const MAX_ANSWER_CHARS = 200;

/**
 * Finds out where a push goes.
 *
 * @param text Address of the connector; `/__push_queueit_config` is added unless it is there.
 * @param origins Origins besides those of this machine that are accepted.
 * @returns The address, or `undefined` if it is not an accepted one.
 */
export function parsePushUrl(text: string, origins: readonly string[]): URL | undefined {
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    return undefined;
  }
  if (!isLoopback(url.hostname) && !origins.includes(url.origin)) return undefined;
  return url.href.includes(MARK) ? url : new URL(`/${MARK}`, url);
}

/**
 * Finds out where a push goes, or says why it goes nowhere.
 *
 * @param text Address of the connector; `""` where none is known.
 * @param origins Origins besides those of this machine that are accepted.
 * @throws {RangeError} If the address is not an accepted one.
 */
export function pushTarget(text: string, origins: readonly string[]): URL {
  if (text === "") {
    throw new RangeError('Cannot push configuration: "connectorUrl" says where to, and it was not given');
  }
  const target = parsePushUrl(text, origins);
  if (target !== undefined) return target;
  const received = text.slice(0, 200);
  throw new RangeError(
    `Cannot push configuration: "url" must be an address of this machine or of an accepted origin, received "${received}"`,
  );
}

/**
 * Sends a configuration to a connector.
 *
 * @param url Where.
 * @param config The configuration's text.
 * @param tools What the push needs.
 * @returns What came of it; never throws.
 */
export async function pushConfig(url: URL, config: string, tools: PushTools): Promise<PushReport> {
  const integrationInfo = bytesToHex(utf8ToBytes(config));
  const report = { at: new Date(tools.now()).toISOString(), url: url.href };
  try {
    const response = await tools.fetch(url.href, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ integrationInfo, hash: tools.hmac(integrationInfo) }),
      redirect: "manual",
      signal: AbortSignal.any([tools.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { ...report, status: response.status, answer: await beginning(response) };
  } catch (error) {
    return { ...report, status: 0, answer: error instanceof Error ? error.message : String(error) };
  }
}

async function beginning(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    // Leaving the loop cancels the rest.
    if (text.length >= MAX_ANSWER_CHARS) break;
  }
  return text.slice(0, MAX_ANSWER_CHARS);
}
