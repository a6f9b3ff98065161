import { strict as assert } from "node:assert";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "../support/random-cases.ts";
import { webHeaders } from "../../adapters/web-headers.ts";
import { madePrivate } from "../../src/pipeline/answer.ts";

/** Headers of the platform, made pair by pair; what they do not take is left out. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    try {
      headers.append(raw[at] ?? "", raw[at + 1] ?? "");
    } catch {
      // It is no header of the Web.
    }
  }
  return headers;
}

/** What somebody gets to know of headers, each thing by itself, or how it fails. */
function known(make: () => Headers, name: string): unknown {
  const tell = (look: (headers: Headers) => unknown) => {
    try {
      return look(make());
    } catch (error) {
      return [error instanceof TypeError, String(error)];
    }
  };
  return [
    tell((headers) => headers.get(name)),
    tell((headers) => headers.has(name)),
    tell((headers) => {
      const seen: unknown[] = [];
      headers.forEach(function (this: unknown, value, name, all) {
        seen.push([this, value, name, all === headers]);
      }, 7);
      return seen;
    }),
    tell((headers) => [...headers]),
    tell((headers) => [...headers.entries(), ...headers.keys(), ...headers.values()]),
    tell((headers) => headers.getSetCookie()),
    tell((headers) => listOf(new Headers(headers))),
    tell((headers) => listOf(new Response(null, { headers }).headers)),
    tell((headers) => listOf(new Request("http://a/", { headers }).headers)),
    tell((headers) => [headers.append(name, "more"), headers.get(name), ...headers]),
    tell((headers) => [headers.set(name, "other"), headers.get(name), headers.has(name), ...headers]),
    tell((headers) => [headers.get(name), headers.delete(name), headers.get(name), headers.has(name)]),
    tell((headers) => shown(headers)),
    tell((headers) => JSON.stringify(headers)),
    tell((headers) => Object.prototype.toString.call(headers)),
    tell((headers) => headers instanceof Headers),
    tell((headers) => headers.constructor === Headers),
    tell((headers) => listOf(Response.json(null, { headers }).headers)),
    tell((headers) =>
      beyondStandard.map((name) => [name, Reflect.get(headers, name)]).map(([name, value]) => {
        return [name, typeof value === "function" ? value.call(headers, "set-cookie") : value];
      })
    ),
  ];
}

/** How the console shows headers. */
const { inspect: shown } =
  (globalThis as { readonly Bun?: { readonly inspect: (value: unknown) => string } }).Bun ??
    { inspect };

/** What Bun's have besides, which other runtimes do not. */
const beyondStandard = ["count", "getAll", "toJSON"];

/** Bun's own keep the space behind an empty value to which another one was added, until other headers are made of them. */
function listOf(headers: Headers): readonly (readonly [string, string])[] {
  return [...headers].map(([name, value]) => [name, value.trim()]);
}

