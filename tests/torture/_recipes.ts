/** What hostile visitors send: drawn from the words of the protocols more often than from noise. */

import fc from "../support/random-cases.ts";
import {
  freshLink,
  graceCookies,
  graceName,
  guid,
  hybridSessions,
  promotedToken,
  queueItSessions,
  queueItTokens,
  sessionName,
  staleLink,
  token,
} from "./_proofs.ts";

/** The parts of requests. Every combination of a target, a cookie, a list of headers and a method is one input. */
export interface Recipe {
  readonly targets: readonly string[];
  readonly cookies: readonly (string | undefined)[];
  readonly headers: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly methods: readonly string[];
  /** Whether requests are made by `new Request` where that accepts them. */
  readonly isReal: boolean;
}

/** A body, for the gates that read it. */
export interface BodyRecipe {
  readonly kind: "none" | "whole" | "pieces" | "broken" | "stalled" | "endless";
  readonly text: string;
}

const noise = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
  fc.array(fc.nat(0xff), { maxLength: 6 }).map((codes) => String.fromCharCode(...codes)),
  fc.tuple(
    fc.constantFrom("a", "%", "%25", "/", ";", "=", "&", "~", "_", ".", '"', "[", "\u00e9", " "),
    fc.constantFrom(40, 300, 9000),
  )
    .map(([text, count]) => text.repeat(count)),
);
const encodings = [
  "%",
  "%2",
  "%zz",
  "%00",
  "%0d%0a",
  "%2e",
  "%2F",
  "%5c",
  "%3b",
  "%25",
  "%252e",
  "%c0%ae",
  "%ED%A0%80",
  "%u002e",
];
const junk = [
  "a",
  "0",
  "1",
  "-",
  " ",
  "\t",
  "\r\n",
  "\n",
  "\0",
  "\u00e9",
  "\u2028",
  "\ud800",
  "\\",
  "'",
  '"',
  "<script>",
  "__proto__",
  "constructor",
  "evil.example",
];

/** Words in a row. */
function words(dictionary: readonly string[], maxLength: number): fc.Arbitrary<string> {
  const word = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...dictionary) },
    { weight: 1, arbitrary: noise },
  );
  return fc.array(word, { maxLength }).map((list) => list.join(""));
}

/** A text, changed here and there. */
function changed(texts: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(4096),
    how: fc.constantFrom("replace", "delete", "insert", "swap", "double", "case", "encode", "cut"),
    with: fc.constantFrom(
      "\ud800",
      "0",
      "1",
      "9",
      "a",
      "f",
      "_",
      "~",
      "&",
      "=",
      "%",
      "%26",
      "%3D",
      ";",
      '"',
      "\\",
      "+",
      " ",
      "-",
    ),
  });
  return fc.tuple(
    fc.constantFrom(...texts),
    fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, {
      weight: 3,
      arbitrary: fc.array(change, { maxLength: 3 }),
    }),
  ).map(([text, changes]) =>
    changes.reduce((all, { at, how, with: piece }) => {
      const place = all === "" ? 0 : at % all.length;
      const [before, here, after] = [all.slice(0, place), all.slice(place, place + 1), all.slice(place + 1)];
      switch (how) {
        case "replace":
          return before + piece + after;
        case "delete":
          return before + after;
        case "insert":
          return before + piece + here + after;
        case "swap":
          return before + after.slice(0, 1) + here + after.slice(1);
        case "double":
          return before + here + here + after;
        case "case":
          return before + (here === here.toLowerCase() ? here.toUpperCase() : here.toLowerCase()) + after;
        case "encode":
          return `${before}%${(here.charCodeAt(0) & 255).toString(16).padStart(2, "0")}${after}`;
        case "cut":
          return before;
      }
    }, text)
  );
}

