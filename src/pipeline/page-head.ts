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
  /** What it has is the application's business. */
  readonly body = null;
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

  clone(): PageHead {
    return new PageHead(this.status, new Headers(this.headers));
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return nothing().arrayBuffer();
  }

  blob(): Promise<Blob> {
    return nothing().blob();
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return nothing().bytes();
  }

  formData(): Promise<FormData> {
    return nothing().formData();
  }

  json(): Promise<unknown> {
    return nothing().json();
  }

  text(): Promise<string> {
    return nothing().text();
  }
}

function nothing(): Response {
  return new Response(null);
}
