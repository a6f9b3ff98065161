/** Answers that are put together of parts, for the application under test: `body,headers,way`. */

const bytes = () => new TextEncoder().encode("tickets");

/** What a body is given as. */
const bodies: Readonly<Record<string, () => BodyInit | null | undefined>> = {
  none: () => null,
  missing: () => undefined,
  empty: () => "",
  text: () => "tickets, größer",
  long: () => "0123456789abcdef".repeat(5_000),
  bytes,
  "no-bytes": () => new Uint8Array(),
  buffer: () => bytes().buffer,
  blob: () => new Blob(["tickets"]),
  "typed-blob": () => new Blob(["<p>tickets"], { type: "text/html" }),
  pairs: () => new URLSearchParams({ seat: "7" }),
  // All is there before anybody reads it, so that nothing depends on time.
  stream: () => new Blob(["tickets"]).stream(),
  pieces: () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(bytes());
        controller.enqueue(bytes());
        controller.close();
      },
    }),
};

/** What headers are given as. */
const headers: Readonly<Record<string, () => HeadersInit | undefined>> = {
  none: () => undefined,
  empty: () => ({}),
  plain: () => ({ "x-app": "1" }),
  spelled: () => ({ "X-App": "1", "Content-Type": "text/html", "Vary": "Origin" }),
  // Two spellings are two members of an object.
  twice: () => ({ "X-App": "1", "x-app": "2" }),
  cookie: () => ({ "Set-Cookie": "a=1" }),
  // Servers on Node take lists and numbers, which the types forbid.
  cookies: () => ({ "set-cookie": ["a=1", "b=2"], "x-number": 5 }) as unknown as HeadersInit,
  bare: () => Object.assign(Object.create(null) as Record<string, string>, { "x-app": "1" }),
  frozen: () => Object.freeze({ "x-app": "1", "set-cookie": "a=1" }),
  pairs: () => [["x-app", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]],
  "no-pairs": () => [],
  object: () => new Headers([["x-app", "1"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]),
  typed: () => new Headers({ "content-type": "text/css" }),
  "empty-type": () => ({ "content-type": "" }),
  framed: () => ({ "content-type": "text/css", "transfer-encoding": "chunked" }),
};

/** How an answer is made of both. */
const ways: Readonly<Record<string, (body: BodyInit | null | undefined, init: ResponseInit) => Response>> = {
  plain: (body, init) => new Response(body, init),
  bare: (body, init) => init.headers === undefined ? new Response(body) : new Response(body, init),
  missing: (body, init) => new Response(body, { ...init, status: 404 }),
  named: (body, init) => new Response(body, { ...init, status: 201, statusText: "Booked" }),
  empty: (_body, init) => new Response(null, { ...init, status: 204 }),
  unchanged: (_body, init) => new Response(null, { ...init, status: 304 }),
  json: (_body, init) => Response.json({ seats: 7 }, init),
  native: (body, init) => new (native())(body, init),
  cloned: (body, init) => new Response(body, init).clone(),
  parted(body, init) {
    const response = new Response(body, init);
    void response.clone();
    return response;
  },
  wrapped: (body, init) => new Response(body, new Response("other", init)),
  rewrapped(body, init) {
    const { body: stream, ...rest } = readAll(new Response(body, init));
    return new Response(stream, rest);
  },
  handed(body, init) {
    const response = new Response(body, init);
    return new Response(response.body, response);
  },
  changed(body, init) {
    const response = new Response(body, init);
    response.headers.set("x-own", "1");
    return response;
  },
  untyped(body, init) {
    const response = new (native())(body, init);
    response.headers.delete("content-type");
    return response;
  },
  asked(body, init) {
    const response = new Response(body, init);
    void response.statusText;
    return response;
  },
  frozen: (body, init) => Object.freeze(new Response(body, init)),
  derived: (body, init) => new (derivedFrom(Response))([body, init]),
  "derived-native": (body, init) => new (derivedFrom(native()))([body, init]),
};

/** The parts, to choose from. */
export const parts: readonly (readonly string[])[] = [bodies, headers, ways].map((part) => Object.keys(part));

/** The platform's own class, where a server has put another in its place. */
function native(): typeof Response {
  const below: unknown = Object.getPrototypeOf(Response);
  // A class that is no derived one has the prototype of functions.
  return below === Function.prototype ? Response : below as typeof Response;
}

function readAll({ body, status, statusText, headers }: Response) {
  return { body, status, statusText, headers };
}

/** A class of an application, whose arguments are its own. */
function derivedFrom(base: typeof Response) {
  return class extends base {
    constructor([body, init]: readonly [BodyInit | null | undefined, ResponseInit]) {
      super(body, init);
    }
  };
}

/** Makes answers: new ones, or the same for all who ask with the same word. */
export function createMade(): (recipe: string, word: string | undefined) => Response {
  const shared = new Map<string, Response>();
  return (recipe, word) => {
    const key = `${recipe} ${word}`;
    const response = shared.get(key) ?? made(recipe);
    if (word !== undefined) shared.set(key, response);
    return response;
  };
}

function made(recipe: string): Response {
  const [body = "", form = "", way = ""] = recipe.split(",");
  const given = headers[form]?.();
  const response = ways[way]?.(bodies[body]?.(), given === undefined ? {} : { headers: given });
  if (response === undefined) throw new TypeError(`There is no recipe "${recipe}"`);
  return response;
}