const origin = fc.oneof(
  { weight: 8, arbitrary: fc.constant("https://shop.example.com") },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "http://shop.example.com",
      "HTTPS://SHOP.example.com:443",
      "https://shop.example.com.",
      "https://shop.example.com:8443",
      "https://evil.example",
      "https://shop.example.com@evil.example",
      "https://u:p@shop.example.com",
      "https://shop.example.com\\",
      "//evil.example",
      "",
      "https://[::1]",
      "http://1.2.3.4.5",
      "https://\u00e9.example",
      "https://xn--a",
      "https://a b",
      "https://shop.example.com\r\n",
      "https://shop.example.com:99999",
      "ftp://shop.example.com",
      "javascript:",
      "https:",
      "https://",
      "*",
      "https://shop.example.com?",
      "https://shop.example.com#",
      "https://shop.example.com%2f.evil.example",
      "https://127.1",
      "https://0x7f.1",
      "http://shop.example.com:80",
    ),
  },
);
const path = words([
  "/",
  "/",
  "/",
  "//",
  "tickets",
  "TICKETS",
  "..",
  ".",
  "/../",
  "/./",
  "\\",
  ";",
  ";jsessionid=1",
  ";.css",
  ".css",
  ".CSS",
  ".js",
  ".css/",
  "a.css",
  "assets",
  "payments/callback",
  "/payments/callback",
  "tickets%3f.css",
  "%23.css",
  "..;/",
  "*",
  ":",
  "@",
  "__push_queueit_config",
  ...encodings,
  ...junk,
], 8).map((text) => text.startsWith("/") ? text : `/${text}`);
const query = fc.array(
  fc.oneof(
    words([
      "?",
      "&",
      "=",
      "#",
      "+",
      "a=b",
      "ch-id=",
      "CH-ID=",
      "ch-code=",
      "ch-fresh=1",
      "ch-public-key=x",
      "ch-requested=",
      "ch-id-signature=",
      token,
      promotedToken,
      "tok_",
      "queueittoken=",
      "QueueITToken=",
      "e_event1~",
      "rt_debug~",
      "h_",
      "url=https://evil.example",
      ...encodings,
      ...junk,
    ], 5),
    changed(queueItTokens).map((text) => `queueittoken=${text}`),
    changed([
      freshLink,
      staleLink,
      freshLink.replace("ch-id=", "ch-id=tok_x&ch-id="),
      `ch-id=${token}`,
      `ch-id=${promotedToken}`,
    ]),
  ),
  { maxLength: 3 },
).map((list) => list.length === 0 ? "" : `?${list.join("&")}`);
const target = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(origin, path, query).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: noise },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["__push_queueit_config", ".stanchion/mode", ".stanchion/explain"].map((path) =>
        `https://shop.example.com/${path}`
      ),
    ),
  },
);

const session = fc.oneof(
  {
    weight: 3,
    arbitrary: changed(queueItSessions).chain((text) =>
      fc.constantFrom(text, encodeURIComponent(text.toWellFormed()))
    ),
  },
  { weight: 3, arbitrary: changed(queueItSessions.map(encodeURIComponent)) },
  {
    weight: 4,
    arbitrary: changed(hybridSessions).chain((text) =>
      fc.constantFrom(text, encodeURIComponent(text.toWellFormed()), encodeURIComponent(text.toWellFormed()))
    ),
  },
  { weight: 2, arbitrary: changed(graceCookies) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("AAAAAAAAAAAAAAAAAAAAAA", token, promotedToken, "tok_x", `"${promotedToken}"`),
  },
  {
    weight: 2,
    arbitrary: words([
      "EventId=",
      "event1",
      "&",
      "=",
      "QueueId=",
      guid,
      "Hash=",
      "Hip=",
      "IssueTime=",
      "1699999999",
      "RedirectType=",
      "queue",
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"tokens"',
      '"token"',
      '"touched"',
      "1e999",
      "null",
      '"__proto__"',
      '"signatures"',
      ...encodings,
      ...junk,
    ], 10),
  },
);
/** The cookie of a protocol under its own name. */
const fitting = fc.oneof(
  changed([...queueItSessions, ...queueItSessions.map(encodeURIComponent)]).map((value) =>
    `${sessionName}=${value}; `
  ),
  changed([...hybridSessions, ...hybridSessions.map(encodeURIComponent)]).map((value) =>
    `crowdhandler=${value}; `
  ),
  changed(graceCookies).map((value) => `${graceName}=${value}; `),
  changed(["AAAAAAAAAAAAAAAAAAAAAA"]).map((value) => `__Host-stanchion=${value}; `),
);
const anyPair = fc.tuple(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        sessionName,
        "crowdhandler",
        "ch-id",
        "__Host-stanchion",
        "stanchion",
        graceName,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        " ",
        "a",
        "CrowdHandler",
        `${sessionName} `,
        "\tcrowdhandler",
        "__proto__",
        "queueitdebug",
        "stanchion-grace",
        "__Host-stanchion-grace",
        "\u00e9",
        '"',
      ),
    },
  ),
  fc.constantFrom("=", "=", "=", "=", " = ", "==", '="', ""),
  session,
  fc.constantFrom("; ", "; ", "; ", ";", " ;\t", ";;", ", ", '"; ', "&", "\0"),
).map((parts) => parts.join(""));
const pair = fc.oneof(fitting, anyPair);
const cookie = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 8,
    arbitrary: fc.array(pair, { minLength: 1, maxLength: 3 }).map((list) => list.join("").replace(/; $/, "")),
  },
  { weight: 1, arbitrary: words([`${sessionName}=`, "crowdhandler=", "; ", "=", '"', ...junk], 8) },
);

