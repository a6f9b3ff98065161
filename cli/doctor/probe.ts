import { withDeadline } from "../../src/async/deadline.ts";
import { readAnswerText } from "../../src/http/read-text.ts";
import type { Host } from "../host.ts";
import type { CallView } from "./check.ts";
import { type FaultKind, faultOf } from "./faults.ts";

/** One request to a service. */
export interface ProbeRequest {
  /** What is asked for, for messages: without tokens and parameters. */
  readonly what: string;
  readonly url: string;
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, whatever its status. */
export interface Answer {
  readonly kind: "answer";
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly ms: number;
  /** By this machine's clock: halfway between the request and the answer, in Unix milliseconds. */
  readonly atMs: number;
  /** Half of the time between them. */
  readonly halfMs: number;
}

/** Nobody answered, or not to the end. */
export interface Silence {
  readonly kind: "silence";
  readonly what: string;
  readonly fault: FaultKind;
  readonly ms: number;
}

/** What became of a request. */
export type Heard = Answer | Silence;

/** Asks a service, within limits of time and length. */
export interface Probe {
  readonly timeoutMs: number;
  /** Every call so far. */
  readonly calls: CallView[];
  ask(request: ProbeRequest): Promise<Heard>;
  /** Asks up to so many times, and gives up after the second silence. */
  repeat(request: ProbeRequest, times: number): Promise<readonly Heard[]>;
  /** Makes calls for a provider, and takes down what became of them. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** What providers take at most. */
const maxBytes = 4_194_304;
const tooLong = "longer than any answer";

/** Makes the probe. */
export function createProbe({ network, now }: Host, timeoutMs: number): Probe {
  const calls: CallView[] = [];

  function take(what: string, since: number, status: number | null, fault: FaultKind | null): number {
    const ms = Math.round(performance.now() - since);
    calls.push({ what, status, ms, fault });
    return ms;
  }

  async function answerOf(request: ProbeRequest, signal: AbortSignal): Promise<Omit<Answer, "ms">> {
    const { what, url, method = "GET", headers = {} } = request;
    const sentAt = now();
    // Redirects are not followed: they would carry keys elsewhere.
    const response = await network.fetch(url, { method, headers, signal, redirect: "manual" });
    const halfMs = Math.max(0, now() - sentAt) / 2;
    const read = await readAnswerText(response, { maxBytes, signal });
    if (read.end === "broken") throw read.cause;
    if (read.end === "long") throw new RangeError(tooLong);
    const { status } = response;
    return {
      kind: "answer",
      what,
      status,
      headers: response.headers,
      body: read.text,
      atMs: sentAt + halfMs,
      halfMs,
    };
  }

  async function ask(request: ProbeRequest): Promise<Heard> {
    const { what } = request;
    const since = performance.now();
    const abort = new AbortController();
    try {
      const answer = await withDeadline(
        answerOf(request, abort.signal),
        timeoutMs,
        what,
        () => abort.abort(),
      );
      return { ...answer, ms: take(what, since, answer.status, null) };
    } catch (thrown) {
      const fault = faultOf(thrown);
      return { kind: "silence", what, fault, ms: take(what, since, null, fault) };
    }
  }

  return {
    timeoutMs,
    calls,
    ask,
    async repeat(request, times) {
      const heard: Heard[] = [];
      while (heard.length < times && heard.filter(({ kind }) => kind === "silence").length < 2) {
        heard.push(await ask(request));
      }
      return heard;
    },
    async fetch(url, init) {
      const since = performance.now();
      // Tokens stand in the path.
      const what = `${init.method ?? "GET"} ${
        new URL(url).pathname.replace(/(\/requests\/).+/, "$1{token}")
      }`;
      try {
        const response = await network.fetch(url, init);
        take(what, since, response.status, null);
        return response;
      } catch (thrown) {
        take(what, since, null, faultOf(thrown));
        throw thrown;
      }
    },
  };
}

/** The answers among what was heard. */
export function answersOf(heard: readonly Heard[]): readonly Answer[] {
  return heard.filter((each) => each.kind === "answer");
}
