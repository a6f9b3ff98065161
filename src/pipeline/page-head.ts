/**
 * A page of which only the head is known, in the form in which hooks look at pages. Whoever writes it has no `Response`, and to make
 * one for each page would cost more than the gate; so its headers are made when somebody looks at them.
 */
export class PageHead implements Response {
  readonly status: number;
  #headers: Headers | (() => Headers) | undefined;

  constructor(status: number, headers?: Headers | (() => Headers)) {
    this.status = status;
    this.#headers = headers;
  }

  get headers(): Headers {
    const headers = this.#headers;
    if (headers !== undefined && typeof headers !== "function") return headers;
    return this.#headers = headers === undefined ? this.fields() : headers();
  }

  get statusText(): string {
    return "";
  }

  get type(): ResponseType {
    return "default";
  }

  get url(): string {
    return "";
  }

  get redirected(): boolean {
    return false;
  }

  get bodyUsed(): boolean {
    return false;
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

  /** The headers of one that was made without any. */
  protected fields(): Headers {
    return new Headers();
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
