/** Requests as servers hand them over, also such as `new Request` would refuse. */

import type { BodyRecipe, Recipe } from "./_recipes.ts";

/** One input. */
export interface Input {
  readonly request: Request;
  /** What was sent, for messages. */
  readonly target: string;
  readonly cookie: string | undefined;
  readonly headers: Recipe["headers"][number];
  readonly method: string;
  readonly body: BodyRecipe | undefined;
}

/** Every combination of the parts. None occurs twice. */
export function* inputsOf(recipe: Recipe, bodies: readonly (BodyRecipe | undefined)[]): Generator<Input> {
  const distinct = new Set<string>();
  const lists = recipe.headers.filter((list) => {
    const key = JSON.stringify(list);
    return !distinct.has(key) && distinct.add(key);
  });
  for (const target of new Set(recipe.targets)) {
    for (const cookie of new Set(recipe.cookies)) {
      for (const headers of lists) {
        const made = headersOf(headers, cookie);
        for (const method of new Set(recipe.methods)) {
          for (const body of bodies) {
            const request = requestOf(target, method, made, body, recipe.isReal);
            yield { request, target, cookie, headers, method, body };
          }
        }
      }
    }
  }
}

/** The runtime's own headers where they take the values, as parsers of servers do, otherwise loose ones. */
function headersOf(list: Input["headers"], cookie: string | undefined): Headers {
  const all: readonly (readonly [string, string])[] = cookie === undefined
    ? list
    : [...list, ["cookie", cookie]];
  // The constructor of one runtime takes a time that grows with the square of the blanks; its server does not use it.
  if (all.some(([, value]) => /\s{500}/.test(value))) return new LooseHeaders(all) as unknown as Headers;
  try {
    const headers = new Headers();
    for (const [name, value] of all) headers.append(name, value);
    return headers;
  } catch {
    // As much of headers as plugins use.
    return new LooseHeaders(all) as unknown as Headers;
  }
}

function requestOf(
  url: string,
  method: string,
  headers: Headers,
  body: BodyRecipe | undefined,
  isReal: boolean,
): Request {
  const isSent = body !== undefined && body.kind !== "none";
  if (isReal || isSent) {
    try {
      const init = isSent ? { body: bodyOf(body), duplex: "half" } : {};
      return new Request(url, { method, headers, ...init });
    } catch {
      // Not a URL, or not a method, of which `Request` approves.
    }
  }
  const stub = { url, method, headers, body: null, bodyUsed: false, clone: () => ({ ...stub }) };
  // As much of a request as gates and plugins use.
  return stub as unknown as Request;
}

function bodyOf({ kind, text }: BodyRecipe): BodyInit {
  if (kind === "whole") return text;
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller): void | Promise<void> {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at += kind === "pieces" ? 3 : bytes.length));
        return;
      }
      switch (kind) {
        case "broken":
          return controller.error(new Error("the connection was reset"));
        case "stalled":
          return new Promise(() => {});
        case "endless":
          return controller.enqueue(new Uint8Array(1024).fill(97));
        default:
          return controller.close();
      }
    },
  });
}

/** Headers that hold whatever they are given. */
class LooseHeaders {
  readonly #list: readonly (readonly [string, string])[];

  constructor(list: readonly (readonly [string, string])[]) {
    const merged = new Map<string, string>();
    for (const [name, value] of list) {
      const key = name.toLowerCase();
      const before = merged.get(key);
      merged.set(key, before === undefined ? value : `${before}, ${value}`);
    }
    this.#list = [...merged];
  }

  get(name: string): string | null {
    return this.#list.find(([known]) => known === name.toLowerCase())?.[1] ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  forEach(use: (value: string, name: string) => void): void {
    for (const [name, value] of this.#list) use(value, name);
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#list[Symbol.iterator]();
  }

  entries(): Iterator<readonly [string, string]> {
    return this.#list[Symbol.iterator]();
  }
}
