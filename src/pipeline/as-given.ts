/**
 * What a server's own class of responses keeps as it was given.
 *
 * `@hono/node-server` replaces `Response` by a class that keeps status, body and headers as they were given, and sends them from
 * there: the length by the body, headers in a plain object as they are written, and others with a type if they lack one. Whoever
 * looks at them changes that for everybody who gets the same response: headers turn into `Headers`, a body into a stream.
 */

import type { HeaderChange } from "../decision.ts";
import { type Fields, fieldsOf, listOf } from "./fields.ts";
import { ownKeyFinder } from "./own-key.ts";

/** What a response of such a class keeps. */
export interface Given {
  /** Where it keeps it. */
  readonly key: symbol;
  readonly status: number;
  readonly body: BodyInit | null;
  /** Whether somebody reads the body already. */
  readonly isTaken: boolean;
  /** Its headers, in whatever form. */
  readonly form: unknown;
  /** The same to be looked at. */
  readonly headers: Fields;
  /** The same as `Headers`; new ones each time. */
  copy(): Headers;
}

/** Finds what a response keeps, to be asked before anybody else looks at it. */
export function givenOf(response: Response): Given | undefined {
  const key = keyOf(response);
  const kept = key === undefined ? undefined : insides(response)[key];
  // Its form is that of the class.
  return key === undefined || !Array.isArray(kept) || kept.length !== 3
    ? undefined
    : new Kept(key, kept as [number, BodyInit | null, unknown]);
}

/** Where a response keeps it; `undefined` where it is of no such class. */
const keyOf: (response: Response) => symbol | undefined = ownKeyFinder(
  "cache",
  () => new Response(""),
);

/** Makes what tells whether the platform's responses are of such a class, and looks again only where a server has replaced it since. */
function classWatch(): () => boolean {
  let kind: typeof Response | undefined;
  let keeps = false;
  return () => {
    if (kind !== Response) {
      keeps = keyOf(new Response("")) !== undefined;
      kind = Response;
    }
    return keeps;
  };
}

/** Whether the platform's responses are of such a class by now. */
export const keepsGiven: () => boolean = classWatch();

class Kept implements Given {
  readonly key: symbol;
  readonly status: number;
  readonly body: BodyInit | null;
  readonly isTaken: boolean;
  readonly form: unknown;

  constructor(key: symbol, [status, body, form]: readonly [number, BodyInit | null, unknown]) {
    this.key = key;
    this.status = status;
    this.body = body;
    this.isTaken = isTaken(body);
    this.form = form;
  }

  get headers(): Fields {
    const list = isPlain(this.form) ? listOf(this.form) : this.form ? undefined : [];
    return list === undefined ? headersOf(this.form) : fieldsOf(list);
  }

  copy(): Headers {
    return headersOf(this.form);
  }
}

/** All forms are what `Headers` take. The server adds the type of a text by itself. */
function headersOf(form: unknown): Headers {
  return new Headers((form || undefined) as HeadersInit | undefined);
}

/** Lets a response be again as it was given, whoever has looked at it since; a stream that somebody has taken away is gone. */
export function putBack(response: Response, given: Given): void {
  const { key, status, body, form } = given;
  const kept = insides(response)[key];
  if (Array.isArray(kept)) {
    if (kept[2] !== form) Reflect.set(kept, 2, form);
  } else if (isTaken(body) === given.isTaken) {
    Reflect.set(response, key, [status, body, form]);
  }
}

/** The same response once more, of the server's own class; `undefined` where the platform's `Response` is another one. */
export function giveAnew(
  response: Response,
  { key, status, body }: Given,
  headers: Headers | PlainHeaders,
): Response | undefined {
  const copy = new Response(body, new Again(status, headers as Headers, response));
  return key in copy ? copy : undefined;
}

/** What a response is made of once more. */
class Again implements ResponseInit {
  readonly status: number;
  readonly headers: Headers;
  readonly #former: Response;

  constructor(status: number, headers: Headers, former: Response) {
    this.status = status;
    this.headers = headers;
    this.#former = former;
  }

  /** To ask for it turns a response into a stream, so only who asks for it does. */
  get statusText(): string {
    return this.#former.statusText;
  }
}

/** Headers in a plain object, as the server sends them: in the given spelling, and a list where there are several cookies. */
export type PlainHeaders = Record<string, unknown>;

/** Whether the server takes headers for a plain object that it can write: `undefined`, which `Headers` take for a text, ends its process. */
export function isPlain(form: unknown): form is PlainHeaders {
  return typeof form === "object" && form !== null && !(form instanceof Headers) && !Array.isArray(form) &&
    !Object.values(form).includes(undefined);
}

/** A plain object once more, with other headers. */
export function plainWith(given: PlainHeaders, changes: Iterable<HeaderChange>): PlainHeaders {
  const headers: PlainHeaders = Object.assign(Object.create(listed), given);
  for (const [name, value] of changes) {
    const [first = name, ...others] = Object.keys(headers).filter((key) => key.toLowerCase() === name);
    const own = headers[first];
    if (name === "set-cookie") headers[first] = own === undefined ? value : [own, value].flat();
    else if (name === "vary" && own !== undefined) headers[first] = `${own}, ${value}`;
    else {
      for (const other of others) delete headers[other];
      headers[first] = value;
    }
  }
  return headers;
}

/** Lets `Headers` be made of plain ones that hold lists. */
const listed = Object.defineProperty({}, Symbol.iterator, {
  *value(this: PlainHeaders) {
    for (const [name, value] of Object.entries(this)) {
      for (const one of [value].flat()) yield [name, `${one}`];
    }
  },
});

function isTaken(body: unknown): boolean {
  return body instanceof ReadableStream && body.locked;
}

/** The properties are read as unknown, whatever the object is. */
function insides(response: Response): Readonly<Record<symbol, unknown>> {
  return response as unknown as Readonly<Record<symbol, unknown>>;
}