test("webHeaders() tells of a message what headers of the platform tell", () => {
  const names = fc.constantFrom(
    ...[
      "host",
      "Host",
      "cookie",
      "Cookie",
      "set-cookie",
      "Set-Cookie",
      "vary",
      "a",
      "B",
      "x-y",
      "X-Y",
      "__proto__",
    ],
    ...["", "a b", "ä", ":path", "a:", "x_y", "content-length"],
  );
  const values = fc.oneof(
    fc.constantFrom(
      "",
      "1",
      "a=1; b=2",
      "ä",
      " a",
      "a ",
      "\ta\t",
      "a b\tc",
      "a\0",
      "\u0001",
      "\u007f",
      "€",
      "a\nb",
      "\u00a0",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const pairs = fc.array(fc.tuple(names, values), { maxLength: 6 }).map((list) => list.flat());
  fc.assert(
    fc.property(pairs, names, (raw, name) => {
      assert.deepEqual(known(() => webHeaders(raw), name), known(() => headersOf(raw), name));
    }),
    { numRuns: 500 },
  );
});

test("what caches heed is closed by webHeaders() as by headers of the platform", () => {
  const heeded = ["CDN-Cache-Control", "Surrogate-Control", "edge-control", "X-LiteSpeed-Cache-Control"];
  const others = ["Cache-Control", "X-Control", "Expires", "expires", "X-Accel-Expires", "Set-Cookie", "ä"];
  const values = fc.constantFrom("", "max-age=60", "public", "no-store", " 0 ", "a\0", "€");
  const pairs = fc.array(fc.tuple(fc.constantFrom(...heeded, ...others), values), { maxLength: 6 })
    .map((list) => list.flat());
  const isChanged = fc.boolean();
  fc.assert(
    fc.property(pairs, isChanged, (raw, isChanged) => {
      const [headers, reference] = [webHeaders(raw), headersOf(raw)];
      if (isChanged) {
        for (const each of [headers, reference]) each.append("netlify-cdn-cache-control", "public");
      }
      assert.deepEqual(madePrivate({ headers }), madePrivate({ headers: reference }));
    }),
    { numRuns: 500 },
  );
});

test("webHeaders() leaves what HTTP/2 tells beside the headers out", () => {
  const headers = webHeaders([":method", "GET", "host", "shop.example", ":path", "/"]);
  assert.equal(headers.get("host"), "shop.example");
  assert.deepEqual([...headers], [["host", "shop.example"]]);
  assert.throws(() => headers.get(":path"), TypeError);
});

test("webHeaders() refuses to be asked for what is no text, as headers of the platform do", () => {
  for (const name of [undefined, null, 5, Symbol("a")] as unknown as readonly string[]) {
    const ask = (headers: Headers) => {
      try {
        return headers.get(name);
      } catch (error) {
        return String(error);
      }
    };
    assert.equal(
      ask(webHeaders(["5", "five", "null", "none"])),
      ask(headersOf(["5", "five", "null", "none"])),
    );
  }
});

test("webHeaders() goes through nothing with what is no function, as headers of the platform do", () => {
  for (const look of [undefined, null, {}] as unknown as readonly (() => void)[]) {
    for (const raw of [[], ["Host", "x"]]) {
      const ask = (headers: Headers) => {
        try {
          return headers.forEach(look);
        } catch (error) {
          return String(error);
        }
      };
      assert.equal(ask(webHeaders(raw)), ask(headersOf(raw)));
    }
  }
});

/** Only those of Deno are found by symbols; the methods of others take nothing but their own. */
const isDeno = "Deno" in globalThis;

test("webHeaders() gives what the platform's methods read and change", { skip: !isDeno }, () => {
  const { prototype } = Headers;
  // Deno keeps what it finds out about headers to which nothing was added.
  const raws = [["Host", "shop.example", "Cookie", "a=1", "Set-Cookie", "b=2"], []];
  const asks: readonly ((headers: Headers) => unknown)[] = [
    (headers) => [prototype.has.call(headers, "HOST"), prototype.get.call(headers, "host")],
    (headers) => prototype.getSetCookie.call(headers),
    (headers) => [prototype.append.call(headers, "x-a", "1"), headers.get("x-a"), ...headers],
    (headers) => [prototype.set.call(headers, "Host", "other"), headers.get("host"), ...headers],
    (headers) => [prototype.delete.call(headers, "cookie"), headers.has("cookie"), ...headers],
  ];
  for (const raw of raws) {
    for (const ask of asks) assert.deepEqual(ask(webHeaders(raw)), ask(headersOf(raw)));
  }
});

test("webHeaders() gives headers of whatever class the platform has by then", () => {
  const { Headers: native } = globalThis;
  const ask = () => {
    const headers = webHeaders(["Host", "shop.example"]);
    return [headers instanceof Headers, headers.get("host"), ...new Headers(headers)];
  };
  const expected = [true, "shop.example", ["host", "shop.example"]];
  assert.deepEqual(ask(), expected);
  Object.assign(globalThis, { Headers: class Headers extends native {} });
  try {
    assert.deepEqual(ask(), expected);
  } finally {
    Object.assign(globalThis, { Headers: native });
  }
  assert.deepEqual(ask(), expected);
});
