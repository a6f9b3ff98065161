import { ServiceError } from "../../src/errors.ts";
import { type Answer, exchange } from "./_exchange.ts";
import { type CheckResult, readJson, readResult } from "./_result.ts";
import { type Feed, readFeed } from "./_rooms.ts";
import type { CrowdhandlerOptions, VisitorFacts } from "./options.ts";

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
export interface Service {
  check(
    token: string | undefined,
    facts: CheckFacts,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<CheckResult>;
  record(record: PageRecord): Promise<void>;
  rooms(): Promise<Feed>;
}

/** An answer of the API is small; a larger one is none. */
const maxAnswerBytes = 65_536;
/** A feed has an entry for each room of the account. */
const maxFeedBytes = 4 * 1024 * 1024;
/** The standard fields, which further ones never replace. */
const standard: ReadonlySet<string> = new Set(["url", "ip", "agent", "lang", "code"]);
/** Longer headers are cut: what a visitor sends must not make the service refuse the call. */
const maxAgent = 1024;
const maxLang = 256;

/** Makes the API's client from checked options. */
export function createService(options: CrowdhandlerOptions): Service {
  const { publicKey, auth = "x-api-key", timeoutMs = 2000, performance = {}, warn = console.warn } = options;
  const { fetch = (input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init) } = options;
  const base = `${(options.apiUrl ?? "https://api.crowdhandler.com").replace(/\/+$/, "")}/v1`;
  const { sample = 0.2, dialect = "both", timeoutMs: recordTimeoutMs = 1500 } = performance;
  const sampleRate = sample < 1 ? Math.max(1, Math.round(1 / sample)) : undefined;
  const headers: Record<string, string> = { accept: "application/json" };
  if (auth === "basic") headers["authorization"] = `Basic ${btoa(`${publicKey}:`)}`;
  else headers["x-api-key"] = publicKey;
  const jsonHeaders = { ...headers, "content-type": "application/json" };

  async function check(
    token: string | undefined,
    facts: CheckFacts,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<CheckResult> {
    const content = contentOf(facts, fields);
    const limits = { timeoutMs, maxBytes: maxAnswerBytes };
    let answer: Answer;
    if (token === undefined) {
      const body = jsonOf(content);
      const url = `${base}/requests`;
      answer = await exchange(fetch, {
        what: "POST /v1/requests",
        url,
        method: "POST",
        headers: jsonHeaders,
        body,
        ...limits,
      });
    } else {
      const url = `${base}/requests/${encodeURIComponent(token)}?${queryOf(content)}`;
      answer = await exchange(fetch, {
        what: "GET /v1/requests/{token}",
        url,
        method: "GET",
        headers,
        ...limits,
      });
    }
    return readResult(answer.body);
  }

  async function record({ responseId, status, timeMs }: PageRecord): Promise<void> {
    const body: Record<string, number> = {};
    if (dialect !== "httpCode") body["code"] = status;
    if (dialect !== "code") body["httpCode"] = status;
    if (timeMs !== undefined) body["time"] = Math.max(0, Math.round(timeMs));
    if (sampleRate !== undefined) body["sampleRate"] = sampleRate;
    await exchange(fetch, {
      what: "PUT /v1/responses/{id}",
      url: `${base}/responses/${encodeURIComponent(responseId)}`,
      method: "PUT",
      headers: jsonHeaders,
      body: JSON.stringify(body),
      timeoutMs: recordTimeoutMs,
      maxBytes: maxAnswerBytes,
    });
  }

  async function rooms(): Promise<Feed> {
    const what = "GET /v1/rooms";
    const answer = await exchange(fetch, {
      what,
      url: `${base}/rooms`,
      method: "GET",
      headers,
      timeoutMs,
      maxBytes: maxFeedBytes,
    });
    return readFeed(readJson(answer.body), warn);
  }

  return { check, record, rooms };
}

/** All fields of a check; what is unknown is left out. */
function contentOf(facts: CheckFacts, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const content: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if ((standard.has(name) && name !== "code") || value === undefined || value === null || value === "") {
      continue;
    }
    content[name] = value;
  }
  content["url"] = facts.url;
  if (facts.ip) content["ip"] = facts.ip;
  if (facts.agent) content["agent"] = facts.agent.slice(0, maxAgent);
  if (facts.lang) content["lang"] = facts.lang.slice(0, maxLang);
  if (facts.code) content["code"] = facts.code;
  return content;
}

function jsonOf(content: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(content);
  } catch (cause) {
    throw new ServiceError("internal", '"fields" returned something that has no JSON form', { cause });
  }
}

/** Values with no agreed form in a query, such as lists, are left out. */
function queryOf(content: Readonly<Record<string, unknown>>): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(content)) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") continue;
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value).toWellFormed())}`);
  }
  return pairs.join("&");
}
