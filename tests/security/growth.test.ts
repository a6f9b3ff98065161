import assert from "node:assert/strict";
import { test } from "node:test";
import { clientIp, type Plugin, problemAnswers, staticFiles } from "../../mod.ts";
import { readBody } from "../../src/http/body.ts";
import { bodyViews } from "../../src/http/body-views.ts";
import { isDataUrl } from "../../src/http/file-request.ts";
import { isProgram } from "../../src/http/client-kind.ts";
import { formatFor } from "../../plugins/metrics/exposition.ts";
import { logPath } from "../../plugins/decision-log/redact.ts";
import { decodePath } from "../../src/url/plain-path.ts";
import { readPageUrl, withUnvouchedHost } from "../../plugins/crowdhandler/page-url.ts";
import { isHostField, siteOf } from "../../src/url/public-hosts.ts";
import { readSession } from "../../plugins/crowdhandler/session/session.ts";
import { enc } from "../../plugins/queue-it/protocol/encode.ts";
import { split } from "../../plugins/queue-it/protocol/session-fields.ts";
import { takeToken } from "../../plugins/queue-it/protocol/token-in-url.ts";
import { parseToken } from "../../plugins/queue-it/protocol/token.ts";
import { prefetch } from "../../plugins/prefetch.ts";
import { preflight } from "../../plugins/preflight.ts";
import { readCookie } from "../../src/http/cookies.ts";
import { canonicalUrl, readingsOf } from "../../src/url/readings.ts";
import { requestUrl } from "../../src/url/request-url.ts";
import { normalizeUrl } from "../../src/triggers/normalize-url.ts";
import { splitUrl } from "../../src/triggers/split-url.ts";
import { contextOf } from "../support/context-of.ts";

/** Pieces that repeat, with something at the end on which a pattern gives up. */
const pieces: readonly string[] = [
  "/rsc/",
  "/q-loader-",
  "application/a",
  " ",
  "\t",
  "\u00a0",
  ",",
  ";",
  "/",
  "//",
  "/.",
  "../",
  "\\",
  '"',
  '"\\',
  "%",
  "%2e",
  "%25%",
  "%e9",
  "+",
  "a",
  "a.",
  "a-",
  "a=",
  "a=b; ",
  "a=b&",
  "q=1;",
  "[",
  ":",
  "{",
  "~h_",
  "h_~",
  "_",
  "\\u0041",
  "for=a;",
  'for="',
  "for=1.2.3.4, ",
  "prefetch ",
  "charset = ",
  "crowdhandler ",
  "crowdhandler=",
  "queueittoken&",
  "queueittoken=%25&",
  "ch-id=tok1&",
  "ch-",
  "text/html;q=0.1,",
  "content-transfer-encoding: ",
  "@",
  "a1",
  "deadbee-",
  "application/openmetrics-text;",
];