const addresses = [
  "127.0.0.1",
  "0177.0.0.1",
  "0x7f.1",
  "::1",
  "[::1]:80",
  "::ffff:82.192.173.38",
  "82.192.173.38",
  "82.192.173.38:1",
  "unknown",
  "_hidden",
  "fe80::1%eth0",
  "1.2.3",
  "999.1.1.1",
  "10.0.0.1",
];
const header = fc.oneof(
  fc.tuple(
    fc.constantFrom("x-forwarded-for", "forwarded", "cf-connecting-ip", "x-real-ip"),
    words(
      [...addresses, ",", ", ", "for=", ";", '"', "by=", "host=evil.example", "proto=gopher", ...junk],
      6,
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      "x-queueit-ajaxpageurl",
      "referer",
      "origin",
      "x-original-url",
      "x-rewrite-url",
      "x-forwarded-host",
      "host",
      "x-forwarded-proto",
    ),
    words([
      "https%3A%2F%2Fevil.example%2F",
      "https%3A%2F%2Fshop.example.com%2F",
      "https://evil.example/x",
      "https%3A%2F%2F",
      "https://",
      "shop.example.com",
      "evil.example",
      "/tickets",
      "null",
      "@",
      "//",
      "\\\\",
      ...encodings,
      ...junk,
    ], 5),
  ),
  fc.tuple(fc.constant("x-queueittoken"), changed(queueItTokens)),
  fc.tuple(
    fc.constantFrom(
      "sec-purpose",
      "purpose",
      "x-moz",
      "sec-fetch-dest",
      "sec-fetch-mode",
      "accept",
      "x-requested-with",
      "next-router-prefetch",
      "x-middleware-prefetch",
      "x-middleware-subrequest",
      "hx-preloaded",
      "access-control-request-method",
      "x-http-method-override",
      "upgrade",
      "range",
    ),
    words([
      "prefetch",
      "prerender",
      "document",
      "image",
      "empty",
      "cors",
      "no-cors",
      "navigate",
      "text/html",
      "application/json",
      "*/*",
      ";q=0.",
      ";q=1",
      ",",
      "1",
      "0",
      "XMLHttpRequest",
      "GET",
      "OPTIONS",
      "websocket",
      "middleware:middleware",
      "bytes=0-",
      ...junk,
    ], 5),
  ),
  fc.tuple(
    fc.constantFrom(
      "content-type",
      "content-encoding",
      "content-length",
      "transfer-encoding",
      "user-agent",
      "accept-language",
      "authorization",
      "__proto__",
      "constructor",
    ),
    words([
      "application/json",
      "text/plain",
      "; charset=",
      "utf-8",
      "utf-16",
      "multipart/form-data; boundary=x",
      "gzip",
      "identity",
      "chunked",
      "0",
      "9999999999999",
      "-1",
      "Mozilla/5.0",
      "it-IT,it;q=0.9",
      ...junk,
    ], 5),
  ),
);

/** What belongs together, or whatever it is. */
const headers = fc.oneof(
  { weight: 6, arbitrary: fc.array(header, { maxLength: 4 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom<readonly (readonly [string, string])[]>(
        [["origin", "https://app.example.com"], ["access-control-request-method", "GET"]],
        [["sec-fetch-mode", "cors"], ["sec-fetch-dest", "empty"], ["accept", "application/json"]],
        [["sec-purpose", "prefetch"]],
        [["authorization", "Bearer wrong"], ["content-type", "application/json"]],
      ),
      fc.array(header, { maxLength: 1 }),
    ).map(([known, more]) => [...known, ...more]),
  },
);

/** Draws the parts of a few dozen requests. */
export const recipe: fc.Arbitrary<Recipe> = fc.record({
  targets: fc.array(target, { minLength: 3, maxLength: 5 }),
  cookies: fc.array(cookie, { minLength: 3, maxLength: 5 }),
  headers: fc.array(headers, { minLength: 2, maxLength: 4 }),
  methods: fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom("GET", "POST", "PUT") }, {
      weight: 3,
      arbitrary: fc.constantFrom(
        "HEAD",
        "OPTIONS",
        "PUT",
        "get",
        "TRACE",
        "CONNECT",
        "",
        "G T",
        "__proto__",
        "X\r\n",
      ),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  isReal: fc.nat(3).map((draw) => draw === 0),
});

/** Draws a body. */
export const body: fc.Arbitrary<BodyRecipe> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom("none", "whole", "pieces", "broken") },
    { weight: 1, arbitrary: fc.constantFrom("stalled", "endless") },
  ),
  text: words([
    "action=",
    "checkout",
    '"action":"checkout"',
    "\\u0061ction",
    "%61ction",
    "{",
    "}",
    '"',
    ":",
    "=",
    "&",
    "--x\r\n",
    "content-transfer-encoding: base64\r\n\r\n",
    "ticket",
    '{"__proto__":{"promoted":1}}',
    '"integrationInfo":',
    '"hash":',
    "7b7d",
    '{"mode":"off"}',
    '{"url":"https://shop.example.com/","method":"GET","headers":{}}',
    ...encodings,
    ...junk,
  ], 10),
}) as fc.Arbitrary<BodyRecipe>;
