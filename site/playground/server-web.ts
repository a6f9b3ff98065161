/**
 * `Request` and `Response` as servers have them. Those of a browser drop `Cookie`, `Set-Cookie` and some others, which scripts of pages are
 * not to read or to set; here a script is the server.
 */

const BrowserRequest = globalThis.Request;
const BrowserResponse = globalThis.Response;

/** A request that keeps all of its headers. */
class ServerRequest extends BrowserRequest {
  readonly #headers: Headers;

  constructor(input: RequestInfo | URL, init: RequestInit = {}) {
    super(input, init);
    // Headers that belong to nothing keep what they are given.
    this.#headers = new Headers(
      init.headers ?? (input instanceof BrowserRequest ? input.headers : undefined),
    );
    for (const [name, value] of super.headers) if (!this.#headers.has(name)) this.#headers.set(name, value);
  }

  override get headers(): Headers {
    return this.#headers;
  }

  override clone(): Request {
    return new ServerRequest(super.clone(), { headers: this.#headers });
  }
}

/** A response that keeps all of its headers. */
class ServerResponse extends BrowserResponse {
  readonly #headers: Headers;

  constructor(body?: BodyInit | null, init: ResponseInit = {}) {
    super(body, init);
    this.#headers = new Headers(init.headers);
    for (const [name, value] of super.headers) if (!this.#headers.has(name)) this.#headers.set(name, value);
  }

  override get headers(): Headers {
    return this.#headers;
  }

  override clone(): Response {
    const { body, status, statusText } = super.clone();
    return new ServerResponse(body, { status, statusText, headers: this.#headers });
  }

  static override json(data: unknown, init: ResponseInit = {}): Response {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new ServerResponse(JSON.stringify(data), { ...init, headers });
  }

  static override redirect(url: string | URL, status = 302): Response {
    return new ServerResponse(null, {
      status,
      headers: { location: new URL(url, "https://shop.example.com").href },
    });
  }
}

/** What would leave the page. */
const ways = ["WebSocket", "EventSource", "XMLHttpRequest", "WebTransport", "importScripts"] as const;

/** Makes a worker a server that reaches nobody. */
export function becomeServer(): void {
  const refuse = () => {
    throw new TypeError("The playground reaches no network. Hand a sandbox's fetch over, as the examples do");
  };
  Object.assign(globalThis, {
    Request: ServerRequest,
    Response: ServerResponse,
    fetch: () => Promise.resolve().then(refuse),
  });
  for (const name of ways) Object.defineProperty(globalThis, name, { value: refuse, configurable: true });
}
