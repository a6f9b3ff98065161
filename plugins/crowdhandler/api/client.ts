import { ServiceError } from "../../../src/errors.ts";
import { fetchService, type ServiceRequest } from "../../../src/http/fetch-service.ts";
import { createKeyWatch } from "../../../src/options/key-watch.ts";
import { callsBehind } from "../../../src/pipeline/calls.ts";
import type { Call } from "../../../src/service.ts";
import { type CheckResult, complaintOf, readJson, readResult } from "./check-result.ts";
import { readFeed, type Rooms } from "../rooms/rooms.ts";
import type { CrowdhandlerOptions, CrowdhandlerPerformance, VisitorFacts } from "../options.ts";

/** What a check tells the service. */
export interface CheckFacts extends VisitorFacts {
  readonly url: string;
  readonly code: string | undefined;
}

/** What a record tells the service. */
export interface PageRecord {
  readonly responseId: string;
  readonly status: number;
  readonly timeMs: number | undefined;
}

/** CrowdHandler's API, as far as an integration needs it. */
export interface ApiClient {
  /** How long each of the calls for which visitors wait may take, in milliseconds. */
  readonly timeoutMs: number;
  /** The call that asks about a visitor. */
  check(
    token: string | undefined,
    facts: CheckFacts,
    parameters: Readonly<Record<string, unknown>>,
  ): Call<CheckResult>;
  /** The call that gets the rooms. */
  readonly rooms: Call<Rooms>;
  /** Records a page. What becomes of it says nothing about the service's answers to visitors, so nobody stands guard. */
  record(record: PageRecord): Promise<void>;
}

/** An answer of the API is small; a larger one is none. */
const maxAnswerBytes = 65_536;
/** The list of rooms has an entry for each room of the account. */
const maxRoomsBytes = 4 * 1024 * 1024;
/** The service's own parameters, in every spelling that some server reads as one of them: custom ones never replace these. */
const standard = /^\s*(url|ip|agent|lang|code)(?:$|[[\0])/i;
/**
 * What a visitor sends must not make the service refuse the call. Servers take request lines of 8 KB, and these,
 * the longest URL, token and code fit into one. The limits count the encoded form.
 */
const maxIp = 64;
const maxAgent = 768;
const maxLang = 256;

/** Makes the API's client from checked options. */
export function createApiClient(options: CrowdhandlerOptions, warn: (message: string) => void): ApiClient {
  const { publicKey, auth = "x-api-key", timeoutMs = 2000, performance = {} } = options;
  const { fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init) } = options;
  const base = `${(options.apiUrl ?? "https://api.crowdhandler.com").replace(/\/+$/, "")}/v1`;
  const { timeoutMs: recordTimeoutMs = 1500 } = performance;
  const headers: Record<string, string> = { accept: "application/json" };
  if (auth === "basic") headers["authorization"] = `Basic ${btoa(`${publicKey}:`)}`;
  else headers["x-api-key"] = publicKey;
  const jsonHeaders = { ...headers, "content-type": "application/json" };
  const { privateKey } = options;
  const keys = createKeyWatch("crowdhandler", { publicKey, privateKey }, "publicKey", warn);
  const unguarded = callsBehind();

  async function answerTo(request: ServiceRequest, signal: AbortSignal): Promise<string> {
    keys.used();
    try {
      const { body } = await fetchService(fetch, request, signal);
      keys.accepted();
      return body;
    } catch (cause) {
      if (cause instanceof ServiceError) keys.refused(cause.status);
      throw cause;
    }
  }

  function call<T>(
    request: Omit<ServiceRequest, "headers" | "complaint">,
    timeoutMs: number,
    read: (body: string) => T,
  ): Call<T> {
    const sent = {
      ...request,
      headers: request.body === undefined ? headers : jsonHeaders,
      complaint: complaintOf,
    };
    return {
      what: request.what,
      service: base,
      timeoutMs,
      make: async (signal) => read(await answerTo(sent, signal)),
    };
  }

  return {
    timeoutMs,
    check(token, facts, parameters) {
      const content = contentOf(facts, parameters, warn);
      const maxBytes = maxAnswerBytes;
      if (token === undefined) {
        const [what, url] = ["POST /v1/requests", `${base}/requests`];
        return call({ what, url, method: "POST", body: jsonOf(content), maxBytes }, timeoutMs, readResult);
      }
      const what = "GET /v1/requests/{token}";
      const url = `${base}/requests/${encodeURIComponent(token)}?${queryOf(content)}`;
      return call({ what, url, method: "GET", maxBytes }, timeoutMs, readResult);
    },

    rooms: call(
      { what: "GET /v1/rooms", url: `${base}/rooms`, method: "GET", maxBytes: maxRoomsBytes },
      timeoutMs,
      (body) => readFeed(readJson(body), warn),
    ),

    record(record) {
      const url = `${base}/responses/${encodeURIComponent(record.responseId)}`;
      const request = { what: "PUT /v1/responses/{id}", url, body: recordOf(record, performance) } as const;
      const recorded = () => {};
      return unguarded.run(
        call({ ...request, method: "PUT", maxBytes: maxAnswerBytes }, recordTimeoutMs, recorded),
      );
    },
  };
}

