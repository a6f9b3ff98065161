/** What an endpoint answers: JSON, or text of another kind. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer of JSON. */
export function answer(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body), type: "application/json" };
}

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** A problem document (RFC 9457). */
export function problem(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  const body = JSON.stringify({ type: "about:blank", title: titles[status], status, detail, ...more });
  return { status, body, type: "application/problem+json", headers };
}

/** The answer as a response, which nobody keeps and nobody takes for a page. */
export function responseOf({ status, body, type, headers }: Answer, request: Request): Response {
  return new Response(request.method === "HEAD" ? null : body, {
    status,
    headers: {
      ...headers,
      "content-type": type,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
