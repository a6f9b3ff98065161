import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchService, type ServiceRequest } from "../../../src/http/fetch-service.ts";

const signal = new AbortController().signal;
const request: ServiceRequest = {
  what: "GET /v1/things",
  url: "https://service.test/v1/things",
  method: "GET",
  headers: { accept: "application/json" },
  maxBytes: 10,
};

function ask(response: Response, changed: Partial<ServiceRequest> = {}) {
  return fetchService(() => Promise.resolve(response), { ...request, ...changed }, signal);
}

/** `Response` itself refuses statuses outside 200 to 599. */
function answered(status: number, body: string | null = "body"): Response {
  return Object.defineProperty(new Response(body), "status", { value: status });
}

test("fetchService() sends what it is told, with a body only where there is one, and follows no redirect", async () => {
  const sent: [string, RequestInit][] = [];
  const fetch = (url: string, init: RequestInit) => {
    sent.push([url, init]);
    return Promise.resolve(new Response("answer", { headers: { "x-a": "b" } }));
  };
  const { status, headers, body } = await fetchService(fetch, request, signal);
  assert.deepEqual([status, headers.get("x-a"), body], [200, "b", "answer"]);
  await fetchService(fetch, { ...request, method: "PUT", body: "" }, signal);
  const common = { headers: request.headers, signal, redirect: "manual" };
  assert.deepEqual(sent, [
    [request.url, { method: "GET", ...common }],
    [request.url, { method: "PUT", body: "", ...common }],
  ]);
});

test("fetchService() takes 2xx for success, and tells the others apart", async () => {
  for (const status of [200, 201, 204, 299]) assert.equal((await ask(answered(status, null))).status, status);
  const table: [status: number, code: string][] = [
    [101, "unreachable"],
    [199, "unreachable"],
    [300, "unreachable"],
    [302, "unreachable"],
    [399, "unreachable"],
    [400, "rejected"],
    [428, "rejected"],
    [429, "throttled"],
    [430, "rejected"],
    [499, "rejected"],
    [500, "unreachable"],
    [599, "unreachable"],
  ];
  for (const [status, code] of table) {
    await assert.rejects(ask(answered(status)), {
      code,
      status,
      message: `GET /v1/things was answered with HTTP ${status}`,
    });
  }
});

test("fetchService() lets a refusal say why, where somebody reads it, and nothing else", async () => {
  const complaint = (answer: unknown) => `: ${JSON.stringify(answer)}`;
  const table: [status: number, body: string, said: string][] = [
    [400, '{"error":"x"}', ': {"error":"x"}'],
    [403, "<html>", ": undefined"],
    [403, `"${"x".repeat(4094)}"`, `: "${"x".repeat(4094)}"`],
    [403, `"${"x".repeat(4095)}"`, ": undefined"],
    [429, '{"error":"x"}', ""],
    [500, '{"error":"x"}', ""],
  ];
  for (const [status, body, said] of table) {
    await assert.rejects(ask(new Response(body, { status }), { complaint }), {
      message: `GET /v1/things was answered with HTTP ${status}${said}`,
      status,
    });
  }
});

test("fetchService() cancels what it does not read, whatever becomes of that", async () => {
  for (const [status, complaint] of [[500, () => ""], [400, undefined], [302, undefined]] as const) {
    let cancelled = 0;
    const body = new ReadableStream({
      cancel() {
        cancelled++;
        throw new Error("cannot be cancelled");
      },
    });
    const response = new Response(body, { status });
    await assert.rejects(ask(response, complaint === undefined ? {} : { complaint }), { status });
    assert.equal(cancelled, 1);
  }
});

test("fetchService() refuses answers that are too long, and passes what breaks them off", async () => {
  assert.equal((await ask(new Response("x".repeat(10)))).body, "x".repeat(10));
  await assert.rejects(ask(new Response("x".repeat(11))), {
    code: "malformed",
    message: "GET /v1/things was answered with more than 10 bytes",
  });
  const cause = new Error("reset");
  const body = new ReadableStream({ start: (controller) => controller.error(cause) });
  await assert.rejects(ask(new Response(body)), cause);
});
