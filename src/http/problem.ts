import type { PlainAnswer } from "../decision.ts";

/** What an endpoint answers: JSON, a problem, or text of another kind. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type HeaderFields = Readonly<Record<string, string>>;

/** An answer of JSON. */
export function answer(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body), type: "application/json" };
}

/** What a status is called. A problem of no type of its own has this title. */
const titles: Readonly<Partial<Record<number, string>>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  410: "Gone",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  451: "Unavailable For Legal Reasons",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A problem document (RFC 9457) that is about a status alone, unless further members give it a type and a title. */
export function problem(
  status: number,
  members: Readonly<Record<string, unknown>> = {},
  headers: HeaderFields = {},
): Answer {
  const title = titles[status] ?? (status < 500 ? "Refused" : "Unavailable");
  const body = JSON.stringify({ type: "about:blank", title, status, ...members });
  return { status, body, type: "application/problem+json", headers };
}

/** The parts of the answer to a request, for a gate. */
export function partsOf(
  { status, body, type, headers }: Answer,
  { method }: Request,
  more: HeaderFields = {},
): PlainAnswer {
  const all = { ...headers, "content-type": type, ...more };
  return { status, headers: all, body: method === "HEAD" ? null : body };
}

/** The answer to a request as a response. */
export function responseOf(answer: Answer, request: Request, more?: HeaderFields): Response {
  const { status, headers, body } = partsOf(answer, request, more);
  return new Response(body, { status, headers });
}
