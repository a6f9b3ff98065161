import { readCookie } from "../http/cookies.ts";
import { readingsOf } from "../url/readings.ts";

/** What is said about a request's URL beforehand. It is asked for no earlier than it matters. */
interface Given {
  readonly readings?: readonly string[];
  readonly cookieHeader?: string;
  readonly caseSensitive?: boolean;
}

/** With more names than this a request's cookies are gone through once, instead of once for each name. */
export const fewNames = 4;

/** Tells the facts of a request. */
export class RequestSource {
  readonly url: string;
  readonly normalize: (url: string) => string;
  readonly #request: Request;
  readonly #given: Given;
  #readings: readonly string[] | undefined;
  #asked = 0;
  #pairs: Map<string, string> | undefined;

  constructor(request: Request, url: string, normalize: (url: string) => string, given: Given) {
    // Some servers make the headers when somebody asks for them, and most pages are in no room whatever these say.
    this.#request = request;
    this.#given = given;
    this.url = url;
    this.normalize = normalize;
  }

  get #headers(): Headers {
    return this.#request.headers;
  }

  get #cookieHeader(): string {
    return this.#given.cookieHeader ?? this.#headers.get("cookie") ?? "";
  }

  get readings(): readonly string[] {
    return this.#readings ??= this.#given.readings ?? readingsOf(this.url);
  }

  get caseSensitive(): boolean {
    return this.#given.caseSensitive ?? false;
  }

  header(name: string): string | null {
    return this.#headers.get(name);
  }

  cookie(name: string): string | undefined {
    if (this.#pairs === undefined && ++this.#asked <= fewNames) {
      return readCookie(this.#cookieHeader, name);
    }
    return readCookie(this.#cookies().get(name) ?? null, name);
  }

  headerNames(): Iterable<string> {
    return this.#headers.keys();
  }

  cookieNames(): Iterable<string> {
    return this.#cookies().keys();
  }

  /** The pairs of the `Cookie` header by name. As for `readCookie`, the last of a name counts. */
  #cookies(): Map<string, string> {
    if (this.#pairs !== undefined) return this.#pairs;
    const pairs = new Map<string, string>();
    for (const pair of this.#cookieHeader.split(";")) {
      const equals = pair.indexOf("=");
      if (equals > 0) pairs.set(pair.slice(0, equals).trim(), pair);
    }
    return this.#pairs = pairs;
  }
}
