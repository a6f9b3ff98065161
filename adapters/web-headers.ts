/** The headers of a message of Node as an object of the Web. */

import type { HeaderChange } from "../src/decision.ts";
import { anyOrder } from "../src/pipeline/fields.ts";

/** Names and values in turns, as they were sent. */
type RawHeaders = readonly string[];

/**
 * Shows headers as an object of the Web, pair by pair. What `Headers` do not take is left out, as it is no header of the Web; neither is what
 * HTTP/2 tells beside them.
 *
 * @param raw Names and values in turns, as Node hands them over.
 */
export function webHeaders(raw: RawHeaders): Headers {
  if (!isReadInPlace) return copyOf(raw);
  // With the first of them, for Node begins its HTTP client, which adds globals, where somebody first looks at its `Headers`.
  if (Object.getPrototypeOf(SentHeaders.prototype) !== Headers.prototype) standFor(Headers.prototype);
  return new SentHeaders(raw);
}

/** What Bun has to say how it shows values. */
const { Bun: bun } = globalThis as unknown as { readonly Bun?: { readonly inspect: Inspect } };

/** Workers take nothing but their own for headers. */
const isReadInPlace = !("WebSocketPair" in globalThis);

/**
 * Lets headers that are read where they stand pass for those of the platform: whoever asks by `instanceof` finds headers. It is no subclass, for
 * that would be made as they are. What Deno looks for within its own, under symbols, and what those of Bun say beyond the standard, is that of
 * headers which are made then.
 */
function standFor(own: Headers): void {
  const sent = SentHeaders.prototype;
  Object.setPrototypeOf(sent, own);
  // They are shown by the name of their class.
  Reflect.deleteProperty(sent, "constructor");
  const beyond = Object.getOwnPropertyNames(own).filter((name) =>
    name !== "constructor" && !Object.hasOwn(sent, name)
  );
  for (const name of [...beyond, ...Object.getOwnPropertySymbols(new Headers())]) {
    Object.defineProperty(sent, name, {
      get(this: SentHeaders): unknown {
        const made = SentHeaders.madeOf(this);
        const value: unknown = Reflect.get(made, name);
        return typeof value === "function" ? value.bind(made) : value;
      },
      set(this: SentHeaders, value: unknown) {
        Reflect.set(SentHeaders.madeOf(this), name, value);
      },
      // A program may put another class in the place of `Headers`, whose own have the same.
      configurable: true,
    });
  }
}

function copyOf(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (name.startsWith(":")) continue;
    try {
      headers.append(name, raw[at + 1] ?? "");
    } catch {
      // What somebody sends is data: it counts as absent.
    }
  }
  return headers;
}

type Entries = ReturnType<Headers["entries"]>;
type Texts = ReturnType<Headers["keys"]>;
/** What Node hands to whoever shows a value. */
type Inspect = (value: unknown, options: object) => string;

/** A token of RFC 9110, section 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;
/** A value that `Headers` take and leave as it is: visible at both ends, and without control characters. */
const plainValue = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

/**
 * Headers that are read where they stand. To make Node's own takes far longer than a gate takes to look for what it wants to know. Whatever is
 * not plain is left to those: names that come twice, values with control characters, changes.
 */
class SentHeaders implements Headers {
  readonly #raw: RawHeaders;
  #whole: Headers | undefined;

  constructor(raw: RawHeaders) {
    this.#raw = raw;
  }

  /** Those of the platform that tell the same. */
  static madeOf(sent: SentHeaders): Headers {
    return sent.#made();
  }

  get(name: string): string | null {
    if (!this.#isPlain(name)) return this.#made().get(name);
    const raw = this.#raw;
    const place = placeOf(raw, name, 0);
    if (place === -1) return null;
    const value = raw[place + 1] ?? "";
    return plainValue.test(value) && placeOf(raw, name, place + 2) === -1 ? value : this.#made().get(name);
  }

  has(name: string): boolean {
    return this.#isPlain(name) ? this.get(name) !== null : this.#made().has(name);
  }

  forEach(look: (value: string, name: string, headers: this) => void, self?: unknown): void {
    // The platform says what is wrong with it.
    if (typeof look !== "function") return this.#made().forEach(look);
    const list = this.#whole === undefined ? sortedOf(this.#raw) : undefined;
    if (list === undefined) return this.#made().forEach((value, name) => look.call(self, value, name, this));
    for (const [name, value] of list) look.call(self, value, name, this);
  }

  [anyOrder](look: (name: string) => void): void {
    if (this.#whole !== undefined) return this.#whole.forEach((_, name) => look(name));
    const raw = this.#raw;
    for (let at = 0; at + 1 < raw.length; at += 2) look(raw[at] ?? "");
  }

  append(name: string, value: string): void {
    this.#made().append(name, value);
  }

  delete(name: string): void {
    this.#made().delete(name);
  }

  set(name: string, value: string): void {
    this.#made().set(name, value);
  }

  getSetCookie(): string[] {
    return this.#made().getSetCookie();
  }

  entries(): Entries {
    return this.#made().entries();
  }

  keys(): Texts {
    return this.#made().keys();
  }

  values(): Texts {
    return this.#made().values();
  }

  [Symbol.iterator](): Entries {
    return this.entries();
  }

  /** As the platform shows its own. Bun has a way of its own to do it, and shows nothing of them by the one that it hands over. */
  [Symbol.for("nodejs.util.inspect.custom")](_depth: number, options: object, inspect: Inspect): string {
    const show = bun === undefined ? inspect : bun.inspect;
    return show(this.#made(), options);
  }

  /** Whether a name can be looked for where the headers stand. */
  #isPlain(name: unknown): boolean {
    return this.#whole === undefined && typeof name === "string" && token.test(name);
  }

  #made(): Headers {
    return this.#whole ??= copyOf(this.#raw);
  }
}

/** Where a header stands, from a place on; -1 where it does not. */
function placeOf(raw: RawHeaders, name: string, from: number): number {
  const { length } = name;
  let wanted: string | undefined;
  for (let at = from; at + 1 < raw.length; at += 2) {
    const written = raw[at] ?? "";
    if (written.length !== length) continue;
    if (written === name || written.toLowerCase() === (wanted ??= name.toLowerCase())) return at;
  }
  return -1;
}

/** More headers than that are put in order by those of the platform, which take no longer for each the more there are. */
const mostSorted = 40;

/** All headers in the order of `Headers`; `undefined` where it takes those to tell what they are. */
function sortedOf(raw: RawHeaders): readonly HeaderChange[] | undefined {
  if (raw.length > 2 * mostSorted) return undefined;
  const list: HeaderChange[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? "").toLowerCase();
    const value = raw[at + 1] ?? "";
    if (!token.test(name) || !plainValue.test(value)) return undefined;
    // Bun has these behind all others.
    if (name === "set-cookie" && bun !== undefined) return undefined;
    let place = list.length;
    for (let before = list[place - 1]; before !== undefined && before[0] >= name; before = list[place - 1]) {
      if (before[0] === name) {
        if (name !== "set-cookie") return undefined;
        break;
      }
      list[place--] = before;
    }
    list[place] = [name, value];
  }
  return list;
}