/** What is recorded of a page. */
function recordOf(
  { status, timeMs }: PageRecord,
  { sample = 0.2, dialect = "both" }: CrowdhandlerPerformance,
): string {
  const body: Record<string, number> = {};
  if (dialect !== "httpCode") body["code"] = status;
  if (dialect !== "code") body["httpCode"] = status;
  if (timeMs !== undefined && Number.isFinite(timeMs)) body["time"] = Math.max(0, Math.round(timeMs));
  if (sample < 1) body["sampleRate"] = Math.max(1, Math.round(1 / sample));
  return JSON.stringify(body);
}

/** All parameters of a check; what is unknown is left out. */
function contentOf(
  facts: CheckFacts,
  parameters: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): Map<string, unknown> {
  const content = new Map<string, unknown>();
  for (const [name, value] of Object.entries(parameters)) {
    if (!isKnown(value)) continue;
    const own = standard.exec(name)?.[1];
    if (own === undefined) content.set(name, value);
    else if (name !== "code") warn(`crowdhandler: ${replacing(own)}`);
    if (typeof value === "object") warn(`crowdhandler: ${unsent}`);
  }
  content.set("url", facts.url);
  if (facts.ip) content.set("ip", cut(facts.ip, maxIp));
  if (facts.agent) content.set("agent", cut(facts.agent, maxAgent));
  if (facts.lang) content.set("lang", cut(facts.lang, maxLang));
  const code = facts.code ?? parameters["code"];
  if (isKnown(code)) content.set("code", code);
  return content;
}

function replacing(name: string): string {
  return `"parameters" returned "${name.toLowerCase()}", which it cannot replace; ip, agent and lang are told by "visitor"`;
}

const unsent =
  '"parameters" returned a list or an object, which is left out for visitors with a token: return texts, ' +
  "numbers and booleans";

function isKnown(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "" &&
    (typeof value !== "number" || Number.isFinite(value));
}

/** Cuts a text until its encoded form is short enough. */
function cut(text: string, max: number): string {
  // An escape has three times the length of what it stands for, unless that is not ASCII.
  if (3 * text.length <= max && /^[ -~]*$/.test(text)) return text;
  let part = text.slice(0, max).toWellFormed();
  while (encodeURIComponent(part).length > max) {
    part = part.slice(0, Math.floor(part.length * 0.8)).toWellFormed();
  }
  return part;
}

function jsonOf(content: ReadonlyMap<string, unknown>): string {
  try {
    return JSON.stringify(Object.fromEntries(content));
  } catch (cause) {
    throw new ServiceError("internal", '"parameters" returned something that has no JSON form', { cause });
  }
}

/** Values with no agreed form in a query, such as lists, are left out. */
function queryOf(content: ReadonlyMap<string, unknown>): string {
  const pairs: string[] = [];
  for (const [name, value] of content) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") continue;
    pairs.push(`${encoded(name)}=${encoded(String(value))}`);
  }
  return pairs.join("&");
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
