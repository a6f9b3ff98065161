/** The examples of functions, called as their platforms call them: by the shapes of their documentation, not by the platforms themselves. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { createSandbox, type Sandbox } from "../../sandbox/mod.ts";
import { type SandboxServer, serveSandbox } from "../../sandbox/serve.ts";

const visitor = "192.0.2.7";
const claimed = "203.0.113.66";
const host = "shop.example.com";
/** What a visitor sends who would like to be somebody else. */
const headers = { host, "user-agent": "tests", accept: "text/html", "x-forwarded-for": claimed };

/** What came of a request, whatever the platform calls it. */
interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly text: string;
}

/** Asks the function for a page. */
type Ask = (path: string, cookie?: string) => Promise<Answer>;

let sandbox: Sandbox;
let service: SandboxServer;

before(async () => {
  sandbox = createSandbox({
    rooms: [{
      slug: "hall",
      domain: `https://${host}`,
      patternType: "contains",
      urlPattern: "/tickets",
      capacity: 0,
    }],
  });
  service = await serveSandbox(sandbox);
  process.env["CROWDHANDLER_PUBLIC_KEY"] = sandbox.publicKey;
  process.env["CROWDHANDLER_API_URL"] = service.url;
});
after(() => service.close());

/** A visitor waits, comes in with the cookie, and is known by the address that the platform tells. */
async function queuesAndServes(ask: Ask): Promise<void> {
  const queued = await ask("/tickets");
  const room = new URL(queued.location ?? "");
  assert.deepEqual([queued.status, room.pathname, queued.text], [302, "/hall", ""]);
  const url = room.searchParams.get("url") ?? "";
  assert.equal(url.replace(/^https?:/, ""), `//${host}/tickets`);
  const token = room.searchParams.get("ch-id") ?? "";
  // A new visitor is told in the body.
  assert.equal((sandbox.state.calls.at(-1)?.body as { readonly ip?: string }).ip, visitor);
  sandbox.promote(token);
  const cookie = queued.cookies.map((line) => line.split(";", 1)[0]).join("; ");
  const served = await ask("/tickets", cookie);
  assert.deepEqual([served.status, served.text], [200, "Welcome to /tickets\n"]);
  assert.equal((await ask("/tickets", "crowdhandler=tok_forged0000")).status, 302);
}

/** What Lambda gets. */
interface Result {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** The events of Lambda, in the formats 2.0 (function URLs and HTTP APIs) and 1.0 (REST APIs). */
const events: Readonly<Record<string, (path: string, cookie?: string) => object>> = {
  "format 2.0": (path, cookie) => ({
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers,
    ...(cookie !== undefined && { cookies: cookie.split("; ") }),
    requestContext: {
      accountId: "anonymous",
      apiId: "id",
      domainName: host,
      http: { method: "GET", path, protocol: "HTTP/1.1", sourceIp: visitor, userAgent: "tests" },
      requestId: "id",
      routeKey: "$default",
      stage: "$default",
    },
    body: null,
    isBase64Encoded: false,
  }),
  "format 1.0": (path, cookie) => {
    const all = { ...headers, ...(cookie !== undefined && { cookie }) };
    return {
      version: "1.0",
      resource: "/{proxy+}",
      path,
      httpMethod: "GET",
      headers: all,
      multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      requestContext: {
        accountId: "1",
        apiId: "id",
        domainName: host,
        httpMethod: "GET",
        identity: { sourceIp: visitor, userAgent: "tests" },
        path,
        protocol: "HTTP/1.1",
        requestId: "id",
        resourcePath: "/{proxy+}",
        stage: "prod",
      },
      body: null,
      isBase64Encoded: false,
    };
  },
};

describe("examples/aws-lambda.ts", () => {
  for (const [format, eventOf] of Object.entries(events)) {
    const call = async (path: string, cookie?: string) => {
      const { handler } = await import("../../examples/aws-lambda.ts");
      // The types of the library want members that no function reads.
      return await (handler as (event: object, context: object) => Promise<Result>)(
        eventOf(path, cookie),
        {},
      );
    };

    test(`queues a visitor and serves the promoted, by events of ${format}`, () =>
      queuesAndServes(async (path, cookie) => {
        const { statusCode, headers = {}, multiValueHeaders = {}, cookies, body } = await call(path, cookie);
        return {
          status: statusCode,
          location: headers["location"] ?? multiValueHeaders["location"]?.[0],
          cookies: cookies ?? multiValueHeaders["set-cookie"] ?? [headers["set-cookie"] ?? ""],
          text: body,
        };
      }));

    test(`leaves bytes as they are, and gives a page that is served the gate's cookie, by events of ${format}`, async () => {
      const { statusCode, isBase64Encoded, body, cookies, multiValueHeaders, headers } = await call(
        "/picture",
      );
      const [cookie = headers?.["set-cookie"]] = cookies ?? multiValueHeaders?.["set-cookie"] ?? [];
      assert.match(cookie ?? "", /^crowdhandler=/);
      assert.deepEqual([statusCode, isBase64Encoded], [200, true]);
      assert.deepEqual([...Buffer.from(body, "base64")], [0xff, 0xd8, 0, 0x80]);
    });
  }
});

async function answerOf(response: Response): Promise<Answer> {
  return {
    status: response.status,
    location: response.headers.get("location") ?? undefined,
    cookies: response.headers.getSetCookie(),
    text: await response.text(),
  };
}

function requestOf(
  path: string,
  cookie: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Request {
  return new Request(`https://${host}${path}`, {
    headers: { ...headers, ...more, ...(cookie !== undefined && { cookie }) },
  });
}

test("examples/netlify-function.ts queues a visitor and serves the promoted", async () => {
  const { default: handler, config } = await import("../../examples/netlify-function.ts");
  assert.equal(config.path, "/tickets/*");
  const context = { ip: visitor, geo: {}, requestId: "id", site: {}, waitUntil() {} };
  await queuesAndServes(async (path, cookie) =>
    await answerOf(await handler(requestOf(path, cookie), context))
  );
});

test("examples/vercel-function.ts queues a visitor and serves the promoted", async () => {
  const { GET } = await import("../../examples/vercel-function.ts");
  // Vercel writes both anew.
  const written = { "x-real-ip": visitor, "x-forwarded-for": visitor };
  await queuesAndServes(async (path, cookie) => await answerOf(await GET(requestOf(path, cookie, written))));
});

test("examples/pages-function.ts queues a visitor, serves the promoted, and leaves the rest to the next function", async () => {
  const { onRequest } = await import("../../examples/pages-function.ts");
  const env = { CROWDHANDLER_PUBLIC_KEY: sandbox.publicKey, CROWDHANDLER_API_URL: service.url };
  const work: Promise<unknown>[] = [];
  const ask: Ask = async (path, cookie) => {
    const request = requestOf(path, cookie, { "cf-connecting-ip": visitor });
    return await answerOf(
      await onRequest({
        request,
        env,
        next: () => Promise.resolve(new Response(`Welcome to ${path}\n`)),
        waitUntil: (each) => void work.push(each),
        ...{ functionPath: "", params: {}, data: {}, passThroughOnException() {} },
      }),
    );
  };
  await queuesAndServes(ask);
  await Promise.all(work);
});
