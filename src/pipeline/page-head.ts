/**
 * A page of which only the head is known, in the form in which hooks look at pages. Whoever writes it has no `Response`, and to make
 * one for each page would cost more than the gate; so its headers are made when somebody looks at them.
 */
export class PageHead implements Response {
  readonly status: number;
  readonly statusText = "";
  readonly type = "default";
  readonly url = "";
  readonly redirected = false;
  readonly bodyUsed = false;
  #headers: Headers | (() => Headers);

  constructor(status: number, headers: Headers | (() => Headers)) {
    this.status = status;
    this.#headers = headers;
  }

  get headers(): Headers {
    if (typeof this.#headers === "function") this.#headers = this.#headers();
    return this.#headers;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get body(): Response["body"] {
    return this.whole().body;
  }

  clone(): Response {
    return new PageHead(this.status, new Headers(this.headers));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.whole().arrayBuffer();
  }

  blob(): Promise<Blob> {
    return this.whole().blob();
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.whole().bytes();
  }

  formData(): Promise<FormData> {
    return this.whole().formData();
  }

  json(): Promise<unknown> {
    return this.whole().json();
  }

  text(): Promise<string> {
    return this.whole().text();
  }

  /** What somebody gets who looks for a body. What a page has is the application's business. */
  protected whole(): Response {
    return new Response(null);
  }

  /** Some runtimes have it besides. */
  textStream(): ReadableStream<string> {
    return new ReadableStream({ start: (stream) => stream.close() });
  }
}