/** What stands between a visitor and the plugins, and takes a text. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  requestUrl: (text) => [requestUrl({ url: `http://${text}` }), requestUrl({ url: `http://a/${text}` })],
  splitUrl: (text) => [splitUrl(text), splitUrl(`http://a${text}`)],
  normalizeUrl,
  decodePath,
  readingsOf: (text) => [readingsOf(`http://a/${text}`), readingsOf(`http://${text}`)],
  canonicalUrl: (text) => canonicalUrl(`http://a/${text}`),
  isHostField,
  readCookie: (
    text,
  ) => [readCookie(text, "crowdhandler"), readCookie(`crowdhandler=${text}`, "crowdhandler")],
  readPageUrl: (text) => readPageUrl(`http://a/?${text}`),
  "a public host": (text) => siteOf(["a"]).originOf(`http://${text}`),
  withUnvouchedHost: (text) => withUnvouchedHost(`http://${text}/`),
  readSession,
  takeToken: (text) => takeToken(`http://a/?${text}`),
  parseToken,
  split,
  enc,
  bodyViews: (text) => [...bodyViews(text)],
  "readBody, content-encoding": (text) => body("content-encoding", text),
  "readBody, content-type": (text) => body("content-type", `text/plain; ${text}`),
  logPath: (text) => logPath(`/${text}`),
  formatFor,
  isProgram: (text) => withHeaders({ accept: text }, (request) => isProgram(request.headers)),
  staticFiles: (text) => asked(staticFiles({ roots: ["/assets"] }), `http://a/${text}`, {}),
  "staticFiles, accept": (text) => asked(staticFiles(), "http://a/a.css", { accept: text }),
  isDataUrl: (text) => isDataUrl(`/${text}`, text),
  preflight: (text) =>
    asked(preflight(), "http://a/", { origin: "http://b", "access-control-request-method": text }),
  prefetch: (text) => {
    const plugins = [prefetch()];
    return withHeaders(
      { "sec-purpose": text, purpose: text },
      (request) => contextOf(request, [], Date.now, undefined, plugins).passive,
    );
  },
  problemAnswers: (text) =>
    withHeaders({ accept: text, origin: text }, (request) =>
      problemAnswers().respond?.(contextOf(request), {
        action: "queue",
        reason: "a/b",
        location: "https://wait.example/",
      })),
  "clientIp, x-forwarded-for": (text) => address({ trustedProxies: ["0.0.0.0/1", "128.0.0.0/1"] }, text),
  "clientIp, forwarded": (text) => address({ trustedProxies: 3, header: "forwarded" }, text),
  "clientIp, a header of its own": (text) => address({ trustedProxies: 1, header: "x-real-ip" }, text),
};

function withHeaders<T>(
  headers: Readonly<Record<string, string>>,
  use: (request: Request) => T,
): T | undefined {
  let request: Request;
  try {
    request = new Request("https://shop.example/", { headers: { ...headers } });
  } catch {
    // What no header can hold reaches nobody.
    return undefined;
  }
  return use(request);
}

function body(name: string, value: string): unknown {
  return withHeaders({ [name]: value }, ({ headers }) => {
    // Already read: nothing is waited for, only the headers count.
    const stub = { bodyUsed: false, body: new ReadableStream(), headers, clone: () => ({ body: null }) };
    // As much of a request as is asked for.
    return readBody(stub as unknown as Request, { maxBytes: 1, timeoutMs: 1 });
  });
}

function asked(plugin: Plugin, url: string, headers: Readonly<Record<string, string>>): unknown {
  return withHeaders(headers, (request) => {
    const method = "origin" in headers ? "OPTIONS" : "GET";
    // A URL as a server that tidies nothing up hands it over.
    const stub = { url, method, headers: request.headers } as unknown as Request;
    return plugin.match?.(contextOf(stub));
  });
}

function address(options: Parameters<typeof clientIp>[0], text: string): unknown {
  const header = options?.header ?? "x-forwarded-for";
  return withHeaders({ [header]: text }, (request) => {
    const platform = [{ remoteAddr: { hostname: "10.0.0.1" } }];
    return contextOf(request, platform, Date.now, undefined, [clientIp({ ...options, warn() {} })]).address;
  });
}

/** The least of several times, in milliseconds. */
function timeOf(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 4; round++) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** What this machine needs for something linear, below which nothing is measured. */
const noise = timeOf(() => {
  const text = "ab".repeat(1 << 20);
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
  return sum;
});

for (const [name, read] of Object.entries(readers)) {
  test(`${name} takes a time that grows no faster than what a visitor sends`, () => {
    for (const piece of pieces) {
      for (const end of ["", "!", "\u00e9"]) {
        const [small, large] = [1024, 16_384].map((size) => piece.repeat(size / piece.length) + end);
        read(small ?? "");
        const [short, long] = [timeOf(() => read(small ?? "")), timeOf(() => read(large ?? ""))];
        // Sixteen times the text: linear is 16, quadratic 256.
        assert.ok(
          long < 96 * short + 4 * noise,
          `${JSON.stringify(piece + end)}: ${short} ms, then ${long} ms`,
        );
      }
    }
  });
}
